/* SPDX-License-Identifier: BSD-2-Clause */
/* ATR, power, and which application a command goes to. */
#include "tests/unit/unit.h"

#include "tests/unit/rig.h"
#include "tests/unit/toy.h"

#define SELECT_TOY "00A4040007F0010203040506", "746F799000"
#define SELECT_FILE "00A4040002F002", "746F799000"

START_TEST(the_atr_says_what_clients_look_for)
{
	const uint8_t *atr;
	struct rig rig;
	uint8_t sum = 0;
	size_t len;

	rig_open(&rig, toy_apps, TOY_APPS, NULL);
	card_reset(rig.card, &atr, &len);
	for (size_t i = 1; i < len; i++)
		sum ^= atr[i];
	ck_assert_uint_eq(sum, 0);
	ck_assert_uint_le(len, CARD_ATR_MAX);
	ck_assert_uint_eq(len, 4 + (atr[1] & 0x0Fu) + 1);
	ck_assert_mem_eq(atr,
	    "\x3B\x8F\x80\x01\x80\x73\xC0\x21\xC0\xF9"
	    "\xA0\x00\x00\x03\x08\x00\x00\x10\x00\x9E",
	    20);
	rig_clear(&rig);
}
END_TEST

START_TEST(nothing_works_before_a_select)
{
	struct rig rig;

	rig_open(&rig, toy_apps, TOY_APPS, NULL);
	RIG_TALK(&rig, "00100000", "6D00", "80100000", "6D00", "00CB3FFF",
	    "6D00", "00C00000", "6985", "80C00000", "6985", "00A40000023F00",
	    "6D00", "00A4000C023F00", "6D00", "F0100000", "6E00", "0C100000",
	    "6882", "01100000", "6881", "00A4040000", "6A82", "00A40400",
	    "6A82", "00A4000C", "6D00", "", "6700", "00", "6700", "00A404",
	    "6700", "00A4040005F001", "6700");
	rig_clear(&rig);
}
END_TEST

START_TEST(an_aid_may_be_cut_but_not_too_short)
{
	struct rig rig;

	rig_open(&rig, toy_apps, TOY_APPS, NULL);
	RIG_TALK(&rig, "00A4040005F001020304", "746F799000",
	    "00A4040006F00102030405", "746F799000", SELECT_TOY,
	    "00A4040004F0010203", "6A82", "00A4040001F0", "6A82",
	    "00A4040006F00102030406", "6A82", "00A4040008F001020304050600",
	    "6A82", "00A40400 11 F00102030405060708090A0B0C0D0E0F10", "6A82");
	rig_clear(&rig);
}
END_TEST

START_TEST(an_aid_may_have_a_serial_number)
{
	struct rig rig;

	rig_open(&rig, toy_apps, TOY_APPS, NULL);
	RIG_TALK(&rig, "00A4040006F00300000000", "746F796285",
	    "00A404000CF0030000000012345678 0000", "746F796285",
	    "00A404000CF0030000000012345679 0000", "6A82",
	    "00A4040007F0030000000012", "746F796285", "00400000",
	    "010200019000");
	rig_clear(&rig);
}
END_TEST

START_TEST(select_comes_in_all_forms)
{
	struct rig rig;

	rig_open(&rig, toy_apps, TOY_APPS, NULL);
	RIG_TALK(&rig, "00A4040C05F001020304", "9000", "00100000012A", "2A9000",
	    "00A4040005F00102030400", "746F799000",
	    "00A40400000005F0010203040000", "746F799000",
	    "00A4040005F00102030402", "746F6101", "00C0000001", "799000",
	    "10A4040002F001", "9000", "00A4040003020304", "746F799000",
	    "00A4040405F001020304", "6A86", "00A4040205F001020304", "6A86",
	    "10A404000CF00102030405060708090A0B", "9000",
	    "10A40400050102030405", "6700", "80A4040005F001020304", "6D00",
	    "04A4040005F001020304", "6882", "02A4040005F001020304", "6881");
	rig_clear(&rig);
}
END_TEST

