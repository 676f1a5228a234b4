/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/mask.h"
#include "util/hex.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { ROOM = 70000 };

/* The dialog, and what was sent through it last. */
struct talk {
	struct dialog dialog;
	char text[2 * ROOM];
};

static const char *
send(struct talk *talk, const char *hex)
{
	static uint8_t in[ROOM];
	static uint8_t out[ROOM];
	int len = hex_get(hex, in, sizeof(in));

	ck_assert_int_ge(len, 0);
	dialog_command(&talk->dialog, in, (size_t)len);
	mask_command(&talk->dialog, in, (size_t)len, out);
	return hex_put(talk->text, sizeof(talk->text), out, (size_t)len);
}

static const char *
answer(struct talk *talk, const char *hex)
{
	uint8_t in[512], out[512];
	int len = hex_get(hex, in, sizeof(in));

	ck_assert_int_ge(len, 0);
	dialog_response(&talk->dialog, in, (size_t)len);
	mask_response(&talk->dialog, in, (size_t)len, out);
	return hex_put(talk->text, sizeof(talk->text), out, (size_t)len);
}

static struct talk *
talk_new(const char *aid)
{
	struct talk *talk = calloc(1, sizeof(*talk));
	char select[80];

	ck_assert_ptr_nonnull(talk);
	dialog_init(&talk->dialog);
	if (aid == NULL)
		return talk;
	snprintf(
	    select, sizeof(select), "00A40400%02zX%s", strlen(aid) / 2, aid);
	ck_assert_str_eq(send(talk, select), select);
	answer(talk, "9000");
	return talk;
}

#define AID_PIV "A000000308"
#define AID_OPENPGP "D27600012401"
#define AID_OATH "A0000005272101"
#define AID_FIDO "A0000006472F0001"
#define AID_NDEF "D2760000850101"
#define AID_OTP "A0000005272001"
#define AID_CAC "A000000079"

static const struct {
	const char *aid; /* NULL: none selected */
	const char *command;
	const char *shown;
	const char *response; /* "" and "": not looked at */
	const char *response_shown;
} cases[] = {
    /* PINs, whatever the class and the form of the lengths */
    {NULL, "00200080083132333435363738", "00200080082A2A2A2A2A2A2A2A", "", ""},
    {NULL, "0020008004313233340A", "00200080042A2A2A2A0A", "", ""},
    {NULL, "0020008000000431323334", "002000800000042A2A2A2A", "", ""},
    {NULL, "00200080000004313233340100", "002000800000042A2A2A2A0100", "", ""},
    {NULL, "80210080023132", "80210080022A2A", "3132 9000", "2A2A9000"},
    {AID_NDEF, "0020008004313233 34", "00200080042A2A2A2A", "", ""},
    {NULL, "0020008031323334", "002000802A2A2A2A", "", ""}, /* no Lc */
    {NULL, "00200080", "00200080", "63C3", "63C3"},
    {NULL, "0020008000", "0020008000", "9000", "9000"},
    {AID_PIV, "00240080023132", "00240080022A2A", "", ""},
    {AID_PIV, "002C0080023132", "002C0080022A2A", "", ""},
    {NULL, "00280080023132", "00280080022A2A", "", ""},
    {NULL, "00C20000023132", "00C20000022A2A", "", ""},
    /* Keys of PIV */
    {AID_PIV, "00FFFFFF020303", "00FFFFFF022A2A", "", ""},
    {AID_PIV, "00FE079A020101", "00FE079A022A2A", "", ""},
    {AID_PIV, "00DB3FFF065C035FC10988", "00DB3FFF062A2A2A2A2A2A", "", ""},
    {AID_PIV, "00CB3FFF055C035FC109", "00CB3FFF055C035FC109", "88019000",
	"2A2A9000"},
    {AID_PIV, "00DB3FFF065C035FC10570", "00DB3FFF065C035FC10570", "", ""},
    {AID_PIV, "0087079A017C", "0087079A017C", "7C009000", "7C009000"},
    {AID_PIV, "0087079D017C", "0087079D017C", "7C009000", "2A2A9000"},
    {AID_PIV, "00870795017C", "00870795017C", "7C009000", "2A2A9000"},
    /* OpenPGP */
    {AID_OPENPGP, "00DB3FFF024D00", "00DB3FFF022A2A", "", ""},
    {AID_OPENPGP, "00DA00D3023132", "00DA00D3022A2A", "", ""},
    {AID_OPENPGP, "00DA00D5023132", "00DA00D5022A2A", "", ""},
    {AID_OPENPGP, "00DA005E023132", "00DA005E023132", "", ""},
    {AID_OPENPGP, "002A8086020001", "002A8086020001", "AABB9000", "2A2A9000"},
    {AID_OPENPGP, "002A8680020001", "002A8680022A2A", "", ""},
    {AID_OPENPGP, "002A9E9A020001", "002A9E9A020001", "AABB9000", "AABB9000"},
    {AID_OPENPGP, "00CA010300", "00CA010300", "AABB9000", "2A2A9000"},
    /* OATH */
    {AID_OATH, "00010000027100", "00010000022A2A", "", ""},
    {AID_OATH, "00030000027100", "00030000022A2A", "", ""},
    {AID_OATH, "00A30000027500", "00A30000022A2A", "75009000", "2A2A9000"},
    {AID_OATH, "00A20001027100", "00A20001027100", "76019000", "2A2A9000"},
    {AID_OATH, "00A40001027400", "00A40001027400", "76019000", "2A2A9000"},
    {AID_OATH, "00A10000", "00A10000", "72019000", "72019000"},
    /* FIDO */
    {AID_FIDO, "801000000206A1", "80100000022A2A", "00A19000", "2A2A9000"},
    {AID_FIDO, "801000000104", "801000000104", "00A19000", "00A19000"},
    {AID_FIDO, "8010000006A1", "801000002A2A", "", ""}, /* wrong Lc */
    {AID_FIDO, "0001000002AABB", "0001000002AABB", "05009000", "05009000"},
    /* Others */
    {AID_OTP, "0001300002AABB", "00013000022A2A", "AABB9000", "2A2A9000"},
    {AID_CAC, "80420000020001", "80420000020001", "AABB9000", "2A2A9000"},
    {NULL, "FF820000023132", "FF820000022A2A", "", ""},
    {NULL, "80D80000023132", "80D80000022A2A", "", ""},
    {NULL, "B0420000023132", "B0420000022A2A", "", ""},
    /* Nothing is known: what is secret in any application */
    {NULL, "0001000002AABB", "00010000022A2A", "", ""},
    {NULL, "00FE079A020101", "00FE079A022A2A", "", ""},
    {NULL, "801000000206A1", "80100000022A2A", "", ""},
    {"0102030405", "0001000002AABB", "00010000022A2A", "", ""},
    /* Nothing secret at all */
    {NULL, "00A4000C023F00", "00A4000C023F00", "62009000", "62009000"},
    {NULL, "00B0000000", "00B0000000", "31329000", "31329000"},
    {NULL, "0020", "0020", "6700", "6700"},
    {NULL, "", "", "", ""},
};

