/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/starter.h"
#include "tests/unit/net.h"

static char sh[] = "sh", c[] = "-c";
static char echo[] = "echo $PPID >&3";
static char filter[] = "cat; echo oops >&2";
static char nothing[] = "/no/such/program";
static char stubborn[] = "trap '' TERM; echo >&3; exec sleep 60";

static char *echo_argv[] = {sh, c, echo, NULL};
static char *filter_argv[] = {sh, c, filter, NULL};
static char *nothing_argv[] = {nothing, NULL};
static char *stubborn_argv[] = {sh, c, stubborn, NULL};

static const struct starter_command commands[] = {
    {echo_argv, false},
    {filter_argv, true},
    {nothing_argv, false},
    {stubborn_argv, false},
};

static void
wait_for(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

START_TEST(what_it_starts_is_our_child)
{
	struct starter s;
	struct spawn child;
	char text[64], expected[64];
	int err;

	ck_assert_int_eq(starter_init(&s, commands, 3), 0);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(starter_run(&s, 0, &child, &err), 0);
		ck_assert_int_eq(err, -1);
		ck_assert(net_is_cloexec(child.fd));
		net_read_all(child.fd, text, sizeof(text));
		snprintf(expected, sizeof(expected), "%d\n", (int)getpid());
		ck_assert_str_eq(text, expected);
		wait_for(child.pid);
	}
	starter_clear(&s);
	unit_no_child();
}
END_TEST

START_TEST(filters_have_a_stderr)
{
	struct starter s;
	struct spawn child;
	char text[64];
	int err;

	ck_assert_int_eq(starter_init(&s, commands, 3), 0);
	ck_assert_int_eq(starter_run(&s, 1, &child, &err), 0);
	ck_assert(net_is_cloexec(err));
	close(child.fd);
	net_read_all(err, text, sizeof(text));
	ck_assert_str_eq(text, "oops\n");
	wait_for(child.pid);
	starter_clear(&s);
}
END_TEST

START_TEST(starter_tells_why_not)
{
	struct spawn child, before;
	struct starter s;
	siginfo_t info;
	int err = -7;

	memset(&child, 0x5a, sizeof(child));
	before = child;
	ck_assert_int_eq(starter_init(&s, commands, 3), 0);
	ck_assert_int_eq(starter_run(&s, 2, &child, &err), -ENOENT);
	ck_assert_int_eq(starter_run(&s, 3, &child, &err), -EINVAL);
	ck_assert_int_eq(kill(s.pid, SIGKILL), 0);
	ck_assert_int_eq(waitid(P_PID, (id_t)s.pid, &info,
	    WEXITED | WNOWAIT), 0);
	ck_assert_int_eq(starter_run(&s, 0, &child, &err), -ECONNRESET);
	ck_assert_mem_eq(&child, &before, sizeof(child));
	ck_assert_int_eq(err, -7);
	starter_clear(&s);
	unit_no_child();
}
END_TEST

START_TEST(starter_ends_what_it_has_started)
{
	struct starter s;
	struct spawn child;
	siginfo_t info;
	int err, status;
	char byte;

	ck_assert_int_eq(starter_init(&s, commands, 4), 0);
	ck_assert_int_eq(starter_signal(&s, 3, SIGKILL), -ESRCH);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(starter_run(&s, 3, &child, &err), 0);
		ck_assert_int_eq(read(child.fd, &byte, 1), 1);
		ck_assert_int_eq(starter_signal(&s, 0, SIGKILL), -ESRCH);
		ck_assert_int_eq(starter_signal(&s, 4, SIGKILL), -EINVAL);
		ck_assert_int_eq(starter_signal(&s, 3, SIGTERM), 0);
		ck_assert_int_eq(starter_signal(&s, 3, SIGKILL), 0);
		ck_assert_int_eq(waitpid(child.pid, &status, 0), child.pid);
		ck_assert(WIFSIGNALED(status));
		ck_assert_int_eq(WTERMSIG(status), SIGKILL);
		ck_assert_int_eq(starter_signal(&s, 3, SIGKILL), -ESRCH);
		close(child.fd);
	}
	ck_assert_int_eq(kill(s.pid, SIGKILL), 0);
	ck_assert_int_eq(
	    waitid(P_PID, (id_t)s.pid, &info, WEXITED | WNOWAIT), 0);
	ck_assert(starter_reap(&s));
	ck_assert_int_eq(starter_signal(&s, 3, SIGKILL), -ECONNRESET);
	starter_clear(&s);
}
END_TEST

/* Whoever ends its parent ends all of its group or service. */
START_TEST(starter_ends_with_its_parent_only)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
	struct starter s;
	struct spawn child;
	int err;

	ck_assert_int_eq(starter_init(&s, commands, 3), 0);
	ck_assert_int_eq(starter_run(&s, 2, &child, &err), -ENOENT);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(kill(s.pid, signals[i]), 0);
	ck_assert_int_eq(starter_run(&s, 2, &child, &err), -ENOENT);
	ck_assert(!starter_reap(&s));
	starter_clear(&s);
}
END_TEST

START_TEST(starter_that_has_gone_is_noticed_once)
{
	struct starter s;
	siginfo_t info;

	ck_assert_int_eq(starter_init(&s, commands, 3), 0);
	ck_assert_int_eq(kill(s.pid, SIGKILL), 0);
	ck_assert_int_eq(
	    waitid(P_PID, (id_t)s.pid, &info, WEXITED | WNOWAIT), 0);
	ck_assert(starter_reap(&s));
	ck_assert_int_eq(s.fd, -1);
	ck_assert(!starter_reap(&s));
	starter_clear(&s);
	unit_no_child();
}
END_TEST

UNIT_SUITE("starter", what_it_starts_is_our_child, filters_have_a_stderr,
    starter_tells_why_not, starter_ends_what_it_has_started,
    starter_ends_with_its_parent_only, starter_that_has_gone_is_noticed_once)
