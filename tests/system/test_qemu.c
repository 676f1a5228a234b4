/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vscclient and QEMU's card device, without a guest: each way of making the
 * connection, word by word, and what either does when the other comes and
 * goes.
 */
#include "tests/system/system.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/fakes/child.h"
#include "tests/fakes/fake_card.h"
#include "tests/fakes/relay.h"
#include "tests/fakes/stock_peer.h"
#include "tests/fakes/transcript.h"
#include "tests/system/qemu.h"

enum { ROUNDS = 3, LONGEST = 270 };

#define READY "is the host's reader 0"
#define GONE "cards and readers removed"
/* Well-formed, but not to QEMU, which counts its interface bytes wrongly. */
#define ATR_REFUSED "3B951540FF6801020201"

static void
client_start(struct child *client, const char *way, const char *endpoint)
{
	child_start(client, system_program("vscclient/vscclient"), way,
	    endpoint, "--card", system_nss_card());
}

/* It takes its card away, and ends well. */
static void
client_stop(struct child *client)
{
	int status;

	child_kill(client, SIGTERM);
	child_says(client, GONE);
	status = child_wait(client);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* So many Inits of QEMU's, and the rest as it has to be. */
static void
check(struct relay **relay, char ours, unsigned conversations,
    unsigned host_inits)
{
	char *list = relay_text(*relay);
	struct transcript t = transcript_check(list, ours);

	ck_assert_msg(t.conversations == conversations &&
	    t.host_inits == host_inits && t.left, "%u, %u, %d:\n%s",
	    t.conversations, t.host_inits, t.left, list);
	ck_assert_uint_le(relay_longest(*relay, '>'), LONGEST);
	ck_assert_uint_le(relay_longest(*relay, '<'), LONGEST);
	free(list);
	relay_free(relay);
}

/* --- each way of connecting ------------------------------------------- */

/* QEMU listens, and runs whether or not somebody comes. */
START_TEST(server_that_does_not_wait)
{
	const char *card = system_socket("card");
	struct relay *relay = relay_new(system_socket("relay"), card);
	struct child client;
	struct qemu qemu;

	qemu_start(&qemu, qemu_chardev(card, "server=on,wait=off"), false);
	qemu_ready(&qemu);
	client_start(&client, "--connect", system_socket("relay"));
	child_says(&client, READY);
	relay_wait(relay, '<', SAY_ERROR, 3);
	client_stop(&client);
	check(&relay, '>', 1, 1);
	qemu_kill(&qemu);
}
END_TEST

/* QEMU starts when somebody has come, and then says Init twice. */
START_TEST(server_that_waits)
{
	const char *card = system_socket("card");
	struct relay *relay = relay_new(system_socket("relay"), card);
	struct child client;
	struct qemu qemu;

	qemu_start(&qemu, qemu_chardev(card, "server=on,wait=on"), false);
	child_says(&qemu.child, "waiting for connection");
	client_start(&client, "--connect", system_socket("relay"));
	qemu_ready(&qemu);
	child_says(&client, READY);
	relay_wait(relay, '<', SAY_ERROR, 3);
	relay_wait(relay, '<', SAY_INIT, 2);
	client_stop(&client);
	check(&relay, '>', 1, 2);
	qemu_kill(&qemu);
}
END_TEST

static void
qemu_calls(const char *mode, unsigned host_inits)
{
	const char *port = qemu_port();
	struct relay *relay = relay_new(port, system_socket("client"));
	struct child client;
	struct qemu qemu;

	client_start(&client, "--listen", system_socket("client"));
	child_says(&client, "waiting for a host");
	qemu_start(&qemu, qemu_chardev(port, mode), false);
	qemu_ready(&qemu);
	child_says(&client, READY);
	relay_wait(relay, '>', SAY_ERROR, 3);
	relay_wait(relay, '>', SAY_INIT, host_inits);
	client_stop(&client);
	check(&relay, '<', 1, host_inits);
	qemu_kill(&qemu);
}

/* QEMU calls once, and then says Init unasked. */
START_TEST(caller)
{
	qemu_calls("server=off", 2);
}
END_TEST

START_TEST(caller_that_calls_again)
{
	qemu_calls(qemu_again("server=off,"), 1);
}
END_TEST

/* --- coming and going ------------------------------------------------- */

/* The machine loses power, and the card is in the next one at once. */
START_TEST(qemu_restarted)
{
	const char *card = system_socket("card");
	struct relay *relay = relay_new(system_socket("relay"), card);
	struct child client;
	struct qemu qemu;
	unsigned i;

	client_start(&client, "--connect", system_socket("relay"));
	for (i = 1; i <= ROUNDS; i++) {
		qemu_start(&qemu, qemu_chardev(card, "server=on,wait=off"),
		    false);
		qemu_ready(&qemu);
		relay_wait(relay, '<', SAY_ERROR, 3 * i);
		if (i < ROUNDS)
			qemu_kill(&qemu);
	}
	client_stop(&client);
	check(&relay, '>', ROUNDS, ROUNDS);
	qemu_kill(&qemu);
}
END_TEST

START_TEST(calling_qemu_restarted)
{
	const char *port = qemu_port();
	struct relay *relay = relay_new(port, system_socket("client"));
	struct child client;
	struct qemu qemu;
	unsigned i;

	client_start(&client, "--listen", system_socket("client"));
	child_says(&client, "waiting for a host");
	for (i = 1; i <= ROUNDS; i++) {
		qemu_start(&qemu, qemu_chardev(port, qemu_again("")), false);
		qemu_ready(&qemu);
		relay_wait(relay, '>', SAY_ERROR, 3 * i);
		if (i < ROUNDS)
			qemu_kill(&qemu);
	}
	client_stop(&client);
	check(&relay, '<', ROUNDS, ROUNDS);
	qemu_kill(&qemu);
}
END_TEST

/* QEMU calls again and finds the client that came in its place. */
START_TEST(listening_client_restarted)
{
	const char *port = qemu_port();
	struct child client;
	struct qemu qemu;

	client_start(&client, "--listen", port);
	child_says(&client, "waiting for a host");
	qemu_start(&qemu, qemu_chardev(port, qemu_again("")), false);
	qemu_ready(&qemu);
	child_says(&client, READY);
	child_kill(&client, SIGKILL);
	(void)child_wait(&client);
	client_start(&client, "--listen", port);
	child_says(&client, READY);
	client_stop(&client);
	qemu_kill(&qemu);
}
END_TEST

/* A second machine has to wait until the first has gone. */
START_TEST(one_qemu_at_a_time)
{
	const char *first = system_socket("first");
	const char *second = system_socket("second");
	const char *card = system_socket("client");
	struct relay *relays[2] = {relay_new(first, card),
	    relay_new(second, card)};
	struct qemu qemus[2];
	struct child client;
	char *list;

	client_start(&client, "--listen", card);
	child_says(&client, "waiting for a host");
	qemu_start(&qemus[0], qemu_chardev(first, qemu_again("")), false);
	qemu_ready(&qemus[0]);
	relay_wait(relays[0], '>', SAY_ERROR, 3);
	qemu_start(&qemus[1], qemu_chardev(second, qemu_again("")), false);
	qemu_ready(&qemus[1]);
	list = relay_text(relays[1]);
	ck_assert_str_eq(list, "");
	free(list);
	qemu_kill(&qemus[0]);
	relay_wait(relays[1], '>', SAY_ERROR, 3);
	client_stop(&client);
	check(&relays[1], '<', 1, 1);
	relay_free(&relays[0]);
	qemu_kill(&qemus[1]);
}
END_TEST

START_TEST(two_clients_cannot_listen_at_one_place)
{
	const char *card = system_socket("client");
	struct child client, other;
	int status;

	client_start(&client, "--listen", card);
	child_says(&client, "waiting for a host");
	client_start(&other, "--listen", card);
	status = child_wait(&other);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	child_says(&other, "cannot listen at unix:");
	child_kill(&client, SIGTERM);
	ck_assert_int_eq(child_wait(&client), 0);
}
END_TEST

/* --- ATRs ------------------------------------------------------------- */

/*
 * One line that says so; the host sees no card; the next card is welcome. The
 * card comes through the private pcscd, where it can be any card.
 */
START_TEST(atr_that_qemu_refuses)
{
	const char *card = system_socket("card");
	struct relay *relay = relay_new(system_socket("relay"), card);
	struct fake_card *fake = fake_card_new(system_endpoint(), NULL);
	struct child client;
	struct qemu qemu;

	(void)fake_card_add(fake);
	qemu_start(&qemu, qemu_chardev(card, "server=on,wait=off"), false);
	qemu_ready(&qemu);
	child_start(&client, system_program("vscclient/vscclient"),
	    "--connect", system_socket("relay"), "--card", "pcsc:vscard");
	child_says(&client, READY);
	fake_card_insert(fake, 0, ATR_REFUSED);
	child_says(&client, "the host refuses this card's ATR and sees no card");
	child_says(&qemu.child, "ATR is inconsistent");
	relay_wait(relay, '>', SAY_CARD_REMOVE, 1);
	fake_card_remove(fake, 0);
	fake_card_insert(fake, 0, STOCK_ATR);
	relay_wait(relay, '>', SAY_ATR, 2);
	relay_wait(relay, '<', SAY_ERROR, 5);
	child_kill(&client, SIGTERM);
	ck_assert_int_eq(child_wait(&client), 0);
	ck_assert_ptr_null(strstr(client.text, "refuses"));
	check(&relay, '>', 1, 1);
	fake_card_free(&fake);
	qemu_kill(&qemu);
}
END_TEST

SYSTEM_SUITE("qemu", 1, NULL, false, server_that_does_not_wait,
    server_that_waits, caller, caller_that_calls_again, qemu_restarted,
    calling_qemu_restarted, listening_client_restarted, one_qemu_at_a_time,
    two_clients_cannot_listen_at_one_place, atr_that_qemu_refuses)
