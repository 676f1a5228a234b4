/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <string.h>

#include "util/bytes.h"

static const uint8_t sample[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07};

START_TEST(rd_reads_in_order)
{
	struct rd rd;

	rd_init(&rd, sample, sizeof(sample));
	ck_assert_uint_eq(rd_u8(&rd), 0x01);
	ck_assert_uint_eq(rd_be16(&rd), 0x0203);
	ck_assert(!rd_end(&rd));
	ck_assert_uint_eq(rd_be32(&rd), 0x04050607);
	ck_assert(rd_end(&rd));
}
END_TEST

START_TEST(rd_short_read_sticks)
{
	struct rd rd;

	rd_init(&rd, sample, 3);
	ck_assert_uint_eq(rd_be32(&rd), 0);
	ck_assert_uint_eq(rd_u8(&rd), 0);
	ck_assert_ptr_null(rd_bytes(&rd, 1));
	ck_assert(!rd_ok(&rd));
	ck_assert(!rd_end(&rd));
}
END_TEST

START_TEST(rd_takes_nothing_at_all)
{
	struct rd rd;

	rd_init(&rd, NULL, 0);
	ck_assert_ptr_null(rd_bytes(&rd, 0));
	ck_assert(rd_end(&rd));
}
END_TEST

START_TEST(wr_writes_in_order)
{
	uint8_t room[7];
	struct wr wr;

	wr_init(&wr, room, sizeof(room));
	wr_u8(&wr, 0x01);
	wr_be16(&wr, 0x0203);
	wr_be32(&wr, 0x04050607);
	ck_assert_int_eq(wr_end(&wr), 7);
	ck_assert_mem_eq(room, sample, 7);
}
END_TEST

START_TEST(wr_refuses_narrowing_and_overflow)
{
	uint8_t room[4] = {0};
	struct wr wr;

	wr_init(&wr, room, sizeof(room));
	wr_u8(&wr, 0x100);
	ck_assert_int_eq(wr_end(&wr), -EMSGSIZE);

	wr_init(&wr, room, sizeof(room));
	wr_bytes(&wr, sample, 5);
	wr_u8(&wr, 1);
	ck_assert_int_eq(wr_end(&wr), -EMSGSIZE);
	ck_assert_uint_eq(room[0], 0);
}
END_TEST

UNIT_SUITE("bytes", rd_reads_in_order, rd_short_read_sticks,
    rd_takes_nothing_at_all, wr_writes_in_order,
    wr_refuses_narrowing_and_overflow)
