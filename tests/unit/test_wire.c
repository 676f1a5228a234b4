/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <string.h>

#include "util/hex.h"
#include "vscard/wire.h"

/* The message that a cursor holds, as hex. */
static const char *
text_of(const struct wr *wr)
{
	static char text[512];

	ck_assert_int_gt(wr_end(wr), 0);
	return hex_put(text, sizeof(text), wr->p, wr->len);
}

START_TEST(messages_have_their_bytes)
{
	uint8_t room[64];
	struct wr wr;

	wr_init(&wr, room, sizeof(room));
	wire_put_init(&wr, WIRE_NO_READER, 0);
	ck_assert_str_eq(text_of(&wr), "00000001FFFFFFFF0000000C"
				       "565343440000000200000000");
	wr_init(&wr, room, sizeof(room));
	wire_put_word(&wr, WIRE_ERROR, 2, 1);
	ck_assert_str_eq(text_of(&wr), "000000020000000200000004" "00000001");
	wr_init(&wr, room, sizeof(room));
	wire_put(&wr, WIRE_APDU, 1, "\x90\x00", 2);
	ck_assert_str_eq(text_of(&wr), "000000070000000100000002" "9000");
	wr_init(&wr, room, sizeof(room));
	wire_put(&wr, WIRE_CARD_REMOVE, 0, NULL, 0);
	ck_assert_str_eq(text_of(&wr), "000000060000000000000000");
	wr_init(&wr, room, sizeof(room));
	wire_put_done(&wr, 3, VSCARD_STATUS_OK, "\x3b\x00", 2);
	ck_assert_str_eq(text_of(&wr), "000000450000000300000003" "003B00");
}
END_TEST

START_TEST(a_message_that_does_not_fit_fails)
{
	uint8_t room[13];
	struct wr wr;

	wr_init(&wr, room, sizeof(room));
	wire_put(&wr, WIRE_APDU, 0, "\x90\x00", 2);
	ck_assert_int_eq(wr_end(&wr), -EMSGSIZE);
}
END_TEST

START_TEST(headers_are_read_when_whole)
{
	static const uint8_t bytes[] = {0, 0, 0, 5, 0, 0, 0, 9, 0, 1, 0, 2};
	struct wire_message m;

	ck_assert(!wire_get_header(bytes, 11, &m));
	ck_assert(!wire_get_header(NULL, 0, &m));
	ck_assert(wire_get_header(bytes, 12, &m));
	ck_assert_uint_eq(m.type, WIRE_ATR);
	ck_assert_uint_eq(m.reader, 9);
	ck_assert_uint_eq(m.len, 0x10002);
}
END_TEST

static const struct init_case {
	const char *payload;
	uint32_t len; /* 0: the payload's */
	enum vscard_fault fault;
	uint32_t capabilities;
} init_cases[] = {
    {"565343440000000200000000", 0, VSCARD_FAULT_NONE, 0},
    {"5653434400000002003f0000", 0, VSCARD_FAULT_NONE, 0x3f0000},
    {"5653434400000002003f0000", 65560, VSCARD_FAULT_NONE, 0x3f0000},
    {"5653434400000002003f0000", 13, VSCARD_FAULT_INIT_LENGTH, 0},
    {"5653434400000002003f0000", 15, VSCARD_FAULT_INIT_LENGTH, 0},
    {"5653434400000002", 0, VSCARD_FAULT_INIT_LENGTH, 0},
    {"", 0, VSCARD_FAULT_INIT_LENGTH, 0},
    {"444353560000000200000000", 0, VSCARD_FAULT_INIT_MAGIC, 0},
    {"565343640000000200000000", 0, VSCARD_FAULT_INIT_MAGIC, 0},
};

