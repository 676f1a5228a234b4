/* SPDX-License-Identifier: BSD-2-Clause */
/* Peers that do not answer, do not read, or do not speak at all. */
#include "tests/system/system.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fakes/fake_card.h"
#include "tests/fakes/stock_peer.h"
#include "tests/system/pc.h"

#define CARD "card " STOCK_ATR

/* product.md's deadlines are 10 s; the driver here was told apdu_timeout=1. */
enum { SOON_MS = 9000, LATE_MS = 20000 };

/* The driver drops the connection, because a late answer is nobody's. */
START_TEST(card_that_never_answers)
{
	struct pcsc_watch *watch = system_watch();
	int fd = stock_peer_start(system_endpoint(), STOCK_ATR);
	struct pc_call call;
	struct pc pc;
	int64_t since;

	pcsc_watch_past_empty(watch, 0, CARD);
	pc_open(&pc, 0);
	since = script_ns();
	pc_call_start(&call, &pc, "80CA0000");
	script_hear(fd, SAY_APDU, 0, "80CA0000");
	ck_assert_int_ne(pc_call_end(&call), SCARD_S_SUCCESS);
	ck_assert_int_ge(call.ended - since, 900 * 1000 * 1000);
	ck_assert_int_lt(call.ended - since, 3000LL * 1000 * 1000);
	script_end(fd);
	pcsc_watch_past_empty(watch, 0, "detached");
	pc_close(&pc, SCARD_LEAVE_CARD);
}
END_TEST

/* A neighbour on the same connection falls with it, another peer does not. */
START_TEST(neighbours_of_a_card_that_never_answers)
{
	struct pcsc_watch *watch = system_watch();
	int fd = stock_peer_start(system_endpoint(), STOCK_ATR);
	struct fake_card *other;
	struct pc_call call;
	struct pc pcs[2];

	pcsc_watch_past_empty(watch, 0, CARD);
	script_say(fd, SAY_READER_ADD, SCRIPT_NOBODY, "");
	script_hear(fd, SAY_ERROR, 1, SCRIPT_OK);
	pcsc_watch_expect(watch, 1, "empty");
	other = fake_card_start(system_endpoint(), STOCK_ATR);
	pcsc_watch_past_empty(watch, 2, CARD);
	pc_open(&pcs[0], 0);
	pc_open(&pcs[1], 2);
	pc_call_start(&call, &pcs[0], "80CA0000");
	script_hear(fd, SAY_APDU, 0, "80CA0000");
	pc_transmit(&pcs[1], "80010000", "800100009000");
	ck_assert_int_ne(pc_call_end(&call), SCARD_S_SUCCESS);
	pcsc_watch_past_empty(watch, 0, "detached");
	pcsc_watch_expect(watch, 1, "detached");
	pc_transmit(&pcs[1], "80010000", "800100009000");
	pcsc_watch_nothing(watch, 2);
	pc_close(&pcs[0], SCARD_LEAVE_CARD);
	pc_close(&pcs[1], SCARD_LEAVE_CARD);
	fake_card_free(&other);
}
END_TEST

/* Waits for the connection's end; the time since then, in ms. */
static int64_t
closed_after(const char *who, int fd, int64_t since)
{
	struct pollfd poller = {.fd = fd, .events = POLLRDHUP};

	ck_assert_msg(poll(&poller, 1, LATE_MS) == 1, "%s: still there", who);
	return (script_ns() - since) / (1000 * 1000);
}

/* Asks and asks, and never reads what is said to it, until it is cut off. */
static void
stuff(int fd)
{
	enum { FAR_TOO_MANY = 1 << 13 };
	uint8_t asks[12 * 256] = {0};

	for (int i = 0; i < 256; i++)
		asks[12 * i + 3] = 99;
	for (int i = 0; i < FAR_TOO_MANY; i++)
		if (send(fd, asks, sizeof(asks), MSG_NOSIGNAL) < 0)
			return;
	ck_abort_msg("the driver takes everything and never stops");
}

/* The one as soon as there is no room for answers, the other in time. */
START_TEST(peers_that_hold_still)
{
	struct pcsc_watch *watch = system_watch();
	int silent = script_dial(system_endpoint());
	int deaf = stock_peer_start(system_endpoint(), STOCK_ATR);
	int64_t since = script_ns();
	struct fake_card *other;
	struct pc pc;

	pcsc_watch_past_empty(watch, 0, CARD);
	other = fake_card_start(system_endpoint(), STOCK_ATR);
	pcsc_watch_past_empty(watch, 1, CARD);
	stuff(deaf);
	pcsc_watch_past_empty(watch, 0, "detached");
	pc_open(&pc, 1);
	pc_transmit(&pc, "80010000", "800100009000");
	ck_assert_int_ge(closed_after("silent", silent, since), SOON_MS);
	pc_transmit(&pc, "80010000", "800100009000");
	pcsc_watch_nothing(watch, 1);
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&other);
}
END_TEST

SYSTEM_SUITE("deadline", 3, "apdu_timeout=1", false, card_that_never_answers,
    neighbours_of_a_card_that_never_answers, peers_that_hold_still)
