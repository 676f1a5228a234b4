/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "card/piv/piv_state.h"
#include "tests/unit/piv_script.h"
#include "util/hex.h"

#define DEFAULT "010203040506070801020304050607080102030405060708"
#define IS_ADMIN "00DB3FFF085C035FC101530101"

static const uint8_t first_key[24] = {
    1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8};
static const uint8_t other_key[32] = {0x31, 0x42, 0x53, 0x64, 0x75, 0x86, 0x97,
    0xA8, 0xB9, 0xCA, 0xDB, 0xEC, 0xFD, 0x0E, 0x1F, 0x20, 0x01, 0x12, 0x23,
    0x34, 0x45, 0x56, 0x67, 0x78, 0x89, 0x9A, 0xAB, 0xBC, 0xCD, 0xDE, 0xEF,
    0xF0};

/* Sets the first len bytes of other_key. */
static uint16_t
set_other(struct script *s, uint8_t alg, size_t len, const char *touch)
{
	char key[65], command[96];

	hex_put(key, sizeof(key), other_key, len);
	snprintf(command, sizeof(command), "00FFFF%s%02zX%02X9B%02zX%s", touch,
	    len + 3, alg, len, key);
	return script_send(s, command);
}

/* The card's challenge, encrypted; with one bit wrong if the caller says. */
static uint16_t
respond(struct script *s, uint8_t ask, uint8_t answer, const uint8_t *key,
    bool is_wrong)
{
	size_t len = piv_block_size(ask);
	char command[64], text[33];
	uint8_t block[16];

	snprintf(command, sizeof(command), "0087%02X9B047C028100", ask);
	if (script_send(s, command) != 0x9000)
		return s->sw;
	ck_assert_uint_eq(piv_value(s, 0x7C, 0x81).len, len);
	piv_block(ask, key, true, piv_value(s, 0x7C, 0x81).p, block);
	block[0] ^= is_wrong;
	hex_put(text, sizeof(text), block, len);
	snprintf(command, sizeof(command), "0087%02X9B%02zX7C%02zX82%02zX%s",
	    answer, len + 4, len + 2, len, text);
	return script_send(s, command);
}

START_TEST(the_first_key_is_aes_and_tdes)
{
	struct script s;

	piv_begin(&s);
	script_is(&s, "00F7009B", "01010A020200010501019000");
	ck_assert_uint_eq(piv_mutual(&s, 0x08, first_key), 0x6A86);
	ck_assert_uint_eq(piv_mutual(&s, 0x0C, first_key), 0x6A86);
	script_is(&s, IS_ADMIN, "6982");
	ck_assert_uint_eq(piv_mutual(&s, 0x0A, first_key), 0x9000);
	script_is(&s, IS_ADMIN, "9000");
	rig_reset(&s.rig);
	script_send(&s, PIV_SELECT);
	script_is(&s, IS_ADMIN, "6982");
	ck_assert_uint_eq(piv_mutual(&s, 0x03, first_key), 0x9000);
	script_is(&s, IS_ADMIN, "9000");
	script_clear(&s);
}
END_TEST

START_TEST(a_response_is_a_proof_too)
{
	struct script s;

	piv_begin(&s);
	ck_assert_uint_eq(respond(&s, 0x03, 0x03, first_key, false), 0x9000);
	script_is(&s, IS_ADMIN, "9000");
	ck_assert_uint_eq(respond(&s, 0x0A, 0x0A, first_key, true), 0x6982);
	script_is(&s, IS_ADMIN, "6982");
	ck_assert_uint_eq(respond(&s, 0x0A, 0x0A, first_key, false), 0x9000);
	script_is(&s, IS_ADMIN, "9000");
	/* TDES has a second number. */
	ck_assert_uint_eq(respond(&s, 0x00, 0x00, first_key, false), 0x9000);
	ck_assert_uint_eq(respond(&s, 0x0A, 0x03, first_key, false), 0x6982);
	script_is(&s, IS_ADMIN, "6982");
	script_clear(&s);
}
END_TEST

START_TEST(a_wrong_key_is_no_proof)
{
	struct script s;

	piv_begin_admin(&s);
	ck_assert_uint_eq(piv_mutual(&s, 0x0A, other_key), 0x6982);
	script_is(&s, IS_ADMIN, "6982");
	script_clear(&s);
}
END_TEST

/* Each answers what the card has just asked, and only once. */
START_TEST(a_proof_counts_once)
{
	char command[64], text[33];
	uint8_t block[16];
	struct script s;

	piv_begin(&s);
	script_is(&s, "00870A9B047C028100", "*9000");
	piv_block(0x0A, first_key, true, piv_value(&s, 0x7C, 0x81).p, block);
	hex_put(text, sizeof(text), block, 16);
	snprintf(command, sizeof(command), "00870A9B147C128210%s", text);
	script_is(&s, command, "9000");
	script_is(&s, command, "6982");
	script_is(&s, IS_ADMIN, "6982");
	script_clear(&s);
}
END_TEST

