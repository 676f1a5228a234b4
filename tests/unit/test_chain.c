/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "card/core/chain.h"

static struct apdu
apdu_of(uint8_t ins, const char *text)
{
	return (struct apdu){
	    .ins = ins, .data = (const uint8_t *)text, .len = strlen(text)};
}

START_TEST(some_classes_have_the_bit)
{
	for (unsigned cla = 0; cla < 256; cla++) {
		bool is =
		    (cla >= 0x10 && cla < 0x20) || (cla >= 0x90 && cla < 0xA0);

		ck_assert_msg(chain_is_part((uint8_t)cla) == is, "%02X", cla);
		ck_assert_uint_eq(
		    chain_cla((uint8_t)cla), is ? cla - 0x10 : cla);
	}
}
END_TEST

START_TEST(parts_add_up)
{
	struct chain *chain = calloc(1, sizeof(*chain));
	struct apdu a = apdu_of(1, "ab");

	ck_assert_int_eq(chain_add(chain, true, &a), 0);
	ck_assert_uint_eq(a.len, 2);
	a = apdu_of(1, "");
	ck_assert_int_eq(chain_add(chain, true, &a), 0);
	a = apdu_of(1, "cde");
	ck_assert_int_eq(chain_add(chain, false, &a), 0);
	ck_assert_uint_eq(a.len, 5);
	ck_assert_mem_eq(a.data, "abcde", 5);
	chain_clear(chain);
	ck_assert_mem_eq(chain->data, "\0\0\0\0\0", 5);
	a = apdu_of(1, "f");
	ck_assert_int_eq(chain_add(chain, false, &a), 0);
	ck_assert_uint_eq(a.len, 1);
	ck_assert_mem_eq(a.data, "f", 1);
	free(chain);
}
END_TEST

START_TEST(another_header_drops_what_was_there)
{
	struct chain *chain = calloc(1, sizeof(*chain));
	struct apdu a;

	for (unsigned i = 0; i < 4; i++) {
		a = apdu_of(1, "secret");
		ck_assert_int_eq(chain_add(chain, true, &a), 0);
		a = apdu_of(1, "x");
		*(i == 0     ? &a.cla
		    : i == 1 ? &a.ins
		    : i == 2 ? &a.p1
			     : &a.p2) ^= 2;
		ck_assert_int_eq(chain_add(chain, i % 2, &a), 0);
		ck_assert_uint_eq(a.len, 1);
		ck_assert_mem_eq(chain->data + 1, "\0\0\0\0\0", 5);
		chain_clear(chain);
	}
	free(chain);
}
END_TEST

START_TEST(a_chain_ends_at_its_ceiling)
{
	struct chain *chain = calloc(1, sizeof(*chain));
	uint8_t *data = malloc(APDU_DATA_MAX);
	struct apdu a;

	memset(data, 'z', APDU_DATA_MAX);
	a = (struct apdu){.ins = 1, .data = data, .len = APDU_DATA_MAX};
	ck_assert_int_eq(chain_add(chain, true, &a), 0);
	ck_assert_uint_eq(a.len, APDU_DATA_MAX);
	a = apdu_of(1, "");
	ck_assert_int_eq(chain_add(chain, true, &a), 0);
	a = apdu_of(1, "y");
	ck_assert_int_eq(chain_add(chain, false, &a), -EMSGSIZE);
	ck_assert(!chain->is_open);
	ck_assert_uint_eq(chain->data[0], 0);
	ck_assert_uint_eq(chain->data[APDU_DATA_MAX - 1], 0);
	free(data);
	free(chain);
}
END_TEST

START_TEST(an_answer_goes_in_parts)
{
	struct answer *answer = calloc(1, sizeof(*answer));
	uint8_t response[300];

	memset(answer->data, 'q', 600);
	answer_set(answer, 600, SW_TERMINATED);
	ck_assert_uint_eq(answer_next(answer, 256, response, 300), 258);
	ck_assert_mem_eq(response + 256, "\x61\x00", 2);
	ck_assert_uint_eq(answer_next(answer, 100, response, 300), 102);
	ck_assert_mem_eq(response + 100, "\x61\xF4", 2);
	/* and no more than there is room for */
	ck_assert_uint_eq(answer_next(answer, 65536, response, 202), 202);
	ck_assert_mem_eq(response + 200, "\x61\x2C", 2);
	ck_assert(answer_is_pending(answer));
	ck_assert_uint_eq(answer_next(answer, 256, response, 300), 46);
	ck_assert_mem_eq(response + 44, "\x62\x85", 2);
	ck_assert(!answer_is_pending(answer));
	for (size_t i = 0; i < 600; i++)
		ck_assert_uint_eq(answer->data[i], 0);
	free(answer);
}
END_TEST

START_TEST(an_error_takes_the_data_with_it)
{
	struct answer *answer = calloc(1, sizeof(*answer));
	uint8_t response[300];

	memset(answer->data, 'q', 9);
	answer_set(answer, 9, SW_DATA);
	ck_assert_uint_eq(answer->data[0] | answer->data[8], 0);
	ck_assert_uint_eq(answer_next(answer, 256, response, 300), 2);
	ck_assert_mem_eq(response, "\x6A\x80", 2);
	free(answer);
}
END_TEST

UNIT_SUITE("chain", some_classes_have_the_bit, parts_add_up,
    another_header_drops_what_was_there, a_chain_ends_at_its_ceiling,
    an_answer_goes_in_parts, an_error_takes_the_data_with_it)
