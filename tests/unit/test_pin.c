/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Secrets with a counter. The program is linked with --wrap=store_put, which a
 * test makes fail, and --wrap=secret_hmac_sha256, to see what is in the store
 * when a value is hashed for the comparison.
 */
#include "tests/unit/unit.h"

#include <string.h>

#include "card/core/pin.h"
#include "card/crypto/secret.h"
#include "tests/unit/rig.h"

int __real_store_put(struct store *, struct place, const void *, size_t);
int __wrap_store_put(struct store *, struct place, const void *, size_t);
int __real_secret_hmac_sha256(
    const void *, size_t, const void *, size_t, uint8_t *);
int __wrap_secret_hmac_sha256(
    const void *, size_t, const void *, size_t, uint8_t *);

static const struct place place = {.app = STORE_PIV, .kind = 9, .id = 0x80};
static const struct place other = {.app = STORE_PIV, .kind = 9, .id = 0x81};

static int put_fails;       /* the n-th call does; 0: none */
static struct rig *watched; /* hashes while a test looks on */
static int left_at_compare;

int
__wrap_store_put(struct store *s, struct place at, const void *data, size_t len)
{
	if (put_fails > 0 && --put_fails == 0)
		return -ENOSPC;
	return __real_store_put(s, at, data, len);
}

/* The store's keys are longer than a salt. */
int
__wrap_secret_hmac_sha256(
    const void *key, size_t key_len, const void *data, size_t len, uint8_t *out)
{
	struct pin_state state;

	if (watched != NULL && key_len == 16 &&
	    pin_get_state(&watched->env, place, &state) == 0)
		left_at_compare = state.left;
	return __real_secret_hmac_sha256(key, key_len, data, len, out);
}

static void
bench(struct rig *rig)
{
	struct store *store;

	ck_assert_int_eq(store_new_memory(&store), 0);
	rig_init(rig, store);
	put_fails = 0;
	watched = NULL;
	left_at_compare = -1;
	ck_assert_int_eq(
	    pin_set(&rig->env, place, (const uint8_t *)"123456", 6, 3, true),
	    0);
}

static void
clear(struct rig *rig)
{
	store_free(rig->env.store);
	rig_clear(rig);
}

static uint16_t
verify(struct rig *rig, const char *value)
{
	return pin_verify(
	    &rig->env, place, (const uint8_t *)value, strlen(value))
	    .v;
}

static void
expect_state(struct rig *rig, unsigned total, unsigned left, bool is_default)
{
	struct pin_state state;

	ck_assert_int_eq(pin_get_state(&rig->env, place, &state), 0);
	ck_assert_uint_eq(state.total, total);
	ck_assert_uint_eq(state.left, left);
	ck_assert_int_eq(state.is_default, is_default);
}

START_TEST(three_wrong_ones_block)
{
	struct rig rig;

	bench(&rig);
	expect_state(&rig, 3, 3, true);
	ck_assert_uint_eq(verify(&rig, "123457"), 0x63C2);
	expect_state(&rig, 3, 2, true);
	ck_assert_uint_eq(verify(&rig, "123456"), 0x9000);
	expect_state(&rig, 3, 3, true);
	ck_assert_uint_eq(verify(&rig, ""), 0x63C2);
	ck_assert_uint_eq(verify(&rig, "12345"), 0x63C1);
	ck_assert_uint_eq(verify(&rig, "1234566"), 0x63C0);
	ck_assert_uint_eq(verify(&rig, "123456"), 0x6983);
	expect_state(&rig, 3, 0, true);
	clear(&rig);
}
END_TEST

START_TEST(a_change_fills_the_counter)
{
	struct rig rig;

	bench(&rig);
	while (verify(&rig, "x") != 0x6983)
		;
	ck_assert_uint_eq(
	    pin_change(&rig.env, place, (const uint8_t *)"abcdef", 6).v,
	    0x9000);
	expect_state(&rig, 3, 3, false);
	ck_assert_uint_eq(verify(&rig, "123456"), 0x63C2);
	ck_assert_uint_eq(verify(&rig, "abcdef"), 0x9000);
	clear(&rig);
}
END_TEST

START_TEST(many_tries_show_as_fifteen)
{
	struct rig rig;

	bench(&rig);
	ck_assert_int_eq(
	    pin_set(&rig.env, place, (const uint8_t *)"1", 1, 255, false), 0);
	ck_assert_uint_eq(verify(&rig, "2"), 0x63CF);
	expect_state(&rig, 255, 254, false);
	clear(&rig);
}
END_TEST

