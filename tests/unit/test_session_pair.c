/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Our host and our client joined, with everything happening at random: cards
 * and readers come and go, requests are made and answered late or never,
 * bytes travel in pieces. Whatever happens, an answer belongs to its command,
 * every command ends exactly once, and at rest both sides agree.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "vscard/vscard.h"

enum { READERS = 3, QUEUE = 400000, STEPS = 3000 };

struct pipe {
	uint8_t bytes[QUEUE];
	size_t len;
};

/* A reader as the host's program sees it. */
struct seen {
	bool reader, card, busy;
	bool power;
	uint8_t mark; /* of the card, from its ATR */
	uint32_t command;
};

/* And as the client's program wants it. */
struct want {
	bool reader, card, ready;
	uint8_t mark;
	uint32_t id;
	bool asked; /* a request waits for our answer */
	enum vscard_event_type request;
	uint8_t request_bytes[6];
	bool up;
};

struct world {
	uint32_t seed;
	struct vscard_session *host, *client;
	struct pipe to_host, to_client;
	struct seen seen[READERS];
	struct want want[READERS];
	uint32_t commands;
	unsigned asked, answered, failed, voided;
	uint8_t marks;
	bool finished, refusing;
};

static struct world w;

static uint32_t
draw(uint32_t below)
{
	w.seed = w.seed * 1664525 + 1013904223;
	return (w.seed >> 8) % below;
}

/* --- the host's program ----------------------------------------------- */

static void
host_void(struct seen *r)
{
	w.voided += r->busy;
	r->busy = false;
}

static void
host_done(struct seen *r, unsigned *count)
{
	ck_assert(r->reader && r->card && r->busy);
	r->busy = false;
	(*count)++;
}

static void
host_event(const struct vscard_event *ev)
{
	struct seen *r = &w.seen[ev->reader % READERS];

	switch (ev->type) {
	case VSCARD_EVENT_READER_ADD:
		ck_assert(!r->reader);
		if (w.refusing && draw(4) == 0) {
			ck_assert_int_eq(vscard_session_refuse(w.host), 0);
			break;
		}
		*r = (struct seen){.reader = true};
		break;
	case VSCARD_EVENT_READER_REMOVE:
		ck_assert(r->reader);
		host_void(r);
		*r = (struct seen){.reader = false};
		break;
	case VSCARD_EVENT_CARD_INSERT:
		/* Ours never swaps in place. */
		ck_assert(r->reader && !r->card && !r->busy);
		ck_assert_uint_eq(ev->len, 3);
		r->card = true;
		r->mark = ev->data[2];
		break;
	case VSCARD_EVENT_CARD_REMOVE:
		ck_assert(r->card);
		host_void(r);
		r->card = false;
		break;
	case VSCARD_EVENT_APDU:
		/* The card's mark, and the command's own bytes. */
		ck_assert(!r->power);
		ck_assert_uint_eq(ev->len, 6);
		ck_assert_uint_eq(ev->data[0], r->mark);
		ck_assert_mem_eq(ev->data + 1, &r->command, 4);
		host_done(r, &w.answered);
		break;
	case VSCARD_EVENT_APDU_FAILED:
		ck_assert(!r->power);
		host_done(r, &w.failed);
		break;
	case VSCARD_EVENT_POWER_DONE:
	case VSCARD_EVENT_PROTOCOL_DONE:
		ck_assert(r->power);
		host_done(r, &w.answered);
		break;
	case VSCARD_EVENT_ODDITY:
		/* Answers to what crossed a removal, and nothing else. */
		ck_assert(ev->code == VSCARD_ODDITY_RESPONSE ||
		    ev->code == VSCARD_ODDITY_STALE);
		break;
	default:
		break;
	}
}

static void
host_act(void)
{
	unsigned reader = draw(READERS);
	struct seen *r = &w.seen[reader];
	uint8_t command[5];
	int rc;

	if (r->busy)
		return;
	r->power = false;
	memcpy(command, &w.commands, 4);
	command[4] = 0;
	if (draw(3) == 0) {
		rc = draw(2) ? vscard_session_power(w.host, reader,
				   (enum vscard_power)draw(3)) :
			       vscard_session_protocol(w.host, reader, 1);
		r->power = rc == 0;
		if (rc == -ENOTSUP)
			return;
	} else {
		rc = vscard_session_send_apdu(w.host, reader, command, 5);
	}
	ck_assert_int_eq(rc, !r->reader ? -ENODEV : !r->card ? -ENOMEDIUM : 0);
	if (rc < 0)
		return;
	r->busy = true;
	r->command = w.commands++;
	w.asked++;
}

