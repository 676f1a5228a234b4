/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts of a command APDU, ISO 7816-4 clause 5. Somebody else judges it:
 * here whatever was sent has parts.
 */
#ifndef VSCARD_TRACE_APDU_H
#define VSCARD_TRACE_APDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	APDU_HEADER = 4,
	APDU_CLA_CHAIN = 0x10, /* more parts of this command follow */
	APDU_INS_GET_RESPONSE = 0xc0,
	APDU_INS_SELECT = 0xa4
};

struct trace_apdu {
	uint8_t cla, ins, p1, p2;
	const uint8_t *data; /* of the command; lent */
	size_t len;          /* Lc */
	size_t le;           /* 0: none */
	bool extended;       /* Lc or Le is */
	bool sound;          /* else data is all that follows the header */
};

/* False if it is shorter than a header. */
bool trace_apdu_get(const void *command, size_t len, struct trace_apdu *out);
/* The logical channel that the class byte names, 0 … 19. */
unsigned trace_apdu_channel(const struct trace_apdu *);
/* The class byte asks for secure messaging. */
bool trace_apdu_is_secure(const struct trace_apdu *);
bool trace_apdu_is_chained(const struct trace_apdu *);

#endif
