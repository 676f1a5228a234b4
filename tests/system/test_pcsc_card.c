/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vscclient --card pcsc:PATTERN: a card in reader 0, which stands for a real
 * one, is forwarded to a host from a script, or into reader 1.
 */
#include "tests/system/system.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fakes/child.h"
#include "tests/fakes/fake_card.h"
#include "tests/fakes/stock_host.h"
#include "tests/system/pc.h"

#define ATR_A "3B02145A"
#define ATR_B "3B0411223344"
#define CARD_A "card " ATR_A
#define PATTERN "pcsc:VSCARD*00"
#define ECHO "8001000003010203"
#define ECHOED "80010000030102039000"
#define VERIFY "0020000004313233"
#define IS_VERIFIED "80040000"

static void
client_start(struct child *client, const char *card, const char *endpoint)
{
	child_start(client, system_program("vscclient/vscclient"), "-v",
	    "--connect", endpoint, "--card", card);
}

static void
client_end(struct child *client)
{
	int status = child_wait(client);

	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}

START_TEST(follows_reader_and_card)
{
	int listener = script_listen(system_socket("host"));
	struct fake_card *card = fake_card_new(system_endpoint(), NULL);
	struct pcsc_watch *watch = system_watch();
	struct child client;
	unsigned reader;
	int fd;

	client_start(&client, PATTERN, system_socket("host"));
	fd = stock_host_open(listener);
	stock_host_clear(fd);
	reader = fake_card_add(card);
	stock_host_add(fd, 0);
	fake_card_insert(card, reader, ATR_A);
	stock_host_atr(fd, 0, ATR_A);
	stock_host_ask(fd, 0, ECHO, ECHOED);
	fake_card_remove(card, reader);
	script_hear(fd, SAY_CARD_REMOVE, 0, "");
	script_say(fd, SAY_ERROR, 0, SCRIPT_OK);
	fake_card_insert(card, reader, ATR_B);
	stock_host_atr(fd, 0, ATR_B);
	stock_host_ask(fd, 0, ECHO, ECHOED);
	fake_card_remove_reader(card, reader);
	stock_host_leave(fd, 0);
	pcsc_watch_until(watch, 0, "detached");
	reader = fake_card_add(card);
	stock_host_add(fd, 0);
	fake_card_insert(card, reader, ATR_A);
	stock_host_atr(fd, 0, ATR_A);
	child_kill(&client, SIGTERM);
	stock_host_leave(fd, 0);
	client_end(&client);
	fake_card_free(&card);
	(void)close(fd);
	(void)close(listener);
}
END_TEST

START_TEST(swap_is_removal_and_insertion)
{
	int listener = script_listen(system_socket("host"));
	struct fake_card *card = fake_card_start(system_endpoint(), ATR_A);
	struct child client;
	int fd;

	client_start(&client, PATTERN, system_socket("host"));
	fd = stock_host_open(listener);
	stock_host_clear(fd);
	stock_host_add(fd, 0);
	stock_host_atr(fd, 0, ATR_A);
	fake_card_remove(card, 0);
	fake_card_insert(card, 0, ATR_A);
	script_hear(fd, SAY_CARD_REMOVE, 0, "");
	script_say(fd, SAY_ERROR, 0, SCRIPT_OK);
	stock_host_atr(fd, 0, ATR_A);
	child_kill(&client, SIGTERM);
	stock_host_leave(fd, 0);
	client_end(&client);
	fake_card_free(&card);
	(void)close(fd);
	(void)close(listener);
}
END_TEST

/* Removal fails the command in flight, and the host hears of both. */
START_TEST(removal_ends_a_command)
{
	int listener = script_listen(system_socket("host"));
	struct fake_card *card = fake_card_start(system_endpoint(), ATR_A);
	struct script_message said;
	struct child client;
	int fd;

	client_start(&client, PATTERN, system_socket("host"));
	fd = stock_host_open(listener);
	stock_host_clear(fd);
	stock_host_add(fd, 0);
	stock_host_atr(fd, 0, ATR_A);
	script_say(fd, SAY_APDU, 0, "80030000");
	fake_card_wait(card, FAKE_COMMANDS, 1);
	fake_card_remove(card, 0);
	script_take(fd, &said);
	if (said.type == SAY_ERROR)
		script_take(fd, &said);
	ck_assert_uint_eq(said.type, SAY_CARD_REMOVE);
	script_say(fd, SAY_ERROR, 0, SCRIPT_OK);
	fake_card_free(&card);
	child_kill(&client, SIGKILL);
	(void)child_wait(&client);
	(void)close(fd);
	(void)close(listener);
}
END_TEST

/* The forwarded card: from reader 0 into reader 1 of the same pcscd. */
static struct fake_card *
forward(struct child *client, struct pcsc_watch *watch, const char *spec)
{
	struct fake_card *card = fake_card_start(system_endpoint(), ATR_A);

	pcsc_watch_until(watch, 0, CARD_A);
	client_start(client, spec, system_endpoint());
	pcsc_watch_until(watch, 1, CARD_A);
	return card;
}

static void
forward_end(struct child *client, struct fake_card **card)
{
	child_kill(client, SIGTERM);
	client_end(client);
	fake_card_free(card);
}

