/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card/iso/tlv.h"
#include "util/hex.h"

/* What the bytes say: "53:AABB 7F49: " …, or "bad" at the end. */
static const struct {
	const char *bytes;
	const char *text;
} streams[] = {
    {"", ""},
    {"5300", "53: "},
    {"5C035FC107", "5C:5FC107 "},
    {"7F490186", "7F49:86 "},
    {"5FC10702AABB8200", "5FC107:AABB 82: "},
    {"538101AA", "53:AA "},
    {"53820001AA", "53:AA "},
    {"5383000001AA", "53:AA "},
    {"0102AABB", "1:AABB "},
    {"5F1E00", "5F1E: "},
    {"53", "bad"},
    {"5F", "bad"},
    {"5FC1", "bad"},
    {"5FC181", "bad"},
    {"5FC18101AA", "bad"}, /* a tag of four bytes */
    {"5FC107", "bad"},
    {"5380AA0000", "bad"}, /* indefinite */
    {"538400000001AA", "bad"},
    {"53FF", "bad"},
    {"5381", "bad"},
    {"538200", "bad"},
    {"5302AA", "bad"},
    {"5383FFFFFFAA", "bad"},
    {"5301AA53", "53:AA bad"},
};

static void
stream_text(const char *bytes, char *out, size_t cap)
{
	uint8_t *p = malloc(64);
	int len = hex_get(bytes, p, 64), rc;
	struct tlv tlv;
	struct rd rd;
	char hex[64];

	ck_assert_int_ge(len, 0);
	p = realloc(p, len > 0 ? (size_t)len : 1);
	out[0] = '\0';
	rd_init(&rd, p, (size_t)len);
	while ((rc = tlv_next(&rd, &tlv)) == 1) {
		hex_put(hex, sizeof(hex), tlv.value.p, tlv.value.len);
		snprintf(out + strlen(out), cap - strlen(out), "%X:%s ",
		    tlv.tag, hex);
	}
	if (rc < 0) {
		ck_assert_int_eq(rc, -EPROTO);
		strcat(out, "bad");
	}
	free(p);
}

START_TEST(streams_are_read)
{
	char text[256];

	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
		stream_text(streams[i].bytes, text, sizeof(text));
		ck_assert_msg(strcmp(text, streams[i].text) == 0,
		    "%s: '%s' instead of '%s'", streams[i].bytes, text,
		    streams[i].text);
	}
}
END_TEST

START_TEST(what_is_refused_moves_nothing)
{
	struct tlv tlv = {.tag = 7};
	struct rd rd;

	rd_init(&rd, "\x53\x05\xAA", 3);
	ck_assert_int_eq(tlv_next(&rd, &tlv), -EPROTO);
	ck_assert_uint_eq(tlv.tag, 7);
	ck_assert_uint_eq(rd.len, 3);
	ck_assert(rd_ok(&rd));
	rd_u8(&rd);
	rd_bytes(&rd, 9);
	ck_assert_int_eq(tlv_next(&rd, &tlv), -EPROTO);
}
END_TEST

START_TEST(headers_come_without_values)
{
	uint32_t tag = 0;
	struct rd rd;
	size_t len = 0;

	rd_init(&rd, "\x91\x03\x92\x81\x80\x7F\x48\x82\x01\x00", 10);
	ck_assert_int_eq(tlv_next_header(&rd, &tag, &len), 1);
	ck_assert(tag == 0x91 && len == 3);
	ck_assert_int_eq(tlv_next_header(&rd, &tag, &len), 1);
	ck_assert(tag == 0x92 && len == 128);
	ck_assert_int_eq(tlv_next_header(&rd, &tag, &len), 1);
	ck_assert(tag == 0x7F48 && len == 256);
	ck_assert_int_eq(tlv_next_header(&rd, &tag, &len), 0);
	rd_init(&rd, "\x91\x85", 2);
	ck_assert_int_eq(tlv_next_header(&rd, &tag, &len), -EPROTO);
	ck_assert(tag == 0x7F48 && rd.len == 2);
}
END_TEST

START_TEST(find_takes_the_first_and_looks_to_the_end)
{
	struct rd rd, found = {.p = NULL, .len = 9};

	rd_init(&rd, "\x80\x01\x07\x81\x00\x80\x01\x08", 8);
	ck_assert_int_eq(tlv_find(&rd, 0x80, &found), 1);
	ck_assert_uint_eq(found.len, 1);
	ck_assert_uint_eq(rd_u8(&found), 7);
	ck_assert_uint_eq(rd.len, 8);
	ck_assert_int_eq(tlv_find(&rd, 0x81, &found), 1);
	ck_assert_uint_eq(found.len, 0);
	found.len = 9;
	ck_assert_int_eq(tlv_find(&rd, 0x82, &found), 0);
	rd_init(&rd, "\x80\x01\x07\x81", 4);
	ck_assert_int_eq(tlv_find(&rd, 0x80, &found), -EPROTO);
	ck_assert_uint_eq(found.len, 9);
}
END_TEST

