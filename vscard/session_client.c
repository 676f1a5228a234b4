/* SPDX-License-Identifier: BSD-2-Clause */
/* The side that owns cards: what a host's messages do, and the answers. */
#include "vscard/session.h"

#include <stdlib.h>
#include <string.h>

#include "vscard/quirks.h"

int
session_client_init(struct vscard_session *s)
{
	struct client *c = &s->client;

	c->count = s->limits.max_readers;
	c->readers = calloc(c->count, sizeof(*c->readers));
	if (c->readers == NULL)
		return -ENOMEM;
	session_put_init(s, 0, s->limits.capabilities);
	return s->fault == VSCARD_FAULT_NONE ? 0 : -ENOMEM;
}

void
session_client_clear(struct client *c)
{
	free(c->readers);
}

unsigned
client_number(const struct client *c, const struct client_reader *r)
{
	return (unsigned)(r - c->readers);
}

/*
 * Our host and spice give ids in the order of our own numbers, so the search
 * begins there and mostly ends there.
 */
struct client_reader *
client_find(const struct client *c, uint32_t id)
{
	for (uint32_t i = 0; i < c->count; i++) {
		struct client_reader *r = &c->readers[(id + i) % c->count];

		if (r->state != READER_NONE && r->id == id)
			return r;
	}
	return NULL;
}

/* --- what a host's messages do ---------------------------------------- */

enum reader_state
client_state(struct vscard_session *s, struct wire_message *m)
{
	const struct client_reader *r = client_find(&s->client, m->reader);

	return r == NULL ? READER_NONE : r->state;
}

void
client_greet(struct vscard_session *s, const struct wire_message *m)
{
	enum vscard_fault fault;
	struct wire_init init;
	uint32_t caps;

	fault = wire_get_init(m, &init);
	if (fault != VSCARD_FAULT_NONE) {
		session_fail(s, fault);
		return;
	}
	if (s->open) {
		session_odd(s, VSCARD_ODDITY_SECOND_INIT, m->reader);
		return;
	}
	caps = init.capabilities & s->limits.capabilities;
	if (quirk_is_client(m, caps)) {
		session_fail(s, VSCARD_FAULT_ROLE);
		return;
	}
	if (init.version != WIRE_VERSION)
		session_odd(s, VSCARD_ODDITY_VERSION, m->reader);
	session_agree(s, caps);
	s->client.dirty = true;
	if (s->client.finished)
		return;
	session_put(s, WIRE_READER_REMOVE, 0, NULL, 0);
	s->client.awaiting = CONTROL_FIRST;
}

void
client_ignore(struct vscard_session *s, const struct wire_message *m)
{
	session_odd(s, VSCARD_ODDITY_TYPE, m->reader);
}

/* The host may speak of a card that the program has taken away already. */
static bool
client_is_current(const struct client_reader *r)
{
	return !r->gone && r->card && r->generation == r->shown;
}

void
client_command(struct vscard_session *s, const struct wire_message *m)
{
	struct client *c = &s->client;
	struct client_reader *r = client_find(c, m->reader);

	if (!client_is_current(r)) {
		session_put_error(s, m->reader, VSCARD_CARD_ERROR_NO_CARD);
		return;
	}
	if (m->len == 0 || m->have != m->len) {
		session_put_error(s, m->reader, VSCARD_CARD_ERROR_FAILED);
		return;
	}
	r->state = READER_APDU;
	c->busy++;
	session_emit(s, VSCARD_EVENT_APDU, client_number(c, r), 0, m->data,
	    m->have);
}

/* Refused, but not before the command that came first is answered. */
void
client_surplus(struct vscard_session *s, const struct wire_message *m)
{
	struct client_reader *r = client_find(&s->client, m->reader);

	if (r->surplus == UINT8_MAX) {
		session_fail(s, VSCARD_FAULT_MEMORY);
		return;
	}
	r->surplus++;
	session_odd(s, VSCARD_ODDITY_COMMAND, m->reader);
}

void
client_crossed(struct vscard_session *s, const struct wire_message *m)
{
	session_put(s, WIRE_APDU, m->reader, quirk_crossed,
	    sizeof(quirk_crossed));
}

void
client_no_card(struct vscard_session *s, const struct wire_message *m)
{
	session_put_error(s, m->reader, VSCARD_CARD_ERROR_NO_CARD);
}

void
client_flush(struct vscard_session *s, const struct wire_message *m)
{
	struct client *c = &s->client;

	if (c->busy == 0)
		session_put(s, WIRE_FLUSH_COMPLETE, m->reader, NULL, 0);
	else if (c->flushes < UINT8_MAX)
		c->flushes++;
	else
		session_fail(s, VSCARD_FAULT_MEMORY);
}

void
client_deny(struct vscard_session *s, const struct wire_message *m)
{
	session_put_done(s, m->reader, VSCARD_STATUS_NO_CARD, NULL, 0);
}

void
client_ask(struct vscard_session *s, const struct wire_message *m)
{
	struct client *c = &s->client;
	struct client_reader *r = client_find(c, m->reader);
	bool power = m->type == WIRE_POWER;
	uint8_t value = wire_get_byte(m);

	if (value > (power ? VSCARD_POWER_RESET : 1)) {
		session_malformed(s, m);
		return;
	}
	if (!client_is_current(r)) {
		client_deny(s, m);
		return;
	}
	r->state = READER_ASKED;
	r->ask = power ? (enum ask)value : ASK_PROTOCOL;
	c->busy++;
	session_emit(s, power ? VSCARD_EVENT_POWER : VSCARD_EVENT_PROTOCOL,
	    client_number(c, r), value, NULL, 0);
}

