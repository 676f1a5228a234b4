/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The n-th call fails while the driver starts a card's process, in the driver
 * or in the child before it becomes vscclient: the card is there all the same,
 * a moment later, and no process, descriptor, thread or memory is left.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/backoff.h"
#include "tests/ifd/host.h"
#include "tests/unit/fault.h"
#include "util/clock.h"

enum { SCENE_MS = 15000 };

/* Nobody waits here before the next try. */
unsigned __wrap_backoff_next(struct backoff *);

unsigned
__wrap_backoff_next(struct backoff *b)
{
	(void)b;
	return 1;
}

static char path[32];

static const char *
built(void)
{
	const char *top = getenv("top_builddir");

	return top != NULL ? top : ".";
}

static void
scene_setup(void)
{
	char program[512], real[PATH_MAX];
	FILE *file;

	unit_hush();
	snprintf(program, sizeof(program), "%s/vscclient/vscclient", built());
	ck_assert_ptr_nonnull(realpath(program, real));
	ck_assert_int_eq(setenv("VSCARD_VSCCLIENT", real, 1), 0);
	strcpy(path, "/tmp/vscard-test-XXXXXX");
	file = fdopen(mkstemp(path), "w");
	ck_assert_ptr_nonnull(file);
	fprintf(file,
	    "slots = 1\ncard = exec:%s/docs/example-card\n%s"
	    "handshake_timeout = 5\n",
	    built(), geteuid() == 0 ? "user = root\n" : "");
	ck_assert_int_eq(fclose(file), 0);
}

static void
scene_teardown(void)
{
	unlink(path);
}

static void
await_card(void)
{
	int64_t deadline = clock_after(SCENE_MS);

	for (;;) {
		host_poll(HOST_LUN, 0);
		if (IFDHICCPresence(HOST_LUN) == IFD_ICC_PRESENT)
			return;
		ck_assert_int_gt(clock_left(deadline), 0);
		host_poll(HOST_LUN, 100);
	}
}

static bool
is_answered(void)
{
	static const uint8_t select[] = {
	    0x00, 0xa4, 0x04, 0x00, 0x05, 0xf0, 'c', 'a', 'r', 'd'};
	uint8_t out[258];
	DWORD len = sizeof(out);

	await_card();
	return host_transmit(HOST_LUN, select, sizeof(select), out, &len) ==
	       IFD_SUCCESS;
}

static void
scene_run(void *arg)
{
	unsigned failures = 0;

	(void)arg;
	while (FAULT_IN(IFDHCreateChannelByName(HOST_LUN, path)) != IFD_SUCCESS)
		ck_assert_uint_eq(failures++, 0);
	while (!is_answered())
		ck_assert_uint_eq(failures++, 0);
	ck_assert_int_eq(FAULT_IN(IFDHCloseChannel(HOST_LUN)), IFD_SUCCESS);
	unit_no_child();
}

START_TEST(a_card_is_started_all_the_same)
{
	static const struct fault_way ways[] = {
	    {"malloc", ENOMEM},
	    {"pipe2", EMFILE},
	    {"socketpair", EMFILE},
	    {"fork", EAGAIN},
	    {"fcntl", EMFILE},
	    {"dup2", EMFILE},
	    {"close_range", EINVAL},
	    {"prctl", EINVAL},
	    {"execve", ENOMEM},
	    {"poll", EINTR},
	    {"poll", ENOMEM},
	    {"epoll_ctl", ENOMEM},
	    {"getsockopt", ENOBUFS},
	};

	ck_assert_uint_gt(fault_sweep(ways, sizeof(ways) / sizeof(ways[0]), 1,
			      scene_run, NULL),
	    30);
}
END_TEST

Suite *
unit_suite(void)
{
	const TTest *const tests[] = {a_card_is_started_all_the_same, NULL};
	Suite *suite = suite_create("card faults");

	fault_case_add(
	    suite, "card faults", scene_setup, scene_teardown, tests);
	return suite;
}
