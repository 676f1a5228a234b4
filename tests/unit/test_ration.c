/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include "util/ration.h"

enum { START = 123456, MOST = 10, EVERY = 1000 };

static void
take_all(struct ration *r, int64_t now)
{
	unsigned withheld = 77;

	for (int i = 0; i < MOST; i++) {
		ck_assert(ration_take(r, now, &withheld));
		ck_assert_uint_eq(withheld, 0);
	}
}

START_TEST(so_many_and_then_one_at_a_time)
{
	struct ration r;
	unsigned withheld = 77;

	ration_init(&r, MOST, EVERY);
	take_all(&r, START);
	for (int i = 0; i < 5000; i++)
		ck_assert(!ration_take(&r, START + EVERY - 1, &withheld));
	ck_assert_uint_eq(withheld, 77);
	ck_assert(ration_take(&r, START + EVERY, &withheld));
	ck_assert_uint_eq(withheld, 5000);
	ck_assert(!ration_take(&r, START + EVERY, &withheld));
	ck_assert(ration_take(&r, START + 2 * EVERY + 1, &withheld));
	ck_assert_uint_eq(withheld, 1);
	/* Nothing is lost between two that come late. */
	ck_assert(ration_take(&r, START + 3 * EVERY, &withheld));
	ck_assert_uint_eq(withheld, 0);
}
END_TEST

START_TEST(it_grows_to_the_full_and_no_further)
{
	struct ration r;
	unsigned withheld;

	ration_init(&r, MOST, EVERY);
	take_all(&r, START);
	take_all(&r, START + 1000 * EVERY);
	ck_assert(!ration_take(&r, START + 1000 * EVERY, &withheld));
}
END_TEST

START_TEST(the_next_one_has_its_time)
{
	struct ration r;

	ration_init(&r, MOST, EVERY);
	ck_assert_int_eq(ration_next(&r, START), START);
	take_all(&r, START);
	ck_assert_int_eq(ration_next(&r, START), START + EVERY);
	ck_assert_int_eq(ration_next(&r, START + 10), START + EVERY);
	ck_assert_int_eq(
	    ration_next(&r, START + EVERY + 10), START + EVERY + 10);
}
END_TEST

UNIT_SUITE("ration", so_many_and_then_one_at_a_time,
    it_grows_to_the_full_and_no_further, the_next_one_has_its_time)
