/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cursors over bytes that somebody else wrote (rd) or will read (wr).
 *
 * Both are sticky: a step that does not fit yields zero or writes nothing and
 * marks the cursor failed; every later step then does the same. So a parser
 * reads all its fields and asks once, at the end.
 */
#ifndef VSCARD_UTIL_BYTES_H
#define VSCARD_UTIL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

struct rd {
	const uint8_t *p; /* next byte */
	size_t len;       /* bytes left */
	bool failed;
};

/* Borrows `data` for the cursor's life; data may be NULL if len is 0. */
void rd_init(struct rd *, const void *data, size_t len);
uint8_t rd_u8(struct rd *);
uint16_t rd_be16(struct rd *);
uint32_t rd_be32(struct rd *);
/* Lends `len` bytes, or NULL if there are fewer. */
const uint8_t *rd_bytes(struct rd *, size_t len);
/* All well and nothing left over. */
bool rd_end(const struct rd *) MUST_CHECK;
/* All well so far, whatever is left. */
bool rd_ok(const struct rd *) MUST_CHECK;

struct wr {
	uint8_t *p;  /* start of the caller's room */
	size_t cap;  /* its size */
	size_t len;  /* bytes written */
	bool failed;
};

/* Borrows `room` for the cursor's life. */
void wr_init(struct wr *, void *room, size_t cap);
/* Values pass wide, so that narrowing is checked here and nowhere else. */
void wr_u8(struct wr *, uint64_t);
void wr_be16(struct wr *, uint64_t);
void wr_be32(struct wr *, uint64_t);
void wr_bytes(struct wr *, const void *, size_t len);
/* Bytes written, or -EMSGSIZE if something did not fit. */
int wr_end(const struct wr *) MUST_CHECK;

#endif
