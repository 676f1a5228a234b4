/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscard/session.h"

#include <stdlib.h>
#include <string.h>

#include "vscard/lend.h"

enum {
	/* Room for acknowledgements that the program has not sent yet. */
	OUT_REPLIES = 256 * 1024
};

void
vscard_limits_init(struct vscard_limits *limits)
{
	*limits = (struct vscard_limits){
	    .capabilities = VSCARD_CAP_ALL,
	    .max_apdu = VSCARD_APDU_MAX,
	    .max_readers = 16,
	};
}

static bool
limits_are_sane(const struct vscard_limits *limits)
{
	return (limits->capabilities & ~(uint32_t)VSCARD_CAP_ALL) == 0 &&
	    limits->max_apdu >= VSCARD_APDU_STOCK &&
	    limits->max_apdu <= VSCARD_APDU_MAX && limits->max_readers >= 1 &&
	    limits->max_readers <= VSCARD_READERS_MAX;
}

/* An id of zeros is none, and would show loops where there are none. */
static void
session_set_limits(struct vscard_session *s, const struct vscard_limits *limits)
{
	static const uint8_t none[VSCARD_INSTANCE_LEN];

	s->limits = *limits;
	if (memcmp(limits->instance, none, sizeof(none)) == 0)
		s->limits.capabilities &= ~(uint32_t)VSCARD_CAP_INSTANCE;
}

static size_t
out_ceiling(uint32_t readers)
{
	return OUT_REPLIES +
	    (size_t)readers * (WIRE_HEADER_LEN + VSCARD_PAYLOAD_MAX);
}

int
vscard_session_new(enum vscard_role role, const struct vscard_limits *limits,
    struct vscard_session **out_session)
{
	struct vscard_session *s;
	int rc;

	if ((role != VSCARD_ROLE_HOST && role != VSCARD_ROLE_CLIENT) ||
	    !limits_are_sane(limits))
		return -EINVAL;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return -ENOMEM;
	s->role = role;
	session_set_limits(s, limits);
	s->peer_apdu = VSCARD_APDU_STOCK;
	framer_init(&s->in);
	buf_init(&s->out, out_ceiling(limits->max_readers));
	rc = role == VSCARD_ROLE_HOST ? host_init(s) : session_client_init(s);
	if (rc < 0)
		vscard_session_free(&s);
	else
		*out_session = s;
	return rc;
}

void
vscard_session_free(struct vscard_session **session)
{
	struct vscard_session *s = *session;

	if (s == NULL)
		return;
	framer_clear(&s->in);
	buf_clear(&s->out);
	host_clear(&s->host);
	session_client_clear(&s->client);
	explicit_bzero(s, sizeof(*s));
	free(s);
	*session = NULL;
}

/* --- bytes in --------------------------------------------------------- */

int
vscard_session_space(struct vscard_session *s, void **out_room, size_t *out_len)
{
	uint8_t *room;
	int rc;

	if (s->fault != VSCARD_FAULT_NONE)
		return -EPROTO;
	rc = framer_space(&s->in, &room, out_len);
	if (rc == -ENOMEM)
		session_fail(s, VSCARD_FAULT_MEMORY);
	if (rc == 0)
		*out_room = room;
	return rc;
}

void
vscard_session_fed(struct vscard_session *s, size_t len)
{
	framer_fed(&s->in, len);
}

long
vscard_session_feed(struct vscard_session *s, const void *data, size_t len)
{
	size_t room_len;
	void *room;
	int rc;

	rc = vscard_session_space(s, &room, &room_len);
	if (rc == -EBUSY)
		return 0;
	if (rc < 0)
		return rc;
	if (len > room_len)
		len = room_len;
	if (len > 0)
		memcpy(room, data, len);
	vscard_session_fed(s, len);
	return (long)len;
}

