/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include "vscard/quirks.h"

START_TEST(codes_are_small_in_either_order)
{
	static const uint32_t codes[][2] = {
	    {0, 0},
	    {1, 1},
	    {0x01000000, 1},
	    {0x02000000, 2},
	    {0xffff, 0xffff},
	    {0x00010000, 0x0100}, /* ambiguous: the small reading wins */
	    {0xffff0000, 0xffff},
	    {0x12345678, 0x12345678},
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		ck_assert_uint_eq(quirk_error_code(codes[i][0]), codes[i][1]);
}
END_TEST

START_TEST(one_terminator_is_no_part_of_a_name)
{
	ck_assert_uint_eq(quirk_name_len((const uint8_t *)"Test", 4), 4);
	ck_assert_uint_eq(quirk_name_len((const uint8_t *)"Test", 5), 4);
	ck_assert_uint_eq(quirk_name_len((const uint8_t *)"\0", 1), 0);
	ck_assert_uint_eq(quirk_name_len((const uint8_t *)"a\0", 3), 2);
	ck_assert_uint_eq(quirk_name_len(NULL, 0), 0);
}
END_TEST

START_TEST(reader_0_may_mean_another)
{
	struct host_reader readers[4] = {
	    {.state = READER_CARD},
	    {.state = READER_CARD},
	    {.state = READER_CARD},
	    {.state = READER_ASKED},
	};
	struct host h = {.readers = readers, .count = 4};

	/* Nobody waits: as it says. */
	ck_assert_uint_eq(quirk_answerer(&h, 0, true), 0);
	readers[2].state = READER_APDU;
	ck_assert_uint_eq(quirk_answerer(&h, 0, true), 2);
	ck_assert_uint_eq(quirk_answerer(&h, 0, false), 0);
	ck_assert_uint_eq(quirk_answerer(&h, 1, true), 1);
	ck_assert_uint_eq(quirk_answerer(&h, 9, true), 9);
	/* Two wait, one for a late answer: cannot be told. */
	readers[1].late = 1;
	ck_assert_uint_eq(quirk_answerer(&h, 0, true), 0);
	readers[2].state = READER_NONE;
	ck_assert_uint_eq(quirk_answerer(&h, 0, true), 1);
	/* Reader 0 waits itself. */
	readers[0].late = 1;
	ck_assert_uint_eq(quirk_answerer(&h, 0, true), 0);
}
END_TEST

START_TEST(only_stock_clients_answer_late)
{
	ck_assert(quirk_answers_late(0));
	ck_assert(!quirk_answers_late(VSCARD_CAP_BYE));
}
END_TEST

START_TEST(only_reader_0_adds_itself)
{
	ck_assert(quirk_adds_itself(0));
	ck_assert(!quirk_adds_itself(1));
	ck_assert(quirk_is_precaution(0));
	ck_assert(!quirk_is_precaution(WIRE_NO_READER));
}
END_TEST

START_TEST(a_host_has_no_reader_in_its_init)
{
	struct wire_message m = {.type = WIRE_INIT, .reader = WIRE_NO_READER};

	ck_assert(!quirk_is_client(&m, VSCARD_CAP_ALL));
	m.reader = 0;
	ck_assert(quirk_is_client(&m, VSCARD_CAP_ALL));
	ck_assert(!quirk_is_client(&m, 0));
}
END_TEST

START_TEST(ids_in_use_are_shared)
{
	struct client_reader readers[2] = {
	    {.used = true, .state = READER_EMPTY, .id = 0},
	    {.used = true, .state = READER_NONE, .id = 1},
	};
	struct client c = {.readers = readers, .count = 2};

	ck_assert(quirk_is_shared(&c, 0));
	ck_assert(!quirk_is_shared(&c, 1));
	ck_assert(!quirk_is_shared(&c, 2));
}
END_TEST

UNIT_SUITE("quirks", codes_are_small_in_either_order,
    one_terminator_is_no_part_of_a_name, reader_0_may_mean_another,
    only_stock_clients_answer_late, only_reader_0_adds_itself,
    a_host_has_no_reader_in_its_init, ids_in_use_are_shared)
