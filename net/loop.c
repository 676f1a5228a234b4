/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/loop.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/wakeup.h"
#include "util/clock.h"
#include "util/lock.h"

enum { LOOP_EVENTS = 32 };

struct loop {
	int epoll_fd;
	int wakeup_fd;

	/* The loop's thread only. */
	struct loop_timer *timers; /* the earliest first */
	struct loop_timer *due;    /* being run in this round */
	struct epoll_event events[LOOP_EVENTS];
	int event_next; /* of this round, not handed out yet */
	int event_count;

	/* Any thread, under the mutex. */
	struct lock mutex;
	enum { LOOP_AWAKE, LOOP_ASLEEP, LOOP_SIGNALLED } sleep;
	bool stopped;
	struct loop_call *calls; /* the oldest first */
	struct loop_call **calls_end;
};

int
loop_new(struct loop **out_loop)
{
	struct epoll_event ev = {.events = EPOLLIN};
	struct loop *loop;
	int rc;

	loop = calloc(1, sizeof(*loop));
	if (loop == NULL)
		return -ENOMEM;
	loop->mutex = (struct lock)LOCK_INITIALIZER(LOCK_LOOP);
	loop->calls_end = &loop->calls;
	loop->wakeup_fd = -1;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0) {
		rc = -errno;
		goto out;
	}
	rc = wakeup_new();
	if (rc < 0)
		goto out;
	loop->wakeup_fd = rc;
	rc = 0;
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->wakeup_fd, &ev) < 0)
		rc = -errno;
out:
	if (rc < 0)
		loop_free(&loop);
	else
		*out_loop = loop;
	return rc;
}

/* --- deferred calls, and sleep ------------------------------------------ */

/* With the mutex held, so that loop_wake knows whether it was signalled. */
static void
loop_signal(struct loop *loop)
{
	if (loop->sleep != LOOP_ASLEEP)
		return;
	loop->sleep = LOOP_SIGNALLED;
	wakeup_signal(loop->wakeup_fd);
}

/* The next call of the batch; NULL at its end. */
static struct loop_call *
call_pop(struct loop *loop, struct loop_call **batch)
{
	struct loop_call *call;

	lock_take(&loop->mutex);
	call = *batch;
	if (call != NULL) {
		*batch = call->next;
		call->queued = false;
	}
	lock_release(&loop->mutex);
	return call;
}

/*
 * Runs what is queued now; what is queued meanwhile waits for the next round,
 * so that descriptors have their turn. False if there was nothing.
 */
static bool
loop_run_calls(struct loop *loop)
{
	struct loop_call *batch, *call;
	bool any;

	lock_take(&loop->mutex);
	batch = loop->calls;
	loop->calls = NULL;
	loop->calls_end = &loop->calls;
	lock_release(&loop->mutex);
	any = batch != NULL;
	/* A call may be freed, or queued again, once it runs. */
	while ((call = call_pop(loop, &batch)) != NULL)
		call->on_call(call->arg);
	return any;
}

void
loop_defer(struct loop *loop, struct loop_call *call)
{
	lock_take(&loop->mutex);
	if (!call->queued) {
		call->queued = true;
		call->next = NULL;
		*loop->calls_end = call;
		loop->calls_end = &call->next;
		loop_signal(loop);
	}
	lock_release(&loop->mutex);
}

void
loop_stop(struct loop *loop)
{
	lock_take(&loop->mutex);
	loop->stopped = true;
	loop_signal(loop);
	lock_release(&loop->mutex);
}

/* Once for every loop_stop, so that the loop can be run again. */
static bool
loop_take_stop(struct loop *loop)
{
	bool stopped;

	lock_take(&loop->mutex);
	stopped = loop->stopped;
	loop->stopped = false;
	lock_release(&loop->mutex);
	return stopped;
}

/*
 * From here on a call or a stop signals. Returns how long to sleep: not at
 * all if there is one already.
 */
static int
loop_doze(struct loop *loop)
{
	bool idle;

	lock_take(&loop->mutex);
	idle = loop->calls == NULL && !loop->stopped;
	if (idle)
		loop->sleep = LOOP_ASLEEP;
	lock_release(&loop->mutex);
	if (!idle)
		return 0;
	return loop->timers == NULL ? -1 : clock_left(loop->timers->deadline);
}

/*
 * Takes a signal even if epoll did not report it yet: it would cause an empty
 * round later.
 */
static void
loop_wake(struct loop *loop)
{
	lock_take(&loop->mutex);
	if (loop->sleep == LOOP_SIGNALLED)
		wakeup_take(loop->wakeup_fd);
	loop->sleep = LOOP_AWAKE;
	lock_release(&loop->mutex);
}

/* --- timers -------------------------------------------------------------- */

