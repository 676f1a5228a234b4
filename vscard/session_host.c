/* SPDX-License-Identifier: BSD-2-Clause */
/* The side that uses cards: what a client's messages do, and its requests. */
#include "vscard/session.h"

#include <stdlib.h>
#include <string.h>

#include "vscard/quirks.h"

int
host_init(struct vscard_session *s)
{
	s->host.count = s->limits.max_readers;
	s->host.readers = calloc(s->host.count, sizeof(*s->host.readers));
	return s->host.readers == NULL ? -ENOMEM : 0;
}

void
host_clear(struct host *h)
{
	free(h->readers);
}

/* --- what a client's messages do -------------------------------------- */

enum reader_state
host_state(struct vscard_session *s, struct wire_message *m)
{
	struct host *h = &s->host;
	bool answer = m->type == WIRE_APDU || m->type == WIRE_ERROR;

	if (answer)
		m->reader = quirk_answerer(h, m->reader, s->caps == 0);
	if (m->reader >= h->count)
		return READER_NONE;
	if (answer && h->readers[m->reader].late > 0)
		return READER_PASSING;
	return h->readers[m->reader].state;
}

void
host_greet(struct vscard_session *s, const struct wire_message *m)
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
	if (init.version != WIRE_VERSION)
		session_odd(s, VSCARD_ODDITY_VERSION, m->reader);
	/* Whoever greets late has been served as a stock peer already. */
	caps = s->heard ? 0 : init.capabilities & s->limits.capabilities;
	session_put_init(s, WIRE_NO_READER, caps);
	session_agree(s, caps);
}

void
host_unknown(struct vscard_session *s, const struct wire_message *m)
{
	session_odd(s, VSCARD_ODDITY_TYPE, m->reader);
	session_put_error(s, m->reader, VSCARD_ERROR_GENERAL);
}

void
host_ack(struct vscard_session *s, const struct wire_message *m)
{
	bool known = m->reader < s->host.count &&
	    s->host.readers[m->reader].state != READER_NONE;

	if (!known && !quirk_is_precaution(m->reader))
		session_odd(s, VSCARD_ODDITY_READER, m->reader);
	session_put_error(s, m->reader, VSCARD_ERROR_SUCCESS);
}

void
host_add(struct vscard_session *s, const struct wire_message *m)
{
	struct host *h = &s->host;
	uint32_t id = 0;

	while (id < h->count && h->readers[id].state != READER_NONE)
		id++;
	if (id == h->count) {
		session_put_error(s, WIRE_NO_READER,
		    VSCARD_ERROR_NO_MORE_READERS);
		return;
	}
	h->deciding = true;
	h->implied = false;
	h->newcomer = id;
	session_emit(s, VSCARD_EVENT_READER_ADD, id, 0, m->data,
	    quirk_name_len(m->data, m->have));
}

static void
host_refuse_atr(struct vscard_session *s, const struct wire_message *m,
    enum vscard_oddity oddity)
{
	session_odd(s, oddity, m->reader);
	session_put_error(s, m->reader, VSCARD_ERROR_GENERAL);
}

/* An ATR of a reader that was never added. */
void
host_imply(struct vscard_session *s, const struct wire_message *m)
{
	struct host *h = &s->host;

	if (m->have != m->len || !wire_is_atr(m->data, m->have)) {
		host_refuse_atr(s, m, VSCARD_ODDITY_ATR);
		return;
	}
	if (!quirk_adds_itself(m->reader)) {
		host_refuse_atr(s, m, VSCARD_ODDITY_READER);
		return;
	}
	h->deciding = true;
	h->implied = true;
	h->newcomer = m->reader;
	memcpy(h->atr, m->data, m->have);
	h->atr_len = m->have;
	session_emit(s, VSCARD_EVENT_READER_ADD, m->reader, 0, NULL, 0);
}

void
host_settle(struct vscard_session *s)
{
	struct host *h = &s->host;

	if (!h->deciding)
		return;
	h->deciding = false;
	h->readers[h->newcomer].state = h->implied ? READER_CARD : READER_EMPTY;
	session_put_error(s, h->newcomer, VSCARD_ERROR_SUCCESS);
	if (h->implied)
		session_emit(s, VSCARD_EVENT_CARD_INSERT, h->newcomer, 0,
		    h->atr, h->atr_len);
}

