/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/conn.h"
#include "tests/unit/net.h"
#include "vscard/lend.h"

static const uint8_t atr[] = {0x3b, 0x02, 0x14, 0x50};

/* Both ends of one connection. */
struct ends {
	struct conn host;
	struct conn client;
};

static void
ends_open(struct ends *e)
{
	struct vscard_limits limits;
	int fd[2];

	vscard_limits_init(&limits);
	net_unix_pair(fd);
	ck_assert_int_eq(
	    conn_init(&e->host, fd[0], VSCARD_ROLE_HOST, &limits), 0);
	ck_assert_int_eq(
	    conn_init(&e->client, fd[1], VSCARD_ROLE_CLIENT, &limits), 0);
	ck_assert_int_eq(e->host.fd, fd[0]);
}

static void
ends_close(struct ends *e)
{
	conn_clear(&e->host);
	conn_clear(&e->client);
	ck_assert_int_eq(e->host.fd, -1);
	ck_assert_ptr_null(e->host.session);
}

/* Takes events until one of that type; it must come. */
static struct vscard_event
await(struct conn *c, struct conn *other, enum vscard_event_type type)
{
	struct vscard_event ev;
	int rc;

	for (int i = 0; i < 10000; i++) {
		while ((rc = vscard_session_next(c->session, &ev)) == 1)
			if (ev.type == type)
				return ev;
		ck_assert_int_eq(rc, 0);
		rc = conn_flush(c);
		ck_assert(rc == 0 || rc == -EAGAIN);
		rc = conn_flush(other);
		ck_assert(rc == 0 || rc == -EAGAIN);
		rc = conn_recv(c, false);
		ck_assert(rc == 0 || rc == -EAGAIN);
		while (vscard_session_next(other->session, &ev) == 1)
			;
		rc = conn_recv(other, false);
		ck_assert(rc == 0 || rc == -EAGAIN);
	}
	ck_abort_msg("no %s", vscard_event_name(type));
}

START_TEST(conn_carries_a_conversation)
{
	struct vscard_event ev;
	struct ends e;
	unsigned reader;

	ends_open(&e);
	ck_assert_int_eq(conn_recv(&e.host, false), -EAGAIN);
	ck_assert_int_eq(
	    vscard_session_add_reader(e.client.session, "one", &reader), 0);
	ck_assert_int_eq(vscard_session_insert_card(
			     e.client.session, reader, atr, sizeof(atr)),
	    0);
	ev = await(&e.host, &e.client, VSCARD_EVENT_CARD_INSERT);
	ck_assert_uint_eq(ev.len, sizeof(atr));
	ck_assert_mem_eq(ev.data, atr, sizeof(atr));
	ends_close(&e);
}
END_TEST

typedef int send_apdu(struct vscard_session *, unsigned reader, const void *,
    size_t len);

/* The largest command does not fit the socket at once. */
static void
flush_in_parts(send_apdu *send)
{
	static uint8_t apdu[VSCARD_APDU_MAX], copy[VSCARD_APDU_MAX];
	const int little = 4096;
	struct vscard_event ev;
	struct ends e;
	unsigned reader;

	ends_open(&e);
	ck_assert_int_eq(setsockopt(e.host.fd, SOL_SOCKET, SO_SNDBUF, &little,
			     sizeof(little)),
	    0);
	for (size_t i = 0; i < sizeof(apdu); i++)
		copy[i] = apdu[i] = (uint8_t)(i * 31 >> 3);
	ck_assert_int_eq(
	    vscard_session_add_reader(e.client.session, "", &reader), 0);
	ck_assert_int_eq(vscard_session_insert_card(
			     e.client.session, reader, atr, sizeof(atr)),
	    0);
	(void)await(&e.client, &e.host, VSCARD_EVENT_CARD_READY);
	ck_assert_int_eq(send(e.host.session, 0, apdu, sizeof(apdu)), 0);
	ck_assert_int_eq(conn_flush(&e.host), -EAGAIN);
	memset(apdu, 0, sizeof(apdu)); /* the caller's again */
	ev = await(&e.client, &e.host, VSCARD_EVENT_APDU);
	ck_assert_uint_eq(ev.len, sizeof(copy));
	ck_assert_mem_eq(ev.data, copy, sizeof(copy));
	ck_assert_int_eq(conn_flush(&e.host), 0);
	ends_close(&e);
}