START_TEST(secrets_are_covered)
{
	struct talk *talk = talk_new(cases[_i].aid);

	ck_assert_str_eq(send(talk, cases[_i].command), cases[_i].shown);
	if (*cases[_i].response != '\0')
		ck_assert_str_eq(
		    answer(talk, cases[_i].response), cases[_i].response_shown);
	free(talk);
}
END_TEST

START_TEST(all_parts_of_a_chain_are_covered)
{
	struct talk *talk = talk_new(AID_FIDO);

	ck_assert_str_eq(send(talk, "901000000206A1"), "90100000022A2A");
	ck_assert_str_eq(answer(talk, "9000"), "9000");
	ck_assert_str_eq(send(talk, "9010000002AABB"), "90100000022A2A");
	answer(talk, "9000");
	ck_assert_str_eq(send(talk, "8010000002CCDD00"), "80100000022A2A00");
	ck_assert_str_eq(answer(talk, "00A16102"), "2A2A6102");
	/* so is what GET RESPONSE brings */
	ck_assert_str_eq(send(talk, "80C0000002"), "80C0000002");
	ck_assert_str_eq(answer(talk, "AABB6102"), "2A2A6102");
	ck_assert_str_eq(send(talk, "00C0000002"), "00C0000002");
	ck_assert_str_eq(answer(talk, "AABB9000"), "2A2A9000");
	/* and then no more */
	ck_assert_str_eq(send(talk, "8010000002CCDD00"), "8010000002CCDD00");
	ck_assert_str_eq(answer(talk, "AABB9000"), "AABB9000");
	free(talk);
}
END_TEST

START_TEST(a_chain_ends_with_another_command)
{
	struct talk *talk = talk_new(AID_PIV);

	send(talk, "10DB3FFF055C035FC109");
	answer(talk, "9000");
	ck_assert_str_eq(send(talk, "00DB3FFF0188"), "00DB3FFF012A");
	answer(talk, "9000");
	ck_assert_str_eq(send(talk, "00DB3FFF0188"), "00DB3FFF0188");
	send(talk, "10DB3FFF055C035FC109");
	answer(talk, "9000");
	ck_assert_str_eq(send(talk, "00DB3FFE0188"), "00DB3FFE0188");
	answer(talk, "9000");
	/* a part without data may be the first of any command */
	ck_assert_str_eq(send(talk, "10DB3FFF"), "10DB3FFF");
	answer(talk, "9000");
	ck_assert_str_eq(send(talk, "00DB3FFF0188"), "00DB3FFF012A");
	free(talk);
}
END_TEST

