/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The n-th call of vscard-run fails, in whichever of its processes comes to
 * it, without a card and with one: the command runs all the same, or its
 * status is 125 or 126; it ends at once either way, and no process is left.
 *
 * VSCARD_RUN_FAULTS=1: every call, not every sixtieth of the most frequent ones.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/front.h"
#include "run/options.h"
#include "run/programs.h"
#include "run/supervise.h"
#include "tests/unit/fault.h"
#include "util/clock.h"
#include "util/refuse.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { END_MS = 20000, FEW = 60, CANNOT_RUN = 126 };

static int
vscard_run(const struct options *options)
{
	struct programs programs;
	int status;

	if (programs_find(options, &programs) < 0)
		return SUPERVISE_EXIT_FAILED;
	status = front_run(options, &programs);
	programs_clear(&programs);
	return status;
}

static void
await_end(pid_t pid, int64_t deadline)
{
	int status;

	while (waitpid(pid, &status, WNOHANG) != pid) {
		ck_assert_int_gt(clock_left(deadline), 0);
		poll(NULL, 0, 1);
	}
	ck_assert(WIFEXITED(status));
	ck_assert(WEXITSTATUS(status) == EXIT_SUCCESS ||
		  WEXITSTATUS(status) == SUPERVISE_EXIT_FAILED ||
		  WEXITSTATUS(status) == CANNOT_RUN);
	/* What it leaves behind falls to this process. */
	unit_await_no_child(clock_left(deadline));
}

static void
scene_run(void *arg)
{
	int64_t deadline = clock_after(END_MS);
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		fault_spare(false);
		_exit(vscard_run(arg));
	}
	await_end(pid, deadline);
}

static const struct fault_way ways[] = {
    {"malloc", ENOMEM},
    {"fork", EAGAIN},
    {"socketpair", EMFILE},
    {"signalfd", EMFILE},
    {"prctl", EINVAL},
    {"dup2", EMFILE},
    {"poll", EINTR},
    {"poll", ENOMEM},
    {"socket", EMFILE},
    {"write", EINTR},
    {"write", EPIPE},
    {"mkdir", ENOSPC},
    {"chmod", EPERM},
    {"stat", EIO},
    {"unlink", EIO},
};

static const struct fault_way many[] = {
    {"open", EMFILE},
    {"read", EINTR},
    {"read", EIO},
};

/* What is more of, or other, with a card. */
static const struct fault_way with_card[] = {
    {"malloc", ENOMEM},
    {"fork", EAGAIN},
    {"dup2", EMFILE},
    {"poll", EINTR},
    {"poll", ENOMEM},
    {"write", EPIPE},
};

static const char *
built(const char *name, char out[PATH_MAX])
{
	const char *top = getenv("top_builddir");

	snprintf(out, PATH_MAX, "%s/%s", top != NULL ? top : ".", name);
	return out;
}

/* "exec:PROGRAM", or NULL: no card. */
static void
sweep(const struct fault_way *calls, size_t len, unsigned every, char *card)
{
	char driver[PATH_MAX], client[PATH_MAX], command[] = "true";
	char name[] = "vscard-run", driver_key[] = "--driver", end[] = "--";
	char client_key[] = "--vscclient", card_key[] = "--card";
	char *argv[] = {name, driver_key, driver, client_key, client,
	    card != NULL ? card_key : end, card != NULL ? card : command,
	    card != NULL ? end : NULL, command, NULL};
	char why[REFUSE_MAX];
	struct options options;

	built("ifd/.libs/libifdvscard.so", driver);
	built("vscclient/vscclient", client);
	ck_assert_int_eq(
	    options_get(card != NULL ? 9 : 7, argv, &options, why), 0);
	ck_assert_uint_gt(
	    fault_sweep(calls, len, every, scene_run, &options), 10);
	options_clear(&options);
}

static void
scene_setup(void)
{
	unit_hush();
	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
}

START_TEST(it_runs_or_says_why_not)
{
	unsigned every = getenv("VSCARD_RUN_FAULTS") != NULL ? 1 : FEW;

	sweep(ways, COUNT(ways), 1, NULL);
	sweep(many, COUNT(many), every, NULL);
}
END_TEST

START_TEST(with_a_card_too)
{
	char path[PATH_MAX], card[PATH_MAX + 8];

	snprintf(
	    card, sizeof(card), "exec:%s", built("docs/example-card", path));
	sweep(with_card, COUNT(with_card), 1, card);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("vscard-run faults");
	TCase *each = tcase_create("vscard-run faults");

	tcase_set_timeout(each, 300);
	tcase_add_checked_fixture(each, scene_setup, NULL);
	tcase_add_test(each, it_runs_or_says_why_not);
	tcase_add_test(each, with_a_card_too);
	suite_add_tcase(suite, each);
	return suite;
}
