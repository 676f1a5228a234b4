/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/piv_script.h"

#define CHUID "00CB3FFF055C035FC102"
#define HISTORY "00CB3FFF055C035FC10C"
#define PRINTED "00CB3FFF055C035FC109"

START_TEST(a_new_card_has_a_chuid_and_a_ccc)
{
	uint8_t first[64];
	struct script s;

	piv_begin(&s);
	script_is(&s, CHUID, "*9000");
	ck_assert_uint_eq(s.len, 61);
	ck_assert_mem_eq(s.data, "\x53\x3B\x30\x19\xD4\xE7\x39\xDA", 8);
	ck_assert_mem_eq(s.data + 29, "\x34\x10", 2);
	ck_assert_mem_eq(s.data + 47,
	    "\x35\x08"
	    "20500101"
	    "\x3E\x00\xFE\x00",
	    14);
	memcpy(first, s.data, s.len);
	script_is(&s, "00CB3FFF055C035FC107", "*9000");
	ck_assert_uint_eq(s.len, 53);
	ck_assert_mem_eq(
	    s.data, "\x53\x33\xF0\x15\xA0\x00\x00\x01\x16\xFF\x02", 11);
	/* They stay. */
	piv_again(&s);
	script_is(&s, CHUID, "*9000");
	ck_assert_mem_eq(s.data, first, s.len);
	script_clear(&s);
}
END_TEST

START_TEST(the_discovery_object_is_there)
{
	struct script s;

	piv_begin(&s);
	script_is(&s, "00CB3FFF035C017E",
	    "7E124F0BA0000003080000100001005F2F0240109000");
	script_clear(&s);
}
END_TEST

START_TEST(a_written_discovery_object_wins)
{
	struct script s;

	piv_begin_admin(&s);
	script_is(&s, "00DB3FFF067E055F2F0140", "6A80");
	script_is(&s, "00DB3FFF077E055F2F024000", "9000");
	script_is(&s, "00CB3FFF035C017E", "7E055F2F0240009000");
	/* As some clients have it. */
	script_is(&s, "00DB3FFF085C017E5303010203", "9000");
	script_is(&s, "00CB3FFF035C017E", "7E030102039000");
	script_is(&s, "00DB3FFF085C017E7E03040506", "9000");
	script_is(&s, "00CB3FFF035C017E", "7E030405069000");
	script_is(&s, "00DB3FFF027E00", "9000");
	script_is(&s, "00CB3FFF035C017E",
	    "7E124F0BA0000003080000100001005F2F0240109000");
	script_clear(&s);
}
END_TEST

START_TEST(the_group_template_has_its_own_tag)
{
	struct script s;

	piv_begin_admin(&s);
	script_is(&s, "00CB3FFF045C027F61", "6A82");
	script_is(&s, "00DB3FFF067F6103020100", "9000");
	script_is(&s, "00CB3FFF045C027F61", "7F61030201009000");
	script_is(&s, "00DB3FFF085C027F615302AABB", "9000");
	script_is(&s, "00CB3FFF045C027F61", "7F6102AABB9000");
	script_clear(&s);
}
END_TEST

START_TEST(an_object_is_written_and_deleted)
{
	struct script s;

	piv_begin_admin(&s);
	script_is(&s, "00CB3FFF055C035FC105", "6A82");
	script_is(&s, "00DB3FFF0A5C035FC1055303700100", "9000");
	script_is(&s, "00CB3FFF055C035FC105", "53037001009000");
	piv_again(&s);
	script_is(&s, "00CB3FFF055C035FC105", "53037001009000");
	script_is(&s, "00DB3FFF075C035FC1055300", "6982");
	piv_admin(&s);
	script_is(&s, "00DB3FFF075C035FC1055300", "9000");
	script_is(&s, "00DB3FFF075C035FC1055300", "9000");
	script_is(&s, "00CB3FFF055C035FC105", "6A82");
	script_clear(&s);
}
END_TEST

/* What is there is told to the holder alone, and so is what is not. */
START_TEST(some_objects_are_the_holders)
{
	static const char *const tags[] = {
	    "5FC103", "5FC108", "5FC109", "5FC121", "5FC123"};
	char command[64];
	struct script s;

	piv_begin(&s);
	piv_admin(&s);
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
		snprintf(command, sizeof(command), "00CB3FFF055C03%s", tags[i]);
		script_is(&s, command, "6982");
		snprintf(command, sizeof(command), "00DB3FFF085C03%s530177",
		    tags[i]);
		script_is(&s, command, "9000");
		snprintf(command, sizeof(command), "00CB3FFF055C03%s", tags[i]);
		script_is(&s, command, "6982");
	}
	piv_login(&s);
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
		snprintf(command, sizeof(command), "00CB3FFF055C03%s", tags[i]);
		script_is(&s, command, "5301779000");
	}
	script_is(&s, "00DB3FFF075C035FC1095300", "9000");
	script_is(&s, PRINTED, "6A82");
	script_is(&s, "0020FF80", "9000");
	script_is(&s, PRINTED, "6982");
	script_clear(&s);
}
END_TEST

