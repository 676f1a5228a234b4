/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The n-th call on the way to a touch program fails, in this process, in the
 * one that starts it, or in its own until that is the program. It costs an
 * answer at most, never makes a yes of a no, and nobody is left.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/wait.h>

#include "tests/unit/fault.h"
#include "util/refuse.h"
#include "vscclient/touch.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { QUESTIONS = 2, END_MS = 8000 };

/* How often the program was taken to say yes; -1: there is no starter. */
static int
ask(const struct cardspec_key *spec)
{
	struct touch touch;
	int granted = 0;

	if (touch_init(&touch, spec) < 0)
		return -1;
	for (int i = 0; i < QUESTIONS; i++)
		granted += touch_ask(&touch, "sign");
	touch_clear(&touch);
	return granted;
}

/* Whose start was not heard of has nobody to talk to, and ends by itself. */
static void
await_nobody(void)
{
	unit_await_no_child(END_MS);
}

static void
scene_refused(void *arg)
{
	const struct cardspec *spec = arg;

	ck_assert_int_le(FAULT_IN(ask(&spec->key)), 0);
	await_nobody();
}

/* All of it, but for what the fault has cost, which the next try has. */
static void
scene_granted(void *arg)
{
	const struct cardspec *spec = arg;

	if (FAULT_IN(ask(&spec->key)) < QUESTIONS)
		ck_assert_int_eq(ask(&spec->key), QUESTIONS);
	await_nobody();
}

static const struct fault_way ways[] = {
    {"socketpair", EMFILE},
    {"fork", EAGAIN},
    {"clone", EAGAIN},
    {"pidfd_open", EMFILE},
    {"pipe2", EMFILE},
    {"dup2", EMFILE},
    {"fcntl", EINVAL},
    {"close_range", EINVAL},
    {"prctl", EINVAL},
    {"execve", ENOMEM},
    {"open", EMFILE},
    {"poll", EINTR},
    {"poll", ENOMEM},
    {"read", EINTR},
    {"read", EIO},
    {"recv", EINTR},
    {"recvmsg", EINTR},
    {"recvmsg", ENOMEM},
    {"send", EINTR},
    {"send", FAULT_SHORT},
    {"send", EPIPE},
    {"sendmsg", EINTR},
    {"sendmsg", ENOBUFS},
    {"waitpid", EINTR},
    {"waitpid", ECHILD},
};

static void
sweep(const char *text, void (*scene)(void *))
{
	char why[REFUSE_MAX];
	struct cardspec spec;

	unit_hush();
	ck_assert_int_eq(cardspec_init(&spec, text, why), 0);
	ck_assert_uint_gt(fault_sweep(ways, COUNT(ways), 1, scene, &spec), 40);
	cardspec_clear(&spec);
}

START_TEST(a_yes_may_be_lost)
{
	sweep("key,touch=true", scene_granted);
}
END_TEST

START_TEST(a_no_stays_one)
{
	sweep("key,touch=false", scene_refused);
}
END_TEST

Suite *
unit_suite(void)
{
	const TTest *const tests[] = {a_yes_may_be_lost, a_no_stays_one, NULL};
	Suite *suite = suite_create("touch faults");

	fault_case_add(suite, "touch faults", NULL, NULL, tests);
	return suite;
}
