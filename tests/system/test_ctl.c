/* SPDX-License-Identifier: BSD-2-Clause */
/* vscard-ctl steers what applications see, and shows what they do. */
#include "tests/system/system.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/fakes/child.h"
#include "tests/fakes/fake_card.h"
#include "tests/fakes/stock_peer.h"
#include "tests/system/pc.h"

#define ATR STOCK_ATR
#define VERIFY "00200080083132333435363738"
#define STATUS "80040000"

static void
ctl_ends(struct child *child, int status)
{
	int ended = child_wait(child);

	ck_assert_msg(WIFEXITED(ended) && WEXITSTATUS(ended) == status,
	    "%d: %.*s", ended, (int)child->len, child->text);
}

/* Runs it with these words, and it ends so. */
#define ctl(status, ...)                                                     \
	do {                                                                 \
		struct child child_;                                         \
                                                                             \
		child_start(                                                 \
		    &child_, system_program("ctl/vscard-ctl"), __VA_ARGS__); \
		ctl_ends(&child_, status);                                   \
	} while (0)

/* An application knows that the card was out, and the card that it was off. */
START_TEST(eject_and_insert)
{
	struct pcsc_watch *watch = system_watch();
	struct fake_card *card = fake_card_start(system_endpoint(), ATR);
	struct pc pc;

	pcsc_watch_past_empty(watch, 0, "card " ATR);
	pc_open(&pc, 0);
	pc_transmit(&pc, VERIFY, "9000");
	ctl(0, "eject", "vscard 00 00");
	pcsc_watch_expect(watch, 0, "empty");
	pc_refused(&pc, STATUS, SCARD_W_REMOVED_CARD);
	fake_card_wait(card, FAKE_POWER_DOWN, 1);
	ctl(1, "eject", "vscard 00 00");
	ctl(0, "insert", "vscard 00 00");
	pcsc_watch_expect(watch, 0, "card " ATR);
	pc_refused(&pc, STATUS, SCARD_W_REMOVED_CARD);
	pc_close(&pc, SCARD_LEAVE_CARD);
	pc_open(&pc, 0);
	pc_transmit(&pc, STATUS, "6982");
	pc_close(&pc, SCARD_LEAVE_CARD);
	pcsc_watch_nothing(watch, 0);
	fake_card_free(&card);
}
END_TEST

/* The next card that its owner puts in is there, ejected or not. */
START_TEST(another_card)
{
	struct pcsc_watch *watch = system_watch();
	struct fake_card *card = fake_card_start(system_endpoint(), ATR);
	struct pc pc;

	pcsc_watch_past_empty(watch, 0, "card " ATR);
	ctl(0, "eject", "00 00");
	pcsc_watch_expect(watch, 0, "empty");
	fake_card_remove(card, 0);
	fake_card_insert(card, 0, "3B0411223344");
	fake_card_set_atr(card, 0, "3B0411223344");
	pcsc_watch_past_empty(watch, 0, "card 3B0411223344");
	pc_open(&pc, 0);
	pc_transmit(&pc, "8001000000", "80010000009000");
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&card);
}
END_TEST

/* It waits for the command in flight; --force does not. */
START_TEST(a_busy_card)
{
	struct pcsc_watch *watch = system_watch();
	struct fake_card *card = fake_card_start(system_endpoint(), ATR);
	struct pc_call call;
	struct pc pc;

	pcsc_watch_past_empty(watch, 0, "card " ATR);
	pc_open(&pc, 0);
	pc_call_start(&call, &pc, "80030000");
	fake_card_wait(card, FAKE_HELD, 1);
	ctl(0, "eject", "vscard 00 00");
	fake_card_release(card, 0);
	pc_call_check(&call, "9000");
	pcsc_watch_expect(watch, 0, "empty");
	pc_close(&pc, SCARD_LEAVE_CARD);
	ctl(0, "insert", "vscard 00 00");
	pcsc_watch_expect(watch, 0, "card " ATR);

	pc_open(&pc, 0);
	pc_call_start(&call, &pc, "80030000");
	fake_card_wait(card, FAKE_HELD, 2);
	ctl(0, "eject", "--force", "vscard 00 00");
	ck_assert_int_ne(pc_call_end(&call), SCARD_S_SUCCESS);
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&card);
}
END_TEST

START_TEST(watch_shows_it_in_words)
{
	struct pcsc_watch *watch = system_watch();
	struct fake_card *card;
	struct child shown;
	struct pc pc;

	child_start(
	    &shown, system_program("ctl/vscard-ctl"), "watch", "--data");
	child_says(&shown, "watching 1 reader(s)");
	card = fake_card_start(system_endpoint(), ATR);
	pcsc_watch_past_empty(watch, 0, "card " ATR);
	pc_open(&pc, 0);
	pc_transmit(&pc, VERIFY, "9000");
	child_says(&shown, "vscard 00 00 > VERIFY 80, 8 bytes\n");
	child_says(&shown, "00200080082A2A2A2A2A2A2A2A");
	child_says(&shown, "vscard 00 00 < 9000 OK");
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&card);
	child_says(&shown, "vscard 00 00 - reader detached");
	child_kill(&shown, 15);
	child_wait(&shown);
	ck_assert_ptr_null(strstr(shown.text, "\033"));
	ck_assert_ptr_null(strstr(shown.text, "3132333435363738"));
}
END_TEST

SYSTEM_SUITE("ctl", 1, NULL, false, eject_and_insert, another_card, a_busy_card,
    watch_shows_it_in_words)
