/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small event loop: descriptors (epoll), timers, and calls deferred from
 * other threads. One thread runs it. All callbacks run on that thread.
 * Storage for watches, timers and calls is the caller's.
 */
#ifndef VSCARD_NET_LOOP_H
#define VSCARD_NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "util/err.h"

struct loop;

struct loop_watch {
	int fd; /* -1: not watched */
	void (*on_ready)(void *arg, uint32_t events);
	void *arg;
};

struct loop_timer {
	int64_t deadline; /* CLOCK_NEVER: not set */
	void (*on_time)(void *arg);
	void *arg;
	struct loop_timer *next; /* private */
};

struct loop_call {
	void (*on_call)(void *arg);
	void *arg;
	bool queued;            /* private */
	struct loop_call *next; /* private */
};

int loop_new(struct loop **out_loop) MUST_CHECK;
/* Not from a callback. Watches and timers still set are forgotten. */
void loop_free(struct loop **);

/* Runs until loop_stop. 0 or what epoll said. */
int loop_run(struct loop *) MUST_CHECK;
/* Any thread; the round in hand is finished first. */
void loop_stop(struct loop *);

/*
 * Watches fd for EPOLLIN, EPOLLOUT, … (EPOLLONESHOT allowed). The watch must
 * stay in place until loop_unwatch. Callable on the loop's thread, or before
 * it runs.
 */
int loop_watch(struct loop *, struct loop_watch *, int fd, uint32_t events,
    void (*on_ready)(void *arg, uint32_t events), void *arg) MUST_CHECK;
/*
 * Changes what is watched for (0: nothing for now, not even errors). Any
 * thread; an event that the loop has already fetched may still come.
 */
int loop_rewatch(struct loop *, struct loop_watch *, uint32_t events)
    MUST_CHECK;
/*
 * Loop's thread only. No callback of it comes any more, not even for events
 * already fetched in this round; its storage must live until the round ends
 * (free it from loop_defer).
 */
void loop_unwatch(struct loop *, struct loop_watch *);

/* Loop's thread only. Setting again moves it. It fires once. */
void loop_timer_set(struct loop *, struct loop_timer *, int64_t deadline);
void loop_timer_cancel(struct loop *, struct loop_timer *);

/*
 * Any thread, also the loop's own: runs call->on_call on the loop's thread
 * soon, after the events of this round. A call queued already is not queued
 * twice; once it runs it may be queued anew. Calls left over at loop_free are
 * run there.
 */
void loop_defer(struct loop *, struct loop_call *);

#endif
