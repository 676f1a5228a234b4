/* SPDX-License-Identifier: BSD-2-Clause */
/* vscard-key, and a card process, as somebody at a terminal sees them. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/desk.h"
#include "tests/unit/net.h"

#define EXITED(code) ((code) << 8)

static char dir[32];
static char file[64];
static char copy[64];

static const char *
top(void)
{
	const char *name = getenv("top_builddir");

	return name != NULL ? name : ".";
}

/* arg: the words of vscard-key, up to a NULL. */
static int
run_key(void *arg, int host)
{
	char **words = arg;
	char path[4096];

	close(host);
	snprintf(path, sizeof(path), "%s/key/vscard-key", top());
	execv(path, words);
	return 127;
}

/* A card process whose network process is this test. */
static int
run_card(void *arg, int host)
{
	char path[4096], spec[128];

	snprintf(path, sizeof(path), "%s/vscclient/vscclient", top());
	snprintf(spec, sizeof(spec), "key:%s", (const char *)arg);
	if (dup2(host, 3) < 0)
		return 126;
	execl(path, "vscclient", "--card", spec, "--connect", "fd:3", NULL);
	return 127;
}

static void
words(struct desk *d, const char *command, const char *more, const char *other)
{
	const char *argv[] = {"vscard-key", command, file, more, other, NULL};

	desk_init(d, run_key, argv);
}

/* One that nobody is asked about. */
static void
must(const char *command, const char *more, const char *other)
{
	struct desk d;

	words(&d, command, more, other);
	ck_assert_int_eq(desk_end(&d), EXITED(0));
}

static void
place_init(void)
{
	net_dir_make(dir);
	snprintf(file, sizeof(file), "%s/a.key", dir);
	snprintf(copy, sizeof(copy), "%s/b.key", dir);
}

static void
place_clear(void)
{
	unlink(file);
	unlink(copy);
	net_dir_remove(dir);
}

static void
give_passphrase(const char *text)
{
	struct desk d;

	words(&d, "passphrase", NULL, NULL);
	desk_await(&d, "New passphrase of ");
	ck_assert(!desk_echoes(&d));
	desk_type(&d, text);
	desk_await(&d, "The same again, of ");
	desk_type(&d, text);
	ck_assert_int_eq(desk_end(&d), EXITED(0));
	ck_assert_ptr_null(strstr(d.seen, "sesame"));
}

START_TEST(a_passphrase_is_asked_for)
{
	struct desk d;

	place_init();
	must("create", NULL, NULL);
	give_passphrase("sesame\n");
	words(&d, "info", NULL, NULL);
	desk_await(&d, "Passphrase of ");
	desk_type(&d, "sesame\n");
	desk_await(&d, "Passphrase:     yes");
	ck_assert_int_eq(desk_end(&d), EXITED(0));
	words(&d, "info", NULL, NULL);
	desk_await(&d, "Passphrase of ");
	desk_type(&d, "wrong\n");
	desk_await(&d, "passphrase");
	ck_assert_int_eq(desk_end(&d), EXITED(5));
	words(&d, "info", NULL, NULL);
	desk_await(&d, "Passphrase of ");
	desk_type(&d, "\003");
	ck_assert_int_eq(desk_end(&d), SIGINT);
	place_clear();
}
END_TEST

START_TEST(a_new_key_with_a_passphrase)
{
	struct desk d;

	place_init();
	words(&d, "create", "--passphrase", NULL);
	desk_await(&d, "New passphrase of ");
	desk_type(&d, "sesame\n");
	desk_await(&d, "The same again, of ");
	desk_type(&d, "sesami\n");
	desk_await(&d, "the passphrases differ");
	ck_assert_int_eq(desk_end(&d), EXITED(5));
	ck_assert_int_lt(access(file, F_OK), 0);
	words(&d, "create", "--passphrase", NULL);
	desk_await(&d, "New passphrase of ");
	desk_type(&d, "\003");
	ck_assert_int_eq(desk_end(&d), SIGINT);
	ck_assert_int_lt(access(file, F_OK), 0);
	place_clear();
}
END_TEST

/* What is typed: the status. */
static const struct {
	const char *typed;
	int status;
} answers[] = {
    {"\n", EXITED(6)},
    {"no\n", EXITED(6)},
    {"\004", EXITED(6)},
    {"\003", SIGINT},
    {"y\n", EXITED(0)},
};

START_TEST(what_destroys_is_asked_about)
{
	place_init();
	must("create", NULL, NULL);
	must("backup", copy, NULL);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct desk d;

		words(&d, "reset", NULL, NULL);
		desk_await(&d, "is destroyed. Go on? [y/N] ");
		ck_assert(desk_echoes(&d));
		desk_type(&d, answers[i].typed);
		ck_assert_int_eq(desk_end(&d), answers[i].status);
		words(&d, "restore", copy, NULL);
		desk_await(&d, "is there, and what it holds will be lost."
		    " Overwrite it? [y/N] ");
		desk_type(&d, answers[i].typed);
		ck_assert_int_eq(desk_end(&d), answers[i].status);
	}
	must("reset", "--yes", NULL);
	place_clear();
}
END_TEST

START_TEST(a_card_process_asks_too)
{
	struct desk d;
	char init;

	place_init();
	must("create", NULL, NULL);
	give_passphrase("sesame\n");
	desk_init(&d, run_card, file);
	desk_await(&d, "Passphrase of ");
	desk_type(&d, "wrong\n");
	ck_assert_int_eq(desk_end(&d), EXITED(3));
	desk_init(&d, run_card, file);
	desk_await(&d, "Passphrase of ");
	desk_type(&d, "sesame\n");
	/* Init: it has the card. */
	ck_assert_int_eq(read(d.host, &init, 1), 1);
	desk_leave(&d);
	ck_assert_int_eq(desk_end(&d), EXITED(0));
	/* The network process has gone: nobody needs an answer. */
	desk_init(&d, run_card, file);
	desk_await(&d, "Passphrase of ");
	desk_leave(&d);
	ck_assert_int_eq(desk_end(&d), EXITED(3));
	place_clear();
}
END_TEST

UNIT_SUITE("key_terminal", a_passphrase_is_asked_for,
    a_new_key_with_a_passphrase, what_destroys_is_asked_about,
    a_card_process_asks_too)
