/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vscclient against a scripted stock host: what it says byte for byte, how it
 * comes back, and how it leaves.
 */
#include "tests/system/system.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fakes/child.h"
#include "tests/fakes/stock_host.h"
#include "tests/fakes/stock_peer.h"
#include "tests/system/usage.h"

#define SELECT "00A4040007A000000079010000"
#define FCI "6F0B8407A0000000790100A5009000"

static void
start(struct child *client, const char *card)
{
	child_start(client, system_program("vscclient/vscclient"), "--connect",
	    system_socket("host"), "--card", card);
}

/* The client's greeting, its one reader and its card. */
static int
meet(int listener)
{
	int fd = stock_host_open(listener);

	stock_host_clear(fd);
	stock_host_add(fd, 0);
	stock_host_atr(fd, 0, STOCK_ATR);
	return fd;
}

static void
leaves_with(int sig)
{
	int listener = script_listen(system_socket("host"));
	struct child client;
	int fd;

	start(&client, system_nss_card());
	fd = meet(listener);
	stock_host_ask(fd, 0, SELECT, FCI);
	child_kill(&client, sig);
	stock_host_leave(fd, 0);
	script_end(fd);
	ck_assert_int_eq(child_wait(&client), 0);
}

START_TEST(leaves_on_sigterm)
{
	leaves_with(SIGTERM);
}
END_TEST

START_TEST(leaves_on_sigint)
{
	leaves_with(SIGINT);
}
END_TEST

/* A host that has died: nobody acknowledges, and it ends all the same. */
START_TEST(leaves_a_silent_host)
{
	int listener = script_listen(system_socket("host"));
	struct child client;
	int fd;

	start(&client, system_nss_card());
	fd = meet(listener);
	child_kill(&client, SIGTERM);
	script_hear(fd, SAY_CARD_REMOVE, 0, "");
	ck_assert(WIFEXITED(child_wait(&client)));
}
END_TEST

START_TEST(leaves_before_there_is_a_host)
{
	struct child client;

	start(&client, system_nss_card());
	child_says(&client, "cannot connect");
	child_kill(&client, SIGTERM);
	ck_assert_int_eq(child_wait(&client), 0);
}
END_TEST

/* The host restarts: first the connection goes, then its socket too. */
START_TEST(comes_back_to_a_host)
{
	int listener = script_listen(system_socket("host"));
	struct child client;
	int fd;

	start(&client, system_nss_card());
	fd = meet(listener);
	stock_host_ask(fd, 0, SELECT, FCI);
	(void)close(fd);
	fd = meet(listener);
	stock_host_ask(fd, 0, SELECT, FCI);
	(void)close(listener);
	ck_assert_int_eq(unlink(strchr(system_socket("host"), '/')), 0);
	(void)close(fd);
	child_says(&client, "lost the connection");
	child_says(&client, "lost the connection");
	listener = script_listen(system_socket("host"));
	fd = meet(listener);
	stock_host_ask(fd, 0, SELECT, FCI);
	child_kill(&client, SIGTERM);
	stock_host_leave(fd, 0);
	ck_assert_int_eq(child_wait(&client), 0);
}
END_TEST

struct weight {
	unsigned fds;
	unsigned long memory; /* KiB */
};

static struct weight
weigh(pid_t pid)
{
	return (struct weight){.fds = system_open_files(pid),
	    .memory = usage_memory(pid)};
}

/* KiB. AddressSanitizer keeps what is freed for a while. */
#ifdef __SANITIZE_ADDRESS__
#define SLACK 16384
#else
#define SLACK 256
#endif

enum { RESTARTS = 50, WARM = 10 };

/* The cards are back within a second, and nothing is left of the old host. */
START_TEST(outlives_fifty_hosts)
{
	struct weight before = {0, 0}, after;
	struct child client;
	int64_t since;
	int fd, listener;

	start(&client, system_nss_card());
	for (int i = 0; i < RESTARTS; i++) {
		since = script_ns();
		listener = script_listen(system_socket("host"));
		fd = meet(listener);
		if (i > 0)
			ck_assert_int_le(
			    (script_ns() - since) / 1000000, 1000);
		stock_host_ask(fd, 0, SELECT, FCI);
		if (i == WARM)
			before = weigh(client.pid);
		if (i == RESTARTS - 1)
			break;
		(void)close(listener);
		ck_assert_int_eq(
		    unlink(strchr(system_socket("host"), '/')), 0);
		(void)close(fd);
	}
	after = weigh(client.pid);
	ck_assert_uint_eq(after.fds, before.fds);
	ck_assert_uint_le(after.memory, before.memory + SLACK);
	child_kill(&client, SIGTERM);
	stock_host_leave(fd, 0);
	ck_assert_int_eq(child_wait(&client), 0);
}
END_TEST