START_TEST(a_failed_select_changes_nothing)
{
	struct talk *talk = talk_new(AID_FIDO);

	send(talk, "00A4040005A000000308");
	answer(talk, "6A82");
	ck_assert_int_eq(talk->dialog.applet, APPLET_FIDO);
	send(talk, "01A4040005A000000308"); /* another channel */
	answer(talk, "9000");
	ck_assert_int_eq(talk->dialog.applet, APPLET_FIDO);
	send(talk, "00A4040005A000000308");
	answer(talk, "6110");
	ck_assert_int_eq(talk->dialog.applet, APPLET_PIV);
	/* an answer that no SELECT waits for */
	answer(talk, "9000");
	ck_assert_int_eq(talk->dialog.applet, APPLET_PIV);
	dialog_init(&talk->dialog);
	ck_assert_int_eq(talk->dialog.applet, APPLET_UNKNOWN);
	free(talk);
}
END_TEST

/* Who answers there was not looked at: all that may be secret is. */
START_TEST(other_channels_are_not_known)
{
	struct talk *talk = talk_new(AID_NDEF);

	ck_assert_str_eq(send(talk, "0001000002AABB"), "0001000002AABB");
	ck_assert_str_eq(send(talk, "0101000002AABB"), "01010000022A2A");
	free(talk);
}
END_TEST

/* Whoever begins to look in the middle of an exchange sees no secret. */
START_TEST(an_answer_without_its_command_is_covered)
{
	struct talk *talk = talk_new(NULL);

	ck_assert_str_eq(answer(talk, "0102039000"), "2A2A2A9000");
	ck_assert_str_eq(send(talk, "00C0000002"), "00C0000002");
	ck_assert_str_eq(answer(talk, "04059000"), "2A2A9000");
	ck_assert_str_eq(send(talk, "00A4040005A000000308"),
	    "00A4040005A000000308");
	ck_assert_str_eq(answer(talk, "61009000"), "61009000");
	free(talk);
}
END_TEST

/* Too short a first part to tell which object it is. */
START_TEST(a_short_first_part_is_covered)
{
	struct talk *talk = talk_new("A000000308");

	ck_assert_str_eq(send(talk, "10DB3FFF025C03"), "10DB3FFF022A2A");
	ck_assert_str_eq(send(talk, "00DB3FFF055FC1095301"),
	    "00DB3FFF052A2A2A2A2A");
	free(talk);
}
END_TEST

START_TEST(the_largest_command_is_covered)
{
	struct talk *talk = talk_new(NULL);
	char *hex = malloc(2 * ROOM);
	size_t n = 0;

	n += (size_t)sprintf(hex, "0020008000FFFF");
	for (int i = 0; i < 65535; i++)
		n += (size_t)sprintf(hex + n, "31");
	sprintf(hex + n, "0000");
	send(talk, hex);
	ck_assert_int_eq(strncmp(talk->text, "0020008000FFFF2A2A", 18), 0);
	ck_assert_ptr_null(strstr(talk->text, "31"));
	ck_assert_str_eq(talk->text + 14 + 2 * 65535, "0000");
	free(hex);
	free(talk);
}
END_TEST

/*
 * However its lengths are spoilt, no byte of a VERIFY's data is shown: only
 * the header, and what stands where lengths do.
 */
START_TEST(mutations_of_verify_show_nothing)
{
	static const uint8_t pin[] = {0x00, 0x20, 0x00, 0x80, 0x08, 0xf1, 0xf2,
	    0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8};
	struct dialog dialog;
	uint8_t in[sizeof(pin)], *out;

	for (unsigned lc = 1; lc < 256; lc++)
		for (size_t len = 4; len <= sizeof(pin); len++) {
			memcpy(in, pin, sizeof(pin));
			in[4] = (uint8_t)lc;
			out = malloc(len);
			dialog_init(&dialog);
			dialog_command(&dialog, in, len);
			mask_command(&dialog, in, len, out);
			/* The last byte may pass for an Le. */
			for (size_t i = 5; i + 1 < len; i++)
				ck_assert_int_eq(out[i], MASK_FILLER);
			free(out);
		}
}
END_TEST

Suite *
unit_suite(void)
{
	const TTest *const tests[] = {all_parts_of_a_chain_are_covered,
	    a_chain_ends_with_another_command, a_failed_select_changes_nothing,
	    other_channels_are_not_known, an_answer_without_its_command_is_covered,
    a_short_first_part_is_covered, the_largest_command_is_covered,
	    mutations_of_verify_show_nothing, NULL};
	Suite *suite = unit_suite_of("mask", tests);
	TCase *tcase = tcase_create("table");

	tcase_add_loop_test(tcase, secrets_are_covered, 0, COUNT(cases));
	suite_add_tcase(suite, tcase);
	return suite;
}
