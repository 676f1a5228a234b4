/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcscd keeps the numbers of the sockets that wait for events, and takes a
 * client off once when it goes. Who asked twice leaves its number behind, and
 * at the next event pcscd writes to whoever has that number by then.
 */
#include "tests/system/system.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tests/fakes/stock_peer.h"

/* Of pcscd's own protocol, its numbers in the machine's order. */
enum { ASK_VERSION = 0x11, ASK_EVENTS = 0x13, OLD_MAJOR = 4, OLD_MINOR = 4 };

enum { LEFT_BEHIND = 8 };

static void
ask(int fd, uint32_t command, const void *body, uint32_t len)
{
	const uint32_t header[] = {len, command};

	script_send_bytes(fd, header, sizeof(header));
	if (len > 0)
		script_send_bytes(fd, body, len);
}

/* What it is told does not matter: gone is who has read to the end. */
static void
leave(int fd)
{
	ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
	script_drain(fd);
	(void)close(fd);
}

static void
leave_numbers(void)
{
	const uint32_t version[] = {OLD_MAJOR, OLD_MINOR, 0};
	int fds[LEFT_BEHIND];

	for (int i = 0; i < LEFT_BEHIND; i++) {
		fds[i] = script_dial("unix:/run/pcscd/pcscd.comm");
		ask(fds[i], ASK_VERSION, version, sizeof(version));
		ask(fds[i], ASK_EVENTS, NULL, 0);
		ask(fds[i], ASK_EVENTS, NULL, 0);
	}
	for (int i = 0; i < LEFT_BEHIND; i++)
		leave(fds[i]);
}

START_TEST(nobody_hears_what_was_for_others)
{
	struct pcsc_watch *watch = system_watch();
	int eventful = stock_peer_open(system_endpoint());
	int peers[LEFT_BEHIND];

	stock_peer_add(eventful);
	pcsc_watch_expect(watch, 0, "empty");
	leave_numbers();
	for (int i = 0; i < LEFT_BEHIND; i++)
		peers[i] = stock_peer_open(system_endpoint());
	/* Who has seen the second event has the first behind him. */
	stock_peer_insert(eventful, 0, STOCK_ATR);
	pcsc_watch_expect(watch, 0, "card " STOCK_ATR);
	script_say(eventful, SAY_CARD_REMOVE, 0, "");
	script_hear(eventful, SAY_ERROR, 0, SCRIPT_OK);
	pcsc_watch_expect(watch, 0, "empty");
	for (int i = 0; i < LEFT_BEHIND; i++) {
		script_quiet(peers[i]);
		(void)close(peers[i]);
	}
	(void)close(eventful);
}
END_TEST

SYSTEM_SUITE("stale", 8, NULL, false, nobody_hears_what_was_for_others)