int
vscard_session_feed_end(struct vscard_session *s)
{
	if (!framer_is_whole(&s->in))
		session_fail(s, VSCARD_FAULT_TRUNCATED);
	return s->fault == VSCARD_FAULT_NONE ? 0 : -EPROTO;
}

/* --- events ----------------------------------------------------------- */

void
session_fail(struct vscard_session *s, enum vscard_fault fault)
{
	if (s->fault == VSCARD_FAULT_NONE)
		s->fault = fault;
}

void
session_emit(struct vscard_session *s, enum vscard_event_type type,
    uint32_t reader, uint32_t code, const void *data, size_t len)
{
	unsigned at = (s->first_event + s->event_count) % SESSION_EVENTS;

	if (s->event_count == SESSION_EVENTS)
		return;
	s->events[at] = (struct vscard_event){type, reader, code, data, len};
	s->event_count++;
}

void
session_odd(struct vscard_session *s, enum vscard_oddity oddity,
    uint32_t reader)
{
	session_emit(s, VSCARD_EVENT_ODDITY, reader, oddity, NULL, 0);
}

static bool
session_take_event(struct vscard_session *s, struct vscard_event *out)
{
	if (s->event_count == 0)
		return s->role == VSCARD_ROLE_CLIENT &&
		    client_next_cancel(s, out);
	*out = s->events[s->first_event];
	s->first_event = (s->first_event + 1) % SESSION_EVENTS;
	s->event_count--;
	return true;
}

void
session_settle(struct vscard_session *s)
{
	if (s->fault != VSCARD_FAULT_NONE || s->event_count > 0)
		return;
	if (s->role == VSCARD_ROLE_HOST)
		host_settle(s);
	else
		client_settle(s);
}

/* --- messages --------------------------------------------------------- */

static bool
session_knows(const struct vscard_session *s, uint32_t type)
{
	return wire_caps(type) == 0 || (wire_caps(type) & s->caps) != 0;
}

/*
 * How much of the payload to wait for. An APDU larger than this side takes
 * fails whatever it says.
 */
static size_t
session_keep(const struct vscard_session *s, const struct wire_message *m)
{
	uint32_t apdu = s->limits.max_apdu;

	if (!session_knows(s, m->type))
		return 0;
	if (m->type != WIRE_APDU)
		return wire_keep(m->type);
	if (s->role == VSCARD_ROLE_HOST && apdu > VSCARD_RESPONSE_MAX)
		apdu = VSCARD_RESPONSE_MAX;
	return m->len <= apdu ? apdu : 0;
}

static void
session_dispatch(struct vscard_session *s, struct wire_message *m)
{
	bool host = s->role == VSCARD_ROLE_HOST, known;
	enum reader_state state;
	unsigned row;

	if (!s->heard && m->type != WIRE_INIT)
		session_odd(s, VSCARD_ODDITY_NO_INIT, m->reader);
	known = session_knows(s, m->type);
	row = known ? wire_row(m->type) : 0;
	if (known && !wire_fits(m->type, m->len)) {
		session_malformed(s, m);
	} else if (host) {
		state = host_state(s, m);
		session_host_table[row][state](s, m);
	} else {
		state = client_state(s, m);
		session_client_table[row][state](s, m);
	}
	s->heard = true;
}

/* Acts on one message: 1, or 0 if none is complete. */
static int
session_pull(struct vscard_session *s)
{
	struct wire_message m;
	int rc;

	rc = framer_peek(&s->in, &m);
	if (rc < 0)
		session_fail(s, VSCARD_FAULT_LENGTH);
	if (rc <= 0)
		return rc;
	rc = framer_take(&s->in, session_keep(s, &m), &m);
	if (rc > 0)
		session_dispatch(s, &m);
	return rc;
}

