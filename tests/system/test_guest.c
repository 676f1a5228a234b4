/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other end of QEMU's card device: a Linux with pcscd, the driver of USB
 * readers and OpenSC sees the reader, the card and its ATR, exchanges APDUs,
 * and sees removals and insertions. One boot for all of it.
 */
#include "tests/system/system.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/fakes/child.h"
#include "tests/fakes/fake_card.h"
#include "tests/fakes/relay.h"
#include "tests/fakes/stock_peer.h"
#include "tests/fakes/transcript.h"
#include "tests/system/qemu.h"

enum { ROUNDS = 5, LONGEST = 270 };

#define SELECT "00A4040007A000000079010000"
#define SELECTED "6F0B8407A0000000790100A5009000"
#define ATR_A "3B0411223344"
#define ATR_REFUSED "3B951540FF6801020201"

static struct qemu *
boot(const char *card)
{
	struct qemu *qemu = calloc(1, sizeof(*qemu));

	if (qemu == NULL)
		abort();
	qemu_start(qemu, qemu_chardev(card, "server=on,wait=off"), true);
	qemu_ready(qemu);
	guest_ready(qemu);
	return qemu;
}

static void
client_start(struct child *client, const char *card)
{
	child_start(client, system_program("vscclient/vscclient"),
	    "--connect", system_socket("relay"), "--card", card);
}

static void
client_stop(struct child *client)
{
	child_kill(client, SIGTERM);
	ck_assert_int_eq(child_wait(client), 0);
}

/* The nth change of the guest's reader, whenever it comes, is this one. */
static void
sees(struct qemu *qemu, unsigned n, const char *atr)
{
	char line[32], want[128];

	(void)snprintf(line, sizeof(line), "card past %u", n - 1);
	if (atr == NULL)
		(void)snprintf(want, sizeof(want), "empty %u\n", n);
	else
		(void)snprintf(want, sizeof(want), "card %u %s\n", n, atr);
	guest_prints(qemu, line, want);
}

static void
reader_without_card(struct qemu *qemu)
{
	guest_tells(qemu, "card name", "CCID");
	guest_tells(qemu, "opensc-tool -l", "0    No ");
	guest_prints(qemu, "card state", "empty 0\n");
}

/* OpenSC finds out what it is, which takes some dozens of commands. */
static void
card_of_certificates(struct qemu *qemu)
{
	struct child client;

	client_start(&client, system_nss_card());
	sees(qemu, 1, STOCK_ATR);
	guest_tells(qemu, "opensc-tool -a",
	    "3b:7a:18:00:00:73:66:74:65:20:63:64:31:34:34");
	guest_tells(qemu, "opensc-tool -n", "Common Access Card (CAC)");
	guest_prints(qemu, "card apdu " SELECT " 8052000002010200",
	    SELECTED "\n" "0A009000\n");
	client_stop(&client);
	sees(qemu, 2, NULL);
	client_start(&client, system_nss_card());
	sees(qemu, 3, STOCK_ATR);
	guest_prints(qemu, "card apdu " SELECT, SELECTED "\n");
	child_kill(&client, SIGKILL);
	(void)child_wait(&client);
	guest_prints(qemu, "card state", "card 3 " STOCK_ATR "\n");
}

/* To the guest the card of a client that died is there until the next. */
static void
previous_card_is_cleared(struct qemu *qemu, struct child *client)
{
	client_start(client, "pcsc:vscard");
	sees(qemu, 4, NULL);
}

static unsigned
plugged_and_unplugged(struct qemu *qemu, struct fake_card *fake, unsigned seen)
{
	unsigned i;

	for (i = 0; i < ROUNDS; i++) {
		fake_card_insert(fake, 0, i % 2 == 0 ? ATR_A : STOCK_ATR);
		sees(qemu, ++seen, i % 2 == 0 ? ATR_A : STOCK_ATR);
		guest_prints(qemu, "card apdu 8001000002ABCD",
		    "8001000002ABCD9000\n");
		fake_card_remove(fake, 0);
		sees(qemu, ++seen, NULL);
		guest_fails(qemu, "card apdu 8001000000", "SCardConnect: ");
	}
	return seen;
}

/* The number of bytes of a pattern, and of the status word behind it. */
static void
response_of(struct qemu *qemu, unsigned len)
{
	char line[64];
	const char *answer;

	(void)snprintf(line, sizeof(line), "card apdu 8002000004%08X", len);
	answer = guest_run(qemu, line);
	ck_assert_uint_eq(strlen(answer), 2 * (len + 2) + 1);
	ck_assert_str_eq(answer + 2 * len, "9000\n");
}

/* Up to what every peer takes; more is an error, not the end of the card. */
static void
sizes(struct qemu *qemu, struct fake_card *fake, struct relay *relay,
    unsigned *seen)
{
	fake_card_insert(fake, 0, ATR_A);
	sees(qemu, ++*seen, ATR_A);
	response_of(qemu, 1);
	response_of(qemu, 52);
	response_of(qemu, 256);
	guest_fails(qemu, "card apdu 800200000400000200", "SCardTransmit: ");
	response_of(qemu, 256);
	ck_assert_uint_ge(relay_longest(relay, '>'), 258);
	fake_card_remove(fake, 0);
	sees(qemu, ++*seen, NULL);
}

/* The one is not shown to the guest, the other is of no use to it. */
static void
odd_cards(struct qemu *qemu, struct fake_card *fake, struct child *client,
    unsigned *seen)
{
	fake_card_insert(fake, 0, ATR_REFUSED);
	child_says(client, "the host refuses this card's ATR");
	fake_card_remove(fake, 0);
	/* The next change is the next card, and no other was before it. */
	fake_card_insert(fake, 0, STOCK_ATR_T1);
	sees(qemu, ++*seen, STOCK_ATR_T1);
	guest_fails(qemu, "card apdu 8001000000", "SCardConnect: ");
	fake_card_remove(fake, 0);
	sees(qemu, ++*seen, NULL);
}

static void
check(struct relay *relay)
{
	char *list = relay_text(relay);
	struct transcript t = transcript_check(list, '>');

	ck_assert_uint_eq(t.conversations, 3);
	ck_assert_uint_eq(t.host_inits, 3);
	ck_assert(t.left);
	ck_assert_uint_le(relay_longest(relay, '>'), LONGEST);
	ck_assert_uint_le(relay_longest(relay, '<'), LONGEST);
	free(list);
}

START_TEST(guest)
{
	const char *card = system_socket("card");
	struct relay *relay = relay_new(system_socket("relay"), card);
	struct fake_card *fake = fake_card_new(system_endpoint(), NULL);
	struct qemu *qemu = boot(card);
	struct child client;
	unsigned seen = 4;

	reader_without_card(qemu);
	card_of_certificates(qemu);
	(void)fake_card_add(fake);
	previous_card_is_cleared(qemu, &client);
	seen = plugged_and_unplugged(qemu, fake, seen);
	sizes(qemu, fake, relay, &seen);
	odd_cards(qemu, fake, &client, &seen);
	fake_card_insert(fake, 0, ATR_A);
	sees(qemu, ++seen, ATR_A);
	client_stop(&client);
	sees(qemu, ++seen, NULL);
	check(relay);
	relay_free(&relay);
	fake_card_free(&fake);
	qemu_kill(qemu);
	free(qemu);
}
END_TEST

SYSTEM_SUITE("guest", 1, NULL, true, guest)
