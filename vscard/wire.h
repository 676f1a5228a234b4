/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages of VSCard as bytes, without any state: what a header says, which
 * lengths a message may have, and how payloads with fields are laid out.
 */
#ifndef VSCARD_WIRE_H
#define VSCARD_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/bytes.h"
#include "vscard/vscard.h"

#define WIRE_HEADER_LEN 12
#define WIRE_VERSION 2 /* 0.0.2 */
#define WIRE_INIT_LEN 12
#define WIRE_WORD_LEN 4
#define WIRE_ERROR_LEN (WIRE_HEADER_LEN + WIRE_WORD_LEN)
#define WIRE_NO_READER UINT32_MAX

enum wire_type {
	WIRE_INIT = 1,
	WIRE_ERROR = 2,
	WIRE_READER_ADD = 3,
	WIRE_READER_REMOVE = 4,
	WIRE_ATR = 5,
	WIRE_CARD_REMOVE = 6,
	WIRE_APDU = 7,
	WIRE_FLUSH = 8,
	WIRE_FLUSH_COMPLETE = 9,
	/* The extension, see docs/PROTOCOL.vscard-ext. */
	WIRE_SIZE = 0x40,
	WIRE_INSTANCE = 0x41,
	WIRE_NAME = 0x42,
	WIRE_POWER = 0x43,
	WIRE_PROTOCOL = 0x44,
	WIRE_DONE = 0x45,
	WIRE_BYE = 0x46,
	WIRE_ORIGIN = 0x47
};

/* Where a known type stands in a table of WIRE_ROWS; row 0: the unknown. */
#define WIRE_ROW(type) ((type) < WIRE_SIZE ? (type) : (type) - WIRE_SIZE + 10)
#define WIRE_ROWS (WIRE_ROW(WIRE_ORIGIN) + 1)

struct wire_message {
	uint32_t type;
	uint32_t reader;
	uint32_t len;        /* of the payload, as announced */
	const uint8_t *data; /* what was kept of the payload */
	size_t have;         /* its length: len, or less if more than needed */
};

struct wire_init {
	uint32_t version;
	uint32_t capabilities; /* the first word; others are ignored */
};

struct wire_done {
	uint32_t status;
	const uint8_t *atr; /* lent from the payload */
	size_t atr_len;
};

unsigned wire_row(uint32_t type);
/* One of these capabilities must be agreed for the type; 0: it is stock. */
uint32_t wire_caps(uint32_t type);
/* How much of a payload of this type is ever looked at; APDU: all. */
uint32_t wire_keep(uint32_t type);
/* Stock messages always fit; those of the extension have exact lengths. */
bool wire_fits(uint32_t type, uint32_t len);
/* Long enough, short enough, and begins like an ATR. */
bool wire_is_atr(const uint8_t *, size_t len);

/* Fills type, reader and len; false if there are fewer than 12 bytes. */
bool wire_get_header(const uint8_t *, size_t len, struct wire_message *out);
/* VSCARD_FAULT_NONE, _INIT_LENGTH or _INIT_MAGIC. */
enum vscard_fault wire_get_init(const struct wire_message *,
    struct wire_init *out) MUST_CHECK;
/* The payload's first big-endian word; 0 if there is none. */
uint32_t wire_get_word(const struct wire_message *);
uint8_t wire_get_byte(const struct wire_message *);
void wire_get_done(const struct wire_message *, struct wire_done *out);

/* What a payload of len bytes stands behind. */
void wire_put_header(struct wr *, uint32_t type, uint32_t reader, size_t len);
void wire_put(struct wr *, enum wire_type, uint32_t reader, const void *,
    size_t len);
void wire_put_init(struct wr *, uint32_t reader, uint32_t capabilities);
/* Error, Size, Bye. */
void wire_put_word(struct wr *, enum wire_type, uint32_t reader,
    uint32_t word);
/* atr may be NULL if atr_len is 0. */
void wire_put_done(struct wr *, uint32_t reader, enum vscard_status,
    const void *atr, size_t atr_len);

#endif
