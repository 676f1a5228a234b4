/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/iso/apdu.h"

#include "util/bytes.h"

enum { APDU_HEADER = 4, APDU_LE_SHORT = 256, APDU_LE_EXTENDED = 65536 };

/* Le of 0 asks for all that the form can ask for. */
static void
apdu_put_le(struct apdu *a, struct rd *rd)
{
	size_t le = a->extended ? rd_be16(rd) : rd_u8(rd);

	a->has_le = true;
	if (le > 0)
		a->le = le;
}

/* Lc has been read; only Le may follow the data. */
static void
apdu_put_data(struct apdu *a, struct rd *rd, size_t lc)
{
	a->len = lc;
	a->data = rd_bytes(rd, lc);
	if (rd_ok(rd) && rd->len > 0)
		apdu_put_le(a, rd);
}

static void
apdu_parse_short(struct apdu *a, struct rd *rd)
{
	if (rd->len == 1)
		apdu_put_le(a, rd);
	else
		apdu_put_data(a, rd, rd_u8(rd));
}

/* 00 hh ll …: three bytes are Le, more begin with Lc. */
static void
apdu_parse_extended(struct apdu *a, struct rd *rd)
{
	a->extended = true;
	a->le = APDU_LE_EXTENDED;
	rd_u8(rd);
	if (rd->len == 2)
		apdu_put_le(a, rd);
	else
		apdu_put_data(a, rd, rd_be16(rd));
}

int
apdu_parse(const uint8_t *bytes, size_t len, struct apdu *out)
{
	struct apdu a = {.le = APDU_LE_SHORT};
	struct rd rd;

	rd_init(&rd, bytes, len);
	a.cla = rd_u8(&rd);
	a.ins = rd_u8(&rd);
	a.p1 = rd_u8(&rd);
	a.p2 = rd_u8(&rd);
	if (len >= APDU_HEADER + 3 && bytes[APDU_HEADER] == 0)
		apdu_parse_extended(&a, &rd);
	else if (len > APDU_HEADER)
		apdu_parse_short(&a, &rd);
	if (!rd_end(&rd))
		return -EPROTO;
	*out = a;
	return 0;
}
