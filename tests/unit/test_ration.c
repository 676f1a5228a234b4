/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include "util/ration.h"

START_TEST(ten_lines_and_then_a_rest)
{
	struct ration r = {0};
	unsigned withheld = 77;
	int64_t now = 123456;

	for (int i = 0; i < RATION_LINES; i++) {
		ck_assert(ration_take(&r, now, &withheld));
		ck_assert_uint_eq(withheld, 0);
	}
	for (int i = 0; i < 5000; i++)
		ck_assert(!ration_take(&r, now + RATION_MS - 1, &withheld));
	ck_assert(ration_take(&r, now + RATION_MS, &withheld));
	ck_assert_uint_eq(withheld, 5000);
	ck_assert(ration_take(&r, now + RATION_MS, &withheld));
	ck_assert_uint_eq(withheld, 0);
}
END_TEST

UNIT_SUITE("ration", ten_lines_and_then_a_rest)
