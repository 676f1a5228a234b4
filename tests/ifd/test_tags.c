/* SPDX-License-Identifier: BSD-2-Clause */
/* What pcscd and applications ask the driver about itself, and its refusals. */
#include "tests/unit/unit.h"

#include <reader.h>
#include <stdio.h>
#include <string.h>
#include <winscard.h>

#include "tests/ifd/card_peer.h"
#include "tests/ifd/host.h"
#include "vscard/vscard.h"

enum { SLOTS = 2, ROOM = 512 };

typedef RESPONSECODE stop_fn(DWORD);

static RESPONSECODE
get(DWORD lun, DWORD tag, DWORD cap, uint8_t *out, DWORD *out_len)
{
	*out_len = cap;
	return IFDHGetCapabilities(lun, tag, out_len, out);
}

/* There is so much to say, and in less room nothing is said. */
static void
check_tag(DWORD tag, DWORD len, uint8_t out[ROOM])
{
	DWORD got;

	ck_assert_int_eq(get(HOST_LUN + 1, tag, ROOM, out, &got), IFD_SUCCESS);
	ck_assert_uint_eq(got, len);
	ck_assert_int_eq(get(HOST_LUN + 1, tag, len - 1, out, &got),
	    IFD_ERROR_INSUFFICIENT_BUFFER);
}

START_TEST(tags_are_answered)
{
	uint8_t out[ROOM];
	char serial[64];
	int port = host_port();

	host_open(port, SLOTS, NULL);
	check_tag(TAG_IFD_SLOTS_NUMBER, 1, out);
	ck_assert_uint_eq(out[0], SLOTS);
	check_tag(TAG_IFD_SIMULTANEOUS_ACCESS, 1, out);
	ck_assert_uint_gt(out[0], 1);
	check_tag(TAG_IFD_THREAD_SAFE, 1, out);
	ck_assert_uint_eq(out[0], 1);
	check_tag(TAG_IFD_SLOT_THREAD_SAFE, 1, out);
	check_tag(SCARD_ATTR_VENDOR_NAME, sizeof("vscard"), out);
	ck_assert_str_eq((char *)out, "vscard");
	check_tag(SCARD_ATTR_VENDOR_IFD_VERSION, 4, out);
	snprintf(serial, sizeof(serial), "tcp:127.0.0.1:%d#1", port);
	check_tag(
	    SCARD_ATTR_VENDOR_IFD_SERIAL_NO, (DWORD)strlen(serial) + 1, out);
	ck_assert_str_eq((char *)out, serial);
	host_close(SLOTS);
}
END_TEST

START_TEST(atr_is_the_card_s)
{
	uint8_t out[ROOM], atr[4];
	struct card_peer *peer;
	unsigned reader;
	int port = host_port();
	DWORD len;

	host_open(port, 1, NULL);
	ck_assert_int_eq(
	    get(HOST_LUN, SCARD_ATTR_ATR_STRING, ROOM, out, &len), IFD_SUCCESS);
	ck_assert_uint_eq(len, 0);
	peer = card_peer_new(port, false);
	ck_assert_int_eq(card_peer_add(peer, "x", &reader), 0);
	card_peer_insert(peer, reader, 9);
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_PRESENT), IFD_ICC_PRESENT);
	ck_assert_int_eq(
	    get(HOST_LUN, TAG_IFD_ATR, ROOM, out, &len), IFD_SUCCESS);
	ck_assert_uint_eq(len, card_peer_atr(9, atr));
	ck_assert_mem_eq(out, atr, len);
	card_peer_free(peer);
	host_close(1);
}
END_TEST

/* A client sees by it that it would forward a reader in a circle. */
START_TEST(origin_begins_with_ourselves)
{
	static const uint8_t none[VSCARD_INSTANCE_LEN];
	uint8_t out[ROOM];
	DWORD len;

	host_open(host_port(), 1, NULL);
	ck_assert_int_eq(
	    get(HOST_LUN, VSCARD_PCSC_ATTR_ORIGIN, ROOM, out, &len),
	    IFD_SUCCESS);
	ck_assert_uint_eq(len, VSCARD_INSTANCE_LEN);
	ck_assert_mem_ne(out, none, len);
	host_close(1);
}
END_TEST

