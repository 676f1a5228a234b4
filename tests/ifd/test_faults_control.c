/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The n-th call fails while vscard-ctl asks the driver for its readers, on
 * either side: it is told so, or has the whole answer; the next question is
 * answered, and nothing is left of the one that failed.
 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/state.h"
#include "tests/ifd/host.h"
#include "tests/unit/fault.h"
#include "util/clock.h"
#include "util/log.h"

enum { SLOTS = 3, ANSWER_MS = 5000 };

static char dir[32], path[64];

static void
hush(enum log_level level, const char *line)
{
	(void)level;
	(void)line;
}

static void
scene_setup(void)
{
	log_set_sink(hush);
	strcpy(dir, "/tmp/vscard-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/control", dir);
	ck_assert_int_eq(setenv("VSCARD_CONTROL", path, 1), 0);
	host_open(host_port(), SLOTS, NULL);
}

static void
scene_teardown(void)
{
	host_close(SLOTS);
	ck_assert_int_eq(rmdir(dir), 0);
}

static bool
is_told(void)
{
	struct state state;
	int64_t deadline = clock_after(ANSWER_MS);
	struct ask ask;
	int rc = FAULT_IN(state_get(&state, path, &ask));

	if (rc == 0)
		ck_assert_uint_eq(state.readers_len, SLOTS);
	else
		ck_assert_str_ne(ask.why, "");
	ck_assert_int_gt(clock_left(deadline), 0);
	state_clear(&state);
	return rc == 0;
}

static void
scene_run(void *arg)
{
	unsigned failures = 0;

	(void)arg;
	while (!is_told())
		ck_assert_uint_eq(failures++, 0);
}

START_TEST(a_question_fails_once)
{
	static const struct fault_way ways[] = {
	    {"malloc", ENOMEM},
	    {"socket", EMFILE},
	    {"connect", ECONNREFUSED},
	    {"connect", EINTR},
	    {"accept4", EINTR},
	    {"accept4", ECONNABORTED},
	    {"accept4", EMFILE},
	    {"getsockopt", ENOBUFS},
	    {"setsockopt", ENOMEM},
	    {"fcntl", EINVAL},
	    {"pthread_mutex_init", ENOMEM},
	    {"epoll_ctl", ENOMEM},
	    {"epoll_wait", EINTR},
	    {"recv", EINTR},
	    {"recv", ECONNRESET},
	    {"recv", FAULT_SHORT},
	    {"send", EINTR},
	    {"send", EAGAIN},
	    {"send", EPIPE},
	    {"send", FAULT_SHORT},
	    {"open", EMFILE},
	};

	ck_assert_uint_gt(fault_sweep(ways, sizeof(ways) / sizeof(ways[0]), 1,
			      scene_run, NULL),
	    30);
}
END_TEST

Suite *
unit_suite(void)
{
	const TTest *const tests[] = {a_question_fails_once, NULL};
	Suite *suite = suite_create("control faults");

	fault_case_add(
	    suite, "control faults", scene_setup, scene_teardown, tests);
	return suite;
}
