/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A queue of bytes with a ceiling, given at birth. Bytes enter at the end and
 * leave at the front. What leaves is wiped, because APDUs carry PINs.
 */
#ifndef VSCARD_UTIL_BUF_H
#define VSCARD_UTIL_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

struct buf {
	uint8_t *mem;
	size_t cap;     /* size of mem */
	size_t head;    /* first byte in use */
	size_t tail;    /* one past the last byte in use */
	size_t ceiling; /* mem never grows over this */
};

/* Takes no memory yet. */
void buf_init(struct buf *, size_t ceiling);
/* Wipes and frees the memory; the buffer can be used again. */
void buf_clear(struct buf *);
/* The bytes in use, lent until the next call that is not const. */
static inline const uint8_t *
buf_get(const struct buf *b)
{
	return b->mem == NULL ? NULL : b->mem + b->head;
}

static inline size_t
buf_len(const struct buf *b)
{
	return b->tail - b->head;
}

/*
 * Makes room for at least `want` more bytes and lends it, all that there is
 * (at least want). -ENOMEM at the ceiling or without memory; then nothing
 * changed.
 */
int buf_space(struct buf *, size_t want, uint8_t **out_room, size_t *out_len)
    MUST_CHECK;
/* `len` bytes of the lent room are now in use. */
void buf_filled(struct buf *, size_t len);
/* Appends a copy. -ENOMEM as above. */
int buf_put(struct buf *, const void *, size_t len) MUST_CHECK;
/* Drops `len` bytes from the front and wipes them. */
void buf_drop(struct buf *, size_t len);
/* An empty buffer larger than `keep` gives its memory back. */
void buf_trim(struct buf *, size_t keep);

#endif
