/* SPDX-License-Identifier: BSD-2-Clause */
/* A card, a peer or a program that goes away at the wrong moment. */
#include "tests/system/system.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fakes/child.h"
#include "tests/fakes/fake_card.h"
#include "tests/fakes/relay.h"
#include "tests/fakes/stock_peer.h"
#include "tests/system/pc.h"

enum { PROMPT_NS = 50 * 1000 * 1000, ROUNDS = 10 };

#define CARD "card " STOCK_ATR
#define COMMAND "80CA0000"

/* A card and a command that waits for its answer. */
static int
start(struct pcsc_watch *watch, struct pc *pc, struct pc_call *call)
{
	int fd = stock_peer_start(system_endpoint(), STOCK_ATR);

	(void)pcsc_watch_until(watch, 0, CARD);
	pc_open(pc, 0);
	pc_call_start(call, pc, COMMAND);
	script_hear(fd, SAY_APDU, 0, COMMAND);
	return fd;
}

/* It failed, and soon after that moment. The best of a few tries counts. */
static int64_t
fails(struct pc_call *call, int64_t since)
{
	LONG rv = pc_call_end(call);

	ck_assert_int_ne(rv, SCARD_S_SUCCESS);
	return call->ended - since;
}

static void
prompt(const char *what, int64_t ns)
{
	ck_assert_msg(ns < PROMPT_NS, "%s: returned after %ld us", what,
	    (long)(ns / 1000));
}

/* Sends these messages while a command waits, and tells how long it took. */
static void
interrupt(const char *what, const char *hex, unsigned acks)
{
	struct pcsc_watch *watch = system_watch();
	int64_t best = INT64_MAX, took, since;
	struct pc_call call;
	struct pc pc;
	unsigned i, n;
	int fd;

	for (i = 0; i < ROUNDS; i++) {
		fd = start(watch, &pc, &call);
		since = script_ns();
		if (hex == NULL)
			(void)close(fd);
		else
			script_send(fd, hex);
		took = fails(&call, since);
		best = took < best ? took : best;
		for (n = 0; n < acks; n++)
			script_hear(fd, SAY_ERROR, 0, SCRIPT_OK);
		pc_close(&pc, SCARD_LEAVE_CARD);
		if (hex != NULL)
			(void)close(fd);
		(void)pcsc_watch_until(watch, 0, "detached");
	}
	prompt(what, best);
}

START_TEST(card_removed_during_a_command)
{
	interrupt("CardRemove", "00000006 00000000 00000000", 1);
}
END_TEST

START_TEST(reader_removed_during_a_command)
{
	interrupt("ReaderRemove", "00000004 00000000 00000000", 1);
}
END_TEST

START_TEST(card_swapped_during_a_command)
{
	interrupt("ATR", "00000005 00000000 00000006 3b0411223344", 1);
}
END_TEST

START_TEST(error_during_a_command)
{
	interrupt("Error", "00000002 00000000 00000004 01000000", 0);
}
END_TEST

START_TEST(peer_lost_during_a_command)
{
	interrupt("close", NULL, 0);
}
END_TEST

/* The card's answer comes after all, to nobody: the next card is another. */
START_TEST(late_answer_is_swallowed)
{
	struct pcsc_watch *watch = system_watch();
	struct pc_call call;
	struct pc pc;
	int fd = start(watch, &pc, &call);

	script_say(fd, SAY_CARD_REMOVE, 0, "");
	script_hear(fd, SAY_ERROR, 0, SCRIPT_OK);
	ck_assert_int_ne(pc_call_end(&call), SCARD_S_SUCCESS);
	pc_close(&pc, SCARD_LEAVE_CARD);
	pcsc_watch_expect(watch, 0, "empty");
	stock_peer_insert(fd, 0, "3B0411223344");
	pcsc_watch_expect(watch, 0, "card 3B0411223344");
	pc_open(&pc, 0);
	pc_call_start(&call, &pc, "80CA0001");
	script_hear(fd, SAY_APDU, 0, "80CA0001");
	script_say(fd, SAY_APDU, 0, "DEAD9000");
	script_say(fd, SAY_APDU, 0, "11229000");
	pc_call_check(&call, "11229000");
	pc_close(&pc, SCARD_LEAVE_CARD);
}
END_TEST

