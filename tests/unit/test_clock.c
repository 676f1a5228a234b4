/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <limits.h>

#include "util/clock.h"
#include "util/err.h"

START_TEST(it_never_goes_back)
{
	int64_t before = clock_now();

	ck_assert_int_gt(before, 0);
	for (int i = 0; i < 1000; i++) {
		int64_t now = clock_now();

		ck_assert_int_ge(now, before);
		before = now;
	}
}
END_TEST

START_TEST(deadlines_are_in_the_future)
{
	int64_t before = clock_now(), deadline = clock_after(5000);

	ck_assert_int_ge(deadline, before + 5000);
	ck_assert_int_le(deadline, clock_now() + 5000);
	ck_assert_int_eq(clock_after(-1), CLOCK_NEVER);
}
END_TEST

START_TEST(left_is_what_poll_wants)
{
	ck_assert_int_eq(clock_left(CLOCK_NEVER), -1);
	ck_assert_int_eq(clock_left(clock_now() - 1), 0);
	ck_assert_int_eq(clock_left(0), 0);
	ck_assert_int_gt(clock_left(clock_after(60000)), 50000);
	ck_assert_int_le(clock_left(clock_after(60000)), 60001);
	ck_assert_int_eq(clock_left(CLOCK_NEVER - 1), INT_MAX);
}
END_TEST

START_TEST(a_spec_is_the_same_point)
{
	struct timespec ts = clock_spec(1234567);

	ck_assert_int_eq(ts.tv_sec, 1234);
	ck_assert_int_eq(ts.tv_nsec, 567000000);
	ts = clock_spec(CLOCK_NEVER);
	ck_assert_int_gt(ts.tv_sec, clock_now() / 1000 + 86400);
	ck_assert_int_lt(ts.tv_nsec, 1000000000);
}
END_TEST

START_TEST(errors_have_texts)
{
	ck_assert_str_eq(err_text(-ENOMEM), err_text(ENOMEM));
	ck_assert_str_ne(err_text(ENOMEM), err_text(EPROTO));
	ck_assert_str_eq(err_text(-100000), "unknown error");
}
END_TEST

UNIT_SUITE("clock", it_never_goes_back, deadlines_are_in_the_future,
    left_is_what_poll_wants, a_spec_is_the_same_point, errors_have_texts)