/* What is in flight has failed; some peers answer it nevertheless. */
static void
host_give_up(struct vscard_session *s, struct host_reader *r)
{
	if (r->state == READER_APDU && quirk_answers_late(s->caps) &&
	    r->late < UINT32_MAX)
		r->late++;
}

void
host_insert(struct vscard_session *s, const struct wire_message *m)
{
	struct host_reader *r = &s->host.readers[m->reader];

	if (m->have != m->len || !wire_is_atr(m->data, m->have)) {
		host_refuse_atr(s, m, VSCARD_ODDITY_ATR);
		return;
	}
	host_give_up(s, r);
	r->state = READER_CARD;
	session_put_error(s, m->reader, VSCARD_ERROR_SUCCESS);
	session_emit(s, VSCARD_EVENT_CARD_INSERT, m->reader, 0, m->data,
	    m->have);
}

void
host_empty(struct vscard_session *s, const struct wire_message *m)
{
	struct host_reader *r = &s->host.readers[m->reader];

	host_give_up(s, r);
	r->state = READER_EMPTY;
	session_put_error(s, m->reader, VSCARD_ERROR_SUCCESS);
	session_emit(s, VSCARD_EVENT_CARD_REMOVE, m->reader, 0, NULL, 0);
}

void
host_remove(struct vscard_session *s, const struct wire_message *m)
{
	struct host_reader *r = &s->host.readers[m->reader];

	host_give_up(s, r);
	r->state = READER_NONE;
	session_put_error(s, m->reader, VSCARD_ERROR_SUCCESS);
	session_emit(s, VSCARD_EVENT_READER_REMOVE, m->reader, 0, NULL, 0);
}

void
host_name(struct vscard_session *s, const struct wire_message *m)
{
	if (memchr(m->data, '\0', m->have) != NULL) {
		session_malformed(s, m);
		return;
	}
	session_emit(s, VSCARD_EVENT_READER_NAME, m->reader, 0, m->data,
	    m->have);
}

void
host_origin(struct vscard_session *s, const struct wire_message *m)
{
	if (m->have % VSCARD_INSTANCE_LEN != 0) {
		session_malformed(s, m);
		return;
	}
	session_emit(s, VSCARD_EVENT_READER_ORIGIN, m->reader, 0, m->data,
	    m->have);
}

void
host_stray_name(struct vscard_session *s, const struct wire_message *m)
{
	session_odd(s, VSCARD_ODDITY_READER, m->reader);
}

/* --- answers ---------------------------------------------------------- */

void
host_answer(struct vscard_session *s, const struct wire_message *m)
{
	s->host.readers[m->reader].state = READER_CARD;
	if (m->have == m->len && m->len >= 2)
		session_emit(s, VSCARD_EVENT_APDU, m->reader, 0, m->data,
		    m->have);
	else /* no status word, or larger than anything we could pass on */
		session_emit(s, VSCARD_EVENT_APDU_FAILED, m->reader,
		    VSCARD_CARD_ERROR_FAILED, NULL, 0);
}

void
host_failure(struct vscard_session *s, const struct wire_message *m)
{
	s->host.readers[m->reader].state = READER_CARD;
	session_emit(s, VSCARD_EVENT_APDU_FAILED, m->reader,
	    quirk_error_code(wire_get_word(m)), NULL, 0);
}

void
host_late(struct vscard_session *s, const struct wire_message *m)
{
	s->host.readers[m->reader].late--;
	session_odd(s, VSCARD_ODDITY_STALE, m->reader);
}

void
host_stray(struct vscard_session *s, const struct wire_message *m)
{
	session_odd(s, VSCARD_ODDITY_RESPONSE, m->reader);
}