/* --- answers ---------------------------------------------------------- */

/* The request in flight is answered: what waited behind it can go. */
static void
client_answered(struct vscard_session *s, struct client_reader *r)
{
	struct client *c = &s->client;

	r->state = READER_CARD;
	c->busy--;
	for (; r->surplus > 0; r->surplus--)
		session_put_error(s, r->id, VSCARD_CARD_ERROR_FAILED);
	for (; c->busy == 0 && c->flushes > 0; c->flushes--)
		session_put(s, WIRE_FLUSH_COMPLETE, 0, NULL, 0);
}

/* Room for an answer and all that client_answered() puts behind it. */
static int
client_reserve(struct vscard_session *s, const struct client_reader *r,
    size_t len)
{
	return session_reserve(s, len +
	    (size_t)r->surplus * WIRE_ERROR_LEN +
	    (size_t)s->client.flushes * WIRE_HEADER_LEN);
}

void
client_void(struct vscard_session *s, struct client_reader *r)
{
	if (r->state != READER_APDU && r->state != READER_ASKED)
		return;
	if (r->state == READER_APDU)
		session_put_error(s, r->id, VSCARD_CARD_ERROR_NO_CARD);
	else
		session_put_done(s, r->id, VSCARD_STATUS_NO_CARD, NULL, 0);
	client_answered(s, r);
	r->cancelled = true;
	s->client.cancels++;
}

bool
client_next_cancel(struct vscard_session *s, struct vscard_event *out)
{
	struct client *c = &s->client;
	struct client_reader *r = c->readers;

	if (c->cancels == 0)
		return false;
	while (!r->cancelled)
		r++;
	r->cancelled = false;
	c->cancels--;
	*out = (struct vscard_event){
	    .type = VSCARD_EVENT_CANCEL,
	    .reader = client_number(c, r),
	};
	return true;
}

/* The reader, if it has a request of that kind in flight. */
static int
client_get_busy(struct vscard_session *s, unsigned reader,
    enum reader_state state, struct client_reader **out_reader)
{
	struct client_reader *r;

	if (s->fault != VSCARD_FAULT_NONE)
		return -EPROTO;
	if (s->role != VSCARD_ROLE_CLIENT)
		return -EINVAL;
	if (reader >= s->client.count || !s->client.readers[reader].used)
		return -ENODEV;
	r = &s->client.readers[reader];
	if (r->state != state)
		return -ENOENT;
	*out_reader = r;
	return 0;
}

int
client_send_apdu(struct vscard_session *s, unsigned reader,
    const struct session_apdu *response)
{
	struct session_apdu apdu = *response;
	struct client_reader *r;
	int rc;

	rc = client_get_busy(s, reader, READER_APDU, &r);
	if (rc < 0)
		return rc;
	if (apdu.len < 2)
		return -EINVAL;
	if (apdu.len > s->peer_apdu || apdu.len > VSCARD_RESPONSE_MAX)
		return -EMSGSIZE;
	/* What comes behind it would make it a copy anyway. */
	if (r->surplus > 0 || s->client.flushes > 0)
		apdu.lent = false;
	rc = client_reserve(s, r, session_apdu_room(&apdu));
	if (rc < 0)
		return rc;
	session_put_apdu(s, r->id, &apdu);
	client_answered(s, r);
	return 0;
}

int
vscard_session_fail_apdu(struct vscard_session *s, unsigned reader,
    enum vscard_card_error error)
{
	struct client_reader *r;
	int rc;

	rc = client_get_busy(s, reader, READER_APDU, &r);
	if (rc < 0)
		return rc;
	if (error != VSCARD_CARD_ERROR_NO_CARD &&
	    error != VSCARD_CARD_ERROR_FAILED)
		return -EINVAL;
	rc = client_reserve(s, r, WIRE_ERROR_LEN);
	if (rc < 0)
		return rc;
	session_put_error(s, r->id, error);
	client_answered(s, r);
	return 0;
}

static int
client_put_done(struct vscard_session *s, struct client_reader *r,
    enum vscard_status status, const void *atr, size_t len)
{
	int rc;

	if (status > VSCARD_STATUS_UNSUPPORTED)
		return -EINVAL;
	rc = client_reserve(s, r, 1 + len);
	if (rc < 0)
		return rc;
	session_put_done(s, r->id, status, atr, len);
	client_answered(s, r);
	return 0;
}

int
vscard_session_answer_power(struct vscard_session *s, unsigned reader,
    enum vscard_status status, const void *atr, size_t len)
{
	struct client_reader *r;
	bool up;
	int rc;

	rc = client_get_busy(s, reader, READER_ASKED, &r);
	if (rc < 0)
		return rc;
	if (r->ask == ASK_PROTOCOL)
		return -ENOENT;
	up = status == VSCARD_STATUS_OK && r->ask != ASK_DOWN;
	if (up ? !wire_is_atr(atr, len) : len > 0)
		return -EINVAL;
	return client_put_done(s, r, status, atr, len);
}

int
vscard_session_answer_protocol(struct vscard_session *s, unsigned reader,
    enum vscard_status status)
{
	struct client_reader *r;
	int rc;

	rc = client_get_busy(s, reader, READER_ASKED, &r);
	if (rc < 0)
		return rc;
	if (r->ask != ASK_PROTOCOL)
		return -ENOENT;
	return client_put_done(s, r, status, NULL, 0);
}
