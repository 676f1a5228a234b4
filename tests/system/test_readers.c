/* SPDX-License-Identifier: BSD-2-Clause */
/* Several readers of one client, several clients, and one too many. */
#include "tests/system/system.h"

#include <unistd.h>

#include "tests/fakes/fake_card.h"
#include "tests/fakes/stock_peer.h"
#include "tests/system/pc.h"

enum { SLOTS = 4 };

static const char *const atrs[SLOTS] = {"3B0411223300", "3B0411223301",
    "3B0411223302", "3B0411223303"};
static const char *const cards[SLOTS] = {"card 3B0411223300",
    "card 3B0411223301", "card 3B0411223302", "card 3B0411223303"};

static void
add(int fd, uint32_t id)
{
	script_say(fd, SAY_READER_ADD, SCRIPT_NOBODY, "");
	script_hear(fd, SAY_ERROR, id, SCRIPT_OK);
}

static void
exchange(int fd, uint32_t id, struct pc *pc)
{
	struct pc_call call;

	pc_call_start(&call, pc, "80CA0000");
	stock_peer_serve(fd, id, "80CA0000", "12349000");
	pc_call_check(&call, "12349000");
}

START_TEST(three_readers_of_one_client)
{
	struct pcsc_watch *watch = system_watch();
	int fd = stock_peer_open(system_endpoint());
	struct pc pcs[3];
	unsigned i;

	for (i = 0; i < 3; i++) {
		add(fd, i);
		pcsc_watch_expect(watch, i, "empty");
		stock_peer_insert(fd, i, atrs[i]);
		pcsc_watch_expect(watch, i, cards[i]);
	}
	for (i = 0; i < 3; i++)
		pc_open(&pcs[i], i);
	for (i = 0; i < 3; i++)
		exchange(fd, i, &pcs[i]);

	/* The middle one goes, the others notice nothing. */
	script_say(fd, SAY_READER_REMOVE, 1, "");
	script_hear(fd, SAY_ERROR, 1, SCRIPT_OK);
	pcsc_watch_past_empty(watch, 1, "detached");
	exchange(fd, 0, &pcs[0]);
	exchange(fd, 2, &pcs[2]);
	pc_refused(&pcs[1], "80CA0000", SCARD_E_READER_UNAVAILABLE);

	/* Its place is free again, for another card. */
	add(fd, 1);
	stock_peer_insert(fd, 1, atrs[3]);
	pcsc_watch_past_empty(watch, 1, cards[3]);
	pc_refused(&pcs[1], "80CA0000", SCARD_W_REMOVED_CARD);
	pcsc_watch_nothing(watch, 0);
	pcsc_watch_nothing(watch, 2);
	pcsc_watch_nothing(watch, 3);
	for (i = 0; i < 3; i++)
		pc_close(&pcs[i], SCARD_LEAVE_CARD);
	(void)close(fd);
	for (i = 0; i < 3; i++)
		pcsc_watch_past_empty(watch, i, "detached");
}
END_TEST

/* One command waits for its card; the neighbour need not. */
START_TEST(readers_of_one_client_at_once)
{
	struct pcsc_watch *watch = system_watch();
	int fd = stock_peer_open(system_endpoint());
	struct pc_call slow, other;
	struct pc pcs[2];
	unsigned i;

	for (i = 0; i < 2; i++) {
		add(fd, i);
		stock_peer_insert(fd, i, atrs[i]);
		pcsc_watch_past_empty(watch, i, cards[i]);
		pc_open(&pcs[i], i);
	}
	pc_call_start(&slow, &pcs[0], "80030000");
	script_hear(fd, SAY_APDU, 0, "80030000");
	exchange(fd, 1, &pcs[1]);
	exchange(fd, 1, &pcs[1]);

	/* Both under way: answered in the other order. */
	pc_call_start(&other, &pcs[1], "80CA0001");
	script_hear(fd, SAY_APDU, 1, "80CA0001");
	script_say(fd, SAY_APDU, 0, "01019000");
	pc_call_check(&slow, "01019000");
	script_say(fd, SAY_APDU, 1, "02029000");
	pc_call_check(&other, "02029000");

	/* A card event of one while the other waits for its answer. */
	pc_call_start(&slow, &pcs[0], "80030000");
	script_hear(fd, SAY_APDU, 0, "80030000");
	script_say(fd, SAY_CARD_REMOVE, 1, "");
	script_hear(fd, SAY_ERROR, 1, SCRIPT_OK);
	pcsc_watch_expect(watch, 1, "empty");
	script_say(fd, SAY_APDU, 0, "01019000");
	pc_call_check(&slow, "01019000");
	pcsc_watch_nothing(watch, 0);
	pc_close(&pcs[0], SCARD_LEAVE_CARD);
	pc_close(&pcs[1], SCARD_LEAVE_CARD);
}
END_TEST

