/* SPDX-License-Identifier: BSD-2-Clause */
/* A command APDU, ISO 7816-4 §5.1, in all forms that clients send. */
#ifndef VSCARD_CARD_ISO_APDU_H
#define VSCARD_CARD_ISO_APDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

enum {
	APDU_DATA_MAX = 65535,
	APDU_COMMAND_MAX = 4 + 3 + APDU_DATA_MAX + 2,
	APDU_ANSWER_MAX = 65536, /* without the status word */
	APDU_RESPONSE_MAX = APDU_ANSWER_MAX + 2,
	APDU_CLA_CHAINED = 0x10
};

struct apdu {
	uint8_t cla; /* as sent; in a handler, without the bit for chaining */
	uint8_t ins;
	uint8_t p1;
	uint8_t p2;
	const uint8_t *data; /* lent; of a chain: all of its parts */
	size_t len;          /* of data, 0 … APDU_DATA_MAX */
	/*
	 * What the client takes at most: 1 … 65536. A command without Le still
	 * gets an answer, because clients leave Le away: then it is all that
	 * the form (short or extended) can ask for.
	 */
	size_t le;
	bool has_le;
	bool extended;
};

/*
 * Borrows the bytes. "Lc 00" with Le behind it, which ISO 7816-4 does not have,
 * is Le alone: libfido2 sends 00 03 00 00 00 00. -EPROTO: shorter than a
 * header, or Lc and the bytes do not agree.
 */
int apdu_parse(const uint8_t *bytes, size_t len, struct apdu *out) MUST_CHECK;

#endif
