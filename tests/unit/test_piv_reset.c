/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <string.h>

#include "tests/unit/piv_script.h"

#define WRONG "363534333231FFFF"

static void
block(struct script *s)
{
	for (int i = 0; i < 3; i++)
		script_send(s, "0020008008" WRONG);
	script_is(s, "00FB0000", "6985");
	for (int i = 0; i < 3; i++)
		script_send(s, "002C008010" WRONG WRONG);
}

START_TEST(a_reset_needs_both_blocked)
{
	struct script s;

	piv_begin(&s);
	script_is(&s, "00FB0000", "6985");
	for (int i = 0; i < 3; i++)
		script_send(&s, "002C008010" WRONG WRONG);
	script_is(&s, "00FB0000", "6985");
	script_clear(&s);
}
END_TEST

START_TEST(a_reset_card_is_new)
{
	uint8_t chuid[64];
	struct script s;

	piv_begin_admin(&s);
	script_is(&s, "00CB3FFF055C035FC102", "*9000");
	memcpy(chuid, s.data, s.len);
	EVP_PKEY_free(piv_generate_key(&s, 0x9A, 0x11));
	script_is(&s, "00DB3FFF085C035FC105530100", "9000");
	script_is(
	    &s, "00FFFFFF13 089B10 000102030405060708090A0B0C0D0E0F", "9000");
	script_is(&s, "00FA0202", "9000");
	block(&s);
	script_is(&s, "00FB0000", "9000");
	script_is(&s, "00F7009A", "6A88");
	script_is(&s, "00CB3FFF055C035FC105", "6A82");
	script_is(&s, "00F70080",
	    "0101FF0501010602030"
	    "39000");
	script_is(&s, "00F70081",
	    "0101FF0501010602030"
	    "39000");
	script_is(&s, "00F7009B",
	    "01010A0202000105"
	    "01019000");
	/* Whoever was administrator has to prove it again. */
	script_is(&s, "00DB3FFF085C035FC105530100", "6982");
	piv_admin(&s);
	script_is(&s, "00CB3FFF055C035FC102", "*9000");
	ck_assert_mem_ne(s.data, chuid, s.len);
	script_clear(&s);
}
END_TEST

START_TEST(the_attestation_key_stays)
{
	static uint8_t before[2048];
	struct script s;
	size_t len;

	piv_begin(&s);
	script_is(&s, "00CB3FFF055C035FFF01", "*9000");
	memcpy(before, s.data, s.len);
	len = s.len;
	block(&s);
	script_is(&s, "00FB0000", "9000");
	script_is(&s, "00CB3FFF055C035FFF01", "*9000");
	ck_assert_uint_eq(s.len, len);
	ck_assert_mem_eq(s.data, before, len);
	script_is(&s, "00F700F9", "*9000");
	script_clear(&s);
}
END_TEST

/* A certificate whose key was deleted keeps no new one away. */
START_TEST(a_lost_attestation_key_is_made_anew)
{
	struct script s;

	piv_begin_admin(&s);
	script_is(&s, "00CB3FFF055C035FFF01", "*9000");
	script_is(&s, "00F6FFF9", "9000");
	EVP_PKEY_free(piv_generate_key(&s, 0x9A, 0x11));
	script_is(&s, "00F99A00", "6985");
	block(&s);
	script_is(&s, "00FB0000", "9000");
	piv_admin(&s);
	EVP_PKEY_free(piv_generate_key(&s, 0x9A, 0x11));
	script_is(&s, "00F99A00", "*9000");
	script_clear(&s);
}
END_TEST

UNIT_SUITE("piv_reset", a_reset_needs_both_blocked, a_reset_card_is_new,
    the_attestation_key_stays, a_lost_attestation_key_is_made_anew)
