/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Commands that come in parts (ISO 7816-4 §5.3.3) and answers that go in parts
 * (§5.3.4). What has been used is wiped: it may hold a PIN or a key.
 */
#ifndef VSCARD_CARD_CORE_CHAIN_H
#define VSCARD_CARD_CORE_CHAIN_H

#include "card/iso/apdu.h"
#include "card/iso/sw.h"

struct chain {
	bool is_open;
	uint8_t cla, ins, p1, p2;
	size_t len;
	uint8_t data[APDU_DATA_MAX];
};

/* Is the command a part with others behind it? */
bool chain_is_part(uint8_t cla);
/* The class without the bit for chaining, if it has one. */
uint8_t chain_cla(uint8_t cla);
void chain_clear(struct chain *);
/*
 * A command, its class without the bit, that goes on where the chain is, or
 * begins a new one and drops the old. Its data are all parts so far then, lent
 * until the next call. -EMSGSIZE: more than APDU_DATA_MAX; the chain is
 * dropped.
 */
int chain_add(struct chain *, bool is_part, struct apdu *inout) MUST_CHECK;

struct answer {
	sw_t sw;    /* comes with the last part */
	size_t at;  /* what went already */
	size_t len; /* end of the data */
	uint8_t data[APDU_ANSWER_MAX];
};

bool answer_is_pending(const struct answer *);
void answer_clear(struct answer *);
/* With a status word that data may not go with they are dropped. */
void answer_set(struct answer *, size_t len, sw_t);
/*
 * The next part, at most le bytes, and a status word; response holds cap bytes,
 * at least two. Returns its length.
 */
size_t answer_next(struct answer *, size_t le, uint8_t *response, size_t cap);

#endif
