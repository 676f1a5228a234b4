/* SPDX-License-Identifier: BSD-2-Clause */
/* One command after the other: chains, answers in parts, a card that stops. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card/iso/apdu.h"
#include "tests/unit/rig.h"
#include "tests/unit/toy.h"

#define SELECT_TOY "00A4040007F0010203040506", "746F799000"
#define SELECT_FILE "00A4040002F002", "746F799000"

static void
open_toy(struct rig *rig)
{
	rig_open(rig, toy_apps, TOY_APPS, NULL);
	RIG_TALK(rig, SELECT_TOY);
}

START_TEST(le_says_how_much_is_wanted)
{
	struct rig rig;

	open_toy(&rig);
	RIG_TALK(&rig, "00110003", "0001029000", "0011000300", "0001029000",
	    "0011000310", "0001029000", "0011000302", "00016101",
	    "001100030000", "0001029000", "00110003000002", "00016101",
	    "00110003000000", "0001029000", "00100000022A2B", "2A2B9000",
	    "00100000022A2B01", "2A6101", "0010000000", "9000", "00120000",
	    "6A86");
	rig_clear(&rig);
}
END_TEST

START_TEST(a_long_answer_goes_in_parts)
{
	struct rig rig;

	open_toy(&rig);
	ck_assert_uint_eq(strlen(rig_send(&rig, "00110258")), 2 * 258);
	ck_assert_str_eq(rig.text + 512, "6100");
	ck_assert_uint_eq(strlen(rig_send(&rig, "00C0000000")), 2 * 258);
	ck_assert_str_eq(rig.text + 510, "FF6158");
	ck_assert_uint_eq(strlen(rig_send(&rig, "80C0000058")), 2 * 90);
	ck_assert_str_eq(rig.text + 174, "579000");
	RIG_TALK(&rig, "00C00000", "6985");
	/* extended: all at once, if there is room for it */
	ck_assert_uint_eq(strlen(rig_send(&rig, "00110258000000")), 2 * 602);
	ck_assert_uint_eq(strlen(rig_send(&rig, "0011FFFF000000")), 2 * 65537);
	rig.cap = 258;
	ck_assert_uint_eq(strlen(rig_send(&rig, "00110258000000")), 2 * 258);
	rig_clear(&rig);
}
END_TEST

/* Le 00, the number announced, another, or none; class 00 or 80. */
START_TEST(get_response_comes_in_all_forms)
{
	struct rig rig;

	open_toy(&rig);
	RIG_TALK(&rig, "0011000301", "006102", "00C00000", "01029000",
	    "0011000301", "006102", "00C0000002", "01029000", "0011000301",
	    "006102", "00C0000001", "016101", "80C0000000", "029000",
	    "0011000301", "006102", "00C000000000", "01029000", "0011000301",
	    "006102", "00C00000000000", "01029000", "80C00000", "6985");
	rig_clear(&rig);
}
END_TEST

START_TEST(an_application_may_have_its_own_get_response)
{
	struct rig rig;

	open_toy(&rig);
	RIG_TALK(&rig, "0011000301", "006102", "00A50000", "6D00", "00C00000",
	    "6985", SELECT_FILE, "0011000301", "006102", "00A50000", "01029000",
	    "0011000301", "006102", "00C00000", "01029000", "00A50000", "6985");
	rig_clear(&rig);
}
END_TEST

START_TEST(any_other_command_drops_the_rest)
{
	static const char *const others[] = {"0010000001AA", "00100000",
	    "00990000", "00C00100", "00C0000001AA", "0CC00000", "",
	    "0010000005AA", "00A4040002FFFF", "10100000012A", "90C00000"};
	struct rig rig;

	open_toy(&rig);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		RIG_TALK(&rig, "0011000301", "006102");
		rig_send(&rig, others[i]);
		RIG_TALK(&rig, "00C00000", "6985");
	}
	RIG_TALK(&rig, "00C00100", "6A86", "00C0000001AA", "6700");
	rig_clear(&rig);
}
END_TEST

START_TEST(the_status_word_decides_about_data)
{
	struct rig rig;

	open_toy(&rig);
	RIG_TALK(&rig, "00309000", "AB9000", "00306285", "AB6285", "003063C2",
	    "AB63C2", "00309100", "AB9100", "00306A80", "6A80", "00306982",
	    "6982", "00306581", "6581", "00510000", "6F00", "00C00000", "6985");
	rig_clear(&rig);
}
END_TEST

START_TEST(parts_make_one_command)
{
	struct rig rig;

	open_toy(&rig);
	RIG_TALK(&rig, "10100000022A2B", "9000", "10100000012C00", "9000",
	    "00100000012D00", "2A2B2C2D9000", "00100000012E", "2E9000",
	    /* without data, before and at the end */
	    "10100000", "9000", "10100000012A", "9000", "00100000", "2A9000",
	    /* the other class, and extended parts */
	    "90100000012A", "9000", "8010000000000100", "2A009000", "90100000012A",
	    "9000", "80100000000001BB0000", "2ABB9000");
	rig_clear(&rig);
}
END_TEST