START_TEST(init_is_checked)
{
	for (size_t i = 0; i < sizeof(init_cases) / sizeof(*init_cases); i++) {
		const struct init_case *c = &init_cases[i];
		struct wire_message m = {.type = WIRE_INIT};
		struct wire_init init = {0};
		uint8_t bytes[16];

		m.data = bytes;
		m.have = (size_t)hex_get(c->payload, bytes, sizeof(bytes));
		m.len = c->len > 0 ? c->len : (uint32_t)m.have;
		ck_assert_int_eq(wire_get_init(&m, &init), c->fault);
		ck_assert_uint_eq(init.capabilities, c->capabilities);
	}
}
END_TEST

static const struct {
	const char *hex;
	bool good;
} atr_cases[] = {
    {"", false},
    {"3B", false},
    {"3B00", true},
    {"3F00", true},
    {"3A00", false},
    {"0000", false},
    {"3B95154 0FF680102 0201", false}, /* not hex */
    {"3B951540FF6801020201", true},
};

START_TEST(atrs_begin_and_end_well)
{
	uint8_t atr[64] = {0x3b};

	for (size_t i = 0; i < sizeof(atr_cases) / sizeof(*atr_cases); i++) {
		int len = hex_get(atr_cases[i].hex, atr, sizeof(atr));

		ck_assert_int_eq(len >= 0 && wire_is_atr(atr, (size_t)len),
		    atr_cases[i].good);
	}
	ck_assert(wire_is_atr(atr, 33));
	ck_assert(!wire_is_atr(atr, 34));
}
END_TEST

START_TEST(every_type_has_a_row)
{
	static const uint32_t types[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0x40, 0x41,
	    0x42, 0x43, 0x44, 0x45, 0x46,
	    0x47};

	for (unsigned i = 0; i < sizeof(types) / sizeof(*types); i++) {
		ck_assert_uint_eq(wire_row(types[i]), i + 1);
		ck_assert_int_eq(wire_caps(types[i]) != 0, types[i] >= 0x40);
	}
	ck_assert_uint_eq(wire_row(0), 0);
	ck_assert_uint_eq(wire_row(10), 0);
	ck_assert_uint_eq(wire_row(0x3f), 0);
	ck_assert_uint_eq(wire_row(0x48), 0);
	ck_assert_uint_eq(wire_row(UINT32_MAX), 0);
}
END_TEST

START_TEST(extension_messages_have_exact_lengths)
{
	static const struct {
		uint32_t type, min, max;
	} fits[] = {{WIRE_SIZE, 4, 4}, {WIRE_INSTANCE, 16, 16},
	    {WIRE_NAME, 1, 255}, {WIRE_POWER, 1, 1}, {WIRE_PROTOCOL, 1, 1},
	    {WIRE_DONE, 1, 34}, {WIRE_BYE, 4, 4}};

	for (size_t i = 0; i < sizeof(fits) / sizeof(*fits); i++) {
		ck_assert(!wire_fits(fits[i].type, fits[i].min - 1));
		ck_assert(wire_fits(fits[i].type, fits[i].min));
		ck_assert(wire_fits(fits[i].type, fits[i].max));
		ck_assert(!wire_fits(fits[i].type, fits[i].max + 1));
	}
	ck_assert(wire_fits(WIRE_ATR, 65560));
}
END_TEST

START_TEST(short_fields_read_as_zero)
{
	struct wire_message m = {.data = (const uint8_t *)"\1\2", .have = 2};
	struct wire_done done;

	ck_assert_uint_eq(wire_get_word(&m), 0);
	ck_assert_uint_eq(wire_get_byte(&m), 1);
	wire_get_done(&m, &done);
	ck_assert_uint_eq(done.status, 1);
	ck_assert_uint_eq(done.atr_len, 1);
	m.have = 0;
	ck_assert_uint_eq(wire_get_byte(&m), 0);
}
END_TEST

UNIT_SUITE("wire", messages_have_their_bytes,
    a_message_that_does_not_fit_fails, headers_are_read_when_whole,
    init_is_checked, atrs_begin_and_end_well, every_type_has_a_row,
    extension_messages_have_exact_lengths, short_fields_read_as_zero)