START_TEST(resets_reach_the_card)
{
	struct pcsc_watch *watch = system_watch();
	struct child client;
	struct fake_card *card = forward(&client, watch, PATTERN);
	struct pc pc;

	pc_open(&pc, 1);
	pc_transmit(&pc, ECHO, ECHOED);
	pc_transmit(&pc, VERIFY, "9000");
	pc_transmit(&pc, IS_VERIFIED, "9000");
	pc_reconnect(&pc, SCARD_RESET_CARD);
	pc_transmit(&pc, IS_VERIFIED, "6982");
	pc_transmit(&pc, VERIFY, "9000");
	pc_reconnect(&pc, SCARD_UNPOWER_CARD);
	pc_transmit(&pc, IS_VERIFIED, "6982");
	pc_transmit(&pc, VERIFY, "9000");
	pc_close(&pc, SCARD_UNPOWER_CARD);
	pc_open(&pc, 1);
	pc_transmit(&pc, IS_VERIFIED, "6982");
	pc_close(&pc, SCARD_LEAVE_CARD);
	forward_end(&client, &card);
}
END_TEST

/* What the host verified is not left to the programs of this machine. */
START_TEST(end_leaves_no_verified_pin)
{
	struct pcsc_watch *watch = system_watch();
	struct child client;
	struct fake_card *card = forward(&client, watch, PATTERN);
	struct pc pc;

	pc_open(&pc, 1);
	pc_transmit(&pc, VERIFY, "9000");
	child_kill(&client, SIGTERM);
	client_end(&client);
	pc_close(&pc, SCARD_LEAVE_CARD);
	pc_open(&pc, 0);
	pc_transmit(&pc, IS_VERIFIED, "6982");
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&card);
}
END_TEST

START_TEST(local_reset_is_a_new_insertion)
{
	struct pcsc_watch *watch = system_watch();
	struct child client;
	struct fake_card *card = forward(&client, watch,
	    PATTERN ",no-transaction");
	struct pc local;
	struct pc pc;
	uint8_t response[PC_ROOM];
	size_t len = sizeof(response);

	pc_open(&pc, 1);
	pc_transmit(&pc, VERIFY, "9000");
	pc_open(&local, 0);
	pc_reconnect(&local, SCARD_RESET_CARD);
	pc_close(&local, SCARD_LEAVE_CARD);
	ck_assert_int_ne(pc_try_transmit(&pc, (const uint8_t[]){0x80, 4, 0, 0},
	    4, response, &len), SCARD_S_SUCCESS);
	pc_close(&pc, SCARD_LEAVE_CARD);
	pcsc_watch_past_empty(watch, 1, CARD_A);
	pc_open(&pc, 1);
	pc_transmit(&pc, IS_VERIFIED, "6982");
	pc_close(&pc, SCARD_LEAVE_CARD);
	child_says(&client, "a local program has reset the card");
	forward_end(&client, &card);
}
END_TEST

START_TEST(largest_apdus_pass)
{
	struct pcsc_watch *watch = system_watch();
	struct child client;
	struct fake_card *card = forward(&client, watch, PATTERN);
	static uint8_t command[VSCARD_APDU_MAX] = {0x80, 0x02, 0, 0, 0, 0, 1,
	    0, 0};
	static uint8_t got[VSCARD_APDU_MAX];
	static uint8_t response[PC_ROOM];
	size_t len = sizeof(response);
	struct pc pc;

	for (size_t i = 9; i < sizeof(command); i++)
		command[i] = (uint8_t)(i * 13);
	pc_open(&pc, 1);
	ck_assert_int_eq(pc_try_transmit(&pc, command, sizeof(command),
	    response, &len), SCARD_S_SUCCESS);
	ck_assert_uint_eq(len, 65538);
	for (size_t i = 0; i < 65536; i++)
		ck_assert_uint_eq(response[i], fake_card_pattern(i));
	ck_assert_uint_eq(fake_card_command(card, got, sizeof(got)),
	    sizeof(command));
	ck_assert_mem_eq(got, command, sizeof(command));
	pc_close(&pc, SCARD_LEAVE_CARD);
	forward_end(&client, &card);
}
END_TEST

/* Its own readers are left alone unless they are named. */
START_TEST(waits_for_a_reader_that_is_not_ours)
{
	struct fake_card *card = fake_card_start(system_endpoint(), ATR_A);
	int listener = script_listen(system_socket("host"));
	struct child client;
	int fd;

	client_start(&client, "pcsc:*", system_socket("host"));
	child_says(&client, "no reader matches '*' yet");
	fd = stock_host_open(listener);
	stock_host_clear(fd);
	child_kill(&client, SIGTERM);
	script_end(fd);
	client_end(&client);
	fake_card_free(&card);
	(void)close(fd);
	(void)close(listener);
}
END_TEST

START_TEST(waits_for_pcscd)
{
	int listener = script_listen(system_socket("host"));
	struct child client;
	int fd;

	ck_assert_int_eq(setenv("PCSCLITE_CSOCK_NAME", "/nowhere/pcscd", 1), 0);
	client_start(&client, "pcsc", system_socket("host"));
	child_says(&client, "is pcscd running?");
	fd = stock_host_open(listener);
	stock_host_clear(fd);
	child_kill(&client, SIGTERM);
	script_end(fd);
	client_end(&client);
	(void)close(fd);
	(void)close(listener);
}
END_TEST

SYSTEM_SUITE("pcsc_card", 2, NULL, false, follows_reader_and_card,
    swap_is_removal_and_insertion, removal_ends_a_command,
    resets_reach_the_card, end_leaves_no_verified_pin,
    local_reset_is_a_new_insertion, largest_apdus_pass,
    waits_for_a_reader_that_is_not_ours, waits_for_pcscd)
