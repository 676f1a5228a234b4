/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <string.h>

#include "card/core/identity.h"
#include "tests/unit/rig.h"

static const struct place place = {.app = STORE_CARD, .kind = 1};

static void
bench(struct rig *rig)
{
	struct store *store;

	ck_assert_int_eq(store_new_memory(&store), 0);
	rig_init(rig, store);
}

static void
clear(struct rig *rig)
{
	store_free(rig->env.store);
	rig_clear(rig);
}

START_TEST(a_card_has_a_number_and_a_name)
{
	struct identity id, again;
	struct rig rig;

	bench(&rig);
	ck_assert_int_eq(identity_get(&rig.env, &id), -ENOENT);
	ck_assert_int_eq(identity_set_name(&rig.env, "x"), -ENOENT);
	ck_assert_int_eq(identity_format(&rig.env, "work"), 0);
	ck_assert_int_eq(identity_get(&rig.env, &id), 0);
	ck_assert_str_eq(id.name, "work");
	ck_assert_int_eq(identity_set_name(&rig.env, ""), 0);
	ck_assert_int_eq(identity_get(&rig.env, &again), 0);
	ck_assert_str_eq(again.name, "");
	ck_assert_uint_eq(again.serial, id.serial);
	ck_assert_int_eq(identity_format(&rig.env, ""), 0);
	ck_assert_int_eq(identity_get(&rig.env, &again), 0);
	ck_assert_uint_ne(again.serial, id.serial);
	clear(&rig);
}
END_TEST

START_TEST(numbers_have_eight_digits_at_most)
{
	uint32_t largest = 0;
	struct identity id;
	struct rig rig;

	bench(&rig);
	for (unsigned i = 0; i < 500; i++) {
		ck_assert_int_eq(identity_format(&rig.env, ""), 0);
		ck_assert_int_eq(identity_get(&rig.env, &id), 0);
		ck_assert(id.serial > 0 && id.serial <= 99999999);
		largest = id.serial > largest ? id.serial : largest;
	}
	ck_assert_uint_gt(largest, 90000000);
	clear(&rig);
}
END_TEST

#define EIGHT "abcdefgh"
#define SIXTY_FOUR EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT

START_TEST(names_are_text)
{
	static const char *const good[] = {"", "a", "My key",
	    "Schl\xC3\xBCssel", "\xE9\x8D\xB5", "\xF0\x9F\x94\x91",
	    "\xEE\x80\x80", "\xC2\xA0", "\xF4\x8F\xBF\xBF", SIXTY_FOUR};
	static const char *const bad[] = {SIXTY_FOUR "x", "a\n", "\x1B[31m",
	    "\x7F", "\xC2\x85", "\x80", "\xBF", "\xC3", "\xC3x", "\xC0\x80",
	    "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xED\xA0\x80",
	    "\xE9\x8D", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
	    "\xF5\x80\x80\x80", "\xFF", "ok\xFE"};
	struct identity id;
	struct rig rig;

	bench(&rig);
	ck_assert_int_eq(identity_format(&rig.env, "first"), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(identity_set_name(&rig.env, bad[i]) == -EINVAL,
		    "bad %zu", i);
		ck_assert_int_eq(identity_format(&rig.env, bad[i]), -EINVAL);
	}
	ck_assert_int_eq(identity_get(&rig.env, &id), 0);
	ck_assert_str_eq(id.name, "first");
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_msg(
		    identity_set_name(&rig.env, good[i]) == 0, "good %zu", i);
		ck_assert_int_eq(identity_get(&rig.env, &id), 0);
		ck_assert_str_eq(id.name, good[i]);
	}
	clear(&rig);
}
END_TEST

START_TEST(names_can_be_judged_before)
{
	ck_assert(identity_is_name("") && identity_is_name(SIXTY_FOUR));
	ck_assert(!identity_is_name(SIXTY_FOUR "x"));
	ck_assert(!identity_is_name("a\nb"));
}
END_TEST

START_TEST(a_damaged_record_is_not_used)
{
	static const struct {
		const char *bytes;
		size_t len;
	} records[] = {
	    {"", 0},
	    {"\0\0\1", 3},
	    {"\0\0\0\0name", 8},
	    {"\5\xF5\xE1\0name", 8}, /* 100000000 */
	    {"\0\0\0\1na\0me", 9},
	    {"\0\0\0\1\xFF", 5},
	    {"\0\0\0\1" SIXTY_FOUR "x", 69},
	};
	struct identity id = {.serial = 7};
	struct rig rig;

	bench(&rig);
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		ck_assert_int_eq(store_put(rig.env.store, place,
				     records[i].bytes, records[i].len),
		    0);
		ck_assert_msg(
		    identity_get(&rig.env, &id) == -EBADMSG, "record %zu", i);
		ck_assert_uint_eq(id.serial, 7);
	}
	ck_assert_int_eq(
	    store_put(rig.env.store, place, "\5\xF5\xE0\xFFname", 8), 0);
	ck_assert_int_eq(identity_get(&rig.env, &id), 0);
	ck_assert_uint_eq(id.serial, 99999999);
	clear(&rig);
}
END_TEST

START_TEST(without_random_numbers_there_is_no_number)
{
	struct rig rig;

	bench(&rig);
	rig.random_left = 0;
	ck_assert_int_eq(identity_format(&rig.env, ""), -EIO);
	ck_assert(rig.env.stopped);
	clear(&rig);
}
END_TEST

UNIT_SUITE("identity", a_card_has_a_number_and_a_name,
    numbers_have_eight_digits_at_most, names_are_text,
    names_can_be_judged_before, a_damaged_record_is_not_used,
    without_random_numbers_there_is_no_number)
