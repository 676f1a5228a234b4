/* SPDX-License-Identifier: BSD-2-Clause */
/* Who can open a file, and what is left of the old key when that changes. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "card/store/keyslot.h"
#include "tests/unit/scratch.h"

static const struct place here = {STORE_PIV, 3, 0x9A};

START_TEST(it_opens_with_the_passphrase_alone)
{
	struct scratch k;
	struct store *s;

	scratch_init(&k);
	s = scratch_create(&k, "sesame");
	ck_assert(store_has_passphrase(s));
	scratch_put(s, here, "one");
	store_free(s);
	ck_assert_int_eq(scratch_try(&k, "sesam"), -EACCES);
	ck_assert_ptr_nonnull(strstr(k.why.text, "wrong passphrase"));
	ck_assert_int_eq(scratch_try(&k, ""), -EACCES);
	ck_assert_int_eq(scratch_try(&k, NULL), -EACCES);
	ck_assert_ptr_nonnull(strstr(k.why.text, "has a passphrase"));
	s = scratch_open(&k, "sesame");
	ck_assert(store_has_passphrase(s));
	scratch_is(s, here, "one");
	store_free(s);
	scratch_clear(&k);
}
END_TEST

START_TEST(an_empty_passphrase_is_none)
{
	struct store *s = NULL;
	struct scratch k;

	scratch_init(&k);
	ck_assert_int_eq(store_create(k.path, NULL, "", &s, &k.why), -EINVAL);
	ck_assert_int_eq(scratch_names(&k), 0);
	s = scratch_create(&k, NULL);
	ck_assert_int_eq(store_set_passphrase(s, ""), -EINVAL);
	ck_assert(!store_has_passphrase(s));
	store_free(s);
	ck_assert_int_eq(scratch_try(&k, NULL), 0);
	scratch_clear(&k);
}
END_TEST

static int
nobody_answers(void *ctx, struct buf *out)
{
	(void)ctx;
	(void)out;
	return -ECANCELED;
}

START_TEST(who_asks_may_fail)
{
	struct store_options options = {.passphrase = nobody_answers};
	struct store *s = NULL;
	struct scratch k;

	scratch_init(&k);
	scratch_make(&k, "sesame");
	ck_assert_int_eq(store_open(k.path, &options, &s, &k.why), -ECANCELED);
	ck_assert_int_eq(scratch_names(&k), 1);
	scratch_clear(&k);
}
END_TEST

START_TEST(it_can_be_set_changed_and_removed)
{
	struct place other = {STORE_OATH, 1, 1};
	struct scratch k;
	struct store *s;

	scratch_init(&k);
	s = scratch_create(&k, NULL);
	scratch_put(s, here, "one");
	scratch_put(s, other, "");
	ck_assert_int_eq(store_set_passphrase(s, "first"), 0);
	scratch_is(s, here, "one");
	scratch_put(s, here, "two");
	store_free(s);
	ck_assert_int_eq(scratch_try(&k, NULL), -EACCES);
	s = scratch_open(&k, "first");
	scratch_is(s, here, "two");
	scratch_is(s, other, "");
	ck_assert_int_eq(store_set_passphrase(s, "second"), 0);
	store_free(s);
	ck_assert_int_eq(scratch_try(&k, "first"), -EACCES);
	s = scratch_open(&k, "second");
	ck_assert_int_eq(store_begin(s), 0);
	ck_assert_int_eq(store_set_passphrase(s, "third"), -EINVAL);
	store_rollback(s);
	ck_assert_int_eq(store_set_passphrase(s, NULL), 0);
	ck_assert(!store_has_passphrase(s));
	store_free(s);
	s = scratch_open(&k, NULL);
	ck_assert(!store_has_passphrase(s));
	scratch_is(s, here, "two");
	store_free(s);
	scratch_clear(&k);
}
END_TEST

/* Where needle is in the file, or NULL. */
static const uint8_t *
find(const uint8_t *bytes, size_t len, const void *needle, size_t needle_len)
{
	return memmem(bytes, len, needle, needle_len);
}

START_TEST(neither_record_nor_old_key_is_in_the_file)
{
	static const char secret[] = "a secret that stands out";
	uint8_t *before, *after;
	const uint8_t *slot;
	size_t before_len, after_len;
	struct scratch k;
	struct store *s;

	scratch_init(&k);
	s = scratch_create(&k, NULL);
	scratch_put(s, here, secret);
	before = scratch_read(&k, &before_len);
	ck_assert_ptr_null(find(before, before_len, secret, sizeof(secret)));
	/* In the clear, without a salt. */
	slot = find(before, before_len, "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	ck_assert_ptr_nonnull(slot);
	ck_assert_int_eq(store_set_passphrase(s, "sesame"), 0);
	after = scratch_read(&k, &after_len);
	ck_assert_ptr_null(find(after, after_len, secret, sizeof(secret)));
	ck_assert_ptr_null(find(after, after_len, slot + 36, KEYSLOT_KEY));
	store_free(s);
	free(before);
	free(after);
	scratch_clear(&k);
}
END_TEST

/* --- slots, as a file may have them ------------------------------------------ */

static const uint8_t key[KEYSLOT_KEY] = "0123456789abcdef0123456789abcde";

START_TEST(a_slot_gives_the_key_back)
{
	uint8_t slot[KEYSLOT_MAX], got[KEYSLOT_KEY];
	bool asks = true;
	size_t len = 0;

	ck_assert_int_eq(keyslot_make(key, NULL, 0, slot, &len), 0);
	ck_assert_int_eq(keyslot_check(slot, len, &asks), 0);
	ck_assert(!asks);
	ck_assert_int_eq(keyslot_open(slot, len, NULL, 0, got), 0);
	ck_assert_mem_eq(got, key, sizeof(key));
	memset(got, 0, sizeof(got));
	ck_assert_int_eq(keyslot_make(key, "pass", 0, slot, &len), 0);
	ck_assert_uint_eq(slot[1], KEYSLOT_COST);
	ck_assert_int_eq(keyslot_check(slot, len, &asks), 0);
	ck_assert(asks);
	ck_assert_int_eq(keyslot_open(slot, len, "pass", 4, got), 0);
	ck_assert_mem_eq(got, key, sizeof(key));
	ck_assert_int_eq(
	    keyslot_make(key, "x", KEYSLOT_COST_MAX + 1, slot, &len), -EINVAL);
}
END_TEST

START_TEST(an_altered_slot_is_no_wrong_passphrase)
{
	uint8_t slot[KEYSLOT_MAX], bad[KEYSLOT_MAX];
	const char *const phrases[] = {NULL, "pass"};
	size_t len = 0;
	bool asks;

	for (unsigned p = 0; p < 2; p++) {
		ck_assert_int_eq(
		    keyslot_make(key, phrases[p], 4, slot, &len), 0);
		for (size_t i = 0; i < len * 8; i++) {
			memcpy(bad, slot, len);
			bad[i / 8] ^= (uint8_t)(1U << i % 8);
			ck_assert_int_eq(
			    keyslot_check(bad, len, &asks), -EBADMSG);
		}
		for (size_t n = 0; n < len; n++)
			ck_assert_int_eq(
			    keyslot_check(slot, n, &asks), -EBADMSG);
	}
}
END_TEST

UNIT_SUITE("store passphrase", it_opens_with_the_passphrase_alone,
    an_empty_passphrase_is_none, who_asks_may_fail,
    it_can_be_set_changed_and_removed,
    neither_record_nor_old_key_is_in_the_file, a_slot_gives_the_key_back,
    an_altered_slot_is_no_wrong_passphrase)