START_TEST(another_command_in_the_middle_is_fresh)
{
	struct rig rig;

	open_toy(&rig);
	RIG_TALK(&rig, "10100000012A", "9000", "00110001", "009000",
	    "00100000012B", "2B9000", "10100000012A", "9000", "00100001012B",
	    "6A86", "00100000012C", "2C9000", "10100000012A", "9000",
	    "80100000012B", "2B9000", "10100000012A", "9000", "00C00000",
	    "6985", "00100000012B", "2B9000", "10100000012A", "9000", "00",
	    "6700", "00100000012B", "2B9000", "10100000012A", "9000",
	    SELECT_TOY, "00100000012B", "2B9000");
	rig_clear(&rig);
}
END_TEST

START_TEST(a_part_is_refused_as_soon_as_it_can_be)
{
	struct rig rig;

	open_toy(&rig);
	RIG_TALK(&rig, "10990000012A", "6D00", "10100001012A", "6A86",
	    "B0100000012A", "6E00", "1C100000012A", "6882", "11100000012A",
	    "6881", "1012000105AABBCCDDEE", "9000", "1012000104AABBCCDD",
	    "6700",
	    /* the length counts all parts, and security comes at the end */
	    "1012000103AABBCC", "9000", "0012000101DD", "6982",
	    "00200080080000"
	    "000000000000",
	    "9000", "1012000103AABBCC", "9000", "0012000101DD", "AABBCCDD9000",
	    "1012000103AABBCC", "9000", "00120001", "6700");
	rig_clear(&rig);
}
END_TEST

START_TEST(a_chain_may_be_as_long_as_a_command)
{
	uint8_t part[5 + 255] = {0x10, 0x10, 0, 0, 255};
	struct rig rig;

	open_toy(&rig);
	for (unsigned i = 0; i < 257; i++)
		ck_assert_str_eq(
		    rig_send_bytes(&rig, part, sizeof(part)), "9000");
	RIG_TALK(&rig, "1010000001AA", "6700");
	for (unsigned i = 0; i < 256; i++)
		ck_assert_str_eq(
		    rig_send_bytes(&rig, part, sizeof(part)), "9000");
	part[0] = 0;
	rig_send_bytes(&rig, part, sizeof(part));
	ck_assert_str_eq(rig.text + 512, "6100");
	/* the application's own limit, here 300, comes first */
	part[0] = 0x90;
	ck_assert_str_eq(rig_send_bytes(&rig, part, sizeof(part)), "9000");
	ck_assert_str_eq(rig_send_bytes(&rig, part, sizeof(part)), "6700");
	RIG_TALK(&rig, "80100000012A", "2A9000");
	rig_clear(&rig);
}
END_TEST

START_TEST(the_longest_command_is_echoed)
{
	uint8_t *command = calloc(1, APDU_COMMAND_MAX);
	struct rig rig;

	open_toy(&rig);
	memset(command + 7, 0x5A, APDU_DATA_MAX);
	command[1] = 0x10;
	command[5] = command[6] = 0xFF;
	rig_send_bytes(&rig, command, APDU_COMMAND_MAX);
	ck_assert_uint_eq(strlen(rig.text), 2 * (65535 + 2));
	ck_assert_str_eq(rig.text + 2 * 65534, "5A9000");
	free(command);
	rig_clear(&rig);
}
END_TEST

START_TEST(without_random_numbers_the_card_stops)
{
	struct rig rig;

	open_toy(&rig);
	RIG_TALK(&rig, "00500000", "9000");
	rig.random_left = 1;
	RIG_TALK(&rig, "00500000", "9000", "00500000", "EIO", "00100000", "EIO",
	    "00A4040007F0010203040506", "EIO", "", "EIO");
	rig_clear(&rig);
}
END_TEST

/* What one card does is nothing to another. */
START_TEST(a_hundred_cards_live_side_by_side)
{
	struct rig *rigs = calloc(100, sizeof(*rigs));
	char command[64], want[64];

	for (unsigned i = 0; i < 100; i++)
		rig_open(&rigs[i], toy_apps, TOY_APPS, NULL);
	for (unsigned i = 0; i < 100; i += 2)
		RIG_TALK(&rigs[i], SELECT_TOY);
	for (unsigned i = 0; i < 100; i += 4)
		RIG_TALK(&rigs[i], "00200080081122334455667788", "9000");
	for (unsigned round = 0; round < 3; round++)
		for (unsigned i = 0; i < 100; i++) {
			snprintf(command, sizeof(command),
			    round < 2 ? "1010000001%02X" : "0010000001%02X", i);
			snprintf(want, sizeof(want),
			    round < 2 ? "9000" : "%02X%02X%02X9000", i, i, i);
			RIG_TALK(&rigs[i], command, i % 2 ? "6D00" : want);
		}
	for (unsigned i = 0; i < 100; i++) {
		RIG_TALK(&rigs[i], "00200080",
		    i % 2   ? "6D00"
		    : i % 4 ? "63C3"
			    : "9000");
		rig_clear(&rigs[i]);
	}
	free(rigs);
}
END_TEST

UNIT_SUITE("card", le_says_how_much_is_wanted, a_long_answer_goes_in_parts,
    get_response_comes_in_all_forms,
    an_application_may_have_its_own_get_response,
    any_other_command_drops_the_rest, the_status_word_decides_about_data,
    parts_make_one_command, another_command_in_the_middle_is_fresh,
    a_part_is_refused_as_soon_as_it_can_be, a_chain_may_be_as_long_as_a_command,
    the_longest_command_is_echoed, without_random_numbers_the_card_stops,
    a_hundred_cards_live_side_by_side)