/* The neighbour's command goes on when the other connection is lost. */
START_TEST(neighbour_of_a_lost_peer)
{
	struct pcsc_watch *watch = system_watch();
	struct pc_call mine, others;
	struct pc pcs[2];
	int mine_fd = start(watch, &pcs[0], &mine);
	int fd = stock_peer_start(system_endpoint(), STOCK_ATR);

	(void)pcsc_watch_until(watch, 1, CARD);
	pc_open(&pcs[1], 1);
	pc_call_start(&others, &pcs[1], COMMAND);
	script_hear(fd, SAY_APDU, 0, COMMAND);
	(void)close(fd);
	ck_assert_int_ne(pc_call_end(&others), SCARD_S_SUCCESS);
	script_say(mine_fd, SAY_APDU, 0, "9000");
	pc_call_check(&mine, "9000");
	pc_close(&pcs[0], SCARD_LEAVE_CARD);
	pc_close(&pcs[1], SCARD_LEAVE_CARD);
}
END_TEST

/* The relay knows that the command has arrived; the client is stopped. */
START_TEST(client_killed_during_a_command)
{
	struct pcsc_watch *watch = system_watch();
	struct relay *relay = relay_new(system_socket("relay"),
	    system_endpoint());
	struct child client;
	struct pc_call call;
	struct pc pc;
	int64_t since;

	child_start(&client, system_program("vscclient/vscclient"),
	    "--connect", system_socket("relay"), "--card", system_nss_card());
	(void)pcsc_watch_until(watch, 0, CARD);
	pc_open(&pc, 0);
	pc_transmit(&pc, "00A4040007A000000079010000",
	    "6F0B8407A0000000790100A5009000");
	child_kill(&client, SIGSTOP);
	pc_call_start(&call, &pc, COMMAND);
	relay_wait(relay, '<', SAY_APDU, 2);
	since = script_ns();
	child_kill(&client, SIGKILL);
	prompt("SIGKILL", fails(&call, since));
	ck_assert(WIFSIGNALED(child_wait(&client)));
	pc_close(&pc, SCARD_LEAVE_CARD);
	pcsc_watch_past_empty(watch, 0, "detached");
	relay_free(&relay);
}
END_TEST

static void
abort_connection(int fd)
{
	const struct linger none = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	(void)close(fd);
}

/* Says hello and goes; what the driver had to bury by then is buried. */
static void
visit(void)
{
	(void)close(stock_peer_open(system_endpoint()));
}

/* Connections that say nothing, little, or all of it, and are gone. */
START_TEST(hundred_connections)
{
	struct pcsc_watch *watch = system_watch();
	int pid = system_pcscd();
	unsigned files, i;
	int fd;

	/* One first, so that what is made once is made. */
	fd = stock_peer_start(system_endpoint(), STOCK_ATR);
	(void)pcsc_watch_until(watch, 0, CARD);
	(void)close(fd);
	(void)pcsc_watch_until(watch, 0, "detached");
	files = system_open_files(pid);
	for (i = 0; i < 100; i++) {
		fd = script_dial(system_endpoint());
		if (i % 4 == 1)
			script_say(fd, SAY_INIT, SCRIPT_NOBODY, SCRIPT_INIT);
		if (i % 4 == 2)
			script_send(fd, "000000");
		if (i % 4 == 3) {
			(void)close(fd);
			fd = stock_peer_start(system_endpoint(), STOCK_ATR);
		}
		if (i % 8 < 4)
			(void)close(fd);
		else
			abort_connection(fd);
	}
	/* The last one is served after all others were seen to end. */
	fd = stock_peer_start(system_endpoint(), "3B0411223344");
	(void)pcsc_watch_until(watch, 0, "card 3B0411223344");
	(void)close(fd);
	(void)pcsc_watch_until(watch, 0, "detached");
	for (i = 0; i < 1000 && system_open_files(pid) > files; i++)
		visit();
	ck_assert_uint_le(system_open_files(pid), files);
}
END_TEST

SYSTEM_SUITE("loss", 2, NULL, false, card_removed_during_a_command,
    reader_removed_during_a_command, card_swapped_during_a_command,
    error_during_a_command, peer_lost_during_a_command,
    late_answer_is_swallowed, neighbour_of_a_lost_peer,
    client_killed_during_a_command, hundred_connections)