START_TEST(conn_flush_goes_on_where_it_stopped)
{
	flush_in_parts(vscard_session_send_apdu);
}
END_TEST

START_TEST(conn_flush_ends_a_loan)
{
	flush_in_parts(session_lend_apdu);
}
END_TEST

START_TEST(conn_ends_cleanly)
{
	struct ends e;

	ends_open(&e);
	(void)await(&e.host, &e.client, VSCARD_EVENT_OPEN);
	ck_assert_int_eq(conn_flush(&e.host), 0);
	conn_clear(&e.client);
	ck_assert_int_eq(conn_recv(&e.host, true), -ECONNRESET);
	ck_assert_int_eq(
	    (int)vscard_session_fault(e.host.session), VSCARD_FAULT_NONE);
	ends_close(&e);
}
END_TEST

START_TEST(conn_ends_within_a_message)
{
	struct ends e;

	ends_open(&e);
	ck_assert_int_eq(write(e.client.fd, "\0\0\0\1\0", 5), 5);
	ck_assert_int_eq(conn_recv(&e.host, true), 0);
	conn_clear(&e.client);
	ck_assert_int_eq(conn_recv(&e.host, true), -EPROTO);
	ck_assert_int_eq(
	    (int)vscard_session_fault(e.host.session), VSCARD_FAULT_TRUNCATED);
	ck_assert_int_eq(conn_recv(&e.host, true), -EPROTO);
	ends_close(&e);
}
END_TEST

START_TEST(conn_flush_sees_the_end)
{
	struct ends e;

	ends_open(&e);
	conn_clear(&e.host);
	ck_assert_int_eq(conn_flush(&e.client), -ECONNRESET);
	conn_clear(&e.host); /* again: nothing */
	conn_clear(&e.client);
}
END_TEST

/* Messages come and nobody takes their events: no more is read. */
START_TEST(conn_recv_stops_when_the_session_is_full)
{
	uint8_t block[4096] = {0};
	struct ends e;
	int rc;

	ends_open(&e);
	do {
		ck_assert_int_eq(
		    write(e.client.fd, block, sizeof(block)), sizeof(block));
		rc = conn_recv(&e.host, false);
	} while (rc == 0);
	ck_assert_int_eq(rc, -EBUSY);
	ends_close(&e);
}
END_TEST

START_TEST(conn_init_adopts_though_it_fails)
{
	struct conn c, before;
	struct vscard_limits limits;
	int fd[2];

	memset(&c, 0x5a, sizeof(c));
	before = c;
	vscard_limits_init(&limits);
	limits.max_readers = 0;
	net_unix_pair(fd);
	ck_assert_int_eq(
	    conn_init(&c, fd[0], VSCARD_ROLE_HOST, &limits), -EINVAL);
	ck_assert_mem_eq(&c, &before, sizeof(c));
	ck_assert(net_wait(fd[1], POLLHUP));
	ck_assert_int_eq(fcntl(fd[0], F_GETFD), -1);
	close(fd[1]);
}
END_TEST

START_TEST(conn_clear_leaves_an_empty_one_alone)
{
	struct conn c = {.fd = -1};

	conn_clear(&c);
	ck_assert_int_eq(c.fd, -1);
	ck_assert_ptr_null(c.session);
}
END_TEST

UNIT_SUITE("conn", conn_carries_a_conversation,
    conn_flush_goes_on_where_it_stopped, conn_flush_ends_a_loan,
    conn_ends_cleanly,
    conn_ends_within_a_message, conn_flush_sees_the_end,
    conn_recv_stops_when_the_session_is_full, conn_init_adopts_though_it_fails,
    conn_clear_leaves_an_empty_one_alone)
