/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include "tests/unit/piv_script.h"

#define PIV_ANSWER                                 \
	"612E4F06000010000100"                     \
	"79074F05A000000308"                       \
	"AC1B800106800107800105800116800111800114" \
	"8001E08001E1060100"

START_TEST(select_tells_what_it_is)
{
	struct script s;

	piv_begin(&s);
	script_is(&s, "00A40400 05 A000000308", PIV_ANSWER "9000");
	script_is(&s, "00A40400 09 A00000030800001000", PIV_ANSWER "9000");
	script_is(
	    &s, "00A40400 0B A000000308000010000100 00", PIV_ANSWER "9000");
	script_is(&s, "00A4040C 05 A000000308", "9000");
	script_is(&s, "00A40400 04 A0000003", "6A82");
	script_is(&s, "00A40400 0B A000000308000010000200", "6A82");
	script_is(&s, "00A40000 02 3F00", "6D00");
	script_clear(&s);
}
END_TEST

START_TEST(version_and_serial)
{
	struct script s;

	piv_begin(&s);
	script_is(&s, "00FD0000", "0507009000");
	script_is(&s, "00F8000000", "*9000");
	ck_assert_uint_eq(s.len, 4);
	script_clear(&s);
}
END_TEST

/* SP 800-73-4 part 1, 3: selecting PIV again keeps what was proved. */
START_TEST(selected_again_the_session_goes_on)
{
	struct script s;

	piv_begin_admin(&s);
	script_is(&s, PIV_SELECT, "*9000");
	script_is(&s, "0020008000", "9000");
	script_is(&s, "00DB3FFF 08 5C035FC101 530101", "9000");
	script_is(&s, "00A40400 05 A000000001", "6A82");
	script_is(&s, "0020008000", "9000");
	script_clear(&s);
}
END_TEST

START_TEST(reset_ends_the_session)
{
	struct script s;

	piv_begin_admin(&s);
	rig_reset(&s.rig);
	script_is(&s, "00FD0000", "6D00");
	script_is(&s, PIV_SELECT, "*9000");
	script_is(&s, "0020008000", "63C3");
	script_is(&s, "00DB3FFF 08 5C035FC101 530101", "6982");
	script_clear(&s);
}
END_TEST

/* One wrong thing each, in a session that has proved nothing. */
static const struct {
	const char *command;
	const char *answer;
} wrong[] = {
    {"80FD0000", "6E00"},
    {"00FD0100", "6A86"},
    {"00FD0001", "6A86"},
    {"00FD0000 01 00", "6700"},
    {"00F80001", "6A86"},
    {"00F80000 01 00", "6700"},
    {"0084000008", "6D00"}, /* GET CHALLENGE */
    {"00B0000000", "6D00"},
    {"0020008001 31", "6A80"},
    {"0020018000", "6A86"},
    {"0020000008 313233343536FFFF", "6A88"},
    {"0020009600", "6A88"},
    {"0020009700", "6A88"},
    {"0020009800", "6A88"},
    {"0020FF8001 31", "6700"},
    {"0020FF00", "6A88"},
    {"8020008000", "6E00"},
    {"0024008008 313233343536FFFF", "6A80"},
    {"0024018000", "6A86"},
    {"0024009B00", "6A88"},
    {"002C008008 3132333435363738", "6A80"},
    {"002C018000", "6A86"},
    {"002C008100", "6A88"},
    {"0047009A05 AC03800111", "6982"},
    {"0047019A05 AC03800111", "6A86"},
    {"0047009A", "6700"},
    {"0087119A", "6700"},
    {"0087119A04 7C028100", "6A88"},
    {"0087119B04 7C028000", "6A86"},
    {"0087119904 7C028100", "6A86"},
    {"008711F904 7C028100", "6A86"},
    {"0087119A02 7D00", "6A80"},
    {"0087119A04 7C038100", "6A80"},
    {"0087119A05 7C02810000", "6A80"},
    {"0087119A06 7C0481008100", "6A80"},
    {"0087119A04 7C029900", "6A80"},
    {"00CB3FFE03 5C017E", "6A86"},
    {"00CB3FFF", "6700"},
    {"00CB3FFF03 5B017E", "6A80"},
    {"00CB3FFF03 5C027E", "6A80"},
    {"00CB3FFF04 5C017E00", "6A80"},
    {"00CB3FFF03 5C017D", "6A82"},
    {"00CB3FFF02 5C00", "6A82"},
    {"00CB3FFF06 5C0401020304", "6A82"},
    {"00CB3FFF05 5C036FC101", "6A82"},
    {"00DB3FFE07 5C035FC1015300", "6A86"},
    {"00DB3FFF07 5C035FC1015300", "6982"},
    {"00DB3FFF", "6700"},
    {"00F69A9C", "6982"},
    {"00F69A9C 01 00", "6700"},
    {"00F7009A", "6A88"},
    {"00F70096", "6A88"},
    {"00F70000", "6A88"},
    {"00F7019A", "6A86"},
    {"00F7009A 01 00", "6700"},
    {"00F99A00", "6A88"},
    {"00F99A01", "6A86"},
    {"00F90000", "6A86"},
    {"00F9F900", "6A86"},
    {"00FA0303", "6982"},
    {"00FA0303 01 00", "6700"},
    {"00FB0000", "6985"},
    {"00FB0001", "6A86"},
    {"00FE119A 02 0600", "6982"},
    {"00FE119A", "6700"},
    {"00FFFFFF", "6700"},
    {"00FFFFFF 03 039B18", "6982"},
    {"00FFFEFF 03 039B18", "6A86"},
};

