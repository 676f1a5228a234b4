/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <pthread.h>
#include <reader.h>
#include <stdio.h>
#include <string.h>
#include <winscard.h>

#include "tests/ifd/card_peer.h"
#include "tests/ifd/host.h"
#include "util/clock.h"
#include "vscard/vscard.h"

static uint8_t big[70000];

/* One reader with one slot, and a peer with a reader in it. */
struct bench {
	int port;
	struct card_peer *peer;
	unsigned reader;
};

static void
bench_open(struct bench *b, bool stock)
{
	b->port = host_port();
	host_open(b->port, 1, "apdu_timeout = 20\n");
	b->peer = card_peer_new(b->port, stock);
	ck_assert_int_eq(card_peer_add(b->peer, "bench", &b->reader), 0);
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_NOT_PRESENT), IFD_ICC_NOT_PRESENT);
}

static void
bench_insert(struct bench *b)
{
	card_peer_insert(b->peer, b->reader, 1);
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_PRESENT), IFD_ICC_PRESENT);
}

static void
bench_close(struct bench *b)
{
	card_peer_free(b->peer);
	host_close(1);
}

static RESPONSECODE
command(uint8_t cla, uint8_t *out, DWORD *len)
{
	const uint8_t cmd[5] = {cla, 0xa4, 0x00, 0x02, 0x00};

	return host_transmit(HOST_LUN, cmd, sizeof(cmd), out, len);
}

START_TEST(bad_names_are_refused)
{
	static const char *const names[] = {"", "tcp", "tcp:127.0.0.1",
	    "tcp:127.0.0.1:0", "tcp:127.0.0.1:65536", "fd:3", "unix:x",
	    "/nonexistent/vscard.conf", "/dev/null", "/", "serial:1"};
	char name[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		strcpy(name, names[i]);
		ck_assert_int_eq(IFDHCreateChannelByName(HOST_LUN, name),
		    IFD_COMMUNICATION_ERROR);
	}
	ck_assert_int_ne(IFDHCloseChannel(HOST_LUN), IFD_SUCCESS);
	ck_assert_int_eq(IFDHICCPresence(HOST_LUN), IFD_COMMUNICATION_ERROR);
}
END_TEST

START_TEST(port_in_use_disturbs_nobody)
{
	struct bench b;
	char name[64];

	bench_open(&b, false);
	bench_insert(&b);
	snprintf(name, sizeof(name), "tcp:127.0.0.1:%d", b.port);
	ck_assert_int_eq(IFDHCreateChannelByName(HOST_LUN + 0x10000, name),
	    IFD_COMMUNICATION_ERROR);
	ck_assert_int_eq(IFDHICCPresence(HOST_LUN), IFD_ICC_PRESENT);
	bench_close(&b);
}
END_TEST

START_TEST(presence_follows_the_peer)
{
	struct bench b;

	bench_open(&b, false);
	bench_insert(&b);
	card_peer_eject(b.peer, b.reader);
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_NOT_PRESENT), IFD_ICC_NOT_PRESENT);
	card_peer_remove(b.peer, b.reader);
	ck_assert_int_eq(host_await(HOST_LUN, IFD_COMMUNICATION_ERROR),
	    IFD_COMMUNICATION_ERROR);
	bench_close(&b);
}
END_TEST

START_TEST(swap_shows_the_removal)
{
	struct bench b;
	uint8_t atr[MAX_ATR_SIZE], out[16];
	DWORD len;

	bench_open(&b, true);
	bench_insert(&b);
	for (uint8_t i = 2; i < 30; i++) {
		card_peer_swap(b.peer, b.reader, i);
		/*
		 * Both have come before pcscd asks, and it hears of both. Until
		 * then what it sends was meant for the card that has gone.
		 */
		len = sizeof(out);
		ck_assert_int_eq(command(CARD_ECHO, out, &len),
		    IFD_COMMUNICATION_ERROR);
		ck_assert_int_eq(
		    host_power(HOST_LUN, IFD_POWER_UP, atr, &len) ==
		        IFD_SUCCESS,
		    0);
		ck_assert_int_eq(host_poll(HOST_LUN, 60000), IFD_SUCCESS);
		/* However often it asks before it waits again. */
		for (int n = 0; n < 3; n++)
			ck_assert_int_eq(
			    IFDHICCPresence(HOST_LUN), IFD_ICC_NOT_PRESENT);
		len = sizeof(out);
		ck_assert_int_eq(command(CARD_ECHO, out, &len),
		    IFD_COMMUNICATION_ERROR);
		ck_assert_int_eq(host_poll(HOST_LUN, 60000), IFD_SUCCESS);
		ck_assert_int_eq(IFDHICCPresence(HOST_LUN), IFD_ICC_PRESENT);
		ck_assert_int_eq(host_power(HOST_LUN, IFD_POWER_UP, atr, &len),
		    IFD_SUCCESS);
		ck_assert_uint_eq(len, 4);
		ck_assert_uint_eq(atr[3], i);
		len = sizeof(out);
		ck_assert_int_eq(command(CARD_ECHO, out, &len), IFD_SUCCESS);
	}
	bench_close(&b);
}
END_TEST

