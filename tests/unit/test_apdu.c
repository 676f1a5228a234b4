/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "card/iso/apdu.h"
#include "util/hex.h"

enum { BAD = 1 };

static const struct {
	const char *bytes;
	int bad;
	size_t len;
	size_t le;
	bool has_le;
	bool extended;
} forms[] = {
    {"", BAD, 0, 0, false, false},
    {"00", BAD, 0, 0, false, false},
    {"00A404", BAD, 0, 0, false, false},
    {"00A40400", 0, 0, 256, false, false},
    {"00CB3FFF00", 0, 0, 256, true, false},
    {"00CB3FFF01", 0, 0, 1, true, false},
    {"00CB3FFFFF", 0, 0, 255, true, false},
    {"00CB3FFF01AA", 0, 1, 256, false, false},
    {"00CB3FFF01AA00", 0, 1, 256, true, false},
    {"00CB3FFF02AABB10", 0, 2, 16, true, false},
    {"00CB3FFF02AA", BAD, 0, 0, false, false},
    {"00CB3FFF02AABB0000", BAD, 0, 0, false, false},
    {"00CB3FFFFFAA", BAD, 0, 0, false, false},
    /* Lc 00 and Le in one byte */
    {"000300000000", 0, 0, 256, true, false},
    {"000300000010", 0, 0, 16, true, false},
    /* extended Le alone */
    {"00CB3FFF000000", 0, 0, 65536, true, true},
    {"00CB3FFF000100", 0, 0, 256, true, true},
    {"00CB3FFF00FFFF", 0, 0, 65535, true, true},
    /* extended with data */
    {"00CB3FFF000001AA", 0, 1, 65536, false, true},
    {"00CB3FFF000001AA0000", 0, 1, 65536, true, true},
    {"00CB3FFF000002AABB0102", 0, 2, 258, true, true},
    {"00CB3FFF000001AA00", BAD, 0, 0, false, false},
    {"00CB3FFF000001AA000000", BAD, 0, 0, false, false},
    {"00CB3FFF000002AA", BAD, 0, 0, false, false},
    {"00CB3FFF00FFFFAA", BAD, 0, 0, false, false},
    /* extended Lc 0000 and Le */
    {"00CB3FFF0000000000", 0, 0, 65536, true, true},
    {"00CB3FFF0000000010", 0, 0, 16, true, true},
    {"00CB3FFF00000000", BAD, 0, 0, false, false},
};

START_TEST(every_form_is_read)
{
	uint8_t *bytes;
	struct apdu a;
	int len;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		bytes = malloc(64);
		len = hex_get(forms[i].bytes, bytes, 64);
		ck_assert_int_ge(len, 0);
		bytes = realloc(bytes, len > 0 ? (size_t)len : 1);
		memset(&a, 0x77, sizeof(a));
		ck_assert_msg(apdu_parse(bytes, (size_t)len, &a) ==
				  (forms[i].bad ? -EPROTO : 0),
		    "%s", forms[i].bytes);
		ck_assert(!forms[i].bad || a.cla == 0x77);
		if (!forms[i].bad) {
			ck_assert_uint_eq(a.len, forms[i].len);
			ck_assert_uint_eq(a.le, forms[i].le);
			ck_assert_int_eq(a.has_le, forms[i].has_le);
			ck_assert_int_eq(a.extended, forms[i].extended);
		}
		ck_assert(forms[i].bad || a.len == 0 || a.data[0] == 0xAA);
		free(bytes);
	}
}
END_TEST

START_TEST(the_header_is_what_was_sent)
{
	struct apdu a;

	ck_assert_int_eq(
	    apdu_parse((const uint8_t *)"\x9C\x87\x11\x9A", 4, &a), 0);
	ck_assert_uint_eq(a.cla, 0x9C);
	ck_assert_uint_eq(a.ins, 0x87);
	ck_assert_uint_eq(a.p1, 0x11);
	ck_assert_uint_eq(a.p2, 0x9A);
}
END_TEST

START_TEST(the_longest_command_is_read)
{
	uint8_t *bytes = calloc(1, APDU_COMMAND_MAX + 1);
	struct apdu a;

	ck_assert_ptr_nonnull(bytes);
	bytes[5] = bytes[6] = 0xFF;
	ck_assert_int_eq(apdu_parse(bytes, APDU_COMMAND_MAX, &a), 0);
	ck_assert_uint_eq(a.len, APDU_DATA_MAX);
	ck_assert_uint_eq(a.le, 65536);
	ck_assert_ptr_eq(a.data, bytes + 7);
	ck_assert_int_eq(apdu_parse(bytes, APDU_COMMAND_MAX + 1, &a), -EPROTO);
	ck_assert_int_eq(apdu_parse(bytes, APDU_COMMAND_MAX - 1, &a), -EPROTO);
	ck_assert_int_eq(apdu_parse(bytes, APDU_COMMAND_MAX - 2, &a), 0);
	free(bytes);
}
END_TEST

/* Whatever is accepted is the command again, byte for byte. */
static void
check_again(const uint8_t *bytes, size_t len)
{
	size_t head, tail, data_at;
	struct apdu a;

	if (apdu_parse(bytes, len, &a) < 0)
		return;
	tail = a.has_le ? (a.extended ? 2 : 1) : 0;
	head = len - tail - a.len;
	data_at = a.len > 0 ? (size_t)(a.data - bytes) : head;
	ck_assert_uint_eq(head, data_at);
	ck_assert_uint_ge(head, 4);
	ck_assert_uint_le(head, 7);
	ck_assert(a.le >= 1 && a.le <= (a.extended ? 65536 : 256));
	ck_assert_uint_eq(a.cla, bytes[0]);
	ck_assert_uint_eq(a.p2, bytes[3]);
}

/* Every byte of every form takes every value; every form is cut everywhere. */
START_TEST(mutations_are_read_or_refused)
{
	uint8_t bytes[64], keep;
	int len;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		len = hex_get(forms[i].bytes, bytes, sizeof(bytes));
		for (int at = 0; at < len; at++) {
			keep = bytes[at];
			for (unsigned v = 0; v < 256; v++) {
				bytes[at] = (uint8_t)v;
				check_again(bytes, (size_t)len);
				check_again(bytes, (size_t)at);
			}
			bytes[at] = keep;
		}
	}
}
END_TEST

UNIT_SUITE("apdu", every_form_is_read, the_header_is_what_was_sent,
    the_longest_command_is_read, mutations_are_read_or_refused)
