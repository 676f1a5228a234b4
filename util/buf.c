/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/buf.h"

#include <stdlib.h>
#include <string.h>

enum { BUF_FIRST = 512 };

void
buf_init(struct buf *b, size_t ceiling)
{
	memset(b, 0, sizeof(*b));
	b->ceiling = ceiling;
}

void
buf_clear(struct buf *b)
{
	if (b->mem != NULL)
		explicit_bzero(b->mem, b->cap);
	free(b->mem);
	buf_init(b, b->ceiling);
}

/* Not realloc: it would leave an unwiped copy behind. */
static int
buf_grow(struct buf *b, size_t need)
{
	size_t cap = b->cap < BUF_FIRST ? BUF_FIRST : b->cap;
	size_t len = buf_len(b);
	uint8_t *mem;

	while (cap < need)
		cap *= 2;
	if (cap > b->ceiling)
		cap = b->ceiling;
	mem = malloc(cap);
	if (mem == NULL)
		return -ENOMEM;
	if (len > 0)
		memcpy(mem, b->mem + b->head, len);
	if (b->mem != NULL)
		explicit_bzero(b->mem, b->cap);
	free(b->mem);
	b->mem = mem;
	b->cap = cap;
	b->head = 0;
	b->tail = len;
	return 0;
}

int
buf_space(struct buf *b, size_t want, uint8_t **out_room, size_t *out_len)
{
	size_t len = buf_len(b);
	int rc;

	if (want > b->ceiling || len > b->ceiling - want)
		return -ENOMEM;
	if (b->mem == NULL || len + want > b->cap) {
		rc = buf_grow(b, len + want);
		if (rc < 0)
			return rc;
	} else if (want > b->cap - b->tail) {
		memmove(b->mem, b->mem + b->head, len);
		explicit_bzero(b->mem + len, b->head);
		b->head = 0;
		b->tail = len;
	}
	*out_room = b->mem + b->tail;
	*out_len = b->cap - b->tail;
	return 0;
}

void
buf_filled(struct buf *b, size_t len)
{
	b->tail += len < b->cap - b->tail ? len : b->cap - b->tail;
}

int
buf_put(struct buf *b, const void *data, size_t len)
{
	uint8_t *room;
	size_t got;
	int rc;

	if (len == 0)
		return 0;
	rc = buf_space(b, len, &room, &got);
	if (rc < 0)
		return rc;
	memcpy(room, data, len);
	buf_filled(b, len);
	return 0;
}

void
buf_drop(struct buf *b, size_t len)
{
	if (len > buf_len(b))
		len = buf_len(b);
	if (len > 0)
		explicit_bzero(b->mem + b->head, len);
	b->head += len;
	if (b->head == b->tail)
		b->head = b->tail = 0;
}

void
buf_trim(struct buf *b, size_t keep)
{
	if (buf_len(b) == 0 && b->cap > keep)
		buf_clear(b);
}
