/* SPDX-License-Identifier: BSD-2-Clause */
/* Every transition of the passthrough scenario, and the events it causes. */
#include "tests/system/system.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fakes/child.h"
#include "tests/fakes/fake_card.h"
#include "tests/fakes/relay.h"
#include "tests/fakes/stock_peer.h"
#include "tests/system/pc.h"

#define ATR_A STOCK_ATR
#define ATR_B "3B0411223344"
#define CARD_A "card " ATR_A
#define CARD_B "card " ATR_B
#define SELECT "00A4040007A000000079010000"
#define FCI "6F0B8407A0000000790100A5009000"

/* libvscard plays no part on the card's side here. */
START_TEST(stock_client)
{
	struct pcsc_watch *watch = system_watch();
	struct pc_call call;
	struct pc pc;
	int fd = stock_peer_open(system_endpoint());

	script_quiet(fd);
	pcsc_watch_nothing(watch, 0);
	stock_peer_add(fd);
	pcsc_watch_expect(watch, 0, "empty");
	stock_peer_insert(fd, 0, ATR_A);
	pcsc_watch_expect(watch, 0, CARD_A);

	pc_open(&pc, 0);
	pc_call_start(&call, &pc, SELECT);
	stock_peer_serve(fd, 0, SELECT, FCI);
	pc_call_check(&call, FCI);

	script_say(fd, SAY_CARD_REMOVE, 0, "");
	script_hear(fd, SAY_ERROR, 0, SCRIPT_OK);
	pcsc_watch_expect(watch, 0, "empty");
	pc_refused(&pc, SELECT, SCARD_W_REMOVED_CARD);
	pc_close(&pc, SCARD_LEAVE_CARD);

	stock_peer_insert(fd, 0, ATR_B);
	pcsc_watch_expect(watch, 0, CARD_B);
	pc_open(&pc, 0);
	script_say(fd, SAY_READER_REMOVE, 0, "");
	script_hear(fd, SAY_ERROR, 0, SCRIPT_OK);
	pcsc_watch_past_empty(watch, 0, "detached");
	pc_refused(&pc, SELECT, SCARD_E_READER_UNAVAILABLE);

	/* The application has lost its card even if a card is back. */
	stock_peer_add(fd);
	pcsc_watch_expect(watch, 0, "empty");
	stock_peer_insert(fd, 0, ATR_B);
	pcsc_watch_expect(watch, 0, CARD_B);
	pc_refused(&pc, SELECT, SCARD_W_REMOVED_CARD);
	pc_close(&pc, SCARD_LEAVE_CARD);
	script_say(fd, SAY_CARD_REMOVE, 0, "");
	script_hear(fd, SAY_ERROR, 0, SCRIPT_OK);
	pcsc_watch_expect(watch, 0, "empty");
	script_quiet(fd);
	(void)close(fd);
	pcsc_watch_expect(watch, 0, "detached");
	pcsc_watch_nothing(watch, 1);
}
END_TEST

START_TEST(stock_client_comes_back)
{
	struct pcsc_watch *watch = system_watch();
	struct pc_call call;
	struct pc pc;
	int fd = stock_peer_start(system_endpoint(), ATR_A);

	pcsc_watch_past_empty(watch, 0, CARD_A);
	(void)close(fd);
	pcsc_watch_past_empty(watch, 0, "detached");
	fd = stock_peer_start(system_endpoint(), ATR_B);
	pcsc_watch_past_empty(watch, 0, CARD_B);
	pc_open(&pc, 0);
	pc_call_start(&call, &pc, SELECT);
	stock_peer_serve(fd, 0, SELECT, FCI);
	pc_call_check(&call, FCI);
	pc_close(&pc, SCARD_LEAVE_CARD);
}
END_TEST

/* A card without ReaderAdd, and one after ReaderRemove: implicit adds. */
START_TEST(stock_client_never_adds)
{
	struct pcsc_watch *watch = system_watch();
	int fd = stock_peer_open(system_endpoint());

	stock_peer_insert(fd, 0, ATR_A);
	pcsc_watch_past_empty(watch, 0, CARD_A);
	script_say(fd, SAY_READER_REMOVE, 0, "");
	script_hear(fd, SAY_ERROR, 0, SCRIPT_OK);
	pcsc_watch_past_empty(watch, 0, "detached");
	stock_peer_insert(fd, 0, ATR_B);
	pcsc_watch_past_empty(watch, 0, CARD_B);
}
END_TEST

/* Behind spice nobody ever says Init. */
START_TEST(stock_client_without_init)
{
	struct pcsc_watch *watch = system_watch();
	struct pc_call call;
	struct pc pc;
	int fd = script_dial(system_endpoint());

	script_say(fd, SAY_READER_ADD, SCRIPT_NOBODY, "54657374");
	script_hear(fd, SAY_ERROR, 0, SCRIPT_OK);
	pcsc_watch_expect(watch, 0, "empty");
	stock_peer_insert(fd, 0, ATR_A);
	pcsc_watch_expect(watch, 0, CARD_A);
	pc_open(&pc, 0);
	pc_call_start(&call, &pc, SELECT);
	stock_peer_serve(fd, 0, SELECT, FCI);
	pc_call_check(&call, FCI);
	pc_close(&pc, SCARD_LEAVE_CARD);
}
END_TEST