START_TEST(an_unknown_aid_changes_nothing)
{
	struct rig rig;

	rig_open(&rig, toy_apps, TOY_APPS, NULL);
	RIG_TALK(&rig, SELECT_TOY, "00200080081122334455667788", "9000",
	    "00A4040007A0000005272001", "6A82", "00A4040C02FFFF", "6A82",
	    "00A4040000", "6A82", "00A4040002F004", "6F00",
	    "00A4040105F001020304", "6A86", "00200080", "9000", "00400000",
	    "010000019000");
	rig_clear(&rig);
}
END_TEST

START_TEST(the_same_again_is_the_applications_affair)
{
	struct rig rig;

	rig_open(&rig, toy_apps, TOY_APPS, NULL);
	RIG_TALK(&rig, SELECT_TOY, "00200080081122334455667788", "9000",
	    "00A4040005F001020304", "746F799000", "00200080", "9000",
	    "00400000", "010100019000");
	rig_clear(&rig);
}
END_TEST

START_TEST(another_application_ends_the_session)
{
	struct rig rig;

	rig_open(&rig, toy_apps, TOY_APPS, NULL);
	RIG_TALK(&rig, SELECT_TOY, "00200080081122334455667788", "9000",
	    SELECT_FILE, "00200080", "6D00", SELECT_TOY, "00200080", "63C3",
	    "00400000", "020001019000", "00A4040006F00300000000", "746F796285",
	    SELECT_TOY, "00400000", "030002019000");
	rig_clear(&rig);
}
END_TEST

START_TEST(selects_of_files_are_unknown_unless_a_row_says_so)
{
	struct rig rig;

	rig_open(&rig, toy_apps, TOY_APPS, NULL);
	RIG_TALK(&rig, SELECT_TOY, "00A40000023F00", "6D00", "00A4000C023F00",
	    "6D00", "00A40100025015", "6D00", "00A4020C022F02", "6D00",
	    "00A40800023F00", "6D00", "00A40000", "6D00", SELECT_FILE,
	    "00A4000C02E103", "9000", "00A4000C02E104", "6A82", "00A4000C01E1",
	    "6700", "00A40000023F00", "6D00", "00A4020C022F02", "6D00",
	    "00A4080C023F00", "6D00", "80A4000C02E103", "6E00");
	rig_clear(&rig);
}
END_TEST

START_TEST(reset_and_power_end_everything)
{
	struct rig rig;

	rig_open(&rig, toy_apps, TOY_APPS, NULL);
	RIG_TALK(&rig, SELECT_TOY, "00200080081122334455667788", "9000");
	rig_reset(&rig);
	RIG_TALK(&rig, "00200080", "6D00", SELECT_TOY, "00200080", "63C3",
	    "00400000", "020001029000", "0011010001", "0061FF");
	card_power_down(rig.card);
	RIG_TALK(&rig, "00C00000", "6985", "00200080", "6D00");
	rig_reset(&rig);
	RIG_TALK(&rig, SELECT_FILE, "00400000", "010000039000", SELECT_TOY,
	    "10100000022A2B", "9000");
	rig_reset(&rig);
	RIG_TALK(&rig, SELECT_TOY, "00100000012C", "2C9000");
	rig_clear(&rig);
}
END_TEST

START_TEST(the_card_knows_what_its_applications_are)
{
	struct rig rig;

	rig_open(&rig, toy_apps, TOY_APPS, NULL);
	ck_assert_uint_eq(rig.env.capabilities, 0x0218);
	rig_clear(&rig);
	card_free(NULL);
}
END_TEST

UNIT_SUITE("card_select", the_atr_says_what_clients_look_for,
    nothing_works_before_a_select, an_aid_may_be_cut_but_not_too_short,
    an_aid_may_have_a_serial_number, select_comes_in_all_forms,
    an_unknown_aid_changes_nothing, the_same_again_is_the_applications_affair,
    another_application_ends_the_session,
    selects_of_files_are_unknown_unless_a_row_says_so,
    reset_and_power_end_everything, the_card_knows_what_its_applications_are)
