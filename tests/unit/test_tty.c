/* SPDX-License-Identifier: BSD-2-Clause */
/* A child asks at a terminal of its own; this process sits at it. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/desk.h"
#include "util/passphrase.h"
#include "util/tty.h"

/* What the child's status says. */
enum { GOOD = 10, OTHER, CANCELED, TOO_LONG, NO, YES, NO_TTY, EMPTY, DIFFER };

static int
result(int rc)
{
	switch (rc) {
	case 0:
		return GOOD;
	case -ECANCELED:
		return CANCELED;
	case -EMSGSIZE:
		return TOO_LONG;
	case -ENOTTY:
		return NO_TTY;
	case -EINVAL:
		return EMPTY;
	case -EKEYREJECTED:
		return DIFFER;
	default:
		return OTHER;
	}
}

static int
ask_secret_blocked(int host)
{
	struct buf answer;
	struct tty tty;
	int rc;

	rc = tty_init(&tty, host);
	if (rc < 0)
		return result(rc);
	buf_init(&answer, 4096);
	rc = tty_ask_secret(&tty, "Secret? ", &answer);
	if (rc == 0 && (buf_len(&answer) != 6 ||
			   memcmp(buf_get(&answer), "sesame", 6) != 0))
		rc = -EIO;
	buf_clear(&answer);
	tty_clear(&tty);
	return result(rc);
}

/* What is pending takes effect at the end. */
static int
ask_secret(void *arg, int host)
{
	sigset_t mask;
	int status;

	(void)arg;
	sigprocmask(SIG_SETMASK, NULL, &mask);
	status = ask_secret_blocked(host);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return status;
}

static int
ask_confirm(void *arg, int host)
{
	struct tty tty;
	int rc;

	(void)arg;
	if (tty_init(&tty, host) < 0)
		return NO_TTY;
	rc = tty_confirm(&tty, "Sure? ");
	tty_clear(&tty);
	return rc < 0 ? result(rc) : rc == 1 ? YES : NO;
}

static int
ask_new(void *arg, int host)
{
	struct passphrase p;
	struct buf answer;
	int rc;

	(void)arg;
	if (passphrase_init(&p, NULL, "a file", host) < 0)
		return OTHER;
	buf_init(&answer, 4096);
	rc = passphrase_get_new(&p, &answer);
	if (rc == 0 && (buf_len(&answer) != 6 ||
			   memcmp(buf_get(&answer), "sesame", 6) != 0))
		rc = -EIO;
	buf_clear(&answer);
	passphrase_clear(&p);
	return result(rc);
}

#define EXITED(code) ((code) << 8)

START_TEST(a_secret_is_not_shown)
{
	struct desk d;

	desk_init(&d, ask_secret, NULL);
	desk_await(&d, "Secret? ");
	ck_assert(!desk_echoes(&d));
	desk_type(&d, "sesame\n");
	ck_assert_int_eq(desk_end(&d), EXITED(GOOD));
	ck_assert_ptr_null(strstr(d.seen, "sesame"));
}
END_TEST

/* What is typed: what comes of it. */
static const struct {
	const char *typed;
	int status;
} endings[] = {
    {"\004", EXITED(CANCELED)}, /* Ctrl-D */
    {"ses\004\004", EXITED(CANCELED)},
    {"\003", SIGINT}, /* Ctrl-C: when the terminal is as it was */
    {"other\n", EXITED(OTHER)},
};

START_TEST(other_endings)
{
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		struct desk d;

		desk_init(&d, ask_secret, NULL);
		desk_await(&d, "Secret? ");
		desk_type(&d, endings[i].typed);
		ck_assert_int_eq(desk_end(&d), endings[i].status);
	}
}
END_TEST

START_TEST(a_long_line_is_refused)
{
	char line[TTY_LINE_MAX + 3];
	struct desk d;

	memset(line, 'x', sizeof(line) - 2);
	line[sizeof(line) - 2] = '\n';
	line[sizeof(line) - 1] = '\0';
	desk_init(&d, ask_secret, NULL);
	desk_await(&d, "Secret? ");
	desk_type(&d, line);
	ck_assert_int_eq(desk_end(&d), EXITED(TOO_LONG));
}
END_TEST

START_TEST(a_signal_leaves_the_terminal_as_it_was)
{
	static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct desk d;

		desk_init(&d, ask_secret, NULL);
		desk_await(&d, "Secret? ");
		ck_assert_int_eq(kill(d.pid, signals[i]), 0);
		ck_assert_int_eq(desk_end(&d) & 0x7f, signals[i]);
	}
}
END_TEST