START_TEST(lost_peer_is_first_a_lost_card)
{
	struct bench b;

	bench_open(&b, false);
	bench_insert(&b);
	card_peer_free(b.peer);
	ck_assert_int_eq(host_poll(HOST_LUN, 60000), IFD_SUCCESS);
	ck_assert_int_eq(IFDHICCPresence(HOST_LUN), IFD_ICC_NOT_PRESENT);
	ck_assert_int_eq(host_poll(HOST_LUN, 60000), IFD_SUCCESS);
	ck_assert_int_eq(IFDHICCPresence(HOST_LUN), IFD_COMMUNICATION_ERROR);
	host_close(1);
}
END_TEST

static void
check_echo(size_t len)
{
	static uint8_t out[70000];
	DWORD got = sizeof(out);

	for (size_t i = 1; i < len; i++)
		big[i] = (uint8_t)(i * 31 + i / 251);
	big[0] = CARD_ECHO;
	ck_assert_int_eq(
	    host_transmit(HOST_LUN, big, len, out, &got), IFD_SUCCESS);
	if (len > VSCARD_RESPONSE_MAX - 2)
		len = VSCARD_RESPONSE_MAX - 2;
	ck_assert_uint_eq(got, len + 2);
	ck_assert(memcmp(out, big, len) == 0);
	ck_assert_uint_eq(out[len], 0x90);
}

START_TEST(apdus_of_every_size_pass)
{
	static const size_t lens[] = {1, 4, 5, 255, 261, 270, 271, 4096, 65535,
	    65536, 65548};
	struct bench b;

	bench_open(&b, false);
	bench_insert(&b);
	for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++)
		check_echo(lens[i]);
	ck_assert_uint_eq(host_max_apdu(HOST_LUN), 65536);
	bench_close(&b);
}
END_TEST

START_TEST(stock_peer_gets_short_apdus_only)
{
	struct bench b;
	uint8_t out[600];
	DWORD len = sizeof(out);

	bench_open(&b, true);
	bench_insert(&b);
	check_echo(261);
	memset(big, 0, 300);
	ck_assert_int_ne(
	    host_transmit(HOST_LUN, big, 271, out, &len), IFD_SUCCESS);
	ck_assert_uint_eq(len, 0);
	check_echo(261);
	ck_assert_uint_eq(host_max_apdu(HOST_LUN), 255);
	bench_close(&b);
}
END_TEST

START_TEST(too_small_room_is_an_error)
{
	struct bench b;
	uint8_t out[16];
	DWORD len = 6;

	bench_open(&b, false);
	bench_insert(&b);
	ck_assert_int_eq(
	    command(CARD_ECHO, out, &len), IFD_ERROR_INSUFFICIENT_BUFFER);
	len = 7;
	ck_assert_int_eq(command(CARD_ECHO, out, &len), IFD_SUCCESS);
	bench_close(&b);
}
END_TEST

START_TEST(power_reaches_an_extension_peer)
{
	struct bench b;
	uint8_t atr[MAX_ATR_SIZE], out[16];
	DWORD len;

	bench_open(&b, false);
	bench_insert(&b);
	ck_assert_int_eq(
	    host_power(HOST_LUN, IFD_RESET, atr, &len), IFD_SUCCESS);
	ck_assert_uint_eq(len, 4);
	ck_assert_uint_eq(atr[3], 0xff);
	ck_assert_int_eq(
	    IFDHPowerICC(HOST_LUN, IFD_POWER_DOWN, NULL, NULL), IFD_SUCCESS);
	ck_assert_int_eq(
	    host_power(HOST_LUN, IFD_POWER_UP, atr, &len), IFD_SUCCESS);
	len = sizeof(out);
	ck_assert_int_eq(command(CARD_STATUS, out, &len), IFD_SUCCESS);
	ck_assert_uint_eq(out[0], 3);
	ck_assert_int_eq(IFDHSetProtocolParameters(
	    HOST_LUN, SCARD_PROTOCOL_T0, 0, 0, 0, 0), IFD_SUCCESS);
	ck_assert_int_eq(IFDHSetProtocolParameters(HOST_LUN,
	    SCARD_PROTOCOL_T1, 0, 0, 0, 0), IFD_PROTOCOL_NOT_SUPPORTED);
	bench_close(&b);
}
END_TEST