START_TEST(a_proof_may_not_be_interrupted)
{
	static const char *const between[] = {"0087079A047C028100",
	    "00870A9B027C03", "0087009B047C028100", PIV_SELECT};
	char command[64], text[33];
	uint8_t block[16];
	struct script s;

	piv_begin(&s);
	for (size_t i = 0; i < sizeof(between) / sizeof(*between); i++) {
		script_is(&s, "00870A9B047C028100", "*9000");
		piv_block(
		    0x0A, first_key, true, piv_value(&s, 0x7C, 0x81).p, block);
		script_send(&s, between[i]);
		hex_put(text, sizeof(text), block, 16);
		snprintf(
		    command, sizeof(command), "00870A9B147C128210%s", text);
		script_is(&s, command, "6982");
	}
	script_clear(&s);
}
END_TEST

/* The old key proves nothing once there is a new one. */
START_TEST(an_old_question_ends_with_its_key)
{
	char command[64], text[33];
	uint8_t block[16];
	struct script s;

	piv_begin_admin(&s);
	script_is(&s, "00870A9B047C028100", "*9000");
	piv_block(0x0A, first_key, true, piv_value(&s, 0x7C, 0x81).p, block);
	ck_assert_uint_eq(set_other(&s, 0x0A, 24, "FF"), 0x9000);
	hex_put(text, sizeof(text), block, 16);
	snprintf(command, sizeof(command), "00870A9B147C128210%s", text);
	script_is(&s, command, "6982");
	script_clear(&s);
}
END_TEST

/* A witness is not a challenge: what the card gave away proves nothing. */
START_TEST(the_cards_own_words_prove_nothing)
{
	char command[128], text[33];
	struct script s;

	piv_begin(&s);
	script_is(&s, "00870A9B047C028000", "*9000");
	hex_put(text, sizeof(text), piv_value(&s, 0x7C, 0x80).p, 16);
	snprintf(command, sizeof(command), "00870A9B147C128210%s", text);
	script_is(&s, command, "6982");
	script_is(&s, "00870A9B047C028000", "*9000");
	hex_put(text, sizeof(text), piv_value(&s, 0x7C, 0x80).p, 16);
	snprintf(command, sizeof(command),
	    "00870A9B267C248010%s811000000000000000000000000000000000", text);
	script_is(&s, command, "6982");
	script_is(&s, IS_ADMIN, "6982");
	/* Nor does the card encrypt what anybody sends. */
	script_is(&s, "00870A9B167C148200811000000000000000000000000000000000",
	    "6982");
	script_is(&s, "00870A9B167C148200851000000000000000000000000000000000",
	    "6982");
	script_is(&s, "00870A9B027C00", "6A80");
	script_clear(&s);
}
END_TEST

/* Before the card has asked, there is nothing that would be right. */
START_TEST(an_answer_without_a_question_is_no_proof)
{
	static const char *const answers[] = {
	    "0087009B0C7C0A82080000000000000000",
	    "0087039B0C7C0A82080000000000000000",
	    "00870A9B147C12821000000000000000000000000000000000",
	    ("0087009B167C1480080000000000000000810811111111"
	     "11111111"),
	};
	struct script s;

	piv_begin(&s);
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		script_is(&s, answers[i], "6982");
		script_is(&s, IS_ADMIN, "6982");
	}
	script_clear(&s);
}
END_TEST

/* The right bytes, but as the answer to the other question. */
START_TEST(a_witness_is_no_response)
{
	char command[64], text[33];
	uint8_t block[16];
	struct script s;

	piv_begin(&s);
	script_is(&s, "00870A9B047C028000", "*9000");
	piv_block(0x0A, first_key, false, piv_value(&s, 0x7C, 0x80).p, block);
	hex_put(text, sizeof(text), block, 16);
	snprintf(command, sizeof(command), "00870A9B147C128210%s", text);
	script_is(&s, command, "6982");
	script_clear(&s);
}
END_TEST

/* A record that forbids what clients of old need. */
START_TEST(tdes_can_be_forbidden)
{
	uint8_t record[28] = {1, 0x0A, 1, 0x01};
	struct script s;

	memcpy(record + 4, first_key, sizeof(first_key));
	piv_begin(&s);
	ck_assert_int_eq(
	    store_put(s.store, (struct place){STORE_PIV, PIV_RECORD_ADMIN, 0},
		record, sizeof(record)),
	    0);
	ck_assert_uint_eq(piv_mutual(&s, 0x03, first_key), 0x6A86);
	ck_assert_uint_eq(piv_mutual(&s, 0x0A, first_key), 0x9000);
	script_clear(&s);
}
END_TEST

START_TEST(a_challenge_of_another_length_is_refused)
{
	struct script s;

	piv_begin(&s);
	script_is(&s, "00870A9B047C028000", "*9000");
	script_is(&s,
	    "00870A9B177C158010000000000000000000000000000000008101"
	    "00",
	    "6A80");
	script_is(&s, "00870A9B047C028100", "*9000");
	script_is(&s, "00870A9B057C03820100", "6982");
	script_clear(&s);
}
END_TEST