/* A card that was powered up or reset tells its ATR, any other does not. */
static bool
host_done_is_sane(enum ask ask, const struct wire_done *done)
{
	bool up = ask == ASK_UP || ask == ASK_RESET;

	if (done->status > VSCARD_STATUS_UNSUPPORTED)
		return false;
	if (up && done->status == VSCARD_STATUS_OK)
		return wire_is_atr(done->atr, done->atr_len);
	return done->atr_len == 0;
}

void
host_done(struct vscard_session *s, const struct wire_message *m)
{
	struct host_reader *r = &s->host.readers[m->reader];
	struct wire_done done;

	wire_get_done(m, &done);
	if (!host_done_is_sane(r->ask, &done)) {
		session_malformed(s, m);
		return;
	}
	r->state = READER_CARD;
	session_emit(s,
	    r->ask == ASK_PROTOCOL ? VSCARD_EVENT_PROTOCOL_DONE :
				     VSCARD_EVENT_POWER_DONE,
	    m->reader, done.status, done.atr_len > 0 ? done.atr : NULL,
	    done.atr_len);
}

/* --- the program's requests ------------------------------------------- */

/* The reader, if it can be given a request. */
static int
host_get_idle(struct vscard_session *s, unsigned reader,
    struct host_reader **out_reader)
{
	struct host_reader *r;

	if (reader >= s->host.count)
		return -ENODEV;
	r = &s->host.readers[reader];
	if (r->state == READER_NONE)
		return -ENODEV;
	if (r->state == READER_EMPTY)
		return -ENOMEDIUM;
	if (r->state != READER_CARD)
		return -EBUSY;
	*out_reader = r;
	return 0;
}

int
host_send_apdu(struct vscard_session *s, unsigned reader,
    const struct session_apdu *apdu)
{
	struct host_reader *r;
	int rc;

	rc = host_get_idle(s, reader, &r);
	if (rc < 0)
		return rc;
	if (apdu->len == 0)
		return -EINVAL;
	if (apdu->len > s->peer_apdu)
		return -EMSGSIZE;
	rc = session_reserve(s, session_apdu_room(apdu));
	if (rc < 0)
		return rc;
	session_put_apdu(s, reader, apdu);
	r->state = READER_APDU;
	return 0;
}

static int
host_request(struct vscard_session *s, unsigned reader, enum wire_type type,
    uint8_t value, enum ask ask)
{
	struct host_reader *r;
	int rc;

	rc = host_get_idle(s, reader, &r);
	if (rc < 0)
		return rc;
	if ((wire_caps(type) & s->caps) == 0)
		return -ENOTSUP;
	rc = session_reserve(s, WIRE_HEADER_LEN + 1);
	if (rc < 0)
		return rc;
	session_put(s, type, reader, &value, 1);
	r->state = READER_ASKED;
	r->ask = ask;
	return 0;
}

int
vscard_session_power(struct vscard_session *s, unsigned reader,
    enum vscard_power power)
{
	if (s->fault != VSCARD_FAULT_NONE)
		return -EPROTO;
	if (s->role != VSCARD_ROLE_HOST || power > VSCARD_POWER_RESET)
		return -EINVAL;
	return host_request(s, reader, WIRE_POWER, (uint8_t)power,
	    (enum ask)power);
}

int
vscard_session_protocol(struct vscard_session *s, unsigned reader,
    unsigned protocol)
{
	if (s->fault != VSCARD_FAULT_NONE)
		return -EPROTO;
	if (s->role != VSCARD_ROLE_HOST || protocol > 1)
		return -EINVAL;
	return host_request(s, reader, WIRE_PROTOCOL, (uint8_t)protocol,
	    ASK_PROTOCOL);
}

int
vscard_session_refuse(struct vscard_session *s)
{
	struct host *h = &s->host;

	if (s->fault != VSCARD_FAULT_NONE)
		return -EPROTO;
	if (s->role != VSCARD_ROLE_HOST)
		return -EINVAL;
	if (!h->deciding)
		return -ENOENT;
	h->deciding = false;
	if (h->implied)
		session_put_error(s, h->newcomer, VSCARD_ERROR_GENERAL);
	else
		session_put_error(s, WIRE_NO_READER,
		    VSCARD_ERROR_NO_MORE_READERS);
	return 0;
}
