/* SPDX-License-Identifier: BSD-2-Clause */
/* The largest and the smallest, byte for byte, and what a stock peer takes. */
#include "tests/system/system.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fakes/fake_card.h"
#include "tests/fakes/stock_peer.h"
#include "tests/system/pc.h"

static uint8_t *
room(size_t len)
{
	uint8_t *p = calloc(1, len);

	ck_assert_ptr_nonnull(p);
	return p;
}

static struct fake_card *
start(struct pc *pc)
{
	struct pcsc_watch *watch = system_watch();
	struct fake_card *card = fake_card_start(system_endpoint(), STOCK_ATR);

	pcsc_watch_past_empty(watch, 0, "card " STOCK_ATR);
	pc_open(pc, 0);
	return card;
}

static void
send_command(struct fake_card *card, struct pc *pc, size_t len)
{
	uint8_t *command = room(len), *seen = room(VSCARD_APDU_MAX);
	uint8_t response[2];
	size_t got = sizeof(response), i;
	LONG rv;

	for (i = 0; i < len; i++)
		command[i] = (uint8_t)(i * 11 + (i >> 8));
	command[0] = 0x80;
	command[1] = 0x05; /* nobody's: the answer is short */
	rv = pc_try_transmit(pc, command, len, response, &got);
	ck_assert_msg(rv == SCARD_S_SUCCESS, "%zu bytes: %s", len,
	    pcsc_stringify_error(rv));
	ck_assert_uint_eq(got, 2);
	ck_assert_mem_eq(response, "\x6D\x00", 2);
	ck_assert_uint_eq(fake_card_command(card, seen, VSCARD_APDU_MAX), len);
	ck_assert_mem_eq(seen, command, len);
	free(command);
	free(seen);
}

START_TEST(commands_of_every_size)
{
	static const size_t sizes[] = {4, 5, 6, 255, 256, 257, 261, 262, 269,
	    270, 271, 4095, 4096, 4097, 32768, 65535, 65536, 65537, 65544,
	    65547, 65548};
	struct pc pc;
	struct fake_card *card = start(&pc);
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		send_command(card, &pc, sizes[i]);
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&card);
}
END_TEST

START_TEST(command_that_pcscd_refuses)
{
	uint8_t *command = room(65549), response[2];
	size_t got = sizeof(response);
	struct pc pc;
	struct fake_card *card = start(&pc);

	ck_assert_int_ne(pc_try_transmit(&pc, command, 65549, response, &got),
	    SCARD_S_SUCCESS);
	ck_assert_uint_eq(fake_card_count(card, FAKE_COMMANDS), 0);
	pc_close(&pc, SCARD_LEAVE_CARD);
	pc_open(&pc, 0);
	send_command(card, &pc, 65548);
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&card);
	free(command);
}
END_TEST

static void
take_response(struct pc *pc, size_t data)
{
	uint8_t command[] = {0x80, 0x02, 0, 0, 4, (uint8_t)(data >> 24),
	    (uint8_t)(data >> 16), (uint8_t)(data >> 8), (uint8_t)data};
	uint8_t *response = room(PC_ROOM);
	size_t got = PC_ROOM, i;
	LONG rv = pc_try_transmit(pc, command, sizeof(command), response, &got);

	ck_assert_msg(rv == SCARD_S_SUCCESS, "%zu bytes: %s", data,
	    pcsc_stringify_error(rv));
	ck_assert_uint_eq(got, data + 2);
	for (i = 0; i < data; i++)
		ck_assert_uint_eq(response[i], fake_card_pattern(i));
	ck_assert_mem_eq(response + data, "\x90\x00", 2);
	free(response);
}

START_TEST(responses_of_every_size)
{
	static const size_t sizes[] = {0, 1, 254, 255, 256, 257, 268, 269,
	    4094, 4096, 32768, 65533, 65534, 65535, 65536};
	struct pc pc;
	struct fake_card *card = start(&pc);
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		take_response(&pc, sizes[i]);
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&card);
}
END_TEST

