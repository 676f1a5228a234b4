/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BER-TLV: whatever is read lies inside, is found again, and is read again
 * when it is written.
 */
#include <stdlib.h>
#include <string.h>

#include "card/iso/tlv.h"
#include "tests/fuzz/fuzz.h"

enum { DEPTH_MAX = 8, HEAD_MAX = 3 + 4, CONSTRUCTED = 0x20 };

static void
check_same(const struct wr *wr, const struct tlv *tlv)
{
	struct tlv again;
	struct rd rd;

	MUST(wr_end(wr) >= 0);
	rd_init(&rd, wr->p, wr->len);
	MUST(tlv_next(&rd, &again) == 1 && rd_end(&rd));
	MUST(again.tag == tlv->tag && again.value.len == tlv->value.len);
	MUST(again.value.len == 0 ||
	     memcmp(again.value.p, tlv->value.p, again.value.len) == 0);
}

/* A tag of less bytes than it takes, like 1F 05 for 05, is not ours. */
static bool
is_writable(uint32_t tag)
{
	return tag < 0x100 || tag >= 0x1F00;
}

static void
check_written(const struct tlv *tlv)
{
	size_t cap = tlv->value.len + HEAD_MAX, mark;
	uint8_t *room = malloc(cap);
	struct wr wr;

	MUST(room != NULL);
	wr_init(&wr, room, cap);
	tlv_put(&wr, tlv->tag, tlv->value.p, tlv->value.len);
	check_same(&wr, tlv);
	wr_init(&wr, room, cap);
	mark = tlv_open(&wr, tlv->tag);
	wr_bytes(&wr, tlv->value.p, tlv->value.len);
	tlv_close(&wr, mark);
	check_same(&wr, tlv);
	free(room);
}

static void
walk(struct rd rd, unsigned depth)
{
	const struct rd whole = rd;
	struct rd found = {.p = NULL};
	struct tlv tlv;
	int rc, has;

	while ((rc = tlv_next(&rd, &tlv)) == 1) {
		MUST(tlv.value.len <= whole.len);
		MUST(tlv.value.p + tlv.value.len == rd.p);
		if (is_writable(tlv.tag))
			check_written(&tlv);
		has = tlv_find(&whole, tlv.tag, &found);
		MUST(has == 1 || has == -EPROTO);
		MUST(has < 0 || found.p <= tlv.value.p);
		if ((tlv.tag & CONSTRUCTED) != 0 && depth < DEPTH_MAX)
			walk(tlv.value, depth + 1);
	}
	MUST(rc == -EPROTO || rd_end(&rd));
	MUST((tlv_find(&whole, UINT32_MAX, &found) < 0) == (rc < 0));
}

static void
walk_headers(struct rd rd)
{
	uint32_t tag;
	size_t len, left = rd.len;

	while (tlv_next_header(&rd, &tag, &len) == 1) {
		MUST(rd.len < left && len < (size_t)1 << 24);
		left = rd.len;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd rd;

	if (size > 512) /* walk is quadratic */
		return 0;
	rd_init(&rd, data, size);
	walk(rd, 0);
	walk_headers(rd);
	return 0;
}
