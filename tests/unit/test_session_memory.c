/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every allocation fails once: nothing crashes or leaks, a call that says
 * -ENOMEM has changed nothing, and a session that cannot go on says so. And
 * where no allocation belongs there is none. The program is linked with
 * --wrap=malloc and --wrap=calloc.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "vscard/lend.h"
#include "vscard/vscard.h"

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);

static bool arming, armed;
static unsigned long allocations, failing;

/* A call of the library's. Check allocates too, so only these count. */
#define LIB(call)                                                              \
	({                                                                     \
		armed = arming;                                                \
		__typeof__(call) result_ = (call);                             \
		armed = false;                                                 \
		result_;                                                       \
	})

static bool
is_failing(void)
{
	return armed && ++allocations == failing;
}

void *
__wrap_malloc(size_t size)
{
	return is_failing() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return is_failing() ? NULL : __real_calloc(count, size);
}

/* --- two sessions joined ---------------------------------------------- */

struct pair {
	struct vscard_session *host, *client;
	unsigned reader;
	unsigned responses; /* that the host has got */
	bool failed;        /* something said so */
};

static uint8_t apdu[VSCARD_APDU_MAX];

/* What may fail for lack of memory, and for no other reason. */
static void
try(struct pair *p, int rc)
{
	ck_assert(rc == 0 || rc == -ENOMEM || (rc == -EPROTO && p->failed));
	if (rc < 0)
		p->failed = true;
}

static void
act(struct pair *p, struct vscard_session *s, const struct vscard_event *ev)
{
	if (s == p->host && ev->type == VSCARD_EVENT_CARD_INSERT)
		try(p, LIB(vscard_session_send_apdu(s, ev->reader, apdu,
			   vscard_session_max_apdu(s))));
	if (s == p->host && ev->type == VSCARD_EVENT_APDU)
		p->responses++;
	if (s == p->client && ev->type == VSCARD_EVENT_APDU)
		try(p, LIB(vscard_session_send_apdu(s, ev->reader, apdu,
			   ev->len < VSCARD_RESPONSE_MAX ?
			       ev->len : VSCARD_RESPONSE_MAX)));
}

static void
take(struct pair *p, struct vscard_session *s)
{
	struct vscard_event ev;
	int rc;

	while ((rc = LIB(vscard_session_next(s, &ev))) == 1)
		act(p, s, &ev);
	if (rc < 0) {
		ck_assert_int_eq(vscard_session_fault(s), VSCARD_FAULT_MEMORY);
		p->failed = true;
	}
}

/* Moves what is pending; false when there is nothing. */
static bool
move(struct pair *p, struct vscard_session *from, struct vscard_session *to)
{
	const void *data;
	size_t len;
	long n;

	take(p, from);
	data = LIB(vscard_session_pending(from, &len));
	if (data == NULL)
		return false;
	n = LIB(vscard_session_feed(to, data, len));
	if (n < 0) {
		p->failed = true;
		return false;
	}
	vscard_session_sent(from, (size_t)n);
	take(p, to);
	return true;
}

static void
settle(struct pair *p)
{
	bool moved = true;

	while (!p->failed && moved) {
		moved = move(p, p->client, p->host);
		moved = move(p, p->host, p->client) || moved;
	}
}

static int
pair_open(struct pair *p)
{
	struct vscard_limits limits;
	int rc;

	*p = (struct pair){.failed = false};
	vscard_limits_init(&limits);
	rc = LIB(vscard_session_new(VSCARD_ROLE_HOST, &limits, &p->host));
	if (rc == 0)
		rc = LIB(vscard_session_new(VSCARD_ROLE_CLIENT, &limits,
		    &p->client));
	return rc;
}

static void
pair_close(struct pair *p)
{
	vscard_session_free(&p->host);
	vscard_session_free(&p->client);
}

static void
whole_session(struct pair *p)
{
	if (pair_open(p) < 0) {
		p->failed = true;
		return;
	}
	try(p, LIB(vscard_session_add_reader(p->client, "name", &p->reader)));
	try(p, LIB(vscard_session_insert_card(p->client, p->reader, "\x3b\0", 2)));
	settle(p);
	if (!p->failed)
		try(p, LIB(vscard_session_finish(p->client, VSCARD_BYE_DONE)));
	settle(p);
}

START_TEST(every_allocation_may_fail)
{
	struct pair p;
	bool failed;

	failing = 0;
	do {
		failing++;
		allocations = 0;
		arming = true;
		whole_session(&p);
		arming = false;
		failed = allocations >= failing;
		ck_assert_int_eq(p.failed, failed);
		pair_close(&p);
	} while (failed);
	ck_assert_uint_eq(p.responses, 1);
	ck_assert_uint_gt(failing, 8);
}
END_TEST

/* The next call finds things as they were. */
START_TEST(a_failed_request_changes_nothing)
{
	struct pair p;

	ck_assert_int_eq(pair_open(&p), 0);
	ck_assert_int_eq(
	    LIB(vscard_session_add_reader(p.client, NULL, &p.reader)), 0);
	ck_assert_int_eq(
	    LIB(vscard_session_insert_card(p.client, p.reader, "\x3b\0", 2)), 0);
	settle(&p);
	ck_assert_uint_eq(p.responses, 1);

	arming = true;
	allocations = 0;
	failing = 1;
	ck_assert_int_eq(
	    LIB(vscard_session_send_apdu(p.host, 0, apdu, sizeof(apdu))), -ENOMEM);
	arming = false;
	ck_assert_int_eq(vscard_session_fault(p.host), VSCARD_FAULT_NONE);
	ck_assert_int_eq(
	    LIB(vscard_session_send_apdu(p.host, 0, apdu, sizeof(apdu))), 0);
	settle(&p);
	ck_assert_uint_eq(p.responses, 2);
	pair_close(&p);
}
END_TEST