START_TEST(nothing_is_set_or_unknown)
{
	uint8_t out[ROOM] = {0};
	DWORD len;

	host_open(host_port(), 1, NULL);
	ck_assert_int_eq(
	    get(HOST_LUN, 0x12345, ROOM, out, &len), IFD_ERROR_TAG);
	ck_assert_int_eq(IFDHSetCapabilities(HOST_LUN, TAG_IFD_ATR, 1, out),
	    IFD_ERROR_VALUE_READ_ONLY);
	ck_assert_int_eq(
	    IFDHControl(HOST_LUN, 0x42000001, NULL, 0, out, ROOM, &len),
	    IFD_ERROR_NOT_SUPPORTED);
	ck_assert_int_eq(IFDHControl(HOST_LUN, CM_IOCTL_GET_FEATURE_REQUEST,
			     NULL, 0, out, 5, &len),
	    IFD_ERROR_INSUFFICIENT_BUFFER);
	ck_assert_int_eq(
	    host_power(HOST_LUN, 12345, out, &len), IFD_NOT_SUPPORTED);
	ck_assert_int_eq(
	    IFDHSetProtocolParameters(HOST_LUN, SCARD_PROTOCOL_RAW, 0, 0, 0, 0),
	    IFD_PROTOCOL_NOT_SUPPORTED);
	host_close(1);
}
END_TEST

/* pcscd asks for it with room for a pointer, and calls it when it ends. */
START_TEST(polling_is_stopped)
{
	stop_fn *stop;
	DWORD len = sizeof(stop);

	host_open(host_port(), 1, NULL);
	ck_assert_int_eq(IFDHGetCapabilities(HOST_LUN,
			     TAG_IFD_STOP_POLLING_THREAD, &len, (PUCHAR)&stop),
	    IFD_SUCCESS);
	ck_assert_int_eq(stop(HOST_LUN), IFD_SUCCESS);
	ck_assert_int_eq(host_poll(HOST_LUN, 60000), IFD_SUCCESS);
	len = sizeof(stop) - 1;
	ck_assert_int_eq(IFDHGetCapabilities(HOST_LUN,
			     TAG_IFD_STOP_POLLING_THREAD, &len, (PUCHAR)&stop),
	    IFD_ERROR_INSUFFICIENT_BUFFER);
	host_close(1);
	ck_assert_int_eq(stop(HOST_LUN), IFD_COMMUNICATION_ERROR);
}
END_TEST

/* A LUN that is not open, and pointers to nothing. */
START_TEST(strangers_are_refused)
{
	SCARD_IO_HEADER pci = {.Protocol = 0};
	uint8_t out[ROOM];
	DWORD len = ROOM;

	ck_assert_int_eq(
	    IFDHCreateChannelByName(HOST_LUN, NULL), IFD_COMMUNICATION_ERROR);
	ck_assert_int_eq(get(HOST_LUN, TAG_IFD_ATR, ROOM, out, &len),
	    IFD_COMMUNICATION_ERROR);
	ck_assert_int_eq(IFDHGetCapabilities(HOST_LUN, TAG_IFD_ATR, NULL, out),
	    IFD_COMMUNICATION_ERROR);
	ck_assert_int_eq(IFDHICCPresence(HOST_LUN), IFD_COMMUNICATION_ERROR);
	ck_assert_int_eq(host_power(HOST_LUN, IFD_POWER_UP, out, &len),
	    IFD_COMMUNICATION_ERROR);
	ck_assert_int_eq(
	    IFDHSetProtocolParameters(HOST_LUN, SCARD_PROTOCOL_T1, 0, 0, 0, 0),
	    IFD_COMMUNICATION_ERROR);
	ck_assert_int_eq(
	    IFDHTransmitToICC(HOST_LUN, pci, out, 5, out, NULL, &pci),
	    IFD_COMMUNICATION_ERROR);
	ck_assert_int_eq(host_transmit(HOST_LUN, out, 5, out, &len),
	    IFD_COMMUNICATION_ERROR);
	ck_assert_int_eq(IFDHControl(HOST_LUN, CM_IOCTL_GET_FEATURE_REQUEST,
			     NULL, 0, out, ROOM, NULL),
	    IFD_COMMUNICATION_ERROR);
	ck_assert_int_eq(IFDHControl(HOST_LUN, CM_IOCTL_GET_FEATURE_REQUEST,
			     NULL, 0, out, ROOM, &len),
	    IFD_COMMUNICATION_ERROR);
	ck_assert_int_eq(IFDHCloseChannel(HOST_LUN), IFD_COMMUNICATION_ERROR);
}
END_TEST

UNIT_SUITE("tags", tags_are_answered, atr_is_the_card_s,
    origin_begins_with_ourselves, nothing_is_set_or_unknown, polling_is_stopped,
    strangers_are_refused)
