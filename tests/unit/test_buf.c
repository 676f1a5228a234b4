/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <string.h>

#include "util/buf.h"

START_TEST(bytes_come_out_as_they_went_in)
{
	struct buf b;

	buf_init(&b, 64);
	ck_assert_ptr_null(buf_get(&b));
	ck_assert_int_eq(buf_put(&b, "abc", 3), 0);
	ck_assert_int_eq(buf_put(&b, NULL, 0), 0);
	ck_assert_int_eq(buf_put(&b, "defg", 4), 0);
	buf_drop(&b, 2);
	ck_assert_uint_eq(buf_len(&b), 5);
	ck_assert_mem_eq(buf_get(&b), "cdefg", 5);
	buf_drop(&b, 99);
	ck_assert_uint_eq(buf_len(&b), 0);
	buf_clear(&b);
	ck_assert_int_eq(buf_put(&b, "again", 5), 0);
	buf_clear(&b);
}
END_TEST

START_TEST(growing_keeps_what_is_in)
{
	uint8_t byte[1];
	struct buf b;

	buf_init(&b, 5000);
	for (unsigned i = 0; i < 5000; i++) {
		byte[0] = (uint8_t)(i * 7);
		ck_assert_int_eq(buf_put(&b, byte, 1), 0);
	}
	for (unsigned i = 0; i < 5000; i++)
		ck_assert_uint_eq(buf_get(&b)[i], (uint8_t)(i * 7));
	buf_clear(&b);
}
END_TEST

START_TEST(the_ceiling_holds_and_changes_nothing)
{
	uint8_t *room = NULL;
	size_t len = 0;
	struct buf b;

	buf_init(&b, 600);
	ck_assert_int_eq(buf_space(&b, 601, &room, &len), -ENOMEM);
	ck_assert_int_eq(buf_space(&b, SIZE_MAX, &room, &len), -ENOMEM);
	ck_assert_ptr_null(room);
	ck_assert_int_eq(buf_space(&b, 600, &room, &len), 0);
	ck_assert_uint_eq(len, 600);
	memset(room, 'x', 600);
	buf_filled(&b, 600);
	ck_assert_int_eq(buf_put(&b, "y", 1), -ENOMEM);
	ck_assert_uint_eq(buf_len(&b), 600);
	buf_drop(&b, 1);
	ck_assert_int_eq(buf_put(&b, "y", 1), 0);
	ck_assert_uint_eq(buf_get(&b)[599], 'y');
	buf_clear(&b);
}
END_TEST

START_TEST(filled_believes_no_more_than_was_lent)
{
	uint8_t *room;
	size_t len;
	struct buf b;

	buf_init(&b, 100);
	ck_assert_int_eq(buf_space(&b, 1, &room, &len), 0);
	buf_filled(&b, len + 1000);
	ck_assert_uint_eq(buf_len(&b), len);
	buf_clear(&b);
}
END_TEST

START_TEST(room_is_made_by_moving_up)
{
	uint8_t *room;
	size_t len;
	struct buf b;

	buf_init(&b, 512);
	ck_assert_int_eq(buf_space(&b, 512, &room, &len), 0);
	memset(room, 'a', 511);
	room[511] = 'z';
	buf_filled(&b, 512);
	buf_drop(&b, 511);
	ck_assert_int_eq(buf_space(&b, 511, &room, &len), 0);
	ck_assert_uint_eq(len, 511);
	ck_assert_uint_eq(buf_get(&b)[0], 'z');
	buf_clear(&b);
}
END_TEST

/* What was dropped or moved may have been a PIN. */
START_TEST(nothing_stays_behind)
{
	uint8_t *room;
	size_t len;
	struct buf b;

	buf_init(&b, 512);
	ck_assert_int_eq(buf_put(&b, "12345678", 8), 0);
	buf_drop(&b, 4);
	ck_assert_mem_eq(b.mem, "\0\0\0\0" "5678", 8);
	ck_assert_int_eq(buf_space(&b, 508, &room, &len), 0);
	ck_assert_mem_eq(b.mem, "5678\0\0\0\0", 8);
	buf_drop(&b, 4);
	ck_assert_mem_eq(b.mem, "\0\0\0\0\0\0\0\0", 8);
	buf_clear(&b);
}
END_TEST

START_TEST(trim_gives_memory_back_when_empty)
{
	static const uint8_t big[3000];
	struct buf b;

	buf_init(&b, 8192);
	ck_assert_int_eq(buf_put(&b, big, sizeof(big)), 0);
	buf_trim(&b, 1024);
	ck_assert_uint_eq(buf_len(&b), sizeof(big));
	buf_drop(&b, sizeof(big));
	buf_trim(&b, 4096);
	ck_assert_ptr_nonnull(b.mem);
	buf_trim(&b, 1024);
	ck_assert_ptr_null(b.mem);
	ck_assert_int_eq(buf_put(&b, "x", 1), 0);
	buf_clear(&b);
}
END_TEST

UNIT_SUITE("buf", bytes_come_out_as_they_went_in, growing_keeps_what_is_in,
    the_ceiling_holds_and_changes_nothing,
    filled_believes_no_more_than_was_lent, room_is_made_by_moving_up,
    nothing_stays_behind, trim_gives_memory_back_when_empty)
