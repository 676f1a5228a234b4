/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/card_host.h"

#include <poll.h>
#include <string.h>

#include "net/stream.h"
#include "tests/unit/unit.h"
#include "util/clock.h"

void
card_host_init(struct card_host *h, int fd)
{
	struct vscard_limits limits;

	memset(h, 0, sizeof(*h));
	vscard_limits_init(&limits);
	limits.max_readers = 1;
	ck_assert_int_eq(stream_setup(fd), 0);
	ck_assert_int_eq(conn_init(&h->conn, fd, VSCARD_ROLE_HOST, &limits), 0);
}

void
card_host_clear(struct card_host *h)
{
	conn_clear(&h->conn);
}

static void
host_event(struct card_host *h, const struct vscard_event *ev)
{
	switch (ev->type) {
	case VSCARD_EVENT_CARD_INSERT:
		h->has_card = true;
		h->reader = ev->reader;
		break;
	case VSCARD_EVENT_CARD_REMOVE:
	case VSCARD_EVENT_READER_REMOVE:
		h->has_card = false;
		break;
	case VSCARD_EVENT_APDU:
	case VSCARD_EVENT_APDU_FAILED:
	case VSCARD_EVENT_POWER_DONE:
	case VSCARD_EVENT_PROTOCOL_DONE:
		h->answer = ev->type;
		h->code = ev->code;
		h->len = ev->len;
		ck_assert_uint_le(ev->len, sizeof(h->data));
		if (ev->len > 0)
			memcpy(h->data, ev->data, ev->len);
		break;
	default:
		break;
	}
}

/* What has come, after a wait for it. */
static void
host_round(struct card_host *h, int64_t deadline)
{
	struct pollfd fd = {.fd = h->conn.fd, .events = POLLIN};
	struct vscard_event ev;
	int rc = conn_flush(&h->conn);

	ck_assert_int_ne(rc, -EAGAIN);
	h->dead = h->dead || rc < 0;
	if (h->dead)
		return;
	ck_assert_int_eq(poll(&fd, 1, clock_left(deadline)), 1);
	h->dead = conn_recv(&h->conn, false) < 0;
	while (vscard_session_next(h->conn.session, &ev) == 1)
		host_event(h, &ev);
	(void)!conn_flush(&h->conn);
}

bool
card_host_await(struct card_host *h)
{
	int64_t deadline = clock_after(CARD_HOST_MS);

	while (!h->has_card && !h->dead)
		host_round(h, deadline);
	return !h->dead;
}

void
card_host_await_gone(struct card_host *h)
{
	int64_t deadline = clock_after(CARD_HOST_MS);

	while (h->has_card && !h->dead)
		host_round(h, deadline);
}

/* It answers, or its card goes, or it goes itself. */
static bool
host_await_answer(struct card_host *h, int rc, enum vscard_event_type want)
{
	int64_t deadline = clock_after(CARD_HOST_MS);

	h->answer = VSCARD_EVENT_OPEN;
	while (rc == 0 && h->answer == VSCARD_EVENT_OPEN && !h->dead &&
	       h->has_card)
		host_round(h, deadline);
	return rc == 0 && h->answer == want;
}

bool
card_host_reset(struct card_host *h)
{
	int rc = vscard_session_power(
	    h->conn.session, h->reader, VSCARD_POWER_RESET);

	return host_await_answer(h, rc, VSCARD_EVENT_POWER_DONE) &&
	       h->code == VSCARD_STATUS_OK;
}

bool
card_host_protocol(struct card_host *h)
{
	int rc = vscard_session_protocol(h->conn.session, h->reader, 1);

	return host_await_answer(h, rc, VSCARD_EVENT_PROTOCOL_DONE) &&
	       h->code == VSCARD_STATUS_OK;
}

bool
card_host_transmit(struct card_host *h, const void *command, size_t len)
{
	int rc =
	    vscard_session_send_apdu(h->conn.session, h->reader, command, len);

	return host_await_answer(h, rc, VSCARD_EVENT_APDU);
}

void
card_host_await_end(struct card_host *h)
{
	int64_t deadline = clock_after(CARD_HOST_MS);

	while (!h->dead)
		host_round(h, deadline);
}
