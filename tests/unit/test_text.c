/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/text.h"

/* What a terminal obeys, or JSON cannot hold, never comes through. */
static const struct {
	const char *text, *clean;
	size_t width;
} texts[] = {
    {"", "", 0},
    {"Gemalto PC Twin Reader", "Gemalto PC Twin Reader", 22},
    {"Schl\xc3\xbcssel", "Schl\xc3\xbcssel", 9},
    {"\xe9\x8d\xb5\xf0\x9f\x94\x91", "\xe9\x8d\xb5\xf0\x9f\x94\x91", 2},
    {"\033[31mred\007\r\n\t", "?[31mred????", 12},
    {"\x7f\xc2\x9b", "???", 3},            /* DEL, and CSI of C1 */
    {"\xff\xfe\x80", "???", 3},            /* no UTF-8 */
    {"\xc3", "?", 1},                      /* cut */
    {"\xe2\x82", "??", 2},                 /* cut */
    {"\xc0\xaf\xe0\x80\xaf", "?????", 5},  /* longer than need be */
    {"\xed\xa0\x80", "???", 3},            /* a surrogate */
    {"\xf4\x90\x80\x80", "????", 4},       /* behind the last */
    {"a\xe2\x80\xae" "b", "a???b", 5},     /* turns what follows around */
};

START_TEST(clean_texts)
{
	char out[64];

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		ck_assert_str_eq(text_clean(out, sizeof(out), texts[i].text),
		    texts[i].clean);
		ck_assert_uint_eq(text_width(out), texts[i].width);
	}
}
END_TEST

START_TEST(cut_at_a_character)
{
	char out[6];

	ck_assert_str_eq(text_clean(out, sizeof(out), "123456"), "12345");
	ck_assert_str_eq(
	    text_clean(out, sizeof(out), "1234\xc3\xbc"), "1234");
	ck_assert_str_eq(text_clean(out, 1, "1"), "");
}
END_TEST

START_TEST(colours)
{
	ck_assert_str_eq(text_colour(TEXT_RED, false), "");
	ck_assert_str_eq(text_colour(TEXT_RED, true), "\033[31m");
	/* Not a terminal here. */
	ck_assert(!text_is_coloured());
}
END_TEST

UNIT_SUITE("text", clean_texts, cut_at_a_character, colours)
