/* SPDX-License-Identifier: BSD-2-Clause */
/* Children that differ from their parent; to be another user needs root. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/spawn.h"
#include "tests/unit/net.h"

enum { OTHER_UID = 12345, OTHER_GID = 23456, GROUP_A = 34567, GROUP_B = 7 };

static const gid_t other_groups[] = {GROUP_A, GROUP_B};
static const struct spawn_user other = {.uid = OTHER_UID,
    .gid = OTHER_GID,
    .groups = other_groups,
    .groups_len = 2};

struct run {
	struct spawn child;
	int words;
};

static int
try_run(const char *script, char *const *env, const struct spawn_user *user,
    struct run *out)
{
	char shell[] = "/bin/sh", option[] = "-c", *text = strdup(script);
	char *argv[] = {shell, option, text, NULL};
	struct spawn_as as = {.env = env, .user = user};
	int words[2];
	int rc;

	ck_assert_int_eq(pipe2(words, O_CLOEXEC), 0);
	as.err = words[1];
	rc = spawn_start_as(argv, &as, &out->child);
	close(words[1]);
	free(text);
	out->words = words[0];
	if (rc < 0)
		close(words[0]);
	return rc;
}

static void
run(const char *script, char *const *env, const struct spawn_user *user,
    struct run *out)
{
	ck_assert_int_eq(try_run(script, env, user, out), 0);
}

static void
finish(struct run *r, char *words, size_t cap)
{
	int status;

	net_read_all(r->words, words, cap);
	ck_assert_int_eq(waitpid(r->child.pid, &status, 0), r->child.pid);
	ck_assert_int_eq(status, 0);
	close(r->child.fd);
}

START_TEST(its_words_are_heard)
{
	char text[64];
	struct run r;

	run("echo one; echo two >&2; echo three >&3", NULL, NULL, &r);
	ck_assert_int_eq(read(r.child.fd, text, sizeof(text)), 6);
	ck_assert_mem_eq(text, "three\n", 6);
	finish(&r, text, sizeof(text));
	ck_assert_str_eq(text, "one\ntwo\n");
}
END_TEST

START_TEST(it_has_this_environment)
{
	char a[] = "COLOUR=green", *env[] = {a, NULL};
	char text[64];
	struct run r;

	setenv("SHAPE", "round", 1);
	run("echo $COLOUR $SHAPE", env, NULL, &r);
	finish(&r, text, sizeof(text));
	ck_assert_str_eq(text, "green\n");
	run("echo $COLOUR $SHAPE", NULL, NULL, &r);
	finish(&r, text, sizeof(text));
	ck_assert_str_eq(text, "round\n");
}
END_TEST

/* Real, effective, saved and of the file system; and no capability. */
START_TEST(it_is_the_user_for_good)
{
	char text[512];
	struct run r;

	run("grep -E '^(Uid|Gid|Groups|CapPrm|CapEff):' /proc/$$/status |"
	    " tr -s ' \\t' ' '",
	    NULL, &other, &r);
	finish(&r, text, sizeof(text));
	ck_assert_str_eq(text, "Uid: 12345 12345 12345 12345\n"
			       "Gid: 23456 23456 23456 23456\n"
			       "Groups: 7 34567 \n"
			       "CapPrm: 0000000000000000\n"
			       "CapEff: 0000000000000000\n");
}
END_TEST

/* sleep does not care for its socket. */
static void
spawn_and_die(int report)
{
	char sleep[] = "/bin/sleep", seconds[] = "30";
	char *argv[] = {sleep, seconds, NULL};
	struct spawn_as as = {.err = report, .user = &other};
	struct spawn s;

	_exit(spawn_start_as(argv, &as, &s) == 0 ? 0 : 1);
}

START_TEST(another_user_dies_with_its_parent_too)
{
	int report[2], status;
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe2(report, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0)
		spawn_and_die(report[1]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	close(report[1]);
	/* The end comes only when the child is gone. */
	ck_assert(net_wait(report[0], POLLIN));
	ck_assert_int_eq(read(report[0], &byte, 1), 0);
	close(report[0]);
}
END_TEST

/* What its user may do to it at any time, at two of them. */
static bool stop_first, stop_last;

static void
stop_in_child(void)
{
	if (stop_first)
		raise(SIGSTOP);
}

void
_exit(int status)
{
	if (stop_last)
		raise(SIGSTOP);
	for (;;)
		syscall(SYS_exit_group, status);
}

static void
fail_to_run(const char *program, int reason)
{
	char *name = strdup(program), *argv[] = {name, NULL};
	struct spawn_as as = {
	    .err = open("/dev/null", O_WRONLY | O_CLOEXEC), .patience = 100};
	struct spawn s;

	ck_assert_int_ge(as.err, 0);
	ck_assert_int_eq(spawn_start_as(argv, &as, &s), reason);
	unit_no_child();
	close(as.err);
	free(name);
}

START_TEST(who_stops_it_before_the_exec_stops_not_us)
{
	ck_assert_int_eq(pthread_atfork(NULL, NULL, stop_in_child), 0);
	stop_first = true;
	fail_to_run("/bin/true", -ETIMEDOUT);
	stop_first = false;
}
END_TEST

START_TEST(who_stops_it_after_a_failure_stops_not_us)
{
	stop_last = true;
	fail_to_run("/nonexistent", -ENOENT);
	stop_last = false;
}
END_TEST

START_TEST(nobody_else_becomes_another)
{
	struct spawn_user user = {.uid = 0, .gid = 0};
	struct run r;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (geteuid() == 0 && setresuid(1234, 1234, 1234) < 0)
			_exit(1);
		_exit(try_run("exit 1", NULL, &user, &r) == -EPERM ? 0 : 2);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

Suite *
unit_suite(void)
{
	const TTest *const all[] = {its_words_are_heard,
	    it_has_this_environment, nobody_else_becomes_another,
	    who_stops_it_before_the_exec_stops_not_us,
	    who_stops_it_after_a_failure_stops_not_us, NULL};
	const TTest *const roots[] = {its_words_are_heard,
	    it_has_this_environment, nobody_else_becomes_another,
	    who_stops_it_before_the_exec_stops_not_us,
	    who_stops_it_after_a_failure_stops_not_us, it_is_the_user_for_good,
	    another_user_dies_with_its_parent_too, NULL};

	return unit_suite_of("spawn_as", geteuid() == 0 ? roots : all);
}
