/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/blocks.h"
#include "trace/pcapng.h"

enum { ROOM = 256 * 1024 };

static struct buf *
buf_new(size_t ceiling)
{
	struct buf *buf = malloc(sizeof(*buf));

	buf_init(buf, ceiling);
	return buf;
}

static void
buf_free(struct buf *buf)
{
	buf_clear(buf);
	free(buf);
}

/* The only block in there. */
static struct block
only_block(const struct buf *buf)
{
	const uint8_t *p = buf_get(buf);
	size_t len = buf_len(buf);
	struct block block, more;

	ck_assert(block_next(&p, &len, &block));
	ck_assert(!block_next(&p, &len, &more));
	return block;
}

START_TEST(a_section_names_its_program)
{
	static const uint8_t fixed[] = {0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	struct buf *buf = buf_new(ROOM);
	struct block block;
	char text[64];

	ck_assert_int_eq(pcapng_section(buf, "a program 1.0"), 0);
	block = only_block(buf);
	ck_assert_uint_eq(block.type, BLOCK_SECTION);
	ck_assert_mem_eq(block.body, fixed, sizeof(fixed));
	ck_assert_str_eq(
	    block_option(&block, 4, text, sizeof(text)), "a program 1.0");
	buf_free(buf);
}
END_TEST

START_TEST(an_interface_names_its_reader)
{
	static const uint8_t fixed[] = {0, 252, 0, 0, 0, 0, 0, 0};
	struct buf *buf = buf_new(ROOM);
	struct block block;
	char text[64];

	ck_assert_int_eq(pcapng_interface(buf, "Reader \xc3\xa9", "there"), 0);
	block = only_block(buf);
	ck_assert_uint_eq(block.type, BLOCK_INTERFACE);
	ck_assert_mem_eq(block.body, fixed, sizeof(fixed));
	ck_assert_str_eq(
	    block_option(&block, 2, text, sizeof(text)), "Reader \xc3\xa9");
	ck_assert_str_eq(block_option(&block, 3, text, sizeof(text)), "there");
	ck_assert_str_eq(block_option(&block, 9, text, sizeof(text)), "\x09");
	buf_free(buf);
}
END_TEST

static const struct {
	enum pcapng_kind kind;
	const char *dissector;
	int direction;
	char flags;
} kinds[] = {
    {PCAPNG_COMMAND, "iso7816", 0, 2},
    {PCAPNG_RESPONSE, "iso7816", 1, 1},
    {PCAPNG_TEXT, "syslog", -1, 0},
};

static void
check_packet(enum pcapng_kind kind, size_t len)
{
	struct buf *buf = buf_new(ROOM);
	uint8_t *data = malloc(len + 1);
	const struct pcapng_packet in = {
	    .kind = kind,
	    .interface = 7,
	    .time = 0x1122334455667788,
	    .data = data,
	    .len = len,
	    .comment = "what it was",
	};
	struct block_packet packet;
	struct block block;
	char text[64] = "";

	memset(data, 0xa5, len);
	ck_assert_int_eq(pcapng_packet(buf, &in), 0);
	block = only_block(buf);
	block_packet(&block, &packet);
	ck_assert_uint_eq(packet.interface, 7);
	ck_assert_uint_eq(packet.time, 0x1122334455667788);
	ck_assert_str_eq(packet.dissector, kinds[kind].dissector);
	ck_assert_int_eq(packet.direction, kinds[kind].direction);
	ck_assert_uint_eq(packet.len, len);
	ck_assert_mem_eq(packet.data, data, len);
	block_option(&block, 1, text, sizeof(text));
	ck_assert_str_eq(text, "what it was");
	free(data);
	buf_free(buf);
}

START_TEST(packets_of_every_kind_and_size)
{
	for (size_t len = 0; len < 20; len++)
		check_packet(kinds[_i].kind, len);
	check_packet(kinds[_i].kind, 65548);
}
END_TEST

START_TEST(there_is_a_ceiling)
{
	struct buf *buf = buf_new(1024);
	uint8_t data[1024] = {0};
	struct pcapng_packet packet = {
	    .data = data, .len = sizeof(data), .comment = ""};

	ck_assert_int_eq(pcapng_packet(buf, &packet), -ENOMEM);
	ck_assert_uint_eq(buf_len(buf), 0);
	packet.len = 100;
	ck_assert_int_eq(pcapng_packet(buf, &packet), 0);
	only_block(buf);
	buf_free(buf);
}
END_TEST

START_TEST(long_texts_are_cut)
{
	struct buf *buf = buf_new(ROOM);
	char *text = malloc(100001);
	char *back = malloc(100001);
	struct block block;

	memset(text, 'x', 100000);
	text[100000] = '\0';
	ck_assert_int_eq(pcapng_section(buf, text), 0);
	block = only_block(buf);
	ck_assert_uint_eq(strlen(block_option(&block, 4, back, 100001)), 65535);
	free(back);
	free(text);
	buf_free(buf);
}
END_TEST

Suite *
unit_suite(void)
{
	const TTest *const tests[] = {a_section_names_its_program,
	    an_interface_names_its_reader, there_is_a_ceiling,
	    long_texts_are_cut, NULL};
	Suite *suite = unit_suite_of("pcapng", tests);
	TCase *tcase = tcase_create("kinds");

	tcase_add_loop_test(tcase, packets_of_every_kind_and_size, 0,
	    sizeof(kinds) / sizeof(*kinds));
	suite_add_tcase(suite, tcase);
	return suite;
}
