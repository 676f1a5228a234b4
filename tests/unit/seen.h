/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A loop and what its callbacks saw. A program that uses it wraps epoll_wait,
 * and eventfd, epoll_create1 and epoll_ctl as fault.h says.
 */
#ifndef TESTS_UNIT_SEEN_H
#define TESTS_UNIT_SEEN_H

#include <stdatomic.h>
#include <stdint.h>

#include "net/loop.h"

/* Each test uses as much of it as it needs. */
struct seen {
	struct loop *loop;
	struct loop_watch watch[2];
	struct loop_timer timer[4];
	struct loop_call call[3];
	int fd;
	int pair[2];
	uint32_t events;
	int count;
	char order[16];
};

/* How often the loop went to sleep since seen_open. */
extern atomic_int seen_waits;

void seen_open(struct seen *);
void seen_close(struct seen *);
/* Appends to the order in which things happened. */
void seen_note(struct seen *, char what);
/* These end the loop; the first notes its events, the last an 's'. */
void on_ready_stop(void *seen, uint32_t events);
void on_time_stop(void *seen);
void on_call_stop(void *seen);

#endif