START_TEST(random_bytes_for_everybody)
{
	uint8_t last[8];
	struct script s;

	piv_begin_admin(&s);
	ck_assert_uint_eq(set_other(&s, 0x0C, 32, "FF"), 0x9000);
	script_is(&s, "0087009B047C028100", "*9000");
	ck_assert_uint_eq(piv_value(&s, 0x7C, 0x81).len, 8);
	memcpy(last, piv_value(&s, 0x7C, 0x81).p, 8);
	script_is(&s, "0087009B047C028100", "*9000");
	ck_assert_mem_ne(piv_value(&s, 0x7C, 0x81).p, last, 8);
	script_is(&s, "0087039B047C028100", "6A86");
	script_is(&s, "0087009B047C028000", "6A86");
	script_clear(&s);
}
END_TEST

static const struct {
	uint8_t alg;
	size_t len;
} ciphers[] = {{0x03, 24}, {0x08, 16}, {0x0A, 24}, {0x0C, 32}};

START_TEST(the_key_is_set)
{
	char want[32];
	struct script s;

	for (size_t i = 0; i < sizeof(ciphers) / sizeof(*ciphers); i++) {
		piv_begin_admin(&s);
		ck_assert_uint_eq(
		    set_other(&s, ciphers[i].alg, ciphers[i].len, "FF"),
		    0x9000);
		snprintf(want, sizeof(want),
		    "0101%02X02020001050100"
		    "9000",
		    ciphers[i].alg);
		piv_again(&s);
		script_is(&s, "00F7009B", want);
		ck_assert_uint_eq(piv_mutual(&s, 0x0A, first_key),
		    ciphers[i].alg == 0x0A ? 0x6982 : 0x6A86);
		ck_assert_uint_eq(
		    piv_mutual(&s, ciphers[i].alg, other_key), 0x9000);
		script_clear(&s);
	}
}
END_TEST

START_TEST(an_aes_192_key_stays_a_tdes_key)
{
	struct script s;

	piv_begin_admin(&s);
	ck_assert_uint_eq(set_other(&s, 0x0A, 24, "FF"), 0x9000);
	ck_assert_uint_eq(piv_mutual(&s, 0x03, other_key), 0x9000);
	ck_assert_uint_eq(set_other(&s, 0x08, 16, "FF"), 0x9000);
	ck_assert_uint_eq(piv_mutual(&s, 0x03, other_key), 0x6A86);
	script_clear(&s);
}
END_TEST

START_TEST(the_first_key_can_come_back)
{
	struct script s;

	piv_begin_admin(&s);
	ck_assert_uint_eq(set_other(&s, 0x0C, 32, "FF"), 0x9000);
	script_is(&s, "00FFFFFF1B 039B18" DEFAULT, "9000");
	script_is(&s, "00F7009B", "010103020200010501019000");
	script_is(&s, "00FFFFFF1B 0A9B18" DEFAULT, "9000");
	script_is(&s, "00F7009B", "01010A020200010501019000");
	script_clear(&s);
}
END_TEST

START_TEST(somebody_has_to_touch)
{
	struct script s;

	piv_begin_admin(&s);
	s.rig.touch = 0;
	ck_assert_uint_eq(set_other(&s, 0x0A, 24, "FE"), 0x9000);
	script_is(&s, "00F7009B", "01010A020200020501009000");
	ck_assert_uint_eq(s.rig.touches, 0);
	ck_assert_uint_eq(piv_mutual(&s, 0x0A, other_key), 0x6982);
	ck_assert_uint_eq(s.rig.touches, 1);
	ck_assert_str_eq(s.rig.asked, "PIV slot 9b: administration");
	script_is(&s, IS_ADMIN, "6982");
	s.rig.touch = 1;
	ck_assert_uint_eq(piv_mutual(&s, 0x0A, first_key), 0x6982);
	ck_assert_uint_eq(s.rig.touches, 1);
	ck_assert_uint_eq(piv_mutual(&s, 0x0A, other_key), 0x9000);
	ck_assert_uint_eq(respond(&s, 0x0A, 0x0A, other_key, false), 0x9000);
	ck_assert_uint_eq(s.rig.touches, 3);
	script_is(&s, IS_ADMIN, "9000");
	script_clear(&s);
}
END_TEST

UNIT_SUITE("piv_admin", the_first_key_is_aes_and_tdes,
    a_response_is_a_proof_too, a_wrong_key_is_no_proof, a_proof_counts_once,
    an_old_question_ends_with_its_key,
    a_proof_may_not_be_interrupted, the_cards_own_words_prove_nothing,
    an_answer_without_a_question_is_no_proof, a_witness_is_no_response,
    tdes_can_be_forbidden, a_challenge_of_another_length_is_refused,
    random_bytes_for_everybody, the_key_is_set, an_aes_192_key_stays_a_tdes_key,
    the_first_key_can_come_back, somebody_has_to_touch)
