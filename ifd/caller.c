/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/caller.h"

#include <stdlib.h>
#include <unistd.h>

#include "ifd/clerk.h"
#include "ifd/door.h"
#include "ifd/hub.h"
#include "ifd/reader.h"
#include "net/dial.h"
#include "net/stream.h"
#include "util/clock.h"
#include "util/log.h"

/* An errand of the clerk: names are looked up in it. */
struct call {
	struct caller *caller; /* NULL: it has been stopped; hub's thread */
	struct endpoint endpoint;
	int rc;
	int fd;
	bool done;
	struct clerk_job job;
};

static struct loop *
caller_loop(const struct caller *caller)
{
	return hub_loop(caller->door->reader->hub);
}

/* Whatever is under way ends, and another try comes later. */
static void
caller_again(struct caller *caller)
{
	unsigned ms = backoff_next(&caller->backoff);

	loop_unwatch(caller_loop(caller), &caller->watch);
	if (caller->fd >= 0)
		close(caller->fd);
	caller->fd = -1;
	caller->link = NULL;
	loop_timer_set(caller_loop(caller), &caller->timer, clock_after(ms));
}

/* Once for as long as it goes wrong. */
static void
caller_fail(struct caller *caller, const char *why)
{
	if (!caller->told)
		log_warning("%s: cannot connect: %s; trying on",
		    caller->door->reader->text, why);
	caller->told = true;
	caller_again(caller);
}

/* --- connecting ------------------------------------------------------- */

static void
caller_present(struct caller *caller)
{
	struct peer peer;
	int rc, fd = caller->fd;

	loop_unwatch(caller_loop(caller), &caller->watch);
	loop_timer_cancel(caller_loop(caller), &caller->timer);
	rc = peer_get(fd, &peer);
	if (rc < 0) {
		caller_fail(caller, err_text(rc));
		return;
	}
	caller->fd = -1;
	door_admit(caller->door, fd, &peer);
}

/*
 * Only who has accepted can send something, and only a socket that is accepted
 * has an owner: so it is not before its first byte that a peer is judged.
 */
static void
on_ready(void *arg, uint32_t events)
{
	struct caller *caller = arg;
	int rc;

	(void)events;
	if (caller->connected) {
		caller_present(caller);
		return;
	}
	rc = dial_finish(caller->fd);
	if (rc < 0) {
		caller_fail(caller, err_text(rc));
		return;
	}
	caller->connected = true;
	rc = loop_rewatch(
	    caller_loop(caller), &caller->watch, EPOLLIN | EPOLLRDHUP);
	if (rc < 0)
		caller_fail(caller, err_text(rc));
}

static void
caller_connect(struct caller *caller, int fd, bool done)
{
	const struct config *config = &caller->door->reader->config;
	uint32_t events = done ? EPOLLIN | EPOLLRDHUP : EPOLLOUT;
	int rc;

	stream_set_aside(&fd);
	caller->fd = fd;
	caller->connected = done;
	loop_timer_set(caller_loop(caller), &caller->timer,
	    clock_after((int64_t)config->handshake_timeout * 1000));
	rc = loop_watch(
	    caller_loop(caller), &caller->watch, fd, events, on_ready, caller);
	if (rc < 0)
		caller_fail(caller, err_text(rc));
}

static void
on_work(void *arg)
{
	struct call *call = arg;

	call->rc = dial_start(&call->endpoint, &call->fd, &call->done);
}

static void
on_dialed(void *arg)
{
	struct call *call = arg;
	struct caller *caller = call->caller;

	if (caller != NULL) {
		caller->call = NULL;
		if (call->rc == 0)
			caller_connect(caller, call->fd, call->done);
		else
			caller_fail(caller, err_text(call->rc));
	} else if (call->rc == 0) {
		close(call->fd);
	}
	free(call);
}

static int
caller_dial(struct caller *caller)
{
	struct reader *reader = caller->door->reader;
	struct call *call = calloc(1, sizeof(*call));
	int rc;

	if (call == NULL)
		return -ENOMEM;
	call->caller = caller;
	call->endpoint = reader->config.endpoint;
	call->rc = -ECANCELED;
	call->job = (struct clerk_job){.work = on_work,
	    .done = {.on_call = on_dialed, .arg = call},
	    .arg = call};
	rc = clerk_post(hub_clerk(reader->hub), &call->job);
	if (rc == 0)
		caller->call = call;
	else
		free(call);
	return rc;
}

/* Time for the next call; or the peer has taken too long. */
static void
on_time(void *arg)
{
	struct caller *caller = arg;
	int rc;

	if (caller->fd >= 0) {
		caller_fail(caller,
		    caller->connected ? "no greeting" : err_text(-ETIMEDOUT));
		return;
	}
	rc = caller_dial(caller);
	if (rc < 0)
		caller_fail(caller, err_text(rc));
}

/* --- the door's news -------------------------------------------------- */

void
caller_linked(struct caller *caller, const struct link *link)
{
	if (!caller->started)
		return;
	caller->link = link;
	caller->since = clock_now();
	caller->told = false;
}

void
caller_lost(struct caller *caller)
{
	if (caller->started)
		caller_again(caller);
}

void
caller_left(struct caller *caller, const struct link *link)
{
	if (!caller->started || caller->link != link)
		return;
	if (clock_now() - caller->since >= CALLER_STEADY_MS)
		backoff_reset(&caller->backoff);
	caller_again(caller);
}

/* --- life ------------------------------------------------------------- */

void
caller_init(struct caller *caller, struct door *door)
{
	*caller = (struct caller){.door = door,
	    .fd = -1,
	    .watch.fd = -1,
	    .timer = {
		.deadline = CLOCK_NEVER, .on_time = on_time, .arg = caller}};
	backoff_init_random(&caller->backoff);
}

void
caller_start(struct caller *caller)
{
	caller->started = true;
	loop_timer_set(caller_loop(caller), &caller->timer, clock_now());
}

void
caller_stop(struct caller *caller)
{
	caller->started = false;
	loop_timer_cancel(caller_loop(caller), &caller->timer);
	loop_unwatch(caller_loop(caller), &caller->watch);
	if (caller->fd >= 0)
		close(caller->fd);
	caller->fd = -1;
	if (caller->call != NULL)
		caller->call->caller = NULL;
	caller->call = NULL;
}
