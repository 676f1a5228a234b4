/* SPDX-License-Identifier: BSD-2-Clause */
/* What the keys of a configuration file do to the driver. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <reader.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <winscard.h>

#include "tests/ifd/card_peer.h"
#include "tests/ifd/host.h"
#include "tests/ifd/raw_peer.h"
#include "util/clock.h"
#include "util/log.h"

/* The last line that the driver said at each level. */
static char said[LOG_LEVEL_DEBUG + 1][512];
static pthread_mutex_t said_lock = PTHREAD_MUTEX_INITIALIZER;

static void
on_line(enum log_level level, const char *line)
{
	pthread_mutex_lock(&said_lock);
	snprintf(said[level], sizeof(said[level]), "%s", line);
	pthread_mutex_unlock(&said_lock);
}

static bool
has_said(enum log_level level, const char *text)
{
	bool has;

	pthread_mutex_lock(&said_lock);
	has = strstr(said[level], text) != NULL;
	pthread_mutex_unlock(&said_lock);
	return has;
}

/* Until the other end has hung up, whatever it says before. */
static void
await_end(int fd)
{
	char room[64];

	while (recv(fd, room, sizeof(room), 0) > 0)
		;
	close(fd);
}

/* A driver with one slot and a card in it. */
static struct card_peer *
open_with_card(const char *keys, bool stock)
{
	int port = host_port();
	struct card_peer *peer;
	unsigned reader;

	host_open(port, 1, keys);
	peer = card_peer_new(port, stock);
	ck_assert_int_eq(card_peer_add(peer, "", &reader), 0);
	card_peer_insert(peer, reader, 1);
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_PRESENT), IFD_ICC_PRESENT);
	return peer;
}

START_TEST(detached_is_unavailable_or_empty)
{
	int port = host_port();

	host_open(port, 1, "detached = unavailable\n");
	ck_assert_int_eq(host_await(HOST_LUN, IFD_COMMUNICATION_ERROR),
	    IFD_COMMUNICATION_ERROR);
	host_close(1);
	port = host_port();
	host_open(port, 1, "detached = empty\n");
	ck_assert_int_eq(host_poll(HOST_LUN, 60000), IFD_SUCCESS);
	ck_assert_int_eq(IFDHICCPresence(HOST_LUN), IFD_ICC_NOT_PRESENT);
	host_close(1);
}
END_TEST

START_TEST(empty_shows_each_removal)
{
	struct card_peer *peer = open_with_card("detached = empty\n", false);

	card_peer_free(peer);
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_NOT_PRESENT), IFD_ICC_NOT_PRESENT);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(host_poll(HOST_LUN, 1), IFD_SUCCESS);
		ck_assert_int_eq(
		    IFDHICCPresence(HOST_LUN), IFD_ICC_NOT_PRESENT);
	}
	host_close(1);
}
END_TEST

START_TEST(reset_is_local)
{
	struct card_peer *peer = open_with_card("legacy_reset = local\n", true);
	uint8_t atr[MAX_ATR_SIZE];
	DWORD len;

	ck_assert_int_eq(
	    host_power(HOST_LUN, IFD_RESET, atr, &len), IFD_SUCCESS);
	ck_assert_uint_eq(len, 4);
	ck_assert_int_eq(host_poll(HOST_LUN, 1), IFD_SUCCESS);
	ck_assert_int_eq(IFDHICCPresence(HOST_LUN), IFD_ICC_PRESENT);
	card_peer_free(peer);
	host_close(1);
}
END_TEST

