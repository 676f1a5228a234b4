/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vscclient --card pcsc:PATTERN: a card in reader 0, which stands for a real
 * one, is forwarded to a host from a script.
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

#define ATR_A "3B02145A"
#define ATR_B "3B0411223344"
#define PATTERN "pcsc:VSCARD*00"
#define ECHO "8001000003010203"
#define ECHOED "80010000030102039000"

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
	/* Who has not seen it come does not see it go. */
	pcsc_watch_until(watch, 0, "card " ATR_B);
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
    waits_for_a_reader_that_is_not_ours, waits_for_pcscd)
