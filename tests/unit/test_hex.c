/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <string.h>

#include "util/hex.h"

START_TEST(put_writes_upper_case)
{
	char out[9];

	ck_assert_str_eq(hex_put(out, sizeof(out), "\x00\x9a\xff\x3b", 4),
	    "009AFF3B");
	ck_assert_str_eq(hex_put(out, sizeof(out), NULL, 0), "");
}
END_TEST

START_TEST(put_cuts_at_a_whole_byte)
{
	char out[8];

	ck_assert_str_eq(hex_put(out, 6, "\x01\x02\x03", 3), "0102");
	ck_assert_str_eq(hex_put(out, 5, "\x01\x02\x03", 3), "0102");
	ck_assert_str_eq(hex_put(out, 1, "\x01", 1), "");
	out[0] = '!';
	hex_put(out, 0, "\x01", 1);
	ck_assert_int_eq(out[0], '!');
}
END_TEST

START_TEST(get_reads_what_put_wrote)
{
	uint8_t in[256], back[256];
	char text[513];

	for (unsigned i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)i;
	hex_put(text, sizeof(text), in, sizeof(in));
	ck_assert_int_eq(hex_get(text, back, sizeof(back)), 256);
	ck_assert_mem_eq(in, back, sizeof(in));
}
END_TEST

static const struct {
	const char *text;
	int result;
} hex_cases[] = {
    {"", 0},
    {" \t\n", 0},
    {"3b 00", 2},
    {"3B00ff", 3},
    {" aA ", 1},
    {"3", -EINVAL},
    {"3 b", -EINVAL},
    {"3g", -EINVAL},
    {"0x3b", -EINVAL},
    {"3b:00", -EINVAL},
    {"0102030405", -EMSGSIZE},
};

START_TEST(get_takes_hex_and_nothing_else)
{
	for (size_t i = 0; i < sizeof(hex_cases) / sizeof(*hex_cases); i++) {
		uint8_t out[4];

		ck_assert_int_eq(hex_get(hex_cases[i].text, out, 4),
		    hex_cases[i].result);
	}
}
END_TEST

UNIT_SUITE("hex", put_writes_upper_case, put_cuts_at_a_whole_byte,
    get_reads_what_put_wrote, get_takes_hex_and_nothing_else)