START_TEST(reset_reinserts)
{
	struct card_peer *peer =
	    open_with_card("legacy_reset = reinsert\n", true);
	uint8_t atr[MAX_ATR_SIZE];
	DWORD len;

	ck_assert_int_eq(
	    host_power(HOST_LUN, IFD_RESET, atr, &len), IFD_ERROR_POWER_ACTION);
	ck_assert_uint_eq(len, 0);
	ck_assert_int_eq(host_poll(HOST_LUN, 60000), IFD_SUCCESS);
	ck_assert_int_eq(IFDHICCPresence(HOST_LUN), IFD_ICC_NOT_PRESENT);
	ck_assert_int_eq(host_poll(HOST_LUN, 60000), IFD_SUCCESS);
	ck_assert_int_eq(IFDHICCPresence(HOST_LUN), IFD_ICC_PRESENT);
	/* Turning it off and on, as pcscd does by itself, is no reset. */
	ck_assert_int_eq(
	    IFDHPowerICC(HOST_LUN, IFD_POWER_DOWN, NULL, NULL), IFD_SUCCESS);
	ck_assert_int_eq(
	    host_power(HOST_LUN, IFD_POWER_UP, atr, &len), IFD_SUCCESS);
	ck_assert_uint_eq(len, 4);
	card_peer_free(peer);
	host_close(1);
}
END_TEST

START_TEST(reset_reaches_those_who_know)
{
	struct card_peer *peer =
	    open_with_card("legacy_reset = reinsert\n", false);
	uint8_t atr[MAX_ATR_SIZE];
	DWORD len;

	ck_assert_int_eq(
	    host_power(HOST_LUN, IFD_RESET, atr, &len), IFD_SUCCESS);
	ck_assert_int_eq(host_poll(HOST_LUN, 1), IFD_SUCCESS);
	ck_assert_int_eq(IFDHICCPresence(HOST_LUN), IFD_ICC_PRESENT);
	card_peer_free(peer);
	host_close(1);
}
END_TEST

/* These each end after a second, if the default does not. */
START_TEST(apdu_timeout)
{
	struct card_peer *peer = open_with_card("apdu_timeout = 1\n", false);
	const uint8_t command[] = {CARD_SILENT, 0, 0, 0};
	int64_t end = clock_after(8000);
	uint8_t out[16];
	DWORD len = sizeof(out);

	ck_assert_int_eq(
	    host_transmit(HOST_LUN, command, sizeof(command), out, &len),
	    IFD_RESPONSE_TIMEOUT);
	ck_assert_int_gt(clock_left(end), 0);
	card_peer_free(peer);
	host_close(1);
}
END_TEST

START_TEST(reset_timeout)
{
	int port = host_port(), fd;
	int64_t end = clock_after(8000);
	uint8_t atr[MAX_ATR_SIZE];
	DWORD len;

	host_open(port, 1, "reset_timeout = 1\n");
	fd = raw_peer_new(port);
	raw_peer_card(fd, VSCARD_CAP_POWER);
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_PRESENT), IFD_ICC_PRESENT);
	ck_assert_int_eq(
	    host_power(HOST_LUN, IFD_RESET, atr, &len), IFD_RESPONSE_TIMEOUT);
	ck_assert_int_gt(clock_left(end), 0);
	await_end(fd);
	host_close(1);
}
END_TEST

START_TEST(handshake_timeout)
{
	int port = host_port();
	int64_t end = clock_after(8000);

	log_set_sink(on_line);
	host_open(port, 1, "handshake_timeout = 1\n");
	await_end(raw_peer_new(port));
	ck_assert_int_gt(clock_left(end), 0);
	host_close(1);
	ck_assert(has_said(LOG_LEVEL_WARNING, "no greeting within 1 s"));
}
END_TEST

static void
visit(const char *keys)
{
	memset(said, 0, sizeof(said));
	card_peer_free(open_with_card(keys, false));
	host_close(1);
}

START_TEST(log_level)
{
	log_set_sink(on_line);
	visit("log_level = info\n");
	ck_assert(has_said(LOG_LEVEL_INFO, "disconnected"));
	visit("log_level = warning\n");
	ck_assert_str_eq(said[LOG_LEVEL_INFO], "");
	visit(NULL);
	ck_assert(has_said(LOG_LEVEL_INFO, "disconnected"));
}
END_TEST

UNIT_SUITE("keys", detached_is_unavailable_or_empty, empty_shows_each_removal,
    reset_is_local, reset_reinserts, reset_reaches_those_who_know, apdu_timeout,
    reset_timeout, handshake_timeout, log_level)
