/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

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

UNIT_SUITE("slot", another_links_card_stays_in, another_links_request_goes_on,
    another_links_card_stays_out, news_have_their_pace)