/* Any tag and any length come back, put or opened and closed. */
static void
there_and_back(uint32_t tag, size_t len, bool opened)
{
	uint8_t *value = malloc(len + 1), *room = malloc(len + 16);
	struct tlv tlv;
	struct wr wr;
	struct rd rd;
	size_t mark;

	ck_assert(value != NULL && room != NULL);
	memset(value, 0xA5, len);
	wr_init(&wr, room, len + 16);
	if (opened) {
		mark = tlv_open(&wr, tag);
		wr_bytes(&wr, value, len);
		tlv_close(&wr, mark);
	} else {
		tlv_put(&wr, tag, value, len);
	}
	ck_assert_int_gt(wr_end(&wr), 0);
	rd_init(&rd, room, wr.len);
	ck_assert_int_eq(tlv_next(&rd, &tlv), 1);
	ck_assert_uint_eq(tlv.tag, tag);
	ck_assert_uint_eq(tlv.value.len, len);
	ck_assert(len == 0 || memcmp(tlv.value.p, value, len) == 0);
	ck_assert_int_eq(tlv_next(&rd, &tlv), 0);
	free(value);
	free(room);
}

START_TEST(what_is_written_comes_back)
{
	static const uint32_t tags[] = {0x01, 0x53, 0x5F50, 0x7F49, 0x5FC107};
	static const size_t lens[] = {
	    0, 1, 127, 128, 255, 256, 65535, 65536, 70000};

	for (size_t t = 0; t < sizeof(tags) / sizeof(tags[0]); t++)
		for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
			there_and_back(tags[t], lens[i], false);
			there_and_back(tags[t], lens[i], true);
		}
}
END_TEST

START_TEST(constructed_values_nest)
{
	uint8_t room[64];
	struct wr wr;
	size_t outer, inner;

	wr_init(&wr, room, sizeof(room));
	outer = tlv_open(&wr, 0x61);
	tlv_put(&wr, 0x4F, "\xA0\x00", 2);
	inner = tlv_open(&wr, 0x79);
	tlv_put_u8(&wr, 0x80, 7);
	tlv_close(&wr, inner);
	tlv_close(&wr, outer);
	ck_assert_int_eq(wr_end(&wr), 11);
	ck_assert_mem_eq(
	    room, "\x61\x09\x4F\x02\xA0\x00\x79\x03\x80\x01\x07", 11);
}
END_TEST

/* No room at any place is a failure, never a byte beyond. */
START_TEST(writers_stay_in_their_room)
{
	uint8_t value[130] = {0};
	struct wr wr;
	uint8_t *room;
	size_t mark;

	for (size_t cap = 0; cap < 2 + 1 + 2 + 130; cap++) {
		room = malloc(cap > 0 ? cap : 1);
		wr_init(&wr, room, cap);
		mark = tlv_open(&wr, 0x7F49);
		wr_bytes(&wr, value, sizeof(value));
		tlv_close(&wr, mark);
		ck_assert_int_eq(wr_end(&wr), cap < 134 ? -EMSGSIZE : 134);
		wr_init(&wr, room, cap);
		tlv_put(&wr, 0x7F49, value, sizeof(value));
		ck_assert_int_eq(wr_end(&wr), cap < 134 ? -EMSGSIZE : 134);
		free(room);
	}
}
END_TEST

START_TEST(a_length_of_four_bytes_is_too_much)
{
	size_t len = (size_t)1 << 24, mark;
	uint8_t *room = calloc(1, len + 16);
	struct wr wr;

	ck_assert_ptr_nonnull(room);
	wr_init(&wr, room, len + 16);
	tlv_put(&wr, 0x53, room, len);
	ck_assert_int_eq(wr_end(&wr), -EMSGSIZE);
	wr_init(&wr, room, len + 16);
	mark = tlv_open(&wr, 0x53);
	wr.len += len;
	tlv_close(&wr, mark);
	ck_assert_int_eq(wr_end(&wr), -EMSGSIZE);
	free(room);
}
END_TEST

START_TEST(mutations_are_read_or_refused)
{
	static const char bytes[] = "\x7C\x0E\x82\x00\x5F\xC1\x07\x02\xAA\xBB"
				    "\x81\x81\x02\x01\x02\x00";
	uint8_t copy[sizeof(bytes) - 1];
	struct tlv tlv;
	struct rd rd;
	size_t sum;

	for (size_t at = 0; at < sizeof(copy); at++) {
		for (unsigned v = 0; v < 256; v++) {
			memcpy(copy, bytes, sizeof(copy));
			copy[at] = (uint8_t)v;
			rd_init(&rd, copy, sizeof(copy));
			for (sum = 0; tlv_next(&rd, &tlv) == 1; sum++)
				ck_assert(tlv.value.len <= sizeof(copy) &&
					  rd.p == tlv.value.p + tlv.value.len);
			ck_assert_uint_le(sum, sizeof(copy) / 2);
		}
	}
}
END_TEST

UNIT_SUITE("tlv", streams_are_read, what_is_refused_moves_nothing,
    headers_come_without_values, find_takes_the_first_and_looks_to_the_end,
    what_is_written_comes_back, constructed_values_nest,
    writers_stay_in_their_room, a_length_of_four_bytes_is_too_much,
    mutations_are_read_or_refused)
