/* SPDX-License-Identifier: BSD-2-Clause */
/* A file by itself: programs without a clock are not linked with it. */
#include <errno.h>
#include <poll.h>
#include <sys/wait.h>

#include "tests/unit/unit.h"
#include "util/clock.h"

void
unit_no_child(void)
{
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

void
unit_await_no_child(int ms)
{
	int64_t deadline = clock_after(ms);
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0) {
		ck_assert_int_gt(clock_left(deadline), 0);
		if (pid == 0)
			poll(NULL, 0, 1);
	}
	ck_assert_int_eq(errno, ECHILD);
}
