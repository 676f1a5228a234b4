/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The time of day jumps by hours and years, to and fro, all the while: no
 * deadline comes early or late, because none looks at it.
 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <reader.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <winscard.h>

#include "tests/ifd/card_peer.h"
#include "tests/ifd/host.h"
#include "tests/ifd/raw_peer.h"

enum { HOUR = 3600, YEAR = 365 * 24 * HOUR, SOON_MS = 900, LATE_MS = 8000 };

/* Atomic: what the time of day is wrong by, in seconds, and how often asked. */
static int64_t wrong_by;
static bool jumps;
static pthread_t thread;

/* --- the clocks as the driver sees them -------------------------------- */

int
clock_gettime(clockid_t id, struct timespec *out)
{
	int rc = (int)syscall(SYS_clock_gettime, id, out);

	if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
		out->tv_sec += __atomic_load_n(&wrong_by, __ATOMIC_RELAXED);
	return rc;
}

time_t
time(time_t *out)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (out != NULL)
		*out = now.tv_sec;
	return now.tv_sec;
}

int
gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	*out = (struct timeval){
	    .tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
	return 0;
}

static void *
jump(void *arg)
{
	static const int64_t by[] = {HOUR, -HOUR, YEAR, -YEAR, 0};
	const struct timespec moment = {.tv_nsec = 3000000};

	(void)arg;
	for (unsigned i = 0; __atomic_load_n(&jumps, __ATOMIC_RELAXED); i++) {
		__atomic_store_n(&wrong_by, by[i % 5], __ATOMIC_RELAXED);
		(void)nanosleep(&moment, NULL);
	}
	return NULL;
}

static void
jumps_begin(void)
{
	jumps = true;
	ck_assert_int_eq(pthread_create(&thread, NULL, jump, NULL), 0);
}

static void
jumps_end(void)
{
	__atomic_store_n(&jumps, false, __ATOMIC_RELAXED);
	(void)pthread_join(thread, NULL);
}

/* --- what has a deadline ----------------------------------------------- */

/* In ms, whatever the driver goes by. */
static int64_t
now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
check_took(int64_t since, int64_t least)
{
	int64_t took = now_ms() - since;

	ck_assert_int_ge(took, least);
	ck_assert_int_lt(took, LATE_MS);
}

static struct card_peer *
open_with_card(int port)
{
	struct card_peer *peer = card_peer_new(port, false);
	unsigned reader;

	ck_assert_int_eq(card_peer_add(peer, "", &reader), 0);
	card_peer_insert(peer, reader, 1);
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_PRESENT), IFD_ICC_PRESENT);
	return peer;
}

/* Commands that are answered are, and one that is not has its second. */
START_TEST(commands)
{
	const uint8_t silent[] = {CARD_SILENT, 0, 0, 0};
	const uint8_t echo[] = {CARD_ECHO, 0, 0, 0};
	int port = host_port();
	struct card_peer *peer;
	uint8_t out[16];
	int64_t since;
	DWORD len;

	jumps_begin();
	host_open(port, 1, "apdu_timeout = 1\n");
	peer = open_with_card(port);
	for (int i = 0; i < 200; i++) {
		len = sizeof(out);
		ck_assert_int_eq(
		    host_transmit(HOST_LUN, echo, sizeof(echo), out, &len),
		    IFD_SUCCESS);
	}
	since = now_ms();
	len = sizeof(out);
	ck_assert_int_eq(
	    host_transmit(HOST_LUN, silent, sizeof(silent), out, &len),
	    IFD_RESPONSE_TIMEOUT);
	check_took(since, SOON_MS);
	card_peer_free(peer);
	host_close(1);
	jumps_end();
}
END_TEST

START_TEST(greetings)
{
	int port = host_port(), fd;
	int64_t since;
	char byte;

	jumps_begin();
	host_open(port, 1, "handshake_timeout = 1\n");
	since = now_ms();
	fd = raw_peer_new(port);
	ck_assert_int_le(recv(fd, &byte, 1, 0), 0);
	check_took(since, SOON_MS);
	close(fd);
	host_close(1);
	jumps_end();
}
END_TEST

START_TEST(pollers)
{
	int port = host_port();
	int64_t since;

	jumps_begin();
	host_open(port, 1, NULL);
	ck_assert_int_eq(host_await(HOST_LUN, IFD_COMMUNICATION_ERROR),
	    IFD_COMMUNICATION_ERROR);
	since = now_ms();
	ck_assert_int_eq(host_poll(HOST_LUN, 1000), IFD_SUCCESS);
	check_took(since, SOON_MS);
	host_close(1);
	jumps_end();
}
END_TEST

UNIT_SUITE("time", commands, greetings, pollers)
