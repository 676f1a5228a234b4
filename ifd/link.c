/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "ifd/hub.h"
#include "ifd/link_hold.h"
#include "ifd/link_trace.h"
#include "ifd/reader.h"
#include "net/stream.h"
#include "util/clock.h"
#include "util/log.h"

/*
 * Armed for one event at a time, so that the hub is not told of bytes that a
 * host thread has come to read itself.
 */
#define ARMED_IN ((uint32_t)(EPOLLIN | EPOLLRDHUP | EPOLLONESHOT))
#define ARMED_OUT ((uint32_t)(ARMED_IN | EPOLLOUT))
#define DISARMED ((uint32_t)EPOLLONESHOT)

static struct loop *
link_loop(const struct link *link)
{
	return hub_loop(link->reader->hub);
}

/* In milliseconds. */
static int
seconds(unsigned n)
{
	return (int)n * 1000;
}

/* --- life ------------------------------------------------------------- */

struct link *
link_ref(struct link *link)
{
	__atomic_add_fetch(&link->refs, 1, __ATOMIC_RELAXED);
	return link;
}

void
link_unref(struct link *link)
{
	if (__atomic_sub_fetch(&link->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	conn_clear(&link->conn);
	lock_clear(&link->lock);
	free(link->slots);
	free(link);
}

/* Deferred to the hub by link_kill; one reference comes with it. */
static void
on_bury(void *arg)
{
	struct link *link = arg;

	if (link->listed) {
		loop_unwatch(link_loop(link), &link->watch);
		loop_timer_cancel(link_loop(link), &link->timer);
		reader_unlist(link);
		link_unref(link);
	}
	link_unref(link);
}

void
link_detach(struct link *link, struct slot *slot, int rc)
{
	slot_detach(slot, rc);
	link_trace(link, slot, TRACE_DETACH, NULL, 0);
}

void
link_kill(struct link *link, int rc, const char *why)
{
	lock_expect(&link->lock);
	if (link->dead)
		return;
	link->dead = true;
	if (why != NULL)
		log_warning("%s: connection closed: %s", link->peer.name, why);
	else
		log_info("%s: disconnected", link->peer.name);
	/* Wakes a thread that sleeps in a receive. */
	stream_shutdown(link->conn.fd);
	for (unsigned i = 0; i < link->reader->config.slots; i++)
		if (link->slots[i] != NULL)
			link_detach(link, link->slots[i], rc);
	link_ref(link);
	loop_defer(link_loop(link), &link->bury);
}

void
link_end(struct link *link)
{
	lock_take(&link->lock);
	if (!link->dead) {
		vscard_session_bye(link->conn.session, VSCARD_BYE_RESTART);
		if (conn_flush(&link->conn) < 0)
			log_debug("%s: no farewell", link->peer.name);
	}
	link_kill(link, -ECANCELED, NULL);
	lock_release(&link->lock);
}

/*
 * Whoever writes does it here: only so it is known how long the peer has not
 * read anything.
 */
int
link_flush(struct link *link)
{
	uint64_t before = link->conn.sent;
	int rc = conn_flush(&link->conn);

	if (rc != -EAGAIN)
		link->write_by = CLOCK_NEVER;
	else if (link->write_by == CLOCK_NEVER || link->conn.sent != before)
		link->write_by =
		    clock_after(seconds(link->reader->config.write_timeout));
	return rc;
}

static void
link_kill_late(struct link *link, const char *what, unsigned timeout)
{
	char why[64];

	snprintf(why, sizeof(why), "%s within %u s", what, timeout);
	link_kill(link, -ECONNRESET, why);
}

void
link_kill_stuck(struct link *link)
{
	if (clock_left(link->write_by) == 0)
		link_kill_late(link, "it has read nothing",
		    link->reader->config.write_timeout);
}

/* --- the hub's turn --------------------------------------------------- */

static void
link_set_timer(struct link *link)
{
	loop_timer_set(link_loop(link), &link->timer,
	    link->write_by < link->cool_by ? link->write_by : link->cool_by);
}

/* What is not armed is deaf, and nobody would ever know. */
static void
link_rewatch(struct link *link, uint32_t events)
{
	int rc = loop_rewatch(link_loop(link), &link->watch, events);

	if (rc < 0)
		link_kill(link, -ECONNRESET, err_text(rc));
}

void
link_arm(struct link *link)
{
	link_rewatch(link, ARMED_IN);
}

void
link_disarm(struct link *link)
{
	/* If it stays armed, the hub looks at it once for nothing. */
	if (loop_rewatch(link_loop(link), &link->watch, DISARMED) < 0)
		log_debug("%s: still armed", link->peer.name);
}

void
link_leave(struct link *link)
{
	if (link->left)
		return;
	link->left = true;
	link_ref(link);
	loop_defer(link_loop(link), &link->tend);
}

/* Leaves the link armed for what it waits for. Hub's thread, token free. */
static void
link_rearm(struct link *link)
{
	int rc = link_flush(link);

	if (rc == 0) {
		if (link->greeted)
			link_set_timer(link);
		link_arm(link);
	} else if (rc == -EAGAIN) {
		/* Set already: on_time looks how long it is to be. */
		if (link->timer.deadline == CLOCK_NEVER)
			loop_timer_set(link_loop(link), &link->timer,
			    link->write_by);
		link_rewatch(link, ARMED_OUT);
	} else {
		link_kill(link, -ECONNRESET, NULL);
	}
}

const char *
link_fault(const struct link *link)
{
	return vscard_fault_name(vscard_session_fault(link->conn.session));
}

static void
link_serve(struct link *link)
{
	int rc = conn_recv(&link->conn, false);

	if (rc == 0)
		link_dispatch(link);
	else if (rc == -EPROTO)
		link_kill(link, -ECONNRESET, link_fault(link));
	else if (rc != -EAGAIN)
		link_kill(link, -ECONNRESET,
		    rc == -ECONNRESET ? NULL : err_text(rc));
	if (!link->dead)
		link_rearm(link);
}

static void
on_ready(void *arg, uint32_t events)
{
	struct link *link = arg;

	(void)events;
	lock_take(&link->lock);
	/* Taken meanwhile: the holder reads, and arms it again. */
	if (!link->taken && !link->dead)
		link_serve(link);
	lock_release(&link->lock);
}

/* Deferred to the hub by a host thread that left output behind. */
static void
on_tend(void *arg)
{
	struct link *link = arg;

	lock_take(&link->lock);
	link->left = false;
	if (!link->dead && link->greeted)
		link_set_timer(link);
	if (!link->taken && !link->dead)
		link_rearm(link);
	lock_release(&link->lock);
	link_unref(link);
}

static void
on_time(void *arg)
{
	struct link *link = arg;

	lock_take(&link->lock);
	if (!link->greeted)
		link_kill_late(link, "no greeting",
		    link->reader->config.handshake_timeout);
	link_kill_stuck(link);
	/* A host thread may have written it all since the timer was set. */
	link_kill_hot(link);
	if (!link->dead)
		link_set_timer(link);
	lock_release(&link->lock);
}

static int
link_setup(struct link *link, struct reader *reader, const struct peer *peer)
{
	link->reader = reader;
	link->peer = *peer;
	link->refs = 1;
	link->write_by = link->cool_by = CLOCK_NEVER;
	link->since = clock_now();
	link->serial = ++reader->links_made;
	link->watch.fd = -1;
	link->timer = (struct loop_timer){
	    .deadline = CLOCK_NEVER, .on_time = on_time, .arg = link};
	link->bury = (struct loop_call){.on_call = on_bury, .arg = link};
	link->tend = (struct loop_call){.on_call = on_tend, .arg = link};
	link->slots = calloc(reader->config.slots, sizeof(*link->slots));
	if (link->slots == NULL)
		return -ENOMEM;
	return lock_init(&link->lock, LOCK_LINK);
}

int
link_new(struct reader *reader, int fd, const struct peer *peer,
    struct link **out_link)
{
	struct link *link = calloc(1, sizeof(*link));
	struct conn conn;
	int rc;

	rc = conn_init(&conn, fd, VSCARD_ROLE_HOST, &reader->limits);
	if (rc < 0 || link == NULL) {
		if (rc == 0)
			conn_clear(&conn);
		free(link);
		return rc < 0 ? rc : -ENOMEM;
	}
	rc = link_setup(link, reader, peer);
	if (rc < 0) {
		conn_clear(&conn);
		free(link->slots);
		free(link);
		return rc;
	}
	link->conn = conn;
	rc = loop_watch(
	    link_loop(link), &link->watch, fd, ARMED_IN, on_ready, link);
	if (rc < 0) {
		link_unref(link);
		return rc;
	}
	loop_timer_set(link_loop(link), &link->timer,
	    clock_after(seconds(reader->config.handshake_timeout)));
	reader_list(link);
	*out_link = link;
	return 0;
}

/* --- questions -------------------------------------------------------- */

uint32_t
link_capabilities(struct slot *slot)
{
	struct link *link = slot_link(slot);
	uint32_t caps;

	if (link == NULL)
		return 0;
	lock_take(&link->lock);
	caps = vscard_session_capabilities(link->conn.session);
	lock_release(&link->lock);
	link_unref(link);
	return caps;
}

size_t
link_max_apdu(struct slot *slot)
{
	struct link *link = slot_link(slot);
	size_t max;

	if (link == NULL)
		return VSCARD_APDU_STOCK;
	lock_take(&link->lock);
	max = vscard_session_max_apdu(link->conn.session);
	lock_release(&link->lock);
	link_unref(link);
	return max;
}

void
link_tell_reset(struct slot *slot)
{
	struct link *link = slot_link(slot);
	bool told;

	if (link == NULL)
		return;
	lock_take(&link->lock);
	told = link->told_reset;
	link->told_reset = true;
	lock_release(&link->lock);
	if (!told)
		log_warning("%s knows no reset: its card keeps its state, a "
		            "verified PIN too, until it is removed",
		    link->peer.name);
	link_unref(link);
}

void
link_abort(struct slot *slot)
{
	struct link *link = slot_link(slot);

	if (link == NULL)
		return;
	lock_take(&link->lock);
	if (slot_is_busy(slot, link)) {
		/* An answer that nobody waits for any more spoils the order. */
		link_kill(link, -ECANCELED, "closed by pcscd");
	} else if (!link->dead && link->slots[slot->id] == slot) {
		link->slots[slot->id] = NULL;
		link_detach(link, slot, -ECANCELED);
	}
	lock_release(&link->lock);
	link_unref(link);
}
