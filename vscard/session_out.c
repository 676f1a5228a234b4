/* SPDX-License-Identifier: BSD-2-Clause */
/* What a session has to send. */
#include "vscard/session.h"

#include "vscard/lend.h"

enum {
	/* A buffer larger than this goes back when it is drained. */
	OUT_KEEP = 4096,
	/* Below it a copy costs less than a second piece. */
	LEND_MIN = 2048
};

/* --- the loan --------------------------------------------------------- */

/* -ENOMEM: it is still lent. */
static int
loan_copy(struct vscard_session *s)
{
	int rc = buf_put(&s->out, s->lent, s->lent_len);

	if (rc == 0)
		s->lent_len = 0;
	return rc;
}

int
session_end_loan(struct vscard_session *s)
{
	int rc = loan_copy(s);

	if (rc < 0)
		session_fail(s, VSCARD_FAULT_MEMORY);
	s->lent_len = 0;
	return rc;
}

/* --- what is pending -------------------------------------------------- */

const void *
vscard_session_pending(struct vscard_session *s, size_t *out_len)
{
	session_settle(s);
	if (loan_copy(s) < 0)
		session_fail(s, VSCARD_FAULT_MEMORY);
	*out_len = buf_len(&s->out);
	return *out_len == 0 ? NULL : buf_get(&s->out);
}

size_t
session_pieces(
    struct vscard_session *s, struct session_piece out[SESSION_PIECES])
{
	size_t count = 0, len;

	session_settle(s);
	len = buf_len(&s->out);
	if (len > 0)
		out[count++] = (struct session_piece){buf_get(&s->out), len};
	if (s->lent_len > 0)
		out[count++] = (struct session_piece){s->lent, s->lent_len};
	return count;
}

void
vscard_session_sent(struct vscard_session *s, size_t len)
{
	size_t own = buf_len(&s->out);

	if (own > 0) {
		buf_drop(&s->out, len);
		buf_trim(&s->out, OUT_KEEP);
	}
	len = len > own ? len - own : 0;
	if (len > s->lent_len)
		len = s->lent_len;
	if (len > 0)
		s->lent += len;
	s->lent_len -= len;
}

/* --- messages --------------------------------------------------------- */

int
session_reserve(struct vscard_session *s, size_t len)
{
	uint8_t *room;
	size_t room_len;
	int rc = loan_copy(s);

	return rc < 0 ? rc : buf_space(&s->out, len, &room, &room_len);
}

/* Room for one message; a cursor without any when there is no memory. */
static void
out_begin(struct vscard_session *s, size_t payload, struct wr *wr)
{
	uint8_t *room = NULL;
	size_t room_len = 0;

	if (s->fault == VSCARD_FAULT_NONE &&
	    (loan_copy(s) < 0 || buf_space(&s->out, WIRE_HEADER_LEN + payload,
				     &room, &room_len) < 0))
		session_fail(s, VSCARD_FAULT_MEMORY);
	wr_init(wr, room, room_len);
}

static void
out_end(struct vscard_session *s, const struct wr *wr)
{
	int len = wr_end(wr);

	if (len > 0)
		buf_filled(&s->out, (size_t)len);
}

void
session_put(struct vscard_session *s, enum wire_type type, uint32_t reader,
    const void *payload, size_t len)
{
	struct wr wr;

	out_begin(s, len, &wr);
	wire_put(&wr, type, reader, payload, len);
	out_end(s, &wr);
}

size_t
session_apdu_room(const struct session_apdu *apdu)
{
	bool copied = !apdu->lent || apdu->len < LEND_MIN;

	return WIRE_HEADER_LEN + (copied ? apdu->len : 0);
}

void
session_put_apdu(
    struct vscard_session *s, uint32_t reader, const struct session_apdu *apdu)
{
	struct wr wr;

	if (!apdu->lent || apdu->len < LEND_MIN) {
		session_put(s, WIRE_APDU, reader, apdu->data, apdu->len);
		return;
	}
	out_begin(s, 0, &wr);
	wire_put_header(&wr, WIRE_APDU, reader, apdu->len);
	out_end(s, &wr);
	s->lent = apdu->data;
	s->lent_len = apdu->len;
}

void
session_put_init(
    struct vscard_session *s, uint32_t reader, uint32_t capabilities)
{
	struct wr wr;

	out_begin(s, WIRE_INIT_LEN, &wr);
	wire_put_init(&wr, reader, capabilities);
	out_end(s, &wr);
}

void
session_put_word(struct vscard_session *s, enum wire_type type, uint32_t reader,
    uint32_t word)
{
	struct wr wr;

	out_begin(s, WIRE_WORD_LEN, &wr);
	wire_put_word(&wr, type, reader, word);
	out_end(s, &wr);
}

void
session_put_error(struct vscard_session *s, uint32_t reader, uint32_t code)
{
	session_put_word(s, WIRE_ERROR, reader, code);
}

void
session_put_done(struct vscard_session *s, uint32_t reader,
    enum vscard_status status, const void *atr, size_t atr_len)
{
	struct wr wr;

	out_begin(s, 1 + atr_len, &wr);
	wire_put_done(&wr, reader, status, atr, atr_len);
	out_end(s, &wr);
}