static void
timer_unlink(struct loop_timer **at, const struct loop_timer *t)
{
	for (; *at != NULL; at = &(*at)->next)
		if (*at == t) {
			*at = t->next;
			return;
		}
}

void
loop_timer_cancel(struct loop *loop, struct loop_timer *t)
{
	timer_unlink(&loop->timers, t);
	timer_unlink(&loop->due, t);
	t->deadline = CLOCK_NEVER;
	t->next = NULL;
}

void
loop_timer_set(struct loop *loop, struct loop_timer *t, int64_t deadline)
{
	struct loop_timer **at = &loop->timers;

	loop_timer_cancel(loop, t);
	if (deadline == CLOCK_NEVER)
		return;
	while (*at != NULL && (*at)->deadline <= deadline)
		at = &(*at)->next;
	t->deadline = deadline;
	t->next = *at;
	*at = t;
}

/*
 * Those due are taken off first: one that sets itself again to a time already
 * past waits for the next round.
 */
static void
loop_run_timers(struct loop *loop)
{
	struct loop_timer **at = &loop->timers;
	struct loop_timer *t;
	int64_t now;

	if (loop->timers == NULL)
		return;
	now = clock_now();
	while (*at != NULL && (*at)->deadline <= now)
		at = &(*at)->next;
	if (at == &loop->timers)
		return;
	loop->due = loop->timers;
	loop->timers = *at;
	*at = NULL;
	while ((t = loop->due) != NULL) {
		loop->due = t->next;
		t->deadline = CLOCK_NEVER;
		t->next = NULL;
		t->on_time(t->arg);
	}
}

/* --- descriptors ---------------------------------------------------------- */

static int
watch_ctl(struct loop *loop, struct loop_watch *w, int op, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.ptr = w};

	return epoll_ctl(loop->epoll_fd, op, w->fd, &ev) < 0 ? -errno : 0;
}

int
loop_watch(struct loop *loop, struct loop_watch *w, int fd, uint32_t events,
    void (*on_ready)(void *arg, uint32_t events), void *arg)
{
	int rc = 0;

	w->fd = fd;
	w->on_ready = on_ready;
	w->arg = arg;
	if (events != 0)
		rc = watch_ctl(loop, w, EPOLL_CTL_ADD, events);
	if (rc < 0)
		w->fd = -1;
	return rc;
}

/*
 * Even with no events wanted epoll reports errors and hang-ups, again and
 * again; so then the descriptor is taken out.
 */
int
loop_rewatch(struct loop *loop, struct loop_watch *w, uint32_t events)
{
	int rc;

	if (events == 0) {
		rc = watch_ctl(loop, w, EPOLL_CTL_DEL, 0);
		return rc == -ENOENT ? 0 : rc;
	}
	rc = watch_ctl(loop, w, EPOLL_CTL_MOD, events);
	if (rc == -ENOENT)
		rc = watch_ctl(loop, w, EPOLL_CTL_ADD, events);
	return rc;
}

void
loop_unwatch(struct loop *loop, struct loop_watch *w)
{
	if (w->fd < 0)
		return;
	(void)watch_ctl(loop, w, EPOLL_CTL_DEL, 0);
	w->fd = -1;
	for (int i = loop->event_next; i < loop->event_count; i++)
		if (loop->events[i].data.ptr == w)
			loop->events[i].data.ptr = NULL;
}

/* Events without a watch: the wakeup's, and of watches gone meanwhile. */
static void
loop_run_events(struct loop *loop)
{
	const struct epoll_event *ev;
	struct loop_watch *w;

	while (loop->event_next < loop->event_count) {
		ev = &loop->events[loop->event_next++];
		w = ev->data.ptr;
		if (w != NULL)
			w->on_ready(w->arg, ev->events);
	}
}

/* --- the loop ------------------------------------------------------------- */

static int
loop_round(struct loop *loop)
{
	int n, err;

	n = epoll_wait(
	    loop->epoll_fd, loop->events, LOOP_EVENTS, loop_doze(loop));
	err = n < 0 ? errno : 0;
	loop_wake(loop);
	loop->event_next = 0;
	loop->event_count = n < 0 ? 0 : n;
	loop_run_events(loop);
	loop_run_timers(loop);
	(void)loop_run_calls(loop);
	return err == EINTR ? 0 : -err;
}

int
loop_run(struct loop *loop)
{
	int rc = 0;

	while (rc == 0 && !loop_take_stop(loop))
		rc = loop_round(loop);
	return rc;
}

void
loop_free(struct loop **loop)
{
	struct loop *l = *loop;

	if (l == NULL)
		return;
	while (loop_run_calls(l))
		;
	if (l->wakeup_fd >= 0)
		close(l->wakeup_fd);
	if (l->epoll_fd >= 0)
		close(l->epoll_fd);
	lock_clear(&l->mutex);
	free(l);
	*loop = NULL;
}