/* --- the client's program --------------------------------------------- */

static void
client_event(const struct vscard_event *ev)
{
	struct want *r = &w.want[ev->reader % READERS];

	switch (ev->type) {
	case VSCARD_EVENT_APDU:
	case VSCARD_EVENT_POWER:
	case VSCARD_EVENT_PROTOCOL:
		ck_assert(r->reader && r->card && !r->asked);
		r->asked = true;
		r->request = ev->type;
		r->up = ev->code != VSCARD_POWER_DOWN;
		r->request_bytes[0] = r->mark;
		if (ev->type == VSCARD_EVENT_APDU)
			memcpy(r->request_bytes + 1, ev->data, 4);
		break;
	case VSCARD_EVENT_CANCEL:
		ck_assert(r->asked);
		r->asked = false;
		break;
	case VSCARD_EVENT_READER_READY:
		ck_assert(r->reader && !r->ready);
		r->ready = true;
		r->id = ev->code;
		break;
	case VSCARD_EVENT_READER_REFUSED:
		ck_assert(r->reader && !r->ready && w.refusing);
		*r = (struct want){.reader = false};
		break;
	case VSCARD_EVENT_CARD_READY:
		ck_assert(r->ready && r->card);
		break;
	case VSCARD_EVENT_FINISHED:
		w.finished = true;
		break;
	case VSCARD_EVENT_CARD_REFUSED:
	case VSCARD_EVENT_ODDITY:
		ck_abort_msg("%s %u", vscard_event_name(ev->type), ev->code);
		break;
	default:
		break;
	}
}

static void
client_answer(unsigned reader)
{
	struct want *r = &w.want[reader];
	int rc;

	if (!r->asked)
		return;
	if (r->request == VSCARD_EVENT_POWER)
		rc = vscard_session_answer_power(w.client, reader,
		    VSCARD_STATUS_OK, r->up ? "\x3b\0" : NULL, r->up ? 2 : 0);
	else if (r->request == VSCARD_EVENT_PROTOCOL)
		rc = vscard_session_answer_protocol(w.client, reader,
		    VSCARD_STATUS_OK);
	else if (draw(5) == 0)
		rc = vscard_session_fail_apdu(w.client, reader,
		    VSCARD_CARD_ERROR_FAILED);
	else
		rc = vscard_session_send_apdu(w.client, reader,
		    r->request_bytes, 6);
	/* Not yet told that it is void: the program may just be late. */
	ck_assert(rc == 0 || rc == -ENOENT || rc == -ENODEV);
	if (rc == 0)
		r->asked = false;
}

static void
client_insert(unsigned reader)
{
	uint8_t atr[3] = {0x3b, 0x01, ++w.marks};

	ck_assert_int_eq(vscard_session_insert_card(w.client, reader, atr, 3),
	    0);
	w.want[reader].card = true;
	w.want[reader].mark = w.marks;
}

static void
client_add(void)
{
	unsigned reader;
	int rc = vscard_session_add_reader(w.client, "name", &reader);

	/* A place may still wait for its removal to be acknowledged. */
	if (rc == -ENOMEM)
		return;
	ck_assert_int_eq(rc, 0);
	ck_assert(!w.want[reader].reader);
	w.want[reader] = (struct want){.reader = true};
}

static void
client_act(void)
{
	unsigned reader = draw(READERS);
	struct want *r = &w.want[reader];

	switch (draw(8)) {
	case 0:
		client_add();
		break;
	case 1:
		if (!r->reader || draw(3) > 0)
			break;
		ck_assert_int_eq(
		    vscard_session_remove_reader(w.client, reader), 0);
		r->reader = r->card = false;
		break;
	case 2:
		if (r->reader)
			client_insert(reader);
		break;
	case 3:
		if (!r->reader)
			break;
		ck_assert_int_eq(vscard_session_remove_card(w.client, reader),
		    r->card ? 0 : -ENOMEDIUM);
		r->card = false;
		break;
	default:
		client_answer(reader);
	}
}

/* --- the world -------------------------------------------------------- */

static void
collect(struct vscard_session *from, struct pipe *pipe)
{
	size_t len;
	const void *data = vscard_session_pending(from, &len);

	if (data == NULL)
		return;
	ck_assert_uint_le(len, QUEUE - pipe->len);
	memcpy(pipe->bytes + pipe->len, data, len);
	pipe->len += len;
	vscard_session_sent(from, len);
}

static void
take(struct vscard_session *s, void (*on_event)(const struct vscard_event *))
{
	struct vscard_event ev;
	int rc;

	while ((rc = vscard_session_next(s, &ev)) == 1)
		on_event(&ev);
	ck_assert_msg(rc == 0, "%s",
	    vscard_fault_name(vscard_session_fault(s)));
}

