/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/blocks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"

enum { SECTION_FIXED = 16, INTERFACE_FIXED = 8, PACKET_FIXED = 20 };

static void
check_that(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "not a pcapng: %s\n", what);
	abort();
}

bool
block_next(const uint8_t **p, size_t *len, struct block *out)
{
	uint32_t total;
	struct rd rd;

	if (*len == 0)
		return false;
	rd_init(&rd, *p, *len);
	out->type = rd_be32(&rd);
	total = rd_be32(&rd);
	check_that(total >= 12 && total % 4 == 0, "a block's length");
	out->len = total - 12;
	out->body = rd_bytes(&rd, out->len);
	check_that(rd_be32(&rd) == total, "a block's length at its end");
	check_that(rd_ok(&rd), "half a block");
	*p += total;
	*len -= total;
	return true;
}

static size_t
padded(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

static void
packet_tags(struct rd *rd, struct block_packet *out)
{
	struct rd value;
	uint16_t tag;

	out->direction = -1;
	while ((tag = rd_be16(rd)) != 0) {
		size_t len = rd_be16(rd);
		const uint8_t *p = rd_bytes(rd, len);

		check_that(p != NULL && len % 4 == 0, "a tag");
		if (tag == 12) {
			check_that(len < sizeof(out->dissector), "its name");
			memcpy(out->dissector, p, len);
		} else if (tag == 35) {
			rd_init(&value, p, len);
			out->direction = (int)rd_be32(&value);
		}
	}
	check_that(rd_be16(rd) == 0 && rd_ok(rd), "the last tag");
}

void
block_packet(const struct block *block, struct block_packet *out)
{
	uint32_t len;
	struct rd rd;

	memset(out, 0, sizeof(*out));
	check_that(block->type == BLOCK_PACKET, "a packet");
	rd_init(&rd, block->body, block->len);
	out->interface = rd_be32(&rd);
	out->time = (uint64_t)rd_be32(&rd) << 32;
	out->time |= rd_be32(&rd);
	len = rd_be32(&rd);
	check_that(rd_be32(&rd) == len, "a packet's two lengths");
	out->data = rd_bytes(&rd, len);
	check_that(rd_ok(&rd), "a packet");
	rd_init(&rd, out->data, len);
	packet_tags(&rd, out);
	out->data = rd.p;
	out->len = rd.len;
}

/* Where a block's options begin. */
static size_t
fixed_len(const struct block *block)
{
	struct rd rd;

	if (block->type == BLOCK_SECTION)
		return SECTION_FIXED;
	if (block->type == BLOCK_INTERFACE)
		return INTERFACE_FIXED;
	check_that(block->type == BLOCK_PACKET, "a block's type");
	rd_init(&rd, block->body, block->len);
	(void)rd_bytes(&rd, PACKET_FIXED - 4);
	return PACKET_FIXED + padded(rd_be32(&rd));
}

const char *
block_option(const struct block *block, unsigned code, char *out, size_t cap)
{
	const uint8_t *p;
	uint16_t what;
	struct rd rd;
	size_t len;

	*out = '\0';
	rd_init(&rd, block->body, block->len);
	(void)rd_bytes(&rd, fixed_len(block));
	while ((what = rd_be16(&rd)) != 0) {
		len = rd_be16(&rd);
		p = rd_bytes(&rd, padded(len));
		check_that(p != NULL, "an option");
		if (what == code)
			snprintf(out, cap, "%.*s", (int)len, (const char *)p);
	}
	check_that(rd_be16(&rd) == 0 && rd_end(&rd), "the last option");
	return out;
}