START_TEST(a_short_exchange_takes_no_memory)
{
	struct pair p;

	ck_assert_int_eq(pair_open(&p), 0);
	ck_assert_int_eq(
	    LIB(vscard_session_add_reader(p.client, NULL, &p.reader)), 0);
	ck_assert_int_eq(
	    LIB(vscard_session_insert_card(p.client, p.reader, "\x3b\0", 2)), 0);
	settle(&p);
	arming = true;
	allocations = 0;
	failing = 0;
	for (unsigned i = 0; i < 100; i++) {
		ck_assert_int_eq(
		    LIB(vscard_session_send_apdu(p.host, 0, apdu, 261)), 0);
		settle(&p);
	}
	arming = false;
	ck_assert_uint_eq(p.responses, 101);
	ck_assert_uint_le(allocations, 2);
	pair_close(&p);
}
END_TEST

/* --- loans ------------------------------------------------------------ */

/* The host has had one response, and lends its next command. */
static void
pair_lend(struct pair *p, size_t len)
{
	ck_assert_int_eq(pair_open(p), 0);
	ck_assert_int_eq(
	    vscard_session_add_reader(p->client, NULL, &p->reader), 0);
	ck_assert_int_eq(
	    vscard_session_insert_card(p->client, p->reader, "\x3b\0", 2), 0);
	settle(p);
	arming = true;
	allocations = 0;
	failing = 0;
	ck_assert_int_eq(LIB(session_lend_apdu(p->host, 0, apdu, len)), 0);
}

START_TEST(a_loan_is_sent_from_where_it_is)
{
	struct session_piece pieces[SESSION_PIECES];
	struct pair p;

	pair_lend(&p, sizeof(apdu));
	ck_assert_uint_eq(LIB(session_pieces(p.host, pieces)), 2);
	ck_assert_uint_eq(pieces[0].len, 12);
	ck_assert_ptr_eq(pieces[1].data, apdu);
	ck_assert_uint_eq(pieces[1].len, sizeof(apdu));
	vscard_session_sent(p.host, 13);
	ck_assert_uint_eq(LIB(session_pieces(p.host, pieces)), 1);
	ck_assert_ptr_eq(pieces[0].data, apdu + 1);
	ck_assert_uint_eq(pieces[0].len, sizeof(apdu) - 1);
	vscard_session_sent(p.host, sizeof(apdu) - 1);
	ck_assert_uint_eq(LIB(session_pieces(p.host, pieces)), 0);
	ck_assert_int_eq(LIB(session_end_loan(p.host)), 0);
	ck_assert_uint_le(allocations, 1); /* the buffer that a header takes */
	arming = false;
	pair_close(&p);
}
END_TEST

START_TEST(a_short_loan_is_a_copy)
{
	struct session_piece pieces[SESSION_PIECES];
	struct pair p;

	pair_lend(&p, 261);
	arming = false;
	ck_assert_uint_eq(session_pieces(p.host, pieces), 1);
	ck_assert_uint_eq(pieces[0].len, 12 + 261);
	pair_close(&p);
}
END_TEST

/* What the session says afterwards comes behind it. */
START_TEST(a_loan_keeps_its_place)
{
	struct session_piece pieces[SESSION_PIECES];
	struct pair p;

	pair_lend(&p, sizeof(apdu));
	ck_assert_int_eq(
	    LIB(vscard_session_bye(p.host, VSCARD_BYE_DONE)), 0);
	arming = false;
	ck_assert_uint_eq(session_pieces(p.host, pieces), 1);
	ck_assert_uint_eq(pieces[0].len, 12 + sizeof(apdu) + 16);
	settle(&p);
	ck_assert(!p.failed);
	ck_assert_uint_eq(p.responses, 2);
	pair_close(&p);
}
END_TEST

START_TEST(a_loan_that_cannot_be_copied)
{
	struct session_piece pieces[SESSION_PIECES];
	struct pair p;

	pair_lend(&p, sizeof(apdu));
	allocations = 0;
	failing = 1;
	ck_assert_int_eq(
	    LIB(vscard_session_bye(p.host, VSCARD_BYE_DONE)), -ENOMEM);
	ck_assert_int_eq(vscard_session_fault(p.host), VSCARD_FAULT_NONE);
	allocations = 0;
	ck_assert_int_eq(LIB(session_end_loan(p.host)), -ENOMEM);
	arming = false;
	ck_assert_int_eq(vscard_session_fault(p.host), VSCARD_FAULT_MEMORY);
	/* Nothing points to what its owner has back. */
	ck_assert_uint_eq(session_pieces(p.host, pieces), 1);
	ck_assert_uint_eq(pieces[0].len, 12);
	pair_close(&p);
}
END_TEST

UNIT_SUITE("session_memory", every_allocation_may_fail,
    a_failed_request_changes_nothing, a_short_exchange_takes_no_memory,
    a_loan_is_sent_from_where_it_is, a_short_loan_is_a_copy,
    a_loan_keeps_its_place, a_loan_that_cannot_be_copied)