/* A command for which it is too late, and one for a reader nobody has. */
START_TEST(commands_that_cannot_be)
{
	int listener = script_listen(system_socket("host"));
	struct child client;
	int fd;

	start(&client, system_nss_card());
	fd = meet(listener);
	script_say(fd, SAY_APDU, 7, SELECT);
	script_hear(fd, SAY_ERROR, 7, "00000001");
	stock_host_ask(fd, 0, "00a4", "6700");
	stock_host_ask(fd, 0, SELECT, FCI);
	/* Flush is answered after what went before. */
	script_say(fd, SAY_FLUSH, 0, "");
	script_hear(fd, SAY_FLUSH_COMPLETE, 0, "");
	/* A second Init and unknown words change nothing. */
	script_say(fd, SAY_INIT, SCRIPT_NOBODY, SCRIPT_INIT);
	script_say(fd, SAY_ERROR, 0, SCRIPT_OK);
	script_say(fd, 99, 0, "616263");
	stock_host_ask(fd, 0, SELECT, FCI);
	child_kill(&client, SIGTERM);
	stock_host_leave(fd, 0);
	ck_assert_int_eq(child_wait(&client), 0);
}
END_TEST

/* The host's word on a PIN reaches the card, a wrong one too. */
START_TEST(pin_of_the_card)
{
	int listener = script_listen(system_socket("host"));
	struct child client;
	int fd;

	start(&client, system_nss_card());
	fd = meet(listener);
	stock_host_ask(fd, 0, SELECT, FCI);
	stock_host_ask(fd, 0, "00200000", "6A88");
	stock_host_ask(fd, 0, "00200000083837363534333231", "6985");
	stock_host_ask(fd, 0, "00200000083132333435363738", "9000");
	stock_host_ask(fd, 0, "00200000", "9000");
	child_kill(&client, SIGTERM);
	stock_host_leave(fd, 0);
	ck_assert_int_eq(child_wait(&client), 0);
}
END_TEST

/* Which card an APDU reaches: the second one was made with other names. */
static void
expect_atrs(int fd, unsigned n)
{
	unsigned seen = 0;
	struct script_message said;

	while (n-- > 0) {
		script_take(fd, &said);
		ck_assert_uint_eq(said.type, SAY_ATR);
		ck_assert_uint_eq(said.len, 15);
		ck_assert_uint_lt(said.id, 2);
		ck_assert_uint_eq(seen & (1u << said.id), 0);
		seen |= 1u << said.id;
		script_say(fd, SAY_ERROR, said.id, SCRIPT_OK);
	}
}

START_TEST(two_cards)
{
	int listener = script_listen(system_socket("host"));
	struct script_message said;
	struct child client;
	int fd, i;

	child_start(&client, system_program("vscclient/vscclient"),
	    "--connect", system_socket("host"), "--card", system_nss_card(),
	    "--card", system_nss_card());
	fd = stock_host_open(listener);
	stock_host_clear(fd);
	/* Two ReaderAdds, two ATRs; a card may be ready before its neighbour. */
	stock_host_add(fd, 0);
	script_take(fd, &said);
	if (said.type == SAY_READER_ADD) {
		script_say(fd, SAY_ERROR, 1, SCRIPT_OK);
		expect_atrs(fd, 2);
	} else {
		ck_assert_uint_eq(said.type, SAY_ATR);
		ck_assert_uint_eq(said.id, 0);
		script_say(fd, SAY_ERROR, 0, SCRIPT_OK);
		stock_host_add(fd, 1);
		stock_host_atr(fd, 1, STOCK_ATR);
	}
	stock_host_ask(fd, 1, SELECT, FCI);
	stock_host_ask(fd, 0, SELECT, FCI);
	child_kill(&client, SIGTERM);
	for (i = 0; i < 4; i++) {
		script_take(fd, &said);
		ck_assert(said.type == SAY_CARD_REMOVE ||
		    said.type == SAY_READER_REMOVE);
		ck_assert_uint_lt(said.id, 2);
		script_say(fd, SAY_ERROR, said.id, SCRIPT_OK);
	}
	script_end(fd);
	ck_assert_int_eq(child_wait(&client), 0);
}
END_TEST

/* A host that refuses the reader is not asked for it again and again. */
START_TEST(refused)
{
	int listener = script_listen(system_socket("host"));
	struct script_message said;
	struct child client;
	int fd;

	start(&client, system_nss_card());
	fd = stock_host_open(listener);
	stock_host_clear(fd);
	script_take(fd, &said);
	ck_assert_uint_eq(said.type, SAY_READER_ADD);
	/* A card that comes later is a reason to ask once more. */
	child_says(&client, "card inserted");
	script_say(fd, SAY_ERROR, SCRIPT_NOBODY, SCRIPT_FULL);
	child_says(&client, "no place for reader 'CAC'");
	child_kill(&client, SIGTERM);
	script_end(fd);
	ck_assert_int_eq(child_wait(&client), 0);
}
END_TEST

SYSTEM_SUITE("client", 0, NULL, false, leaves_on_sigterm, leaves_on_sigint,
    leaves_a_silent_host, leaves_before_there_is_a_host, comes_back_to_a_host,
    outlives_fifty_hosts,
    commands_that_cannot_be, pin_of_the_card, two_cards, refused)
