/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/clock.h"

#include <limits.h>

int64_t
clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_after(int64_t ms)
{
	return ms < 0 ? CLOCK_NEVER : clock_now() + ms;
}

int
clock_left(int64_t deadline)
{
	int64_t left;

	if (deadline == CLOCK_NEVER)
		return -1;
	/* clock_now rounds down: one more, or a wait ends a moment early. */
	left = deadline - clock_now();
	if (left <= 0)
		return 0;
	return left >= INT_MAX ? INT_MAX : (int)left + 1;
}

struct timespec
clock_spec(int64_t deadline)
{
	/* Some libcs refuse seconds that overflow; a century is never. */
	const int64_t century = (int64_t)100 * 365 * 86400 * 1000;
	struct timespec ts;

	if (deadline > clock_now() + century)
		deadline = clock_now() + century;
	ts.tv_sec = (time_t)(deadline / 1000);
	ts.tv_nsec = (long)(deadline % 1000) * 1000000;
	return ts;
}
