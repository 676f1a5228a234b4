/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The time of day jumps by a year whenever somebody looks at it, always forth
 * or always back: no deadline comes early or late, because none looks at it.
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

enum { YEAR = 365 * 24 * 3600, SOON_MS = 900, LATE_S = 8 };

/*
 * Atomic, in seconds: what the time of day is wrong by, and by how much more
 * when it is looked at again.
 */
static int64_t wrong_by, stride;

/* --- the clocks as the driver sees them -------------------------------- */

int
clock_gettime(clockid_t id, struct timespec *out)
{
	int rc = (int)syscall(SYS_clock_gettime, id, out);

	if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
		out->tv_sec +=
		    __atomic_add_fetch(&wrong_by, stride, __ATOMIC_RELAXED);
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

/* --- what has a deadline ----------------------------------------------- */

/* Each has a second, on a thread of its own. */
struct wait {
	void (*act)(struct wait *);
	int fd;            /* of who does not greet */
	RESPONSECODE code; /* what came of it */
	int64_t took;      /* ms */
	pthread_t thread;
};

static void
command(struct wait *w)
{
	const uint8_t silent[] = {CARD_SILENT, 0, 0, 0};
	uint8_t out[16];
	DWORD len = sizeof(out);

	w->code = host_transmit(HOST_LUN, silent, sizeof(silent), out, &len);
}

static void
greeting(struct wait *w)
{
	char byte;

	w->code = recv(w->fd, &byte, 1, 0) > 0;
}

static void
poller(struct wait *w)
{
	w->code = host_poll(HOST_LUN + 1, 1000);
}

/* In ms, whatever the driver goes by. */
static int64_t
now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void *
wait_main(void *arg)
{
	struct wait *w = arg;
	int64_t since = now_ms();

	w->act(w);
	w->took = now_ms() - since;
	return NULL;
}

static void
wait_start(struct wait *w)
{
	ck_assert_int_eq(pthread_create(&w->thread, NULL, wait_main, w), 0);
}

static void
wait_end(struct wait *w, const char *what, RESPONSECODE code)
{
	struct timespec until;

	(void)syscall(SYS_clock_gettime, CLOCK_REALTIME, &until);
	until.tv_sec += LATE_S;
	ck_assert_msg(pthread_timedjoin_np(w->thread, NULL, &until) == 0,
	    "%s: no end", what);
	ck_assert_msg(w->code == code, "%s: %ld", what, (long)w->code);
	ck_assert_msg(
	    w->took >= SOON_MS, "%s: ended after %ld ms", what, (long)w->took);
}

/* --- what is to be seen ------------------------------------------------ */

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

static void
check_answered(void)
{
	const uint8_t echo[] = {CARD_ECHO, 0, 0, 0};
	uint8_t out[16];
	DWORD len = sizeof(out);

	ck_assert_int_eq(host_transmit(HOST_LUN, echo, sizeof(echo), out, &len),
	    IFD_SUCCESS);
}

static void
check_time(int64_t jump)
{
	struct wait waits[] = {
	    {.act = command}, {.act = poller}, {.act = greeting}};
	int port = host_port();
	struct card_peer *peer;

	__atomic_store_n(&stride, jump, __ATOMIC_RELAXED);
	host_open(port, 2, "apdu_timeout = 1\nhandshake_timeout = 1\n");
	peer = open_with_card(port);
	for (int i = 0; i < 100; i++)
		check_answered();
	ck_assert_int_eq(host_await(HOST_LUN + 1, IFD_COMMUNICATION_ERROR),
	    IFD_COMMUNICATION_ERROR);
	waits[2].fd = raw_peer_new(port);
	for (int i = 0; i < 3; i++)
		wait_start(&waits[i]);
	wait_end(
	    &waits[0], "a command without an answer", IFD_RESPONSE_TIMEOUT);
	wait_end(&waits[1], "pcscd's wait", IFD_SUCCESS);
	wait_end(&waits[2], "a peer that does not greet", 0);
	close(waits[2].fd);
	card_peer_free(peer);
	host_close(2);
}

START_TEST(it_jumps_forth)
{
	check_time(YEAR);
}
END_TEST

START_TEST(it_jumps_back)
{
	check_time(-YEAR);
}
END_TEST

UNIT_SUITE("time", it_jumps_forth, it_jumps_back)