int
vscard_session_next(struct vscard_session *s, struct vscard_event *out_event)
{
	int rc = 1;

	while (s->fault == VSCARD_FAULT_NONE && rc > 0) {
		session_settle(s);
		if (s->fault == VSCARD_FAULT_NONE &&
		    session_take_event(s, out_event))
			return 1;
		if (s->fault == VSCARD_FAULT_NONE)
			rc = session_pull(s);
	}
	return s->fault == VSCARD_FAULT_NONE ? 0 : -EPROTO;
}

void
session_malformed(struct vscard_session *s, const struct wire_message *m)
{
	(void)m;
	session_fail(s, VSCARD_FAULT_EXTENSION);
}

void
session_agree(struct vscard_session *s, uint32_t capabilities)
{
	s->open = true;
	s->caps = capabilities;
	session_emit(s, VSCARD_EVENT_OPEN, 0, capabilities, NULL, 0);
	if (s->caps & VSCARD_CAP_SIZE)
		session_put_word(s, WIRE_SIZE, WIRE_NO_READER,
		    s->limits.max_apdu);
	if (s->caps & VSCARD_CAP_INSTANCE)
		session_put(s, WIRE_INSTANCE, WIRE_NO_READER,
		    s->limits.instance, VSCARD_INSTANCE_LEN);
}

void
session_size(struct vscard_session *s, const struct wire_message *m)
{
	uint32_t size = wire_get_word(m);

	if (s->got_size || size < VSCARD_APDU_STOCK) {
		session_malformed(s, m);
		return;
	}
	s->got_size = true;
	s->peer_apdu = size < VSCARD_APDU_MAX ? size : VSCARD_APDU_MAX;
}

void
session_instance(struct vscard_session *s, const struct wire_message *m)
{
	if (s->got_instance) {
		session_malformed(s, m);
		return;
	}
	s->got_instance = true;
	session_emit(s, VSCARD_EVENT_INSTANCE, 0, 0, m->data, m->have);
}

void
session_bye(struct vscard_session *s, const struct wire_message *m)
{
	uint32_t why = wire_get_word(m);

	if (s->got_bye || why > VSCARD_BYE_LOOP) {
		session_malformed(s, m);
		return;
	}
	s->got_bye = true;
	session_emit(s, VSCARD_EVENT_BYE, 0, why, NULL, 0);
}

/* --- what both can ask and say ---------------------------------------- */

enum vscard_fault
vscard_session_fault(const struct vscard_session *s)
{
	return s->fault;
}

uint32_t
vscard_session_capabilities(const struct vscard_session *s)
{
	return s->caps;
}

size_t
vscard_session_max_apdu(const struct vscard_session *s)
{
	return s->peer_apdu;
}

static int
session_send_apdu(struct vscard_session *s, unsigned reader,
    const struct session_apdu *apdu)
{
	if (s->fault != VSCARD_FAULT_NONE)
		return -EPROTO;
	return s->role == VSCARD_ROLE_HOST ?
	    host_send_apdu(s, reader, apdu) :
	    client_send_apdu(s, reader, apdu);
}

int
vscard_session_send_apdu(struct vscard_session *s, unsigned reader,
    const void *apdu, size_t len)
{
	return session_send_apdu(
	    s, reader, &(struct session_apdu){apdu, len, false});
}

int
session_lend_apdu(struct vscard_session *s, unsigned reader, const void *apdu,
    size_t len)
{
	return session_send_apdu(
	    s, reader, &(struct session_apdu){apdu, len, true});
}

int
vscard_session_bye(struct vscard_session *s, enum vscard_bye why)
{
	if (s->fault != VSCARD_FAULT_NONE)
		return -EPROTO;
	if (why > VSCARD_BYE_LOOP)
		return -EINVAL;
	if ((s->caps & VSCARD_CAP_BYE) == 0 || s->told_bye)
		return 0;
	if (session_reserve(s, WIRE_HEADER_LEN + WIRE_WORD_LEN) < 0)
		return -ENOMEM;
	session_put_word(s, WIRE_BYE, WIRE_NO_READER, why);
	s->told_bye = true;
	return 0;
}
