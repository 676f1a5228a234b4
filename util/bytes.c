/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/bytes.h"

#include <limits.h>
#include <string.h>

void
rd_init(struct rd *rd, const void *data, size_t len)
{
	rd->p = data;
	rd->len = len;
	rd->failed = false;
}

const uint8_t *
rd_bytes(struct rd *rd, size_t len)
{
	const uint8_t *p = rd->p;

	if (rd->failed || len > rd->len) {
		rd->failed = true;
		return NULL;
	}
	if (len > 0) {
		rd->p += len;
		rd->len -= len;
	}
	return p;
}

static uint32_t
rd_be(struct rd *rd, size_t width)
{
	const uint8_t *p = rd_bytes(rd, width);
	uint32_t v = 0;

	for (size_t i = 0; p != NULL && i < width; i++)
		v = v << 8 | p[i];
	return v;
}

uint8_t
rd_u8(struct rd *rd)
{
	return (uint8_t)rd_be(rd, 1);
}

uint16_t
rd_be16(struct rd *rd)
{
	return (uint16_t)rd_be(rd, 2);
}

/* Without a loop: every message has three of them. */
uint32_t
rd_be32(struct rd *rd)
{
	const uint8_t *p = rd_bytes(rd, 4);

	if (p == NULL)
		return 0;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

bool
rd_ok(const struct rd *rd)
{
	return !rd->failed;
}

bool
rd_end(const struct rd *rd)
{
	return !rd->failed && rd->len == 0;
}

void
wr_init(struct wr *wr, void *room, size_t cap)
{
	wr->p = room;
	wr->cap = cap;
	wr->len = 0;
	wr->failed = false;
}

static uint8_t *
wr_room(struct wr *wr, size_t len)
{
	uint8_t *p;

	if (wr->failed || len > wr->cap - wr->len) {
		wr->failed = true;
		return NULL;
	}
	p = wr->p + wr->len;
	wr->len += len;
	return p;
}

static void
wr_be(struct wr *wr, uint64_t v, unsigned width)
{
	uint8_t *p;

	if (v >> (8 * width) != 0)
		wr->failed = true;
	p = wr_room(wr, width);
	for (unsigned i = width; p != NULL && i-- > 0; v >>= 8)
		p[i] = (uint8_t)(v & 0xff);
}

void
wr_u8(struct wr *wr, uint64_t v)
{
	wr_be(wr, v, 1);
}

void
wr_be16(struct wr *wr, uint64_t v)
{
	wr_be(wr, v, 2);
}

void
wr_be32(struct wr *wr, uint64_t v)
{
	uint8_t *p;

	if (v > UINT32_MAX)
		wr->failed = true;
	p = wr_room(wr, 4);
	if (p == NULL)
		return;
	p[0] = (uint8_t)(v >> 24 & 0xff);
	p[1] = (uint8_t)(v >> 16 & 0xff);
	p[2] = (uint8_t)(v >> 8 & 0xff);
	p[3] = (uint8_t)(v & 0xff);
}

void
wr_bytes(struct wr *wr, const void *data, size_t len)
{
	uint8_t *p = wr_room(wr, len);

	if (p != NULL && len > 0)
		memcpy(p, data, len);
}

int
wr_end(const struct wr *wr)
{
	return wr->failed || wr->len > INT_MAX ? -EMSGSIZE : (int)wr->len;
}