/* Largest command and largest response in one exchange. */
START_TEST(largest_both_ways)
{
	uint8_t *command = room(65548), *response = room(PC_ROOM);
	size_t got = PC_ROOM, i;
	struct pc pc;
	struct fake_card *card = start(&pc);

	for (i = 4; i < 65548; i++)
		command[i] = (uint8_t)(i % 251);
	command[0] = 0x80;
	command[1] = 0x01;
	ck_assert_int_eq(pc_try_transmit(&pc, command, 65548, response, &got),
	    SCARD_S_SUCCESS);
	ck_assert_uint_eq(got, 65538);
	ck_assert_mem_eq(response, command, 65536);
	ck_assert_mem_eq(response + 65536, "\x90\x00", 2);
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&card);
	free(command);
	free(response);
}
END_TEST

/* A peer of ours that takes less is not given more either. */
START_TEST(peer_with_a_limit)
{
	struct pcsc_watch *watch = system_watch();
	uint8_t command[1001] = {0x80, 0x05}, response[2];
	size_t got = sizeof(response);
	struct vscard_limits limits;
	struct fake_card *card;
	struct pc pc;

	vscard_limits_init(&limits);
	limits.max_apdu = 1000;
	card = fake_card_new(system_endpoint(), &limits);
	fake_card_insert(card, fake_card_add(card), STOCK_ATR);
	pcsc_watch_past_empty(watch, 0, "card " STOCK_ATR);
	pc_open(&pc, 0);
	send_command(card, &pc, 1000);
	ck_assert_int_ne(pc_try_transmit(&pc, command, 1001, response, &got),
	    SCARD_S_SUCCESS);
	ck_assert_uint_eq(fake_card_count(card, FAKE_COMMANDS), 1);
	send_command(card, &pc, 1000);
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&card);
}
END_TEST

/* One command of that size to a stock peer, which answers 9000. */
static void
stock_takes(int fd, struct pc *pc, size_t len)
{
	static const uint8_t header[] = {0, 0, 0, 7, 0, 0, 0, 0, 0, 0};
	uint8_t want[SCRIPT_HEADER + VSCARD_APDU_STOCK] = {0};
	uint8_t *command = want + SCRIPT_HEADER;
	struct pc_call call;
	size_t i;

	memcpy(want, header, sizeof(header));
	want[10] = (uint8_t)(len >> 8);
	want[11] = (uint8_t)len;
	for (i = 0; i < len; i++)
		command[i] = (uint8_t)(0x80 + i);
	pc_call_start_bytes(&call, pc, command, len);
	script_expect_bytes(fd, want, SCRIPT_HEADER + len);
	script_say(fd, SAY_APDU, 0, "9000");
	pc_call_check(&call, "9000");
}

START_TEST(stock_peer_gets_270_at_most)
{
	static const size_t over[] = {271, 272, 300, 4096, 65548};
	struct pcsc_watch *watch = system_watch();
	int fd = stock_peer_start(system_endpoint(), STOCK_ATR);
	uint8_t *command = room(65548), response[300];
	struct pc pc;
	size_t i, got;
	LONG rv;

	pcsc_watch_past_empty(watch, 0, "card " STOCK_ATR);
	pc_open(&pc, 0);
	stock_takes(fd, &pc, 4);
	stock_takes(fd, &pc, 261);
	stock_takes(fd, &pc, 270);
	for (i = 0; i < sizeof(over) / sizeof(over[0]); i++) {
		got = sizeof(response);
		rv = pc_try_transmit(&pc, command, over[i], response, &got);
		ck_assert_int_ne(rv, SCARD_S_SUCCESS);
		script_quiet(fd);
		stock_takes(fd, &pc, 5);
	}
	pcsc_watch_nothing(watch, 0);
	pc_close(&pc, SCARD_LEAVE_CARD);
	free(command);
}
END_TEST

SYSTEM_SUITE("sizes", 1, NULL, false, commands_of_every_size,
    command_that_pcscd_refuses, responses_of_every_size, largest_both_ways,
    peer_with_a_limit, stock_peer_gets_270_at_most)