START_TEST(the_end_of_the_host_ends_it)
{
	struct desk d;

	desk_init(&d, ask_secret, NULL);
	desk_await(&d, "Secret? ");
	desk_leave(&d);
	ck_assert_int_eq(desk_end(&d), EXITED(CANCELED));
}
END_TEST

START_TEST(yes_is_yes)
{
	static const struct {
		const char *typed;
		int status;
	} rows[] = {{"y\n", YES}, {"Yes\n", YES}, {"\n", NO}, {"n\n", NO},
	    {"yy\n", NO}, {"no\n", NO}, {"yesss\n", NO}, {"\004", CANCELED}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct desk d;

		desk_init(&d, ask_confirm, NULL);
		desk_await(&d, "Sure? ");
		ck_assert(desk_echoes(&d));
		desk_type(&d, rows[i].typed);
		ck_assert_int_eq(desk_end(&d), EXITED(rows[i].status));
	}
}
END_TEST

START_TEST(a_new_one_is_typed_twice)
{
	static const struct {
		const char *first, *second;
		int status;
	} rows[] = {{"sesame\n", "sesame\n", GOOD},
	    {"sesame\n", "sesami\n", DIFFER}, {"\n", NULL, EMPTY},
	    {"sesame\n", "\n", EMPTY}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct desk d;

		desk_init(&d, ask_new, NULL);
		desk_await(&d, "New passphrase of a file: ");
		desk_type(&d, rows[i].first);
		if (rows[i].second != NULL) {
			desk_await(&d, "The same again, of a file: ");
			desk_type(&d, rows[i].second);
		}
		ck_assert_int_eq(desk_end(&d), EXITED(rows[i].status));
	}
}
END_TEST

START_TEST(without_a_terminal_nobody_is_asked)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		_exit(ask_secret(NULL, -1));
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, EXITED(NO_TTY));
}
END_TEST

/* --- a passphrase that is read ------------------------------------------- */

static void
check_read(const void *text, size_t len, int rc, const char *want)
{
	struct passphrase p;
	struct buf out;
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(write(fds[1], text, len), (ssize_t)len);
	close(fds[1]);
	passphrase_init_fd(&p, fds[0], "x");
	ck_assert(!passphrase_is_none(&p));
	buf_init(&out, 4096);
	ck_assert_int_eq(passphrase_get(&p, &out), rc);
	ck_assert_uint_eq(buf_len(&out), strlen(want));
	if (*want != '\0')
		ck_assert_mem_eq(buf_get(&out), want, strlen(want));
	buf_clear(&out);
	passphrase_clear(&p);
	ck_assert(passphrase_is_none(&p));
}

START_TEST(the_first_line_is_the_passphrase)
{
	char text[PASSPHRASE_MAX + 2];

	check_read("sesame\nand more\n", 16, 0, "sesame");
	check_read("sesame", 6, 0, "sesame");
	check_read(" a b \n", 6, 0, " a b ");
	check_read("", 0, -EINVAL, "");
	check_read("\nsesame\n", 8, -EINVAL, "");
	check_read("a\0b\n", 4, -EINVAL, "");
	memset(text, 'x', sizeof(text));
	check_read(text, PASSPHRASE_MAX + 1, -EMSGSIZE, "");
	text[PASSPHRASE_MAX] = '\0';
	check_read(text, PASSPHRASE_MAX, 0, text);
}
END_TEST

START_TEST(a_file_that_is_not_there)
{
	struct passphrase p;

	ck_assert_int_eq(
	    passphrase_init(&p, "/nowhere/at all", "x", -1), -ENOENT);
}
END_TEST

static int
init_of(const char *path, mode_t mode)
{
	struct passphrase p;
	int rc;

	ck_assert_int_eq(chmod(path, mode), 0);
	rc = passphrase_init(&p, path, "x", -1);
	if (rc == 0)
		passphrase_clear(&p);
	return rc;
}

START_TEST(a_file_that_others_can_read)
{
	char path[] = "/tmp/vscard-test-XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(init_of(path, 0600), 0);
	ck_assert_int_eq(init_of(path, 0440), 0);
	ck_assert_int_eq(init_of(path, 0604), -EPERM);
	ck_assert_int_eq(init_of(path, 0602), -EPERM);
	ck_assert_int_eq(init_of(path, 0660), -EPERM);
	unlink(path);
}
END_TEST

UNIT_SUITE("tty", a_secret_is_not_shown, other_endings, a_long_line_is_refused,
    a_signal_leaves_the_terminal_as_it_was, the_end_of_the_host_ends_it,
    yes_is_yes, a_new_one_is_typed_twice, without_a_terminal_nobody_is_asked,
    the_first_line_is_the_passphrase, a_file_that_is_not_there,
    a_file_that_others_can_read)