START_TEST(several_clients)
{
	struct pcsc_watch *watch = system_watch();
	struct fake_card *own;
	struct pc pcs[3];
	int fds[2];
	unsigned i;

	for (i = 0; i < 2; i++) {
		fds[i] = stock_peer_start(system_endpoint(), atrs[i]);
		pcsc_watch_past_empty(watch, i, cards[i]);
	}
	own = fake_card_start(system_endpoint(), atrs[2]);
	pcsc_watch_past_empty(watch, 2, cards[2]);
	for (i = 0; i < 3; i++)
		pc_open(&pcs[i], i);
	exchange(fds[0], 0, &pcs[0]);
	exchange(fds[1], 0, &pcs[1]);
	pc_transmit(&pcs[2], "80010000", "800100009000");

	(void)close(fds[0]);
	pcsc_watch_past_empty(watch, 0, "detached");
	exchange(fds[1], 0, &pcs[1]);
	pc_transmit(&pcs[2], "80010000", "800100009000");
	pcsc_watch_nothing(watch, 1);
	pcsc_watch_nothing(watch, 2);
	for (i = 0; i < 3; i++)
		pc_close(&pcs[i], SCARD_LEAVE_CARD);
	fake_card_free(&own);
}
END_TEST

START_TEST(one_reader_too_many)
{
	struct pcsc_watch *watch = system_watch();
	int fd = stock_peer_open(system_endpoint()), late;
	struct pc pc;
	unsigned i;

	for (i = 0; i < SLOTS; i++) {
		add(fd, i);
		pcsc_watch_expect(watch, i, "empty");
	}
	script_say(fd, SAY_READER_ADD, SCRIPT_NOBODY, "");
	script_hear(fd, SAY_ERROR, SCRIPT_NOBODY, SCRIPT_FULL);
	late = stock_peer_open(system_endpoint());
	script_say(late, SAY_READER_ADD, SCRIPT_NOBODY, "");
	script_hear(late, SAY_ERROR, SCRIPT_NOBODY, SCRIPT_FULL);

	/* Both connections go on, and so does the rest. */
	script_quiet(fd);
	stock_peer_insert(fd, 3, atrs[3]);
	pcsc_watch_expect(watch, 3, cards[3]);
	pc_open(&pc, 3);
	exchange(fd, 3, &pc);
	pc_close(&pc, SCARD_LEAVE_CARD);

	script_say(fd, SAY_READER_REMOVE, 2, "");
	script_hear(fd, SAY_ERROR, 2, SCRIPT_OK);
	pcsc_watch_expect(watch, 2, "detached");
	add(late, 0);
	pcsc_watch_expect(watch, 2, "empty");
	stock_peer_insert(late, 0, atrs[2]);
	pcsc_watch_expect(watch, 2, cards[2]);
}
END_TEST

/* Our own client is told so too, and its other readers work. */
START_TEST(own_client_is_refused)
{
	struct pcsc_watch *watch = system_watch();
	int fd = stock_peer_open(system_endpoint());
	struct fake_card *card;
	unsigned i;

	for (i = 0; i < SLOTS; i++)
		add(fd, i);
	card = fake_card_new(system_endpoint(), NULL);
	fake_card_try_add(card);
	fake_card_wait(card, FAKE_REFUSED, 1);
	for (i = 0; i < SLOTS; i++)
		pcsc_watch_expect(watch, i, "empty");
	fake_card_free(&card);
}
END_TEST

SYSTEM_SUITE("readers", SLOTS, NULL, false, three_readers_of_one_client,
    readers_of_one_client_at_once, several_clients, one_reader_too_many,
    own_client_is_refused)
