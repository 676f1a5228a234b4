/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A card changed faster than anybody looks: pcscd must still have counted a
 * removal and an insertion, and show the new ATR.
 */
#include "tests/system/system.h"

#include "tests/fakes/stock_peer.h"
#include "tests/system/pc.h"

enum { ROUNDS = 100 };

#define ATR_A "3B0411223344"
#define ATR_B "3B0455667788"
#define REMOVE "00000006 00000000 00000000"
#define ATR(bytes) "00000005 00000000 00000006 " bytes
#define READER_AGAIN                                                           \
	"00000004 00000000 00000000 00000003 00000000 00000000"

static void
hear_acks(int fd, unsigned n)
{
	while (n-- > 0)
		script_hear(fd, SAY_ERROR, 0, SCRIPT_OK);
}

/* The card is seen, after at least so many insertions and removals. */
static unsigned
see_swap(struct pcsc_watch *watch, const char *card, unsigned before,
    unsigned exactly)
{
	struct pcsc_event event = pcsc_watch_past_empty(watch, 0, card);
	unsigned steps = (event.counter - before) & 0xffff;

	ck_assert_msg(steps == exactly, "%u events instead of %u", steps,
	    exactly);
	return event.counter;
}

static void
swap_rounds(const char *to_a, const char *to_b, const char *card_b,
    unsigned acks)
{
	struct pcsc_watch *watch = system_watch();
	int fd = stock_peer_start(system_endpoint(), ATR_A);
	unsigned counter = pcsc_watch_past_empty(watch, 0,
	    "card " ATR_A).counter;
	struct pc pc;
	unsigned i;

	for (i = 0; i < ROUNDS; i++) {
		pc_open(&pc, 0);
		script_send(fd, i % 2 == 0 ? to_b : to_a);
		hear_acks(fd, acks);
		counter = see_swap(watch, i % 2 == 0 ? card_b : "card " ATR_A,
		    counter, 2);
		pc_refused(&pc, "00A4040000", SCARD_W_REMOVED_CARD);
		pc_close(&pc, SCARD_LEAVE_CARD);
	}
	script_quiet(fd);
}

START_TEST(removal_and_insertion_in_one_send)
{
	swap_rounds(REMOVE ATR(ATR_A), REMOVE ATR(ATR_B), "card " ATR_B, 2);
}
END_TEST

START_TEST(same_card_again)
{
	swap_rounds(REMOVE ATR(ATR_A), REMOVE ATR(ATR_A), "card " ATR_A, 2);
}
END_TEST

/*
 * With no application in it the card is powered but unused, and pcscd powers
 * it down at the same moment: that asks for its presence, too.
 */
START_TEST(nobody_uses_the_card)
{
	struct pcsc_watch *watch = system_watch();
	int fd = stock_peer_start(system_endpoint(), ATR_A);
	unsigned counter = pcsc_watch_past_empty(watch, 0,
	    "card " ATR_A).counter;
	unsigned i;

	for (i = 0; i < ROUNDS; i++) {
		script_send(fd, i % 2 == 0 ? REMOVE ATR(ATR_B) :
		    REMOVE ATR(ATR_A));
		hear_acks(fd, 2);
		counter = see_swap(watch, i % 2 == 0 ? "card " ATR_B :
		    "card " ATR_A, counter, 2);
	}
}
END_TEST

/* No CardRemove at all: the second ATR says that the card changed. */
START_TEST(atr_upon_atr)
{
	swap_rounds(ATR(ATR_A), ATR(ATR_B), "card " ATR_B, 1);
}
END_TEST

/* Several swaps in one send: at least the last one is seen as one. */
START_TEST(swaps_in_a_row)
{
	struct pcsc_watch *watch = system_watch();
	int fd = stock_peer_start(system_endpoint(), ATR_A);
	unsigned before = pcsc_watch_past_empty(watch, 0,
	    "card " ATR_A).counter;
	struct pcsc_event event;

	script_send(fd, REMOVE ATR(ATR_B) REMOVE ATR(ATR_A) REMOVE ATR(ATR_B));
	hear_acks(fd, 6);
	event = pcsc_watch_until(watch, 0, "card " ATR_B);
	ck_assert_uint_ge(event.counter, before + 2);
	ck_assert_uint_eq((event.counter - before) % 2, 0);
}
END_TEST

/* The same with the reader going and coming in between. */
START_TEST(reader_and_card_in_one_send)
{
	struct pcsc_watch *watch = system_watch();
	int fd = stock_peer_start(system_endpoint(), ATR_A);
	unsigned before = pcsc_watch_past_empty(watch, 0,
	    "card " ATR_A).counter;
	struct pcsc_event event;
	struct pc pc;

	pc_open(&pc, 0);
	script_send(fd, READER_AGAIN ATR(ATR_B));
	hear_acks(fd, 3);
	event = pcsc_watch_until(watch, 0, "card " ATR_B);
	ck_assert_uint_ge(event.counter, before + 2);
	pc_refused(&pc, "00A4040000", SCARD_W_REMOVED_CARD);
	pc_close(&pc, SCARD_LEAVE_CARD);
}
END_TEST

/* In and out again: it must end up empty. */
START_TEST(insertion_and_removal_in_one_send)
{
	struct pcsc_watch *watch = system_watch();
	int fd = stock_peer_start(system_endpoint(), ATR_A);

	pcsc_watch_past_empty(watch, 0, "card " ATR_A);
	script_send(fd, REMOVE ATR(ATR_B) REMOVE);
	hear_acks(fd, 3);
	pcsc_watch_until(watch, 0, "empty");
	stock_peer_insert(fd, 0, ATR_B);
	pcsc_watch_until(watch, 0, "card " ATR_B);
}
END_TEST

SYSTEM_SUITE("swap", 1, NULL, false, removal_and_insertion_in_one_send,
    same_card_again, nobody_uses_the_card, atr_upon_atr, swaps_in_a_row, reader_and_card_in_one_send,
    insertion_and_removal_in_one_send)
