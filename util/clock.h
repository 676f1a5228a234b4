/* SPDX-License-Identifier: BSD-2-Clause */
/* Deadlines are points on the monotonic clock, in milliseconds. */
#ifndef VSCARD_UTIL_CLOCK_H
#define VSCARD_UTIL_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Far enough that it never comes. */
#define CLOCK_NEVER INT64_MAX

/* Now, in milliseconds since some point in the past. */
int64_t clock_now(void);
/* Now + ms, or CLOCK_NEVER if ms is negative. */
int64_t clock_after(int64_t ms);
/*
 * Milliseconds from now to the deadline, rounded up, as poll(2) and
 * epoll_wait(2) take it: 0 if it has passed, -1 for CLOCK_NEVER.
 */
int clock_left(int64_t deadline);
/* The same point for pthread_cond_timedwait on CLOCK_MONOTONIC. */
struct timespec clock_spec(int64_t deadline);

#endif
