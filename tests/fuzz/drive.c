/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fuzz/drive.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "vscard/wire.h"

struct driver {
	struct vscard_session *s;
	enum vscard_role role;
	struct drive *out;
	size_t inits;   /* sent */
	bool delayed;   /* the client owes an answer to this reader */
	unsigned owing;
};

static uint64_t
hash(uint64_t h, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len-- > 0)
		h = (h ^ *p++) * 0x100000001b3u;
	return h;
}

static uint32_t
draw(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* --- the program of a host -------------------------------------------- */

static void
host_ask(struct driver *d, unsigned reader, size_t n)
{
	static const uint8_t apdu[] = {0, 0xa4, 4, 0, 2, 0x3f, 0};
	int rc = -1;

	if (n % 4 == 1)
		rc = vscard_session_power(d->s, reader,
		    (enum vscard_power)(n / 4 % 3));
	if (n % 4 == 2)
		rc = vscard_session_protocol(d->s, reader, n / 4 % 2);
	if (rc < 0)
		rc = vscard_session_send_apdu(d->s, reader, apdu,
		    1 + n % sizeof(apdu));
	MUST(rc == 0);
}

static void
host_act(struct driver *d, const struct vscard_event *ev, size_t n)
{
	switch (ev->type) {
	case VSCARD_EVENT_READER_ADD:
		if (n % 5 == 4)
			MUST(vscard_session_refuse(d->s) == 0);
		break;
	case VSCARD_EVENT_CARD_INSERT:
		MUST(ev->len >= VSCARD_ATR_MIN && ev->len <= VSCARD_ATR_MAX);
		host_ask(d, ev->reader, n);
		break;
	case VSCARD_EVENT_APDU:
		MUST(ev->len >= 2 && ev->len <= VSCARD_RESPONSE_MAX);
		host_ask(d, ev->reader, n);
		break;
	case VSCARD_EVENT_APDU_FAILED:
	case VSCARD_EVENT_POWER_DONE:
	case VSCARD_EVENT_PROTOCOL_DONE:
		host_ask(d, ev->reader, n);
		break;
	case VSCARD_EVENT_BYE:
		MUST(vscard_session_bye(d->s, VSCARD_BYE_DONE) == 0);
		break;
	case VSCARD_EVENT_OPEN:
	case VSCARD_EVENT_INSTANCE:
	case VSCARD_EVENT_ODDITY:
	case VSCARD_EVENT_READER_NAME:
	case VSCARD_EVENT_READER_REMOVE:
	case VSCARD_EVENT_CARD_REMOVE:
		break;
	default:
		MUST(ev->type == VSCARD_EVENT_OPEN); /* not for hosts */
	}
}

/* --- the program of a client ------------------------------------------ */

static const uint8_t atr[] = {0x3b, 0x80, 0x80, 0x00};

static void
client_start(struct driver *d)
{
	unsigned reader;

	for (int i = 0; i < 2; i++)
		if (vscard_session_add_reader(d->s, i == 0 ? "one" : NULL,
			&reader) == 0)
			MUST(vscard_session_insert_card(d->s, reader, atr,
				 sizeof(atr)) == 0);
}

static void
client_respond(struct driver *d, unsigned reader)
{
	int rc = vscard_session_send_apdu(d->s, reader, "\x90\x00", 2);

	MUST(rc == 0 || rc == -ENOENT || rc == -ENODEV);
}

static void
client_command(struct driver *d, const struct vscard_event *ev, size_t n)
{
	MUST(ev->len >= 1);
	if (n % 4 == 0) {
		d->delayed = true;
		d->owing = ev->reader;
	} else if (n % 4 == 1) {
		MUST(vscard_session_fail_apdu(d->s, ev->reader,
			 VSCARD_CARD_ERROR_FAILED) == 0);
	} else {
		MUST(vscard_session_send_apdu(d->s, ev->reader, "\x90\x00",
			 2) == 0);
	}
}

static void
client_act(struct driver *d, const struct vscard_event *ev, size_t n)
{
	bool up = ev->code != VSCARD_POWER_DOWN;

	if (d->delayed)
		client_respond(d, d->owing);
	d->delayed = false;
	switch (ev->type) {
	case VSCARD_EVENT_APDU:
		client_command(d, ev, n);
		break;
	case VSCARD_EVENT_POWER:
		MUST(vscard_session_answer_power(d->s, ev->reader,
			 VSCARD_STATUS_OK, up ? atr : NULL,
			 up ? sizeof(atr) : 0) == 0);
		break;
	case VSCARD_EVENT_PROTOCOL:
		MUST(vscard_session_answer_protocol(d->s, ev->reader,
			 VSCARD_STATUS_UNSUPPORTED) == 0);
		break;
	case VSCARD_EVENT_CARD_READY:
		if (n % 3 == 0)
			MUST(vscard_session_insert_card(d->s, ev->reader, atr,
				 sizeof(atr)) == 0);
		if (n % 7 == 0)
			MUST(vscard_session_remove_reader(d->s, ev->reader) ==
			    0);
		break;
	case VSCARD_EVENT_ODDITY:
		if (n == 20)
			MUST(vscard_session_finish(d->s, VSCARD_BYE_DONE) == 0);
		break;
	case VSCARD_EVENT_OPEN:
	case VSCARD_EVENT_INSTANCE:
	case VSCARD_EVENT_BYE:
	case VSCARD_EVENT_READER_READY:
	case VSCARD_EVENT_READER_REFUSED:
	case VSCARD_EVENT_CARD_REFUSED:
	case VSCARD_EVENT_CANCEL:
	case VSCARD_EVENT_FINISHED:
		break;
	default:
		MUST(ev->type == VSCARD_EVENT_OPEN); /* not for clients */
	}
}

/* --- both ------------------------------------------------------------- */

static void
take_event(struct driver *d, const struct vscard_event *ev)
{
	struct drive *out = d->out;
	uint64_t words[3] = {(uint64_t)ev->type, ev->reader, ev->code};

	MUST((ev->len == 0) || ev->data != NULL);
	out->events = hash(out->events, words, sizeof(words));
	out->events = hash(out->events, ev->data, ev->len);
	out->event_count++;
	if (d->role == VSCARD_ROLE_HOST)
		host_act(d, ev, out->event_count);
	else
		client_act(d, ev, out->event_count);
}

/* Whole messages, of the types that this side may send. */
static void
check_sent(struct driver *d, const uint8_t *data, size_t len)
{
	bool host = d->role == VSCARD_ROLE_HOST;
	struct wire_message m;

	for (size_t at = 0; at < len; at += WIRE_HEADER_LEN + m.len) {
		MUST(wire_get_header(data + at, len - at, &m));
		MUST(m.len <= len - at - WIRE_HEADER_LEN);
		MUST(wire_row(m.type) != 0 && wire_fits(m.type, m.len));
		MUST(m.type != WIRE_FLUSH);
		if (m.type == WIRE_INIT)
			MUST(++d->inits == 1 && m.len == WIRE_INIT_LEN);
		if (m.type == WIRE_ERROR)
			MUST(m.len == WIRE_WORD_LEN);
		if (host) {
			MUST(m.type != WIRE_DONE && m.type != WIRE_NAME);
			MUST(m.type < WIRE_READER_ADD || m.type == WIRE_APDU ||
			    m.type >= WIRE_SIZE);
		} else {
			MUST(m.type != WIRE_POWER && m.type != WIRE_PROTOCOL);
		}
		if (vscard_session_capabilities(d->s) == 0)
			MUST(m.type < WIRE_SIZE &&
			    m.len <= VSCARD_APDU_STOCK);
	}
}

static void
turn(struct driver *d)
{
	const uint8_t *data;
	struct vscard_event ev;
	size_t len;
	int rc;

	while ((rc = vscard_session_next(d->s, &ev)) == 1)
		take_event(d, &ev);
	MUST(rc == (vscard_session_fault(d->s) ? -EPROTO : 0));
	data = vscard_session_pending(d->s, &len);
	MUST((data == NULL) == (len == 0));
	check_sent(d, data, len);
	d->out->sent = hash(d->out->sent, data, len);
	d->out->sent_len += len;
	vscard_session_sent(d->s, len);
}

static void
feed_all(struct driver *d, const uint8_t *data, size_t len, uint32_t cut)
{
	while (len > 0) {
		size_t piece = cut == 0 ? len : 1 + draw(&cut) % 40;
		long n = vscard_session_feed(d->s, data,
		    piece < len ? piece : len);

		MUST(n > 0 || n == -EPROTO);
		if (n < 0)
			return;
		data += n;
		len -= (size_t)n;
		turn(d);
	}
}

void
drive_run(enum vscard_role role, const struct vscard_limits *limits,
    const uint8_t *data, size_t len, uint32_t cut, struct drive *out)
{
	struct driver d = {.role = role, .out = out};

	*out = (struct drive){.events = 0xcbf29ce484222325u};
	if (vscard_session_new(role, limits, &d.s) < 0)
		return;
	if (role == VSCARD_ROLE_CLIENT)
		client_start(&d);
	turn(&d);
	feed_all(&d, data, len, cut);
	if (vscard_session_feed_end(d.s) < 0)
		MUST(vscard_session_fault(d.s) != VSCARD_FAULT_NONE);
	out->fault = vscard_session_fault(d.s);
	vscard_session_free(&d.s);
}

void
drive_compare(enum vscard_role role, const struct vscard_limits *limits,
    const uint8_t *data, size_t len)
{
	struct drive whole, cut;

	drive_run(role, limits, data, len, 0, &whole);
	for (uint32_t seed = 1; seed <= 2; seed++) {
		drive_run(role, limits, data, len, seed * 2654435761u, &cut);
		MUST(cut.event_count == whole.event_count);
		MUST(cut.events == whole.events);
		MUST(cut.sent_len == whole.sent_len);
		MUST(cut.sent == whole.sent);
		MUST(cut.fault == whole.fault);
	}
}

int
drive_input(enum vscard_role role, const uint8_t *data, size_t size)
{
	struct vscard_limits limits;

	if (size == 0)
		return 0;
	vscard_limits_init(&limits);
	limits.capabilities = data[0] & 1 ? VSCARD_CAP_ALL : 0;
	limits.max_readers = 1 + (data[0] >> 1) % 4;
	limits.max_apdu = data[0] & 8 ? VSCARD_APDU_STOCK : VSCARD_APDU_MAX;
	limits.instance[0] = data[0] >> 4;
	drive_compare(role, &limits, data + 1, size - 1);
	return 0;
}