/* Selects one, and tells how often the peer has been asked so far. */
static unsigned
speak(DWORD protocol, RESPONSECODE outcome)
{
	uint8_t out[16] = {0};
	DWORD len = sizeof(out);

	ck_assert_int_eq(IFDHSetProtocolParameters(
	    HOST_LUN, protocol, 0, 0, 0, 0), outcome);
	ck_assert_int_eq(command(CARD_STATUS, out, &len), IFD_SUCCESS);
	return out[1];
}

START_TEST(a_protocol_is_selected_once)
{
	struct bench b;
	uint8_t atr[MAX_ATR_SIZE];
	DWORD len;

	bench_open(&b, false);
	bench_insert(&b);
	ck_assert_uint_eq(speak(SCARD_PROTOCOL_T0, IFD_SUCCESS), 1);
	ck_assert_uint_eq(speak(SCARD_PROTOCOL_T0, IFD_SUCCESS), 1);
	/* With another ATR the card may not know it any more. */
	ck_assert_int_eq(
	    host_power(HOST_LUN, IFD_RESET, atr, &len), IFD_SUCCESS);
	ck_assert_uint_eq(speak(SCARD_PROTOCOL_T0, IFD_SUCCESS), 2);
	ck_assert_int_eq(
	    host_power(HOST_LUN, IFD_RESET, atr, &len), IFD_SUCCESS);
	ck_assert_uint_eq(speak(SCARD_PROTOCOL_T0, IFD_SUCCESS), 2);
	/* Refused: nobody knows what it speaks now, so the command asks too. */
	ck_assert_uint_eq(
	    speak(SCARD_PROTOCOL_T1, IFD_PROTOCOL_NOT_SUPPORTED), 4);
	ck_assert_uint_eq(speak(SCARD_PROTOCOL_T0, IFD_SUCCESS), 4);
	card_peer_eject(b.peer, b.reader);
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_NOT_PRESENT), IFD_ICC_NOT_PRESENT);
	bench_insert(&b);
	ck_assert_uint_eq(speak(SCARD_PROTOCOL_T0, IFD_SUCCESS), 5);
	bench_close(&b);
}
END_TEST

START_TEST(power_is_answered_for_a_stock_peer)
{
	struct bench b;
	uint8_t atr[MAX_ATR_SIZE];
	DWORD len;

	bench_open(&b, true);
	ck_assert_int_eq(host_power(HOST_LUN, IFD_POWER_UP, atr, &len),
	    IFD_ERROR_POWER_ACTION);
	bench_insert(&b);
	ck_assert_int_eq(
	    host_power(HOST_LUN, IFD_RESET, atr, &len), IFD_SUCCESS);
	ck_assert_uint_eq(len, 4);
	ck_assert_uint_eq(atr[3], 1);
	ck_assert_int_eq(IFDHSetProtocolParameters(
	    HOST_LUN, SCARD_PROTOCOL_T1, 0, 0, 0, 0), IFD_SUCCESS);
	bench_close(&b);
}
END_TEST

START_TEST(removal_ends_the_apdu)
{
	struct bench b;
	uint8_t out[16];
	DWORD len = sizeof(out);

	bench_open(&b, false);
	bench_insert(&b);
	ck_assert_int_eq(
	    command(CARD_LEAVE, out, &len), IFD_COMMUNICATION_ERROR);
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_NOT_PRESENT), IFD_ICC_NOT_PRESENT);
	bench_insert(&b);
	len = sizeof(out);
	ck_assert_int_eq(command(CARD_ECHO, out, &len), IFD_SUCCESS);
	bench_close(&b);
}
END_TEST

START_TEST(hanging_up_ends_the_apdu)
{
	struct bench b;
	uint8_t out[16];
	DWORD len = sizeof(out);

	bench_open(&b, false);
	bench_insert(&b);
	ck_assert_int_eq(
	    command(CARD_HANG_UP, out, &len), IFD_COMMUNICATION_ERROR);
	ck_assert_int_eq(host_await(HOST_LUN, IFD_COMMUNICATION_ERROR),
	    IFD_COMMUNICATION_ERROR);
	bench_close(&b);
}
END_TEST

START_TEST(silence_ends_with_the_connection)
{
	int port = host_port();
	struct card_peer *peer;
	unsigned reader;
	uint8_t out[16];
	DWORD len = sizeof(out);

	host_open(port, 1, "apdu_timeout = 1\n");
	peer = card_peer_new(port, false);
	ck_assert_int_eq(card_peer_add(peer, "", &reader), 0);
	card_peer_insert(peer, reader, 1);
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_PRESENT), IFD_ICC_PRESENT);
	ck_assert_int_eq(
	    command(CARD_SILENT, out, &len), IFD_RESPONSE_TIMEOUT);
	ck_assert_int_eq(host_await(HOST_LUN, IFD_COMMUNICATION_ERROR),
	    IFD_COMMUNICATION_ERROR);
	card_peer_free(peer);
	host_close(1);
}
END_TEST