START_TEST(what_is_not_there_is_not_found)
{
	struct pin_state state;
	struct rig rig;

	bench(&rig);
	ck_assert_int_eq(pin_get_state(&rig.env, other, &state), -ENOENT);
	ck_assert_uint_eq(pin_verify(&rig.env, other, NULL, 0).v, 0x6A88);
	ck_assert_uint_eq(pin_change(&rig.env, other, NULL, 0).v, 0x6A88);
	clear(&rig);
}
END_TEST

START_TEST(a_damaged_record_is_not_used)
{
	static const size_t lens[] = {0, 1, 50, 52, 500};
	uint8_t record[500] = {3, 3};
	struct pin_state state;
	struct rig rig;

	bench(&rig);
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		ck_assert_int_eq(
		    store_put(rig.env.store, place, record, lens[i]), 0);
		ck_assert_int_eq(
		    pin_get_state(&rig.env, place, &state), -EBADMSG);
		ck_assert_uint_eq(verify(&rig, "123456"), 0x6F00);
	}
	record[1] = 4; /* more left than there are */
	ck_assert_int_eq(store_put(rig.env.store, place, record, 51), 0);
	ck_assert_uint_eq(verify(&rig, "123456"), 0x6F00);
	ck_assert_uint_eq(pin_change(&rig.env, place, record, 6).v, 0x6F00);
	clear(&rig);
}
END_TEST

START_TEST(the_try_counts_before_the_comparison)
{
	struct rig rig;

	bench(&rig);
	watched = &rig;
	ck_assert_uint_eq(verify(&rig, "123456"), 0x9000);
	ck_assert_int_eq(left_at_compare, 2);
	ck_assert_uint_eq(verify(&rig, "1"), 0x63C2);
	ck_assert_int_eq(left_at_compare, 2);
	ck_assert_uint_eq(verify(&rig, "1"), 0x63C1);
	ck_assert_int_eq(left_at_compare, 1);
	watched = NULL;
	clear(&rig);
}
END_TEST

START_TEST(what_cannot_be_written_is_not_answered)
{
	struct rig rig;

	bench(&rig);
	watched = &rig;
	put_fails = 1; /* the try: nothing is compared */
	ck_assert_uint_eq(verify(&rig, "123456"), 0x6581);
	ck_assert_int_eq(left_at_compare, -1);
	expect_state(&rig, 3, 3, true);
	put_fails = 2; /* the full counter: the try stays used */
	ck_assert_uint_eq(verify(&rig, "123456"), 0x6581);
	expect_state(&rig, 3, 2, true);
	put_fails = 1;
	ck_assert_uint_eq(
	    pin_change(&rig.env, place, (const uint8_t *)"x", 1).v, 0x6581);
	ck_assert_uint_eq(verify(&rig, "123456"), 0x9000);
	watched = NULL;
	clear(&rig);
}
END_TEST

START_TEST(without_salt_nothing_is_written)
{
	struct rig rig;

	bench(&rig);
	rig.random_left = 0;
	ck_assert_uint_eq(
	    pin_change(&rig.env, place, (const uint8_t *)"x", 1).v, 0x6F00);
	ck_assert(rig.env.stopped);
	ck_assert_int_eq(pin_set(&rig.env, other, NULL, 0, 3, false), -EIO);
	rig.env.stopped = false;
	ck_assert_uint_eq(verify(&rig, "123456"), 0x9000);
	clear(&rig);
}
END_TEST

/* Equal PINs look different, and none is in the store as it is. */
START_TEST(records_tell_nothing)
{
	struct buf a, b;
	struct rig rig;

	bench(&rig);
	ck_assert_int_eq(
	    pin_set(&rig.env, other, (const uint8_t *)"123456", 6, 3, true), 0);
	buf_init(&a, STORE_RECORD_MAX);
	buf_init(&b, STORE_RECORD_MAX);
	ck_assert_int_eq(store_get(rig.env.store, place, &a), 0);
	ck_assert_int_eq(store_get(rig.env.store, other, &b), 0);
	ck_assert_uint_eq(buf_len(&a), buf_len(&b));
	ck_assert(memcmp(buf_get(&a) + 3, buf_get(&b) + 3, 16) != 0);
	ck_assert(memcmp(buf_get(&a) + 19, buf_get(&b) + 19, 32) != 0);
	ck_assert_ptr_null(memmem(buf_get(&a), buf_len(&a), "123456", 6));
	buf_clear(&a);
	buf_clear(&b);
	clear(&rig);
}
END_TEST

UNIT_SUITE("pin", three_wrong_ones_block, a_change_fills_the_counter,
    many_tries_show_as_fifteen, what_is_not_there_is_not_found,
    a_damaged_record_is_not_used, the_try_counts_before_the_comparison,
    what_cannot_be_written_is_not_answered, without_salt_nothing_is_written,
    records_tell_nothing)
