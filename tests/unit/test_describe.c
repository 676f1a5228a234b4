/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "trace/apdu.h"
#include "trace/describe.h"
#include "util/hex.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { APDU_ROOM = 512 };

static const struct {
	enum applet applet;
	const char *command;
	const char *text;
} commands[] = {
    {APPLET_UNKNOWN, "00A4040009A00000030800001000",
	"SELECT PIV (A00000030800001000)"},
    {APPLET_UNKNOWN, "00A4040006D2760001240100",
	"SELECT OpenPGP (D27600012401)"},
    {APPLET_UNKNOWN, "00A4040007A000000527210100",
	"SELECT OATH (A0000005272101)"},
    {APPLET_UNKNOWN, "00A4040003010203", "SELECT 010203"},
    {APPLET_UNKNOWN, "00A4040000", "SELECT "},
    {APPLET_UNKNOWN, "00A4000C023F00", "SELECT file 3F00"},
    {APPLET_UNKNOWN, "00A4080C0450153F00", "SELECT path 50153F00"},
    {APPLET_UNKNOWN, "00A4030C", "SELECT parent"},
    {APPLET_UNKNOWN, "00A4000000", "SELECT master file"},
    {APPLET_PIV, "0020008008313233343536FFFF", "VERIFY PIN (80), 8 bytes"},
    {APPLET_PIV, "00200080", "VERIFY PIN (80)"},
    {APPLET_PIV, "0020FF80", "LOG OUT PIN (80)"},
    {APPLET_OPENPGP, "0020008306313233343536", "VERIFY PW3 (83), 6 bytes"},
    {APPLET_UNKNOWN, "0020000106313233343536", "VERIFY 01, 6 bytes"},
    {APPLET_PIV, "00CB3FFF055C035FC10200", "GET DATA CHUID (5FC102), 5 bytes"},
    {APPLET_PIV, "00CB3FFF035C017E00", "GET DATA discovery (7E), 3 bytes"},
    {APPLET_UNKNOWN, "00CB3FFF055C035FC10200", "GET DATA 5FC102, 5 bytes"},
    {APPLET_UNKNOWN, "00CB3FFF", "GET DATA P1 3F P2 FF"},
    {APPLET_UNKNOWN, "00CB3FFF025C0900", "GET DATA P1 3F P2 FF, 2 bytes"},
    {APPLET_OPENPGP, "00CA006E00", "GET DATA application data (6E)"},
    {APPLET_OPENPGP, "00CA5F5200", "GET DATA historical bytes (5F52)"},
    {APPLET_OPENPGP, "10DB3FFF024D00", "IMPORT KEY, 2 bytes, chained"},
    {APPLET_PIV, "0087079A037C00FF00",
	"GENERAL AUTHENTICATE RSA-2048 (07), authentication key (9A), 3 bytes"},
    {APPLET_PIV, "00FFFFFF0303 9B00", "SET MANAGEMENT KEY, 3 bytes"},
    {APPLET_OPENPGP, "002A9E9A0101", "PSO: COMPUTE DIGITAL SIGNATURE, 1 byte"},
    {APPLET_OPENPGP, "002A80860000020102", "PSO: DECIPHER, 2 bytes, extended"},
    {APPLET_OATH, "00A40001", "CALCULATE ALL"},
    {APPLET_OATH, "0001000002AABB", "PUT, 2 bytes"},
    {APPLET_FIDO, "801000000104", "CTAP getInfo (04), 1 byte"},
    {APPLET_FIDO, "801000000199", "CTAP 99, 1 byte"},
    {APPLET_FIDO, "0003000000", "U2F VERSION"},
    {APPLET_UNKNOWN, "00B0010200", "READ BINARY at 258"},
    {APPLET_UNKNOWN, "00B0850200", "READ BINARY of file 5 at 2"},
    {APPLET_UNKNOWN, "00B2010C00", "READ RECORD 1 of file 1"},
    {APPLET_UNKNOWN, "00C0000000", "GET RESPONSE"},
    {APPLET_UNKNOWN, "0CC0000000", "GET RESPONSE, secure messaging"},
    {APPLET_UNKNOWN, "02C0000000", "GET RESPONSE, channel 2"},
    {APPLET_UNKNOWN, "43C0000000", "GET RESPONSE, channel 7"},
    {APPLET_UNKNOWN, "005A0102", "CLA 00 INS 5A P1 01 P2 02"},
    {APPLET_UNKNOWN, "00200080090000", "VERIFY 80, 3 bytes, wrong lengths"},
    {APPLET_UNKNOWN, "002000", "no command, 3 bytes"},
    {APPLET_UNKNOWN, "", "no command, 0 bytes"},
};

START_TEST(a_command_has_its_words)
{
	const char *text = commands[_i].text;
	uint8_t apdu[APDU_ROOM];
	char out[DESCRIBE_MAX];
	int len = hex_get(commands[_i].command, apdu, sizeof(apdu));

	ck_assert_int_ge(len, 0);
	ck_assert_str_eq(describe_command(commands[_i].applet, apdu,
			     (size_t)len, out, sizeof(out)),
	    text);
}
END_TEST