START_TEST(more_readers_than_slots_are_refused)
{
	int port = host_port();
	struct card_peer *peers[2];
	unsigned reader;

	host_open(port, 3, NULL);
	peers[0] = card_peer_new(port, false);
	peers[1] = card_peer_new(port, true);
	ck_assert_int_eq(card_peer_add(peers[0], "a", &reader), 0);
	ck_assert_int_eq(card_peer_add(peers[1], "b", &reader), 0);
	ck_assert_int_eq(card_peer_add(peers[0], "c", &reader), 0);
	ck_assert_int_eq(card_peer_add(peers[1], "d", &reader), -EBUSY);
	card_peer_free(peers[0]);
	ck_assert_int_eq(host_await(HOST_LUN, IFD_COMMUNICATION_ERROR),
	    IFD_COMMUNICATION_ERROR);
	ck_assert_int_eq(host_await(HOST_LUN + 2, IFD_COMMUNICATION_ERROR),
	    IFD_COMMUNICATION_ERROR);
	ck_assert_int_eq(card_peer_add(peers[1], "d", &reader), 0);
	card_peer_free(peers[1]);
	host_close(3);
}
END_TEST

static void *
silent_command(void *arg)
{
	uint8_t out[16];
	DWORD len = sizeof(out);

	*(RESPONSECODE *)arg = command(CARD_SILENT, out, &len);
	return NULL;
}

/*
 * Whether the thread is already asleep in the transmit when close comes is a
 * matter of luck; it must end well either way, and 20 rounds see both.
 */
START_TEST(close_ends_the_apdu)
{
	for (int i = 0; i < 20; i++) {
		struct bench b;
		RESPONSECODE code = IFD_SUCCESS;
		pthread_t thread;
		int64_t deadline = clock_after(5000);

		bench_open(&b, false);
		bench_insert(&b);
		ck_assert_int_eq(pthread_create(&thread, NULL, silent_command,
		                     &code),
		    0);
		host_close(1);
		pthread_join(thread, NULL);
		ck_assert_int_ne(code, IFD_SUCCESS);
		ck_assert_int_gt(clock_left(deadline), 0);
		card_peer_free(b.peer);
	}
}
END_TEST

START_TEST(attributes_are_told)
{
	struct bench b;
	unsigned char out[400];
	DWORD len = sizeof(out);

	bench_open(&b, false);
	bench_insert(&b);
	ck_assert_int_eq(IFDHGetCapabilities(HOST_LUN, SCARD_ATTR_VENDOR_NAME,
	    &len, out), IFD_SUCCESS);
	ck_assert_str_eq((char *)out, "vscard");
	len = sizeof(out);
	ck_assert_int_eq(IFDHGetCapabilities(HOST_LUN,
	    SCARD_ATTR_VENDOR_IFD_VERSION, &len, out), IFD_SUCCESS);
	ck_assert_uint_eq(len, 4);
	len = sizeof(out);
	ck_assert_int_eq(IFDHGetCapabilities(HOST_LUN,
	    SCARD_ATTR_VENDOR_IFD_SERIAL_NO, &len, out), IFD_SUCCESS);
	ck_assert_ptr_nonnull(strchr((char *)out, '#'));
	len = sizeof(out);
	ck_assert_int_eq(IFDHGetCapabilities(HOST_LUN, SCARD_ATTR_ATR_STRING,
	    &len, out), IFD_SUCCESS);
	ck_assert_uint_eq(len, 4);
	len = 1;
	ck_assert_int_eq(IFDHGetCapabilities(HOST_LUN, SCARD_ATTR_VENDOR_NAME,
	    &len, out), IFD_ERROR_INSUFFICIENT_BUFFER);
	len = sizeof(out);
	ck_assert_int_eq(IFDHGetCapabilities(HOST_LUN, 0x12345, &len, out),
	    IFD_ERROR_TAG);
	bench_close(&b);
}
END_TEST

UNIT_SUITE("driver", bad_names_are_refused, port_in_use_disturbs_nobody,
    presence_follows_the_peer, swap_shows_the_removal,
    lost_peer_is_first_a_lost_card, apdus_of_every_size_pass,
    stock_peer_gets_short_apdus_only, too_small_room_is_an_error,
    power_reaches_an_extension_peer,
    a_protocol_is_selected_once, power_is_answered_for_a_stock_peer,
    removal_ends_the_apdu, hanging_up_ends_the_apdu,
    silence_ends_with_the_connection, more_readers_than_slots_are_refused,
    close_ends_the_apdu, attributes_are_told)
