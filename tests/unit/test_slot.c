/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include "ifd/link.h"
#include "ifd/slot.h"
#include "util/clock.h"

static const uint8_t atr[] = {0x3b, 0x00};

/* No more of a link than a slot looks at; `was` had the slot before `is`. */
static struct link was = {.refs = 1}, is = {.refs = 1};

static void
slot_set_up(struct slot *slot)
{
	const struct tenant tenant = {.known = true};

	ck_assert_int_eq(slot_init(slot, NULL, 0), 0);
	ck_assert(slot_claim(slot, &was, &tenant));
	slot_insert(slot, atr, sizeof(atr));
	slot_detach(slot, -ECONNRESET);
	ck_assert(slot_claim(slot, &is, &tenant));
	slot_insert(slot, atr, sizeof(atr));
	ck_assert(!slot_claim(slot, &was, &tenant));
}

static void
slot_tear_down(struct slot *slot)
{
	slot_detach(slot, -ECONNRESET);
	slot_clear(slot);
	ck_assert_uint_eq(was.refs, 1);
	ck_assert_uint_eq(is.refs, 1);
}

/* Whoever asked for the eject meant the card that was there before. */
START_TEST(another_links_card_stays_in)
{
	struct slot slot;
	struct slot_view view;

	slot_set_up(&slot);
	ck_assert_int_eq(slot_withhold(&slot, &was), -ENODEV);
	slot_get_view(&slot, &view);
	ck_assert_int_eq(view.mode, SLOT_CARD);
	ck_assert_int_eq(view.hold, SLOT_HOLD_NONE);
	link_unref(view.link);
	ck_assert_int_eq(slot_withhold(&slot, &is), 0);
	ck_assert_int_eq(slot_get_hold(&slot), SLOT_HOLD_EJECTED);
	slot_tear_down(&slot);
}
END_TEST

/* A request in flight on the other link does not end that one. */
START_TEST(another_links_request_goes_on)
{
	struct slot slot;
	struct request request = {.kind = REQUEST_APDU};

	slot_set_up(&slot);
	slot_open(&slot);
	slot_wait(&slot, 0);
	slot_connect(&slot);
	ck_assert_int_eq(slot_begin(&slot, &was, &request), -ENODEV);
	ck_assert_int_eq(slot_begin(&slot, &is, &request), 0);
	ck_assert_int_eq(slot_withhold(&slot, &was), -ENODEV);
	ck_assert_int_eq(slot_get_hold(&slot), SLOT_HOLD_NONE);
	ck_assert_int_eq(slot_withhold(&slot, &is), -EBUSY);
	/* Nor is it spared what its own link has been told. */
	ck_assert_int_eq(slot_want(&slot, &was), -ENODEV);
	ck_assert_int_eq(slot_get_hold(&slot), SLOT_HOLD_DUE);
	ck_assert_int_eq(slot_want(&slot, &is), 0);
	ck_assert_int_eq(slot_get_hold(&slot), SLOT_HOLD_NONE);
	slot_withdraw(&slot);
	slot_tear_down(&slot);
}
END_TEST

START_TEST(another_links_card_stays_out)
{
	struct slot slot;

	slot_set_up(&slot);
	ck_assert_int_eq(slot_withhold(&slot, &is), 0);
	slot_set_hold(&slot, SLOT_HOLD_COLD);
	ck_assert_int_eq(slot_want(&slot, &was), -ENODEV);
	ck_assert(!slot_restore(&slot));
	ck_assert_int_eq(slot_want(&slot, &is), 0);
	ck_assert(slot_restore(&slot));
	slot_tear_down(&slot);
	ck_assert_int_eq(slot_init(&slot, NULL, 0), 0);
	ck_assert_int_eq(slot_withhold(&slot, &is), -ENODEV);
	ck_assert_int_eq(slot_want(&slot, &is), -ENODEV);
	slot_clear(&slot);
}
END_TEST

static void
toggle(struct slot *slot)
{
	if (slot_presence(slot) == SLOT_CARD)
		slot_eject(slot);
	else
		slot_insert(slot, atr, sizeof(atr));
}