static void
put_large(struct script *s, size_t len, bool chained, uint16_t want)
{
	static uint8_t bytes[65536], content[65000];
	struct wr wr;

	for (size_t i = 0; i < len; i++)
		content[i] = (uint8_t)(i * 7);
	wr_init(&wr, bytes, sizeof(bytes));
	tlv_put(&wr, 0x5C, "\x5F\xFF\x10", 3);
	tlv_put(&wr, 0x53, content, len);
	if (chained)
		ck_assert_uint_eq(
		    script_chain(s, "00DB3FFF", bytes, wr.len), want);
	else
		ck_assert_uint_eq(
		    script_put(s, "00DB3FFF", bytes, wr.len), want);
	if (want != 0x9000)
		return;
	script_is(s, "00CB3FFF055C035FFF10", "*9000");
	ck_assert_uint_eq(piv_value(s, 0x53, 0).len, len);
	ck_assert_mem_eq(piv_value(s, 0x53, 0).p, content, len);
}

START_TEST(large_objects_come_and_go_in_parts)
{
	struct script s;

	piv_begin_admin(&s);
	put_large(&s, 3072, true, 0x9000);
	put_large(&s, 3073, false, 0x9000);
	put_large(&s, 32768, true, 0x9000);
	put_large(&s, 32769, false, 0x6A84);
	/* What was refused changed nothing. */
	script_is(&s, "00CB3FFF055C035FFF10", "*9000");
	ck_assert_uint_eq(piv_value(&s, 0x53, 0).len, 32768);
	script_clear(&s);
}
END_TEST

START_TEST(there_is_an_end_to_the_number_of_objects)
{
	char command[64];
	struct script s;
	int count = 0;

	piv_begin_admin(&s);
	do {
		snprintf(command, sizeof(command), "00DB3FFF085C035F%04X530100",
		    0x8000 + count);
		count++;
	} while (script_send(&s, command) == 0x9000 && count < 1000);
	ck_assert_uint_eq(s.sw, 0x6A84);
	ck_assert_int_eq(count, 255); /* CHUID and CCC are there */
	/* One that is there can still be written. */
	script_is(&s, "00DB3FFF085C035F8000530155", "9000");
	script_is(&s, "00DB3FFF075C035F80005300", "9000");
	script_is(&s, command, "9000");
	script_clear(&s);
}
END_TEST

START_TEST(the_key_history_counts_what_is_retired)
{
	struct script s;

	piv_begin_admin(&s);
	script_is(&s, HISTORY, "6A82");
	/* A certificate of the third, a key in the fifth. */
	script_is(&s, "00DB3FFF085C035FC10F530100", "9000");
	script_is(&s, HISTORY, "5308C10103C20100FE009000");
	EVP_PKEY_free(piv_generate_key(&s, 0x86, 0x11));
	script_is(&s, HISTORY, "5308C10105C20100FE009000");
	script_is(&s, "00DB3FFF085C035FC120530100", "9000");
	script_is(&s, HISTORY, "5308C10114C20100FE009000");
	script_is(&s, "00DB3FFF075C035FC1205300", "9000");
	script_is(&s, "00F6FF86", "9000");
	script_is(&s, HISTORY, "5308C10103C20100FE009000");
	/* Who writes one knows better. */
	script_is(&s, "00DB3FFF0F5C035FC10C5308C10101C20102FE00", "9000");
	script_is(&s, HISTORY, "5308C10101C20102FE009000");
	script_is(&s, "00DB3FFF075C035FC10C5300", "9000");
	script_is(&s, HISTORY, "5308C10103C20100FE009000");
	script_clear(&s);
}
END_TEST

UNIT_SUITE("piv_object", a_new_card_has_a_chuid_and_a_ccc,
    the_discovery_object_is_there, a_written_discovery_object_wins,
    the_group_template_has_its_own_tag, an_object_is_written_and_deleted,
    some_objects_are_the_holders, large_objects_come_and_go_in_parts,
    there_is_an_end_to_the_number_of_objects,
    the_key_history_counts_what_is_retired)
