/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/iso/tlv.h"

#include <string.h>

enum {
	TLV_TAG_LONG = 0x1F, /* in the first byte: more follow */
	TLV_TAG_MORE = 0x80, /* in the second: a third follows */
	TLV_LEN_LONG = 0x80,
	TLV_LEN_BYTES_MAX = 3
};

static uint32_t
tlv_read_tag(struct rd *rd)
{
	uint32_t tag = rd_u8(rd);

	if ((tag & TLV_TAG_LONG) != TLV_TAG_LONG)
		return tag;
	tag = tag << 8 | rd_u8(rd);
	if ((tag & TLV_TAG_MORE) == 0)
		return tag;
	tag = tag << 8 | rd_u8(rd);
	if ((tag & TLV_TAG_MORE) != 0)
		rd->failed = true;
	return tag;
}

static size_t
tlv_read_len(struct rd *rd)
{
	size_t first = rd_u8(rd), count = first & ~(size_t)TLV_LEN_LONG;
	size_t len = 0;

	if (first < TLV_LEN_LONG)
		return first;
	if (count == 0 || count > TLV_LEN_BYTES_MAX)
		rd->failed = true;
	for (; count > 0 && rd_ok(rd); count--)
		len = len << 8 | rd_u8(rd);
	return len;
}

int
tlv_next_header(struct rd *rd, uint32_t *out_tag, size_t *out_len)
{
	struct rd at = *rd;
	uint32_t tag;
	size_t len;

	if (rd_end(rd))
		return 0;
	tag = tlv_read_tag(&at);
	len = tlv_read_len(&at);
	if (!rd_ok(&at))
		return -EPROTO;
	*rd = at;
	*out_tag = tag;
	*out_len = len;
	return 1;
}

int
tlv_next(struct rd *rd, struct tlv *out)
{
	struct rd at = *rd;
	const uint8_t *value;
	uint32_t tag;
	size_t len;
	int rc;

	rc = tlv_next_header(&at, &tag, &len);
	if (rc <= 0)
		return rc;
	value = rd_bytes(&at, len);
	if (!rd_ok(&at))
		return -EPROTO;
	*rd = at;
	out->tag = tag;
	rd_init(&out->value, value, len);
	return 1;
}

int
tlv_find(const struct rd *rd, uint32_t tag, struct rd *out)
{
	struct rd at = *rd, found = {.p = NULL};
	struct tlv tlv;
	bool has = false;
	int rc;

	while ((rc = tlv_next(&at, &tlv)) == 1) {
		if (tlv.tag != tag || has)
			continue;
		found = tlv.value;
		has = true;
	}
	if (rc < 0)
		return rc;
	if (has)
		*out = found;
	return has;
}

/* The bytes that are needed for a number; at least one. */
static unsigned
tlv_width(size_t v)
{
	unsigned width = 1;

	while (width < sizeof(v) && v >> (8 * width) != 0)
		width++;
	return width;
}

static void
tlv_write_be(struct wr *wr, size_t v, unsigned width)
{
	while (width-- > 0)
		wr_u8(wr, v >> (8 * width) & 0xFF);
}

static void
tlv_write_len(struct wr *wr, size_t len)
{
	unsigned width = tlv_width(len);

	if (width > TLV_LEN_BYTES_MAX)
		wr->failed = true;
	if (len >= TLV_LEN_LONG)
		wr_u8(wr, TLV_LEN_LONG | width);
	tlv_write_be(wr, len, width);
}

static void
tlv_write_tag(struct wr *wr, uint32_t tag)
{
	tlv_write_be(wr, tag, tlv_width(tag));
}

void
tlv_put(struct wr *wr, uint32_t tag, const void *value, size_t len)
{
	tlv_write_tag(wr, tag);
	tlv_write_len(wr, len);
	wr_bytes(wr, value, len);
}

void
tlv_put_u8(struct wr *wr, uint32_t tag, uint8_t value)
{
	tlv_put(wr, tag, &value, 1);
}

size_t
tlv_open(struct wr *wr, uint32_t tag)
{
	tlv_write_tag(wr, tag);
	wr_u8(wr, 0);
	return wr->len;
}

void
tlv_close(struct wr *wr, size_t mark)
{
	size_t len = wr->len - mark;
	unsigned more = len < TLV_LEN_LONG ? 0 : tlv_width(len);
	struct wr head;

	for (unsigned i = 0; i < more; i++)
		wr_u8(wr, 0);
	wr->failed = wr->failed || more > TLV_LEN_BYTES_MAX;
	if (wr->failed)
		return;
	memmove(wr->p + mark + more, wr->p + mark, len);
	wr_init(&head, wr->p + mark - 1, 1 + more);
	tlv_write_len(&head, len);
}