/* News that have to wait wake nobody before. */
static void
check_sleep(struct slot *slot)
{
	int64_t next;

	do {
		toggle(slot);
		slot_wait(slot, 0);
		next = ration_next(&slot->pace, clock_now());
	} while (!slot->news);
	slot_wait(slot, 1000);
	ck_assert_int_ge(clock_now(), next);
	ck_assert(!slot->news);
}

/* A card that comes and goes for ever is shown so often and no more. */
START_TEST(news_have_their_pace)
{
	const struct tenant tenant = {.known = true};
	int64_t until = clock_after(4 * SLOT_NEWS_MS), late;
	enum slot_mode before = SLOT_EMPTY;
	unsigned changes = 0;
	struct slot slot;

	ck_assert_int_eq(slot_init(&slot, NULL, 0), 0);
	slot_open(&slot);
	ck_assert(slot_claim(&slot, &is, &tenant));
	while (clock_left(until) > 0 || changes < SLOT_NEWS) {
		toggle(&slot);
		slot_wait(&slot, 0);
		changes += slot_presence(&slot) != before;
		before = slot_presence(&slot);
	}
	late = clock_now() - until;
	ck_assert_int_le(changes, SLOT_NEWS + 5 + late / SLOT_NEWS_MS);
	check_sleep(&slot);
	/* The last one comes, however many there were. */
	slot_insert(&slot, atr, sizeof(atr));
	while (slot_presence(&slot) != SLOT_CARD)
		slot_wait(&slot, 1000);
	slot_detach(&slot, -ECONNRESET);
	slot_clear(&slot);
}
END_TEST

static void *
ask_main(void *arg)
{
	return (void *)(uintptr_t)slot_presence(arg);
}

static void *
fail_main(void *arg)
{
	slot_failed(arg);
	return NULL;
}

/* On one of pcscd's threads that is not the one of slot_wait. */
static void
elsewhere(void *(*fn)(void *), struct slot *slot)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, fn, slot), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

static void
check_told(struct slot *slot, enum slot_mode mode)
{
	slot_wait(slot, 0);
	ck_assert_int_eq(slot_presence(slot), mode);
}

/* pcscd has been told of a card, and of its removal. */
static void
card_shown_and_gone(struct slot *slot)
{
	slot_set_up(slot);
	slot_open(slot);
	check_told(slot, SLOT_CARD);
	slot_eject(slot);
	check_told(slot, SLOT_EMPTY);
}

/* As if no time went by. */
static void
freeze(struct slot *slot)
{
	ck_assert_int_gt(slot->quiet, 0);
	slot->quiet = slot->quiet_end = CLOCK_NEVER;
}

/* Who was told that there is no card has to say so before there is one. */
START_TEST(the_next_card_waits_for_who_saw_none)
{
	struct slot slot;

	slot_set_up(&slot);
	slot_open(&slot);
	check_told(&slot, SLOT_CARD);
	elsewhere(ask_main, &slot);
	slot_eject(&slot);
	check_told(&slot, SLOT_EMPTY);
	ck_assert_int_eq(slot.quiet, 0);
	elsewhere(ask_main, &slot);
	freeze(&slot);
	slot_insert(&slot, atr, sizeof(atr));
	check_told(&slot, SLOT_EMPTY);
	slot_stop(&slot);
	check_told(&slot, SLOT_CARD);
	slot_tear_down(&slot);
}
END_TEST

/* He may not end with slot_stop. */
START_TEST(the_next_card_waits_for_a_while)
{
	struct slot slot;

	card_shown_and_gone(&slot);
	elsewhere(ask_main, &slot);
	slot_insert(&slot, atr, sizeof(atr));
	while (slot_presence(&slot) != SLOT_CARD)
		slot_wait(&slot, 1000);
	ck_assert_int_ge(clock_now(), slot.quiet);
	slot_tear_down(&slot);
}
END_TEST

