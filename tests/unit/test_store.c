/* SPDX-License-Identifier: BSD-2-Clause */
/* Records, whatever they are kept in; the store has no file here. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/scratch.h"

static const struct place here = {STORE_PIV, 3, 0x9A};

static struct store *
memory(void)
{
	struct store *s = NULL;

	ck_assert_int_eq(store_new_memory(&s), 0);
	return s;
}

START_TEST(what_was_put_is_got)
{
	struct store *s = memory();

	scratch_is(s, here, NULL);
	scratch_put(s, here, "one");
	scratch_is(s, here, "one");
	scratch_put(s, here, "another");
	scratch_is(s, here, "another");
	scratch_put(s, here, "");
	scratch_is(s, here, "");
	ck_assert_int_eq(store_delete(s, here), 0);
	scratch_is(s, here, NULL);
	ck_assert_int_eq(store_delete(s, here), -ENOENT);
	ck_assert(!store_has_passphrase(s));
	store_free(s);
	store_free(NULL);
}
END_TEST

START_TEST(each_part_of_a_place_counts)
{
	static const struct place places[] = {{1, 0, 0}, {2, 0, 0}, {1, 1, 0},
	    {1, 0, 1}, {255, 255, UINT32_MAX}, {1, 0, UINT32_MAX}};
	struct store *s = memory();
	char text[2] = "a";

	for (unsigned i = 0; i < 6; i++) {
		text[0] = (char)('a' + i);
		scratch_put(s, places[i], text);
	}
	for (unsigned i = 0; i < 6; i++) {
		text[0] = (char)('a' + i);
		scratch_is(s, places[i], text);
	}
	store_free(s);
}
END_TEST

START_TEST(a_record_has_a_limit)
{
	static uint8_t big[STORE_RECORD_MAX + 1];
	struct store *s = memory();
	struct buf b;

	memset(big, 'x', sizeof(big));
	ck_assert_int_eq(store_put(s, here, big, STORE_RECORD_MAX), 0);
	ck_assert_int_eq(
	    store_put(s, here, big, STORE_RECORD_MAX + 1), -EMSGSIZE);
	buf_init(&b, STORE_RECORD_MAX);
	ck_assert_int_eq(store_get(s, here, &b), 0);
	ck_assert_uint_eq(buf_len(&b), STORE_RECORD_MAX);
	buf_clear(&b);
	buf_init(&b, 100);
	ck_assert_int_eq(store_get(s, here, &b), -ENOMEM);
	buf_clear(&b);
	store_free(s);
}
END_TEST

START_TEST(application_0_is_not_for_callers)
{
	struct place bad = {0, 0, 0};
	struct store *s = memory();
	struct buf b;

	buf_init(&b, 100);
	for (bad.id = 0; bad.id < 3; bad.id++) {
		ck_assert_int_eq(store_get(s, bad, &b), -EINVAL);
		ck_assert_int_eq(store_put(s, bad, "x", 1), -EINVAL);
		ck_assert_int_eq(store_delete(s, bad), -EINVAL);
		ck_assert_int_eq(store_next(s, &bad, true), -EINVAL);
	}
	ck_assert_int_eq(store_delete_app(s, 0), -EINVAL);
	store_free(s);
}
END_TEST

START_TEST(next_goes_through_one_kind)
{
	struct place at = {STORE_PIV, 3, 77};
	struct store *s = memory();

	ck_assert_int_eq(store_next(s, &at, true), 0);
	scratch_put(s, (struct place){STORE_PIV, 2, 9}, "before");
	scratch_put(s, (struct place){STORE_PIV, 4, 0}, "behind");
	scratch_put(s, (struct place){STORE_OATH, 3, 5}, "beside");
	scratch_put(s, (struct place){STORE_PIV, 3, UINT32_MAX}, "last");
	scratch_put(s, (struct place){STORE_PIV, 3, 0}, "first");
	scratch_put(s, (struct place){STORE_PIV, 3, 12}, "middle");
	ck_assert_int_eq(store_next(s, &at, true), 1);
	ck_assert_uint_eq(at.id, 0);
	ck_assert_int_eq(store_next(s, &at, false), 1);
	ck_assert_uint_eq(at.id, 12);
	/* It may be deleted meanwhile. */
	ck_assert_int_eq(store_delete(s, at), 0);
	ck_assert_int_eq(store_next(s, &at, false), 1);
	ck_assert_uint_eq(at.id, UINT32_MAX);
	ck_assert_int_eq(store_next(s, &at, false), 0);
	ck_assert_uint_eq(at.id, UINT32_MAX);
	store_free(s);
}
END_TEST

START_TEST(an_app_goes_alone)
{
	struct store *s = memory();

	for (uint32_t id = 0; id < 40; id++) {
		scratch_put(
		    s, (struct place){STORE_PIV, (uint8_t)id, id}, "piv");
		scratch_put(
		    s, (struct place){STORE_CARD, (uint8_t)id, id}, "card");
		scratch_put(
		    s, (struct place){STORE_OATH, (uint8_t)id, id}, "oath");
	}
	ck_assert_int_eq(store_delete_app(s, STORE_PIV), 0);
	for (uint32_t id = 0; id < 40; id++) {
		scratch_is(s, (struct place){STORE_PIV, (uint8_t)id, id}, NULL);
		scratch_is(
		    s, (struct place){STORE_CARD, (uint8_t)id, id}, "card");
		scratch_is(
		    s, (struct place){STORE_OATH, (uint8_t)id, id}, "oath");
	}
	ck_assert_int_eq(store_delete_app(s, STORE_PIV), 0);
	store_free(s);
}
END_TEST

START_TEST(a_transaction_is_all_or_nothing)
{
	static const struct place other = {STORE_PIV, 3, 1}, third = {9, 9, 9};
	struct store *s = memory();

	scratch_put(s, here, "old");
	scratch_put(s, other, "stays");
	ck_assert_int_eq(store_begin(s), 0);
	ck_assert_int_eq(store_begin(s), -EINVAL);
	scratch_put(s, here, "new");
	scratch_put(s, third, "more");
	ck_assert_int_eq(store_delete(s, other), 0);
	scratch_is(s, here, "new");
	scratch_is(s, other, NULL);
	store_rollback(s);
	scratch_is(s, here, "old");
	scratch_is(s, other, "stays");
	scratch_is(s, third, NULL);
	ck_assert_int_eq(store_commit(s), -EINVAL);
	store_rollback(s);

	ck_assert_int_eq(store_begin(s), 0);
	scratch_put(s, here, "new");
	ck_assert_int_eq(store_delete(s, other), 0);
	ck_assert_int_eq(store_delete(s, other), -ENOENT);
	ck_assert_int_eq(store_commit(s), 0);
	scratch_is(s, here, "new");
	scratch_is(s, other, NULL);
	store_free(s);
}
END_TEST

START_TEST(a_hundred_stores_know_nothing_of_each_other)
{
	struct store *stores[100];
	char text[16];

	for (unsigned i = 0; i < 100; i++)
		stores[i] = memory();
	for (unsigned i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "store %u", i);
		scratch_put(stores[i], here, text);
	}
	for (unsigned i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "store %u", i);
		scratch_is(stores[i], here, text);
		store_free(stores[i]);
	}
}
END_TEST

UNIT_SUITE("store", what_was_put_is_got, each_part_of_a_place_counts,
    a_record_has_a_limit, application_0_is_not_for_callers,
    next_goes_through_one_kind, an_app_goes_alone,
    a_transaction_is_all_or_nothing,
    a_hundred_stores_know_nothing_of_each_other)