/* One byte a send, both in a card's life and in a command's. */
START_TEST(stock_client_byte_by_byte)
{
	struct pcsc_watch *watch = system_watch();
	static const char *const bytes =
	    "00000001000000000000000c565343440000000200000000"
	    "000000040000000000000000"
	    "000000030000000000000000"
	    "00000005000000000000000f" ATR_A;
	int fd = script_dial(system_endpoint());
	size_t i;

	for (i = 0; bytes[i] != '\0'; i += 2) {
		const char one[] = {bytes[i], bytes[i + 1], '\0'};

		script_send(fd, one);
	}
	script_hear(fd, SAY_INIT, SCRIPT_NOBODY, SCRIPT_INIT);
	for (i = 0; i < 3; i++)
		script_hear(fd, SAY_ERROR, 0, SCRIPT_OK);
	pcsc_watch_past_empty(watch, 0, CARD_A);
}
END_TEST

START_TEST(own_client)
{
	struct pcsc_watch *watch = system_watch();
	struct fake_card *card = fake_card_new(system_endpoint(), NULL);
	struct pc pc;
	unsigned reader;

	fake_card_wait(card, FAKE_OPEN, 1);
	pcsc_watch_nothing(watch, 0);
	reader = fake_card_add(card);
	pcsc_watch_expect(watch, 0, "empty");
	fake_card_insert(card, reader, ATR_A);
	pcsc_watch_expect(watch, 0, CARD_A);
	pc_open(&pc, 0);
	pc_transmit(&pc, "8001000003010203", "80010000030102039000");
	fake_card_remove(card, reader);
	pcsc_watch_expect(watch, 0, "empty");
	pc_refused(&pc, SELECT, SCARD_W_REMOVED_CARD);
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_insert(card, reader, ATR_B);
	pcsc_watch_expect(watch, 0, CARD_B);
	fake_card_remove_reader(card, reader);
	pcsc_watch_past_empty(watch, 0, "detached");
	(void)fake_card_add(card);
	pcsc_watch_expect(watch, 0, "empty");
	fake_card_free(&card);
	pcsc_watch_expect(watch, 0, "detached");

	card = fake_card_start(system_endpoint(), ATR_A);
	pcsc_watch_past_empty(watch, 0, CARD_A);
	fake_card_free(&card);
	pcsc_watch_past_empty(watch, 0, "detached");
	pcsc_watch_nothing(watch, 1);
}
END_TEST

/*
 * What the real vscclient and the driver say to each other. Only messages of
 * the stock protocol count; the capability word is theirs.
 */
static void
stock_part(char *list)
{
	char *line, *rest = NULL, *out = list;
	char copy[1 << 16];
	size_t len;

	ck_assert_uint_lt(strlen(list), sizeof(copy));
	strcpy(copy, list);
	for (line = strtok_r(copy, "\n", &rest); line != NULL;
	    line = strtok_r(NULL, "\n", &rest)) {
		len = strlen(line);
		if (line[3] != ' ')
			continue;
		if (line[2] == '1' && len > 8)
			memcpy(line + len - 8, "........", 8);
		out += sprintf(out, "%s\n", line);
	}
	*out = '\0';
}

START_TEST(real_client_with_nss_card)
{
	static const char *const said =
	    "> 1 0 5653434400000002........\n"
	    "< 1 ffffffff 5653434400000002........\n"
	    "> 4 0 \n"
	    "< 2 0 00000000\n"
	    "> 3 0 \n"
	    "< 2 0 00000000\n"
	    "> 5 0 " ATR_A "\n"
	    "< 2 0 00000000\n"
	    "< 7 0 " SELECT "\n"
	    "> 7 0 " FCI "\n"
	    "> 6 0 \n"
	    "< 2 0 00000000\n"
	    "> 4 0 \n"
	    "< 2 0 00000000\n";
	struct pcsc_watch *watch = system_watch();
	struct relay *relay = relay_new(system_socket("relay"),
	    system_endpoint());
	struct child client;
	struct pc pc;
	char *list;

	child_start(&client, system_program("vscclient/vscclient"),
	    "--connect", system_socket("relay"), "--card", system_nss_card());
	pcsc_watch_past_empty(watch, 0, CARD_A);
	pc_open(&pc, 0);
	pc_transmit(&pc, SELECT, FCI);
	pc_close(&pc, SCARD_LEAVE_CARD);
	child_kill(&client, SIGTERM);
	pcsc_watch_past_empty(watch, 0, "detached");
	ck_assert_int_eq(child_wait(&client), 0);
	relay_wait(relay, '<', SAY_ERROR, 5);
	list = relay_text(relay);
	stock_part(list);
	ck_assert_str_eq(list, said);
	free(list);
	relay_free(&relay);
}
END_TEST

SYSTEM_SUITE("scenario", 2, NULL, false, stock_client, stock_client_comes_back,
    stock_client_never_adds, stock_client_without_init,
    stock_client_byte_by_byte, own_client, real_client_with_nss_card)