/* However often he asks. */
START_TEST(the_next_card_does_not_wait_for_ever)
{
	enum { PAST = 1 };
	struct slot slot;

	card_shown_and_gone(&slot);
	elsewhere(ask_main, &slot);
	slot_insert(&slot, atr, sizeof(atr));
	freeze(&slot);
	slot.quiet_end = PAST;
	elsewhere(ask_main, &slot);
	ck_assert_int_eq(slot.quiet, PAST);
	/* Nor does it begin anew before the card was shown. */
	elsewhere(ask_main, &slot);
	ck_assert_int_eq(slot.quiet, PAST);
	check_told(&slot, SLOT_CARD);
	slot_tear_down(&slot);
}
END_TEST

/* pcscd notes a mute card after the removal: it has to hear of it again. */
START_TEST(the_removal_is_told_again)
{
	struct slot slot;

	card_shown_and_gone(&slot);
	slot_failed(&slot);
	check_told(&slot, SLOT_EMPTY);
	elsewhere(fail_main, &slot);
	freeze(&slot);
	check_told(&slot, SLOT_EMPTY);
	slot_stop(&slot);
	check_told(&slot, SLOT_DETACHED);
	check_told(&slot, SLOT_EMPTY);
	slot_tear_down(&slot);
}
END_TEST

/* The thread that the test is. */
static bool
is_asleep(void)
{
	char state = 0;
	FILE *file = fopen("/proc/self/stat", "re");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%*d (%*[^)]) %c", &state), 1);
	(void)fclose(file);
	return state == 'S';
}

static void *
fail_later_main(void *arg)
{
	while (!is_asleep())
		sched_yield();
	slot_failed(arg);
	return NULL;
}

/* Without slot_stop, for others use the reader still. */
START_TEST(the_removal_is_told_to_who_sleeps)
{
	pthread_t thread;
	struct slot slot;

	slot_set_up(&slot);
	slot_open(&slot);
	check_told(&slot, SLOT_CARD);
	slot_detach(&slot, -ECONNRESET);
	check_told(&slot, SLOT_EMPTY);
	check_told(&slot, SLOT_DETACHED);
	ck_assert(!slot.news);
	ck_assert_int_eq(
	    pthread_create(&thread, NULL, fail_later_main, &slot), 0);
	slot_wait(&slot, 600000);
	ck_assert_int_eq(slot_presence(&slot), SLOT_DETACHED);
	ck_assert(!slot.news);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	slot_tear_down(&slot);
}
END_TEST

static int
begin(struct slot *slot, bool raw)
{
	struct request request = {.kind = REQUEST_APDU, .raw = raw};
	int rc = slot_begin(slot, &is, &request);

	if (rc == 0)
		slot_withdraw(slot);
	return rc;
}

/* Let pass by pcscd when another card was there. */
START_TEST(a_command_is_for_the_card_it_was_meant_for)
{
	struct slot slot;

	slot_set_up(&slot);
	slot_open(&slot);
	slot_wait(&slot, 0);
	ck_assert_int_eq(begin(&slot, true), 0);
	ck_assert_int_eq(begin(&slot, false), -ENOMEDIUM);
	slot_connect(&slot);
	ck_assert_int_eq(begin(&slot, false), 0);
	slot_eject(&slot);
	slot_insert(&slot, atr, sizeof(atr));
	slot_connect(&slot);
	check_told(&slot, SLOT_EMPTY);
	check_told(&slot, SLOT_CARD);
	ck_assert_int_eq(begin(&slot, false), -ENOMEDIUM);
	slot_connect(&slot);
	ck_assert_int_eq(begin(&slot, false), 0);
	ck_assert_int_eq(slot_reinsert(&slot), -ENOMEDIUM);
	check_told(&slot, SLOT_EMPTY);
	check_told(&slot, SLOT_CARD);
	ck_assert_int_eq(begin(&slot, false), -ENOMEDIUM);
	ck_assert_int_eq(begin(&slot, false), 0);
	slot_tear_down(&slot);
}
END_TEST

UNIT_SUITE("slot", another_links_card_stays_in, another_links_request_goes_on,
    another_links_card_stays_out, news_have_their_pace,
    the_next_card_waits_for_who_saw_none, the_next_card_waits_for_a_while,
    the_next_card_does_not_wait_for_ever, the_removal_is_told_again,
    the_removal_is_told_to_who_sleeps,
    a_command_is_for_the_card_it_was_meant_for)