static const struct {
	const char *response;
	const char *text;
} responses[] = {
    {"9000", "9000 OK"},
    {"0102039000", "9000 OK, 3 bytes"},
    {"6100", "6100 OK, more data: 256 bytes or more"},
    {"AA6110", "6110 OK, more data: 16 bytes, 1 byte"},
    {"63C2", "63C2 not verified, 2 tries left"},
    {"63C1", "63C1 not verified, 1 try left"},
    {"63C0", "63C0 not verified, no tries left"},
    {"6C20", "6C20 wrong Le, 32 bytes are there"},
    {"6A82", "6A82 not found"},
    {"6982", "6982 security status not satisfied"},
    {"6983", "6983 authentication method blocked"},
    {"6D00", "6D00 instruction not supported"},
    {"9E17", "9E17 unknown status"},
    {"90", "no status word, 1 byte"},
    {"", "no status word, 0 bytes"},
};

START_TEST(a_response_has_its_words)
{
	uint8_t apdu[APDU_ROOM];
	char out[DESCRIBE_MAX];
	int len = hex_get(responses[_i].response, apdu, sizeof(apdu));

	ck_assert_int_ge(len, 0);
	ck_assert_str_eq(describe_response(apdu, (size_t)len, out, sizeof(out)),
	    responses[_i].text);
}
END_TEST

START_TEST(a_line_is_cut_to_its_room)
{
	static const uint8_t select[] = "\0\xa4\x04\0\x05\xa0\0\0\x03\x08";
	char all[DESCRIBE_MAX], out[DESCRIBE_MAX];

	describe_command(APPLET_UNKNOWN, select, 10, all, sizeof(all));
	for (size_t cap = 1; cap <= strlen(all) + 1; cap++) {
		memset(out, '!', sizeof(out));
		describe_command(APPLET_UNKNOWN, select, 10, out, cap);
		ck_assert_uint_lt(strlen(out), cap);
		ck_assert_int_eq(strncmp(out, all, strlen(out)), 0);
		ck_assert_int_eq(out[cap], '!');
	}
	out[0] = '!';
	describe_command(APPLET_UNKNOWN, select, 10, out, 0);
	ck_assert_int_eq(out[0], '!');
}
END_TEST

static void
check_printable(const char *text)
{
	ck_assert_uint_lt(strlen(text), DESCRIBE_MAX - 1);
	for (; *text != '\0'; text++)
		ck_assert(isprint((unsigned char)*text));
}

/* Any change of any byte gives a line, whole and printable. */
START_TEST(mutations_are_described)
{
	int rounds = getenv("VSCARD_TEST_QUICK") != NULL ? 10 : 200;
	struct drand48_data rand;
	char out[DESCRIBE_MAX];
	uint8_t *apdu;
	long r;
	int len;

	srand48_r(_i, &rand);
	for (int round = 0; round < rounds; round++) {
		apdu = malloc(APDU_ROOM);
		len = hex_get(commands[_i].command, apdu, APDU_ROOM);
		for (int i = 0; i < len; i++) {
			lrand48_r(&rand, &r);
			if (r % 4 == 0)
				apdu[i] = (uint8_t)(r >> 8);
		}
		lrand48_r(&rand, &r);
		len = len > 0 ? (int)(r % (len + 1)) : 0;
		/* The exact size, so that one byte too far is seen. */
		apdu = realloc(apdu, (size_t)len + (len == 0));
		for (int a = APPLET_UNKNOWN; a <= APPLET_PAYMENT; a++) {
			describe_command((enum applet)a, apdu, (size_t)len, out,
			    sizeof(out));
			check_printable(out);
		}
		describe_response(apdu, (size_t)len, out, sizeof(out));
		check_printable(out);
		free(apdu);
	}
}
END_TEST

START_TEST(applets_have_names)
{
	for (int a = APPLET_UNKNOWN; a <= APPLET_PAYMENT; a++)
		ck_assert_str_ne(applet_name((enum applet)a), "?");
	ck_assert_str_eq(applet_name((enum applet)99), "?");
	ck_assert_int_eq(applet_of(NULL, 0), APPLET_OTHER);
}
END_TEST

static Suite *
with_loops(Suite *suite)
{
	TCase *tcase = tcase_create("tables");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, a_command_has_its_words, 0, COUNT(commands));
	tcase_add_loop_test(
	    tcase, a_response_has_its_words, 0, COUNT(responses));
	tcase_add_loop_test(tcase, mutations_are_described, 0, COUNT(commands));
	suite_add_tcase(suite, tcase);
	return suite;
}

Suite *
unit_suite(void)
{
	const TTest *const tests[] = {
	    a_line_is_cut_to_its_room, applets_have_names, NULL};

	return with_loops(unit_suite_of("describe", tests));
}
