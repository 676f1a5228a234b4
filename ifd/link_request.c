/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A host thread's turn: it writes its request, reads the connection until the
 * answer is there, or waits while another host thread does. See THREADS.md.
 */
#include <poll.h>
#include <stdlib.h>

#include "ifd/link.h"
#include "ifd/link_trace.h"
#include "ifd/reader.h"
#include "net/stream.h"
#include "util/clock.h"
#include "vscard/lend.h"

enum { RECV_SLACK_MS = 100 };

/* --- the token -------------------------------------------------------- */

static void
token_take(struct link *link, struct request *request)
{
	link->taken = true;
	request->holder = true;
	link_disarm(link);
}

/*
 * To a thread that waits for its answer, or else back to the hub. Whoever gets
 * it reads first, and the peer may answer nobody before it has what is written
 * here: stock peers wait for each acknowledgement.
 */
static void
token_give(struct link *link)
{
	int rc = link->dead ? 0 : link_flush(link);

	if (rc < 0 && rc != -EAGAIN)
		link_kill(link, -ECONNRESET, NULL);
	for (unsigned i = 0; !link->dead && link->inflight > 0 &&
	     i < link->reader->config.slots;
	     i++)
		if (link->slots[i] != NULL && slot_hand_token(link->slots[i]))
			return;
	link->taken = false;
	if (link->dead)
		return;
	if (rc == 0)
		link_arm(link);
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

/* Writes what it can. What had no room has link->write_by to be gone. */
static void
link_write(struct link *link)
{
	int rc = link->dead ? 0 : link_flush(link);

	if (rc < 0 && rc != -EAGAIN)
		link_kill(link, -ECONNRESET, NULL);
	link_kill_stuck(link);
}

static ssize_t
link_receive(struct link *link, void *room, size_t len, int64_t deadline)
{
	bool writing = link->write_by != CLOCK_NEVER;
	int64_t until = deadline;
	int fd = link->conn.fd;
	ssize_t n;

	if (!writing)
		link_set_deadline(link, clock_left(deadline));
	else if (link->write_by < until)
		until = link->write_by;
	lock_release(&link->lock);
	n = writing ? recv_or_room(fd, room, len, clock_left(until))
		    : stream_recv(fd, room, len, true);
	lock_take(&link->lock);
	return n;
}

/*
 * One receive as the token's holder, and what comes of it. The link is
 * unlocked meanwhile: nobody else touches the room that the session lent.
 */
static void
link_pump(struct link *link, struct request *request, int64_t deadline)
{
	ssize_t n;
	void *room;
	size_t len;
	int rc = vscard_session_space(link->conn.session, &room, &len);

	if (rc < 0) {
		link_kill(link, rc, err_text(rc));
		return;
	}
	n = link_receive(link, room, len, deadline);
	/* Killed meanwhile: what came may be about slots of others by now. */
	if (link->dead)
		return;
	if (n > 0) {
		vscard_session_fed(link->conn.session, (size_t)n);
		link_dispatch(link);
	} else if (n != -EAGAIN) {
		link_kill(link, -ECONNRESET, NULL);
	}
	if (request->result != -EINPROGRESS)
		return;
	/* A late answer could not be told from the next one. */
	if (clock_left(deadline) == 0)
		link_kill(link, -ETIMEDOUT, "the card has not answered");
	link_write(link);
}

/* Without the token: waits for the answer or for the token. */
static void
link_wait(struct link *link, struct slot *slot, struct request *request,
    int64_t deadline)
{
	lock_release(&link->lock);
	slot_sleep(slot, request, deadline);
	lock_take(&link->lock);
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

	while (!link->dead && link->write_by != CLOCK_NEVER &&
	       clock_left(deadline) != 0) {
		until = link->write_by < deadline ? link->write_by : deadline;
		lock_release(&link->lock);
		poll(&pfd, 1, clock_left(until));
		lock_take(&link->lock);
		link_write(link);
	}
}

static int
request_send(struct link *link, struct slot *slot, struct request *request)
{
	struct vscard_session *session = link->conn.session;

	switch (request->kind) {
	case REQUEST_APDU:
		return session_lend_apdu(
		    session, slot->id, request->command, request->command_len);
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

	if (!link->taken)
		token_take(link, request);
	/* The end of the loan, too. */
	link_write(link);
	if (!request->holder) {
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
	lock_take(&link->lock);
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
	lock_release(&link->lock);
	link_trace_end(link, slot, request, rc);
	link_unref(link);
	return rc;
}
