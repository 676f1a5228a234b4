/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "vscard/framer.h"

static size_t
put(uint8_t *out, uint32_t type, uint32_t reader, uint32_t len, size_t have)
{
	struct wr wr;

	wr_init(&wr, out, WIRE_HEADER_LEN);
	wr_be32(&wr, type);
	wr_be32(&wr, reader);
	wr_be32(&wr, len);
	for (size_t i = 0; i < have; i++)
		out[WIRE_HEADER_LEN + i] = (uint8_t)(i * 5 + type);
	return WIRE_HEADER_LEN + have;
}

/* Everything, in steps of at most `chunk`, without taking messages. */
static size_t
feed(struct framer *f, const uint8_t *data, size_t len, size_t chunk)
{
	uint8_t *room;
	size_t got;

	if (framer_space(f, &room, &got) < 0)
		return 0;
	if (got > len)
		got = len;
	if (got > chunk)
		got = chunk;
	memcpy(room, data, got);
	framer_fed(f, got);
	return got;
}

static int
next(struct framer *f, size_t keep, struct wire_message *m)
{
	int rc = framer_peek(f, m);

	return rc <= 0 ? rc : framer_take(f, keep, m);
}

START_TEST(any_chunks_give_the_same_messages)
{
	uint8_t stream[256];
	size_t len = 0;

	for (uint32_t i = 0; i < 6; i++)
		len += put(stream + len, i, i * 2, i * 7, i * 7);
	for (size_t chunk = 1; chunk <= len; chunk++) {
		struct wire_message m;
		struct framer f;
		uint32_t seen = 0;

		framer_init(&f);
		for (size_t at = 0; at < len;) {
			at += feed(&f, stream + at, len - at, chunk);
			while (next(&f, 999, &m) > 0) {
				ck_assert_uint_eq(m.type, seen);
				ck_assert_uint_eq(m.reader, seen * 2);
				ck_assert_uint_eq(m.len, seen * 7);
				ck_assert_uint_eq(m.have, seen * 7);
				if (m.have > 1)
					ck_assert_uint_eq(m.data[1], seen + 5);
				seen++;
			}
		}
		ck_assert_uint_eq(seen, 6);
		ck_assert(framer_is_whole(&f));
		framer_clear(&f);
	}
}
END_TEST

START_TEST(unwanted_payload_is_passed_over)
{
	static uint8_t stream[70000];
	struct wire_message m;
	struct framer f;
	size_t len, seen = 0;

	len = put(stream, 99, 0, VSCARD_PAYLOAD_MAX, VSCARD_PAYLOAD_MAX);
	len += put(stream + len, 5, 1, 2, 2);
	framer_init(&f);
	for (size_t at = 0; at < len;) {
		at += feed(&f, stream + at, len - at, SIZE_MAX);
		while (next(&f, 3, &m) > 0) {
			ck_assert_uint_eq(m.type, seen == 0 ? 99 : 5);
			ck_assert_uint_eq(m.have, seen == 0 ? 3 : 2);
			seen++;
		}
		ck_assert_uint_le(f.buf.cap, 4096);
		ck_assert_int_eq(framer_is_whole(&f), at == len);
	}
	ck_assert_uint_eq(seen, 2);
	framer_clear(&f);
}
END_TEST

START_TEST(a_large_message_costs_two_reads_then_one)
{
	static uint8_t stream[70000];
	struct wire_message m;
	struct framer f;
	size_t len;

	len = put(stream, 7, 0, VSCARD_PAYLOAD_MAX, VSCARD_PAYLOAD_MAX);
	framer_init(&f);
	for (int round = 0; round < 3; round++) {
		size_t at = 0;
		int reads = 0;

		while (next(&f, SIZE_MAX, &m) == 0) {
			at += feed(&f, stream + at, len - at, SIZE_MAX);
			reads++;
		}
		ck_assert_int_eq(reads, round == 0 ? 2 : 1);
		ck_assert_uint_eq(m.have, VSCARD_PAYLOAD_MAX);
		ck_assert_mem_eq(m.data, stream + WIRE_HEADER_LEN, m.have);
	}
	framer_clear(&f);
}
END_TEST

START_TEST(too_long_is_refused_before_it_is_kept)
{
	uint8_t stream[16];
	struct wire_message m;
	struct framer f;
	size_t len = put(stream, 7, 0, VSCARD_PAYLOAD_MAX + 1, 0);

	framer_init(&f);
	ck_assert_uint_eq(feed(&f, stream, len, len), len);
	ck_assert_int_eq(framer_peek(&f, &m), -EPROTO);
	ck_assert_uint_le(f.buf.cap, 4096);
	ck_assert(!framer_is_whole(&f));
	framer_clear(&f);
}
END_TEST

START_TEST(room_suits_the_next_read)
{
	uint8_t stream[64], *room;
	struct wire_message m;
	struct framer f;
	size_t len;

	framer_init(&f);
	ck_assert_ptr_null(f.buf.mem);
	ck_assert_int_eq(framer_space(&f, &room, &len), 0);
	ck_assert_uint_ge(len, 4096);
	/* A message and a piece of the next: room is made behind the piece. */
	len = put(stream, 7, 0, 4, 4);
	len += put(stream + len, 7, 0, 4, 0) - 5;
	ck_assert_uint_eq(feed(&f, stream, len, len), len);
	ck_assert_int_eq(next(&f, 9, &m), 1);
	ck_assert_int_eq(next(&f, 9, &m), 0);
	ck_assert_int_eq(framer_space(&f, &room, &len), 0);
	ck_assert_uint_ge(len, 4096 - WIRE_HEADER_LEN);
	framer_clear(&f);
}
END_TEST

START_TEST(messages_not_taken_fill_it_up)
{
	uint8_t stream[16], *room;
	size_t total = 0, got, len = put(stream, 7, 0, 0, 0);
	struct wire_message m;
	struct framer f;

	framer_init(&f);
	while ((got = feed(&f, stream, len, len)) > 0)
		total += got;
	ck_assert_uint_ge(total, VSCARD_PAYLOAD_MAX);
	ck_assert_int_eq(framer_space(&f, &room, &got), -EBUSY);
	ck_assert_int_eq(next(&f, 0, &m), 1);
	ck_assert_int_eq(framer_space(&f, &room, &got), 0);
	framer_clear(&f);
}
END_TEST

UNIT_SUITE("framer", any_chunks_give_the_same_messages,
    unwanted_payload_is_passed_over, a_large_message_costs_two_reads_then_one,
    too_long_is_refused_before_it_is_kept, room_suits_the_next_read,
    messages_not_taken_fill_it_up)
