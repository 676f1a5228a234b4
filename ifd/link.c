/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/link.h"

#include <poll.h>
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

enum { RECV_SLACK_MS = 100 };

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
	pthread_mutex_destroy(&link->lock);
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
	pthread_mutex_lock(&link->lock);
	if (!link->dead) {
		vscard_session_bye(link->conn.session, VSCARD_BYE_RESTART);
		if (conn_flush(&link->conn) < 0)
			log_debug("%s: no farewell", link->peer.name);
	}
	link_kill(link, -ECANCELED, NULL);
	pthread_mutex_unlock(&link->lock);
}

/*
 * Whoever writes does it here: only so it is known how long the peer has not
 * read anything.
 */
int
link_flush(struct link *link)
{
	const struct config *config = &link->reader->config;
	size_t before, after;
	int rc;

	(void)vscard_session_pending(link->conn.session, &before);
	rc = conn_flush(&link->conn);
	(void)vscard_session_pending(link->conn.session, &after);
	if (rc != -EAGAIN)
		link->write_by = CLOCK_NEVER;
	else if (link->write_by == CLOCK_NEVER || after < before)
		link->write_by = clock_after(seconds(config->write_timeout));
	return rc;
}

static void
link_kill_late(struct link *link, const char *what, unsigned timeout)
{
	char why[64];

	snprintf(why, sizeof(why), "%s within %u s", what, timeout);
	link_kill(link, -ECONNRESET, why);
}

static void
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
link_arm(struct link *link, uint32_t events)
{
	int rc = loop_rewatch(link_loop(link), &link->watch, events);

	if (rc < 0)
		link_kill(link, -ECONNRESET, err_text(rc));
}

