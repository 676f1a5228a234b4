/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A card changed faster than anybody looks: pcscd must still have counted a
 * removal and an insertion, and show the new ATR.
 */
#include "tests/system/system.h"

#include "tests/fakes/fake_card.h"
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

/*
 * What pcscd had counted when the first card was in (or one less, see
 * pcsc_watch.h), and how many swaps were seen since.
 */
struct tally {
	struct pcsc_watch *watch;
	unsigned start;
	unsigned swaps;
};

static void
tally_start(struct tally *tally, struct pcsc_watch *watch)
{
	tally->watch = watch;
	tally->start = pcsc_watch_past_empty(watch, 0, "card " ATR_A).counter;
	tally->swaps = 0;
}

/* The card is seen, and a removal and an insertion have been counted. */
static void
tally_swap(struct tally *tally, const char *card)
{
	tally->swaps++;
	pcsc_watch_past_empty(tally->watch, 0, card);
	(void)pcsc_watch_counter(tally->watch, 0,
	    tally->start + 2 * tally->swaps);
}

/* And nothing else has. */
static void
tally_end(struct tally *tally)
{
	unsigned all = 2 * tally->swaps;
	unsigned count = pcsc_watch_counter(tally->watch, 0, 0) - tally->start;

	ck_assert_msg(count == all || count == all + 1, "%u events, not %u",
	    count, all);
}

static const char *
card_of_round(unsigned i)
{
	return i % 2 == 0 ? "card " ATR_B : "card " ATR_A;
}

static void
swap_rounds(const char *to_a, const char *to_b, const char *card_b,
    unsigned acks)
{
	struct pcsc_watch *watch = system_watch();
	int fd = stock_peer_start(system_endpoint(), ATR_A);
	struct tally tally;
	struct pc pc;
	unsigned i;

	tally_start(&tally, watch);
	for (i = 0; i < ROUNDS; i++) {
		pc_open(&pc, 0);
		script_send(fd, i % 2 == 0 ? to_b : to_a);
		hear_acks(fd, acks);
		tally_swap(&tally, i % 2 == 0 ? card_b : "card " ATR_A);
		pc_refused(&pc, "00A4040000", SCARD_W_REMOVED_CARD);
		pc_close(&pc, SCARD_LEAVE_CARD);
	}
	tally_end(&tally);
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
	struct tally tally;
	unsigned i;

	tally_start(&tally, watch);
	for (i = 0; i < ROUNDS; i++) {
		script_send(fd, i % 2 == 0 ? REMOVE ATR(ATR_B) :
		    REMOVE ATR(ATR_A));
		hear_acks(fd, 2);
		tally_swap(&tally, card_of_round(i));
	}
	tally_end(&tally);
}
END_TEST

/*
 * Two applications are in the card: one's command waits for its answer, the
 * other's waits in pcscd for its turn. The swap ends the first at once; the
 * second fails, or comes so late that pcscd gives it to the new card. In the
 * end the new card is what everybody sees.
 */
START_TEST(commands_wait_for_the_old_card)
{
	struct pcsc_watch *watch = system_watch();
	struct fake_card *card = fake_card_start(system_endpoint(), ATR_A);
	struct pc_call calls[2];
	struct tally tally;
	struct pc pcs[2];
	unsigned i;

	tally_start(&tally, watch);
	for (i = 0; i < ROUNDS; i++) {
		pc_open(&pcs[0], 0);
		pc_open(&pcs[1], 0);
		pc_call_start(&calls[0], &pcs[0], "80030000");
		fake_card_wait(card, FAKE_HELD, i + 1);
		pc_call_start(&calls[1], &pcs[1], "80010000");
		fake_card_remove(card, 0);
		fake_card_insert(card, 0, i % 2 == 0 ? ATR_B : ATR_A);
		ck_assert_int_ne(pc_call_end(&calls[0]), SCARD_S_SUCCESS);
		(void)pc_call_end(&calls[1]);
		tally_swap(&tally, card_of_round(i));
		pc_refused(&pcs[0], "80010000", SCARD_W_REMOVED_CARD);
		pc_refused(&pcs[1], "80010000", SCARD_W_REMOVED_CARD);
		pc_close(&pcs[0], SCARD_LEAVE_CARD);
		pc_close(&pcs[1], SCARD_LEAVE_CARD);
	}
	tally_end(&tally);
	fake_card_free(&card);
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
	ck_assert_uint_gt(event.counter, before);
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
	ck_assert_uint_gt(event.counter, before);
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
    same_card_again, nobody_uses_the_card, commands_wait_for_the_old_card, atr_upon_atr, swaps_in_a_row, reader_and_card_in_one_send,
    insertion_and_removal_in_one_send)
