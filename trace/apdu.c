/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace/apdu.h"

#include "util/bytes.h"

enum { LE_SHORT = 256, LE_EXTENDED = 65536 };

static void
set_data(struct trace_apdu *apdu, struct rd *rd, size_t len)
{
	apdu->data = rd_bytes(rd, len);
	apdu->len = apdu->data != NULL ? len : 0;
}

static void
get_short_le(struct trace_apdu *apdu, struct rd *rd)
{
	uint8_t le = rd_u8(rd);

	apdu->le = le != 0 ? le : LE_SHORT;
}

static void
get_extended_le(struct trace_apdu *apdu, struct rd *rd)
{
	uint16_t le = rd_be16(rd);

	apdu->extended = true;
	apdu->le = le != 0 ? le : LE_EXTENDED;
}

/* What follows a first length byte of zero. */
static void
get_extended(struct trace_apdu *apdu, struct rd *rd)
{
	if (rd->len == 1) { /* libfido2 sends Lc 00, Le 00 */
		get_short_le(apdu, rd);
	} else if (rd->len == 2) {
		get_extended_le(apdu, rd);
	} else {
		apdu->extended = true;
		set_data(apdu, rd, rd_be16(rd));
		if (rd->len > 0)
			get_extended_le(apdu, rd);
	}
}

static void
get_body(struct trace_apdu *apdu, struct rd *rd)
{
	uint8_t lc;

	if (rd->len == 0)
		return;
	if (rd->len == 1) {
		get_short_le(apdu, rd);
		return;
	}
	lc = rd_u8(rd);
	if (lc == 0) {
		get_extended(apdu, rd);
		return;
	}
	set_data(apdu, rd, lc);
	if (rd->len > 0)
		get_short_le(apdu, rd);
}

bool
trace_apdu_get(const void *command, size_t len, struct trace_apdu *out)
{
	struct trace_apdu apdu = {0};
	struct rd rd, body;

	rd_init(&rd, command, len);
	apdu.cla = rd_u8(&rd);
	apdu.ins = rd_u8(&rd);
	apdu.p1 = rd_u8(&rd);
	apdu.p2 = rd_u8(&rd);
	if (!rd_ok(&rd))
		return false;
	body = rd;
	get_body(&apdu, &body);
	apdu.sound = rd_end(&body);
	if (!apdu.sound) {
		apdu.le = 0;
		set_data(&apdu, &rd, rd.len);
	}
	*out = apdu;
	return true;
}

/* ISO 7816-4, 5.4.1: 000x xxxx and, with a bit more for the channel, 01xx. */
static bool
is_further(const struct trace_apdu *apdu)
{
	return (apdu->cla & 0x40) != 0;
}

unsigned
trace_apdu_channel(const struct trace_apdu *apdu)
{
	return is_further(apdu) ? 4 + (apdu->cla & 0x0fu) : apdu->cla & 0x03u;
}

bool
trace_apdu_is_secure(const struct trace_apdu *apdu)
{
	return (apdu->cla & (is_further(apdu) ? 0x20 : 0x0c)) != 0;
}

bool
trace_apdu_is_chained(const struct trace_apdu *apdu)
{
	return (apdu->cla & APDU_CLA_CHAIN) != 0;
}