START_TEST(what_is_wrong_is_named)
{
	struct script s;

	piv_begin(&s);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		script_is(&s, wrong[i].command, wrong[i].answer);
	script_clear(&s);
}
END_TEST

/* The same with every right there is. */
static const struct {
	const char *command;
	const char *answer;
} wrong_for_admin[] = {
    {"0047009B05 AC03800111", "6A86"},
    {"0047008105 AC03800111", "6A86"},
    {"0047009605 AC03800111", "6A86"},
    {"0047009A05 AC03800112", "6A80"},
    {"0047009A05 AC03810111", "6A80"},
    {"0047009A05 AD03800111", "6A80"},
    {"0047009A06 AC0380011100", "6A80"},
    {"0047009A04 AC028000", "6A80"},
    {"0047009A08 AC06800111AA0104", "6A80"},
    {"0047009A08 AC06800111AA0105", "6A80"},
    {"0047009A08 AC06800111AB0104", "6A80"},
    {"0047009A07 AC05800111AA00", "6A80"},
    {"004700F905 AC038001E1", "6A80"},
    {"00DB3FFF01 5C", "6A80"},
    {"00DB3FFF05 5C035FC101", "6A80"},
    {"00DB3FFF07 5C035FC1015400", "6A80"},
    {"00DB3FFF08 5C035FC101530100", "9000"},
    {"00DB3FFF09 5C035FC10153010000", "6A80"},
    {"00DB3FFF05 5C017D5300", "6A80"},
    {"00F6009C", "6A86"},
    {"00F69A9A", "6A86"},
    {"00F69AF9", "6A86"},
    {"00F6F99A", "6A86"},
    {"00F69A9C", "6A88"},
    {"00F6FF9C", "6A88"},
    {"00F6FF9B", "6A86"},
    {"00FA0003", "6A86"},
    {"00FA0300", "6A86"},
    {"00FE129A 02 0600", "6A86"},
    {"00FE119B 02 0600", "6A86"},
    {"00FE119A 02 0600", "6A80"},
    {"00FE119A 03 070101", "6A80"},
    {"00FE119A 03 060201", "6A80"},
    {"00FE119A 03 060100", "6A80"},
    {"00FEE1F9 03 080101", "6A80"},
    {"00FE079A 03 010103", "6A80"},
    {"00FE079A 06 010103020105", "6A80"},
    {"00FFFFFD 03 039B00", "6A86"},
    {"00FFFFFF 03 039B18", "6A80"},
    {"00FFFFFF 13 089A10 00000000000000000000000000000000", "6A80"},
    {"00FFFFFF 13 039B10 00000000000000000000000000000000", "6A80"},
    {"00FFFFFF 13 099B10 00000000000000000000000000000000", "6A80"},
    {"00FFFFFF 1B 039B18 010101010101010101010101010101010101010101010101",
	"6A80"},
};

START_TEST(what_is_wrong_is_named_to_the_administrator_too)
{
	struct script s;

	piv_begin_admin(&s);
	for (size_t i = 0;
	     i < sizeof(wrong_for_admin) / sizeof(*wrong_for_admin); i++)
		script_is(
		    &s, wrong_for_admin[i].command, wrong_for_admin[i].answer);
	script_clear(&s);
}
END_TEST

/* Nothing that can be guessed is answered. */
START_TEST(without_random_bytes_the_card_stops)
{
	struct script s;

	piv_begin(&s);
	s.rig.random_left = 0;
	ck_assert_str_eq(rig_send(&s.rig, "0087009B047C028100"), "EIO");
	ck_assert(s.rig.env.stopped);
	s.rig.random_left = -1;
	ck_assert_str_eq(rig_send(&s.rig, "00FD0000"), "EIO");
	script_clear(&s);
}
END_TEST

UNIT_SUITE("piv", select_tells_what_it_is, version_and_serial,
    selected_again_the_session_goes_on, reset_ends_the_session,
    what_is_wrong_is_named, what_is_wrong_is_named_to_the_administrator_too,
    without_random_bytes_the_card_stops)
