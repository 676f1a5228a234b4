/* SPDX-License-Identifier: BSD-2-Clause */
/* What the driver says about itself, its readers and their limits. */
#include "tests/system/system.h"

#include <arpa/inet.h>
#include <reader.h>
#include <string.h>

#include "tests/fakes/fake_card.h"
#include "tests/fakes/stock_peer.h"
#include "tests/system/pc.h"

/* The control code of a feature, 0 if the reader does not have it. */
static DWORD
feature_code(struct pc *pc, unsigned tag)
{
	uint8_t list[256];
	DWORD len = 0, i;
	uint32_t code;

	ck_assert_int_eq(SCardControl(pc->card, CM_IOCTL_GET_FEATURE_REQUEST,
	    NULL, 0, list, sizeof(list), &len), SCARD_S_SUCCESS);
	ck_assert_uint_eq(len % 6, 0);
	for (i = 0; i < len; i += 6) {
		ck_assert_uint_eq(list[i + 1], 4);
		memcpy(&code, list + i + 2, 4);
		if (list[i] == tag)
			return ntohl(code);
	}
	return 0;
}

/* dwMaxAPDUDataSize, as OpenSC and scdaemon read it. */
static unsigned
max_apdu_data(struct pc *pc)
{
	DWORD code = feature_code(pc, FEATURE_GET_TLV_PROPERTIES), len = 0, i;
	uint8_t list[256];
	unsigned value = 0, n;

	ck_assert_uint_ne(code, 0);
	ck_assert_int_eq(SCardControl(pc->card, code, NULL, 0, list,
	    sizeof(list), &len), SCARD_S_SUCCESS);
	for (i = 0; i + 2 <= len; i += 2u + list[i + 1]) {
		ck_assert_uint_le(i + 2u + list[i + 1], len);
		if (list[i] != PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize)
			continue;
		ck_assert_uint_eq(list[i + 1], 4);
		for (n = 4; n > 0; n--)
			value = value << 8 | list[i + 1 + n];
		return value;
	}
	ck_abort_msg("no dwMaxAPDUDataSize");
}

static unsigned
own_peer_max(struct pcsc_watch *watch, uint32_t max_apdu)
{
	struct vscard_limits limits;
	struct fake_card *card;
	struct pc pc;
	unsigned value;

	vscard_limits_init(&limits);
	limits.max_apdu = max_apdu;
	card = fake_card_new(system_endpoint(), &limits);
	fake_card_insert(card, fake_card_add(card), STOCK_ATR);
	(void)pcsc_watch_until(watch, 0, "card " STOCK_ATR);
	pc_open(&pc, 0);
	value = max_apdu_data(&pc);
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&card);
	(void)pcsc_watch_until(watch, 0, "detached");
	return value;
}

START_TEST(data_size_follows_the_peer)
{
	struct pcsc_watch *watch = system_watch();
	unsigned value;

	value = own_peer_max(watch, VSCARD_APDU_MAX);
	ck_assert_msg(value >= 65535 && value <= 65536, "%u", value);
	value = own_peer_max(watch, 2000);
	ck_assert_msg(value > 255 && value < 2000, "%u", value);
	value = own_peer_max(watch, VSCARD_APDU_STOCK);
	ck_assert_msg(value > 0 && value <= 255, "%u", value);
	(void)stock_peer_start(system_endpoint(), STOCK_ATR);
}
END_TEST

START_TEST(data_size_of_a_stock_peer)
{
	struct pcsc_watch *watch = system_watch();
	unsigned value;
	struct pc pc;

	(void)stock_peer_start(system_endpoint(), STOCK_ATR);
	pcsc_watch_past_empty(watch, 0, "card " STOCK_ATR);
	pc_open(&pc, 0);
	value = max_apdu_data(&pc);
	ck_assert_msg(value > 0 && value <= 255, "%u", value);
	pc_close(&pc, SCARD_LEAVE_CARD);
}
END_TEST

START_TEST(unknown_control_code)
{
	struct pcsc_watch *watch = system_watch();
	uint8_t list[256];
	DWORD len = 0;
	struct pc pc;

	(void)stock_peer_start(system_endpoint(), STOCK_ATR);
	pcsc_watch_past_empty(watch, 0, "card " STOCK_ATR);
	pc_open(&pc, 0);
	ck_assert_int_ne(SCardControl(pc.card, SCARD_CTL_CODE(3999), NULL, 0,
	    list, sizeof(list), &len), SCARD_S_SUCCESS);
	/* Too small a room: refused, not overrun. */
	ck_assert_int_ne(SCardControl(pc.card, CM_IOCTL_GET_FEATURE_REQUEST,
	    NULL, 0, list, 1, &len), SCARD_S_SUCCESS);
	pc_close(&pc, SCARD_LEAVE_CARD);
}
END_TEST

static DWORD
attribute(struct pc *pc, DWORD id, BYTE *out)
{
	DWORD len = MAX_BUFFER_SIZE;

	ck_assert_int_eq(SCardGetAttrib(pc->card, id, out, &len),
	    SCARD_S_SUCCESS);
	return len;
}

START_TEST(attributes)
{
	struct pcsc_watch *watch = system_watch();
	BYTE value[MAX_BUFFER_SIZE], other[MAX_BUFFER_SIZE];
	struct pc pcs[2];
	DWORD len, i;

	for (i = 0; i < 2; i++) {
		(void)stock_peer_start(system_endpoint(), STOCK_ATR);
		pcsc_watch_past_empty(watch, (unsigned)i, "card " STOCK_ATR);
		pc_open(&pcs[i], (unsigned)i);
	}
	len = attribute(&pcs[0], SCARD_ATTR_VENDOR_NAME, value);
	ck_assert_uint_ge(len, 6);
	ck_assert_mem_eq(value, "vscard", 6);
	ck_assert_uint_eq(attribute(&pcs[0], SCARD_ATTR_VENDOR_IFD_VERSION,
	    value), 4);
	ck_assert_uint_eq(attribute(&pcs[0], SCARD_ATTR_ATR_STRING, value), 15);
	ck_assert_mem_eq(value, "\x3B\x7A\x18\x00\x00sfte cd144", 15);

	/* A serial number tells readers apart. */
	len = attribute(&pcs[0], SCARD_ATTR_VENDOR_IFD_SERIAL_NO, value);
	ck_assert_uint_gt(len, 1);
	if (attribute(&pcs[1], SCARD_ATTR_VENDOR_IFD_SERIAL_NO, other) == len)
		ck_assert_mem_ne(value, other, len);
	pc_close(&pcs[0], SCARD_LEAVE_CARD);
	pc_close(&pcs[1], SCARD_LEAVE_CARD);
}
END_TEST

SYSTEM_SUITE("features", 2, NULL, false, data_size_follows_the_peer,
    data_size_of_a_stock_peer, unknown_control_code, attributes)