/* Leaves the link armed for what it waits for. Hub's thread, token free. */
static void
link_rearm(struct link *link)
{
	int rc = link_flush(link);

	if (rc == 0) {
		if (link->greeted)
			link_set_timer(link);
		link_arm(link, ARMED_IN);
	} else if (rc == -EAGAIN) {
		/* Set already: on_time looks how long it is to be. */
		if (link->timer.deadline == CLOCK_NEVER)
			loop_timer_set(link_loop(link), &link->timer,
			    link->write_by);
		link_arm(link, ARMED_OUT);
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
	pthread_mutex_lock(&link->lock);
	/* Taken meanwhile: the holder reads, and arms it again. */
	if (!link->taken && !link->dead)
		link_serve(link);
	pthread_mutex_unlock(&link->lock);
}

/* Deferred to the hub by a host thread that left output behind. */
static void
on_tend(void *arg)
{
	struct link *link = arg;

	pthread_mutex_lock(&link->lock);
	link->left = false;
	if (!link->dead && link->greeted)
		link_set_timer(link);
	if (!link->taken && !link->dead)
		link_rearm(link);
	pthread_mutex_unlock(&link->lock);
	link_unref(link);
}

static void
on_time(void *arg)
{
	struct link *link = arg;

	pthread_mutex_lock(&link->lock);
	if (!link->greeted)
		link_kill_late(link, "no greeting",
		    link->reader->config.handshake_timeout);
	link_kill_stuck(link);
	/* A host thread may have written it all since the timer was set. */
	link_kill_hot(link);
	if (!link->dead)
		link_set_timer(link);
	pthread_mutex_unlock(&link->lock);
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
	return -pthread_mutex_init(&link->lock, NULL);
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

/* --- the token -------------------------------------------------------- */

static void
token_take(struct link *link, struct request *request)
{
	link->taken = true;
	request->holder = true;
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

/* To a thread that waits for its answer, or else back to the hub. */
static void
token_give(struct link *link)
{
	int rc;

	if (link->dead) {
		link->taken = false;
		return;
	}
	for (unsigned i = 0;
	    link->inflight > 0 && i < link->reader->config.slots; i++)
		if (link->slots[i] != NULL && slot_hand_token(link->slots[i]))
			return;
	link->taken = false;
	rc = link_flush(link);
	if (rc == 0)
		link_arm(link, ARMED_IN);
	else
		link_leave(link);
}

/* --- a host thread's turn --------------------------------------------- */

static void
link_set_deadline(struct link *link, int ms)
{
	if (ms <= 0)
		ms = 1;
	if (link->recv_ms != 0 && abs(link->recv_ms - ms) <= RECV_SLACK_MS)
		return;
	if (stream_set_deadline(link->conn.fd, ms) == 0)
		link->recv_ms = ms;
}

/* Output is stuck: waits for room in the socket or for something to read. */
static ssize_t
recv_or_room(int fd, void *room, size_t len, int ms)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN | POLLOUT};

	if (poll(&pfd, 1, ms) < 0 && errno != EINTR)
		return -errno;
	return stream_recv(fd, room, len, false);
}

/*
 * One receive as the token's holder, and what comes of it. The link is
 * unlocked meanwhile: nobody else touches the room that the session lent.
 */
static void
link_pump(struct link *link, struct request *request, int64_t deadline)
{
	int64_t until = deadline;
	int fd = link->conn.fd;
	bool writing;
	ssize_t n;
	void *room;
	size_t len;
	int rc = link_flush(link);

	writing = rc == -EAGAIN;
	if (rc < 0 && !writing) {
		link_kill(link, -ECONNRESET, NULL);
		return;
	}
	rc = vscard_session_space(link->conn.session, &room, &len);
	if (rc < 0) {
		link_kill(link, rc, err_text(rc));
		return;
	}
	if (!writing)
		link_set_deadline(link, clock_left(deadline));
	else if (link->write_by < until)
		until = link->write_by;
	pthread_mutex_unlock(&link->lock);
	n = writing ? recv_or_room(fd, room, len, clock_left(until))
	            : stream_recv(fd, room, len, true);
	pthread_mutex_lock(&link->lock);
	/* Killed meanwhile: what came may be about slots of others by now. */
	if (link->dead)
		return;
	if (n > 0) {
		vscard_session_fed(link->conn.session, (size_t)n);
		link_dispatch(link);
	} else if (n != -EAGAIN) {
		link_kill(link, -ECONNRESET, NULL);
	}
	/* A late answer could not be told from the next one. */
	if (request->result == -EINPROGRESS && clock_left(deadline) == 0)
		link_kill(link, -ETIMEDOUT, "the card has not answered");
	link_kill_stuck(link);
}

/* Without the token: waits for the answer or for the token. */
static void
link_wait(struct link *link, struct slot *slot, struct request *request,
    int64_t deadline)
{
	pthread_mutex_unlock(&link->lock);
	slot_sleep(slot, request, deadline);
	pthread_mutex_lock(&link->lock);
	if (request->result == -EINPROGRESS && !request->holder &&
	    clock_left(deadline) == 0)
		link_kill(link, -ETIMEDOUT, "the card has not answered");
}

/* Without the token: writes all of the own frame, if it can in time. */
static void
link_push(struct link *link, int64_t deadline)
{
	struct pollfd pfd = {.fd = link->conn.fd, .events = POLLOUT};
	int64_t until;
	int rc;

	while (!link->dead && clock_left(deadline) != 0 &&
	    (rc = link_flush(link)) != 0) {
		if (rc != -EAGAIN) {
			link_kill(link, -ECONNRESET, NULL);
			return;
		}
		until = link->write_by < deadline ? link->write_by : deadline;
		pthread_mutex_unlock(&link->lock);
		poll(&pfd, 1, clock_left(until));
		pthread_mutex_lock(&link->lock);
		link_kill_stuck(link);
	}
}

static int
request_send(struct link *link, struct slot *slot, struct request *request)
{
	struct vscard_session *session = link->conn.session;

	switch (request->kind) {
	case REQUEST_APDU:
		return vscard_session_send_apdu(session, slot->id,
		    request->command, request->command_len);
	case REQUEST_POWER:
		return vscard_session_power(
		    session, slot->id, (enum vscard_power)request->what);
	case REQUEST_PROTOCOL:
		return vscard_session_protocol(
		    session, slot->id, request->what);
	}
	return -EINVAL;
}

static void
request_carry(struct link *link, struct slot *slot, struct request *request)
{
	int64_t deadline = clock_after(request->timeout);

	if (!link->taken) {
		token_take(link, request);
	} else {
		request->writer = true;
		link_push(link, deadline);
		request->writer = false;
	}
	link->inflight++;
	while (request->result == -EINPROGRESS) {
		if (request->holder)
			link_pump(link, request, deadline);
		else
			link_wait(link, slot, request, deadline);
	}
	link->inflight--;
	if (request->holder)
		token_give(link);
}

int
link_request(struct slot *slot, struct request *request)
{
	struct link *link = slot_link(slot);
	int rc;

	if (link == NULL)
		return -ENODEV;
	request->holder = request->writer = false;
	request->len = 0;
	link_trace_begin(link, slot, request);
	pthread_mutex_lock(&link->lock);
	rc = slot_begin(slot, link, request);
	if (rc == 0) {
		rc = request_send(link, slot, request);
		if (rc < 0) {
			slot_withdraw(slot);
		} else {
			request_carry(link, slot, request);
			rc = request->result;
		}
	}
	pthread_mutex_unlock(&link->lock);
	link_trace_end(link, slot, request, rc);
	link_unref(link);
	return rc;
}

/* --- questions -------------------------------------------------------- */

uint32_t
link_capabilities(struct slot *slot)
{
	struct link *link = slot_link(slot);
	uint32_t caps;

	if (link == NULL)
		return 0;
	pthread_mutex_lock(&link->lock);
	caps = vscard_session_capabilities(link->conn.session);
	pthread_mutex_unlock(&link->lock);
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
	pthread_mutex_lock(&link->lock);
	max = vscard_session_max_apdu(link->conn.session);
	pthread_mutex_unlock(&link->lock);
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
	pthread_mutex_lock(&link->lock);
	told = link->told_reset;
	link->told_reset = true;
	pthread_mutex_unlock(&link->lock);
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
	pthread_mutex_lock(&link->lock);
	if (slot_is_busy(slot, link)) {
		/* An answer that nobody waits for any more spoils the order. */
		link_kill(link, -ECANCELED, "closed by pcscd");
	} else if (!link->dead && link->slots[slot->id] == slot) {
		link->slots[slot->id] = NULL;
		link_detach(link, slot, -ECANCELED);
	}
	pthread_mutex_unlock(&link->lock);
	link_unref(link);
}