static void
deliver(struct pipe *pipe, struct vscard_session *to,
    void (*on_event)(const struct vscard_event *), size_t len)
{
	long n;

	len = len < pipe->len ? len : pipe->len;
	n = vscard_session_feed(to, pipe->bytes, len);
	ck_assert_int_ge(n, 0);
	pipe->len -= (size_t)n;
	memmove(pipe->bytes, pipe->bytes + n, pipe->len);
	take(to, on_event);
}

static void
step(void)
{
	switch (draw(6)) {
	case 0:
		host_act();
		break;
	case 1:
		client_act();
		break;
	case 2:
	case 3:
		collect(w.client, &w.to_host);
		deliver(&w.to_host, w.host, host_event, draw(60));
		break;
	default:
		collect(w.host, &w.to_client);
		deliver(&w.to_client, w.client, client_event, draw(60));
	}
}

static void
rest(void)
{
	for (int quiet = 0; quiet < 3; quiet++) {
		take(w.client, client_event);
		collect(w.client, &w.to_host);
		collect(w.host, &w.to_client);
		if (w.to_host.len + w.to_client.len > 0)
			quiet = 0;
		deliver(&w.to_host, w.host, host_event, SIZE_MAX);
		deliver(&w.to_client, w.client, client_event, SIZE_MAX);
		for (unsigned i = 0; i < READERS; i++)
			client_answer(i);
	}
}

static void
check_agreement(void)
{
	unsigned readers = 0, wanted = 0;

	for (unsigned i = 0; i < READERS; i++) {
		struct want *r = &w.want[i];

		ck_assert(!w.seen[i].busy);
		readers += w.seen[i].reader;
		wanted += r->reader;
		if (!r->reader)
			continue;
		ck_assert(r->ready && w.seen[r->id].reader);
		ck_assert_int_eq(w.seen[r->id].card, r->card);
		if (r->card)
			ck_assert_uint_eq(w.seen[r->id].mark, r->mark);
	}
	ck_assert_uint_eq(readers, wanted);
	ck_assert_uint_eq(w.asked, w.answered + w.failed + w.voided);
}

static void
play(uint32_t seed, uint32_t host_caps, uint32_t client_caps)
{
	struct vscard_limits limits;

	memset(&w, 0, sizeof(w));
	w.seed = seed;
	w.refusing = seed % 2 != 0;
	vscard_limits_init(&limits);
	limits.max_readers = READERS;
	limits.instance[0] = 1;
	limits.capabilities = host_caps;
	ck_assert_int_eq(
	    vscard_session_new(VSCARD_ROLE_HOST, &limits, &w.host), 0);
	limits.capabilities = client_caps;
	ck_assert_int_eq(
	    vscard_session_new(VSCARD_ROLE_CLIENT, &limits, &w.client), 0);
	for (int i = 1; i <= STEPS; i++) {
		step();
		if (i % 1000 == 0) {
			rest();
			check_agreement();
		}
	}
	ck_assert_uint_gt(w.answered, 0);
	ck_assert_uint_gt(w.voided + w.failed, 0);
	for (unsigned i = 0; i < READERS; i++)
		w.want[i].reader = w.want[i].card = false;
	ck_assert_int_eq(
	    vscard_session_finish(w.client, VSCARD_BYE_DONE), 0);
	rest();
	ck_assert(w.finished);
	check_agreement();
	ck_assert_int_eq(vscard_session_feed_end(w.host), 0);
	ck_assert_int_eq(vscard_session_feed_end(w.client), 0);
	vscard_session_free(&w.host);
	vscard_session_free(&w.client);
}

START_TEST(with_the_extension)
{
	for (uint32_t seed = 1; seed <= 40; seed++)
		play(seed, VSCARD_CAP_ALL, VSCARD_CAP_ALL);
}
END_TEST

START_TEST(as_stock_peers)
{
	for (uint32_t seed = 1; seed <= 40; seed++) {
		play(seed, VSCARD_CAP_ALL, 0);
		play(seed, 0, VSCARD_CAP_ALL);
	}
}
END_TEST

START_TEST(with_a_part_of_it)
{
	for (uint32_t seed = 1; seed <= 20; seed++)
		play(seed, VSCARD_CAP_POWER | VSCARD_CAP_BYE,
		    VSCARD_CAP_ALL & ~(uint32_t)VSCARD_CAP_BYE);
}
END_TEST

UNIT_SUITE("session_pair", with_the_extension, as_stock_peers,
    with_a_part_of_it)
