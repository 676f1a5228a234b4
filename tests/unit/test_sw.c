/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include "card/iso/sw.h"

START_TEST(tries_show_as_fifteen_at_most)
{
	ck_assert_uint_eq(sw_tries(0).v, 0x63C0);
	ck_assert_uint_eq(sw_tries(3).v, 0x63C3);
	ck_assert_uint_eq(sw_tries(15).v, 0x63CF);
	ck_assert_uint_eq(sw_tries(16).v, 0x63CF);
	ck_assert_uint_eq(sw_tries(255).v, 0x63CF);
}
END_TEST

START_TEST(data_go_with_success_and_warnings)
{
	static const uint16_t yes[] = {
	    0x9000, 0x6100, 0x6110, 0x6285, 0x63C0, 0x9100};
	static const uint16_t no[] = {0x9001, 0x6400, 0x6581, 0x6700, 0x6982,
	    0x6A82, 0x6D00, 0x6F00, 0x0000, 0x9200, 0x6000};

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		ck_assert_msg(sw_has_data(SW(yes[i])), "%04X", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		ck_assert_msg(!sw_has_data(SW(no[i])), "%04X", no[i]);
}
END_TEST

START_TEST(words_compare)
{
	ck_assert(sw_is(SW_OK, SW(0x9000)));
	ck_assert(!sw_is(SW_OK, SW(0x9001)));
	ck_assert(!sw_is(SW_OK, SW_SECURITY));
}
END_TEST

UNIT_SUITE("sw", tries_show_as_fifteen_at_most,
    data_go_with_success_and_warnings, words_compare)
