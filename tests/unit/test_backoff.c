/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include "net/backoff.h"

static const unsigned bases[] = {200, 400, 800, 1600, 3200, 6400, 12800, 25600,
    30000, 30000, 30000};

enum { BASES = sizeof(bases) / sizeof(bases[0]) };

START_TEST(waits_double_up_to_the_last)
{
	struct backoff b;

	for (uint32_t seed = 0; seed < 1000; seed++) {
		backoff_init(&b, seed);
		for (int i = 0; i < BASES; i++) {
			unsigned ms = backoff_next(&b);

			ck_assert_uint_le(ms, bases[i]);
			ck_assert_uint_ge(ms, bases[i] * 3 / 4);
		}
	}
}
END_TEST

START_TEST(waits_scatter)
{
	struct backoff a;
	struct backoff b;
	int same = 0;

	backoff_init(&a, 1);
	backoff_init(&b, 2);
	for (int i = 0; i < 100; i++)
		same += backoff_next(&a) == backoff_next(&b);
	ck_assert_int_lt(same, 10);
}
END_TEST

START_TEST(same_seed_same_waits)
{
	struct backoff a;
	struct backoff b;

	backoff_init(&a, 7);
	backoff_init(&b, 7);
	for (int i = 0; i < 20; i++)
		ck_assert_uint_eq(backoff_next(&a), backoff_next(&b));
}
END_TEST

START_TEST(reset_begins_anew)
{
	struct backoff b;

	backoff_init_random(&b);
	for (int i = 0; i < 20; i++)
		(void)backoff_next(&b);
	backoff_reset(&b);
	ck_assert_uint_le(backoff_next(&b), BACKOFF_FIRST_MS);
}
END_TEST

UNIT_SUITE("backoff", waits_double_up_to_the_last, waits_scatter,
    same_seed_same_waits, reset_begins_anew)
