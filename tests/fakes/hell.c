/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fakes/hell.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/fakes/script.h"
#include "tests/fakes/stock_peer.h"

#define OTHER_ATR "3B0411223344"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* An Init that offers to be told of power, alone of all extensions. */
#define POWER_INIT "56534344 00000002 00010000"
enum { SAY_POWER = 0x43 };

/* --- what attacks are made of ----------------------------------------- */

/* With a reset, as far as the kind of socket knows one. */
void
hell_tear(int *fd)
{
	const struct linger none = {.l_onoff = 1, .l_linger = 0};

	if (*fd < 0)
		return;
	(void)setsockopt(*fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	(void)close(*fd);
	*fd = -1;
}

void
hell_drip(void)
{
	const char *ms = getenv("VSCARD_HELL_DRIP_MS");

	if (ms != NULL)
		(void)poll(NULL, 0, atoi(ms));
}

/* As much as there is, without waiting. */
static void
swallow(int fd)
{
	char rest[65536];

	while (recv(fd, rest, sizeof(rest), MSG_DONTWAIT) > 0)
		;
}

/* As many whole copies as go out without waiting; false: it is broken. */
static bool
pour(int fd, const void *data, size_t len)
{
	ssize_t n = send(fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	return n == (ssize_t)len || (n < 0 && errno == EAGAIN);
}

/* The place for one more; who was in it goes. */
static int *
place(struct hell *hell)
{
	int *at = &hell->fds[hell->round % HELL_FDS];

	hell_tear(at);
	return at;
}

static void
start_card(struct hell *hell)
{
	hell->fds[0] = stock_peer_start(hell->endpoint, STOCK_ATR);
}

/* --- connections ------------------------------------------------------ */

static void
flood(struct hell *hell)
{
	int fd = script_dial(hell->endpoint);

	(void)close(fd);
}

/* One says nothing, one is deaf, one has said half a word. */
static void
half_open(struct hell *hell)
{
	int *at = place(hell);

	*at = script_dial(hell->endpoint);
	if (hell->round % 3 == 1)
		(void)shutdown(*at, SHUT_RD);
	if (hell->round % 3 == 2)
		(void)!send(*at, "\0\0\0\1\377", 5, MSG_NOSIGNAL);
}

/* A byte at a time, on many connections by turns, and never an end. */
static void
drip(struct hell *hell)
{
	static const char story[] = "\0\0\0\1\0\0\0\0\0\0\0\14VSCD\0\0\0\2"
				    "\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\0"
				    "\0\0\0\143\0\0\0\0\0\0\100";
	enum { AT_ONCE = 4 };
	int *at = &hell->fds[hell->round % AT_ONCE];
	size_t step = hell->round / AT_ONCE % sizeof(story);

	if (step == 0)
		hell_tear(at);
	if (*at < 0)
		*at = script_dial(hell->endpoint);
	hell_drip();
	(void)!send(*at, story + step, 1, MSG_NOSIGNAL);
}

static void
to_the_end(struct hell *hell, const char *hex)
{
	int fd = script_dial(hell->endpoint);

	script_send(fd, hex);
	script_drain(fd);
	(void)close(fd);
}

static void
long_lengths(struct hell *hell)
{
	static const char *const lengths[] = {"00000001 ffffffff ffffffff",
	    "00000007 00000000 ffffffff", "00000063 00000000 80000000"};

	to_the_end(hell, lengths[hell->round % COUNT(lengths)]);
}

/* --- a card that cannot decide ---------------------------------------- */

/* Removed and put back as fast as it is believed: far over 1000 times a s. */
static void
toggle(struct hell *hell)
{
	script_send(hell->fds[0], "00000006 00000000 00000000"
				  "00000005 00000000 0000000f" STOCK_ATR);
	script_hear_bytes(hell->fds[0], "00000002 00000000 00000004 00000000"
					"00000002 00000000 00000004 00000000");
}

static void
change_atr(struct hell *hell)
{
	script_say(hell->fds[0], SAY_ATR, 0,
	    hell->round % 2 == 0 ? OTHER_ATR : STOCK_ATR);
	script_hear(hell->fds[0], SAY_ERROR, 0, SCRIPT_OK);
}

static void
add_and_remove(struct hell *hell)
{
	script_send(hell->fds[0], "00000004 00000000 00000000"
				  "00000003 ffffffff 00000000");
	script_hear_bytes(hell->fds[0], "00000002 00000000 00000004 00000000"
					"00000002 00000000 00000004 00000000");
}

/* --- words that nobody wanted ----------------------------------------- */

static void
unasked(struct hell *hell)
{
	script_send(hell->fds[0],
	    "00000007 00000000 00000002 9000"
	    "00000002 00000000 00000004 01000000"
	    "00000045 00000000 00000001 00"
	    "00000001 ffffffff 0000000c 56534344 00000002 00000000");
	swallow(hell->fds[0]);
}

/* Whatever was asked of the card, it has gone before it is answered. */
static void
after_removal(struct hell *hell)
{
	script_send(hell->fds[0], "00000006 00000000 00000000"
				  "00000007 00000000 00000002 9000"
				  "00000004 00000000 00000000"
				  "00000007 00000000 00000002 9000"
				  "00000003 ffffffff 00000000"
				  "00000005 00000000 0000000f" STOCK_ATR);
	script_hear_bytes(hell->fds[0], "00000002 00000000 00000004 00000000"
					"00000002 00000000 00000004 00000000"
					"00000002 00000000 00000004 00000000"
					"00000002 00000000 00000004 00000000");
}

/* Questions without end, and no answer is ever read. */
static void
deaf(struct hell *hell)
{
	static const uint8_t asks[12 * 512];
	bool stuck = false;

	if (hell->fds[0] < 0)
		hell->fds[0] = stock_peer_start(hell->endpoint, STOCK_ATR);
	for (int i = 0; i < 64 && !stuck; i++)
		stuck = !pour(hell->fds[0], asks, sizeof(asks));
	if (stuck || hell->round % 64 == 63)
		hell_tear(&hell->fds[0]);
}

/* 64 KiB each, of a type that nobody knows. */
static void
ballast(struct hell *hell)
{
	static const uint8_t zeros[65548];

	script_send(hell->fds[0], "00000063 00000005 0001000c");
	script_send_bytes(hell->fds[0], zeros, sizeof(zeros));
	script_hear(hell->fds[0], SAY_ERROR, 5, SCRIPT_GENERAL);
}

/* --- resets ----------------------------------------------------------- */

/* Up to when the driver powers the card up. */
static int
while_powered(const char *endpoint)
{
	struct script_message said;
	int fd = script_dial(endpoint);

	script_say(fd, SAY_INIT, 0, POWER_INIT);
	script_take(fd, &said);
	stock_peer_add(fd);
	stock_peer_insert(fd, 0, STOCK_ATR);
	do
		script_take(fd, &said);
	while (said.type != SAY_POWER);
	return fd;
}

/* The states of a connection, from the first on. */
static void
resets(struct hell *hell)
{
	enum { DIALED, GREETED, ADDED, INSERTED, POWERED, STATES };
	unsigned state = hell->round % STATES;
	int fd;

	if (state == POWERED)
		fd = while_powered(hell->endpoint);
	else if (state == DIALED)
		fd = script_dial(hell->endpoint);
	else
		fd = stock_peer_open(hell->endpoint);
	if (state == ADDED || state == INSERTED)
		stock_peer_add(fd);
	if (state == INSERTED)
		stock_peer_insert(fd, 0, STOCK_ATR);
	hell_tear(&fd);
}

/* --- the table -------------------------------------------------------- */

const struct hell_attack hell_attacks[] = {
    {"ten thousand connections", NULL, flood, 1},
    {"half-open peers", NULL, half_open, 1},
    {"byte by byte", NULL, drip, 1},
    {"4 GiB lengths", NULL, long_lengths, 1},
    {"card toggled", start_card, toggle, 1},
    {"endless ATR changes", start_card, change_atr, 1},
    {"reader toggled", start_card, add_and_remove, 1},
    {"answers nobody asked for", start_card, unasked, 1},
    {"answers after removal", start_card, after_removal, 1},
    {"slow reader", NULL, deaf, 1},
    {"64 KiB of nothing", start_card, ballast, 1},
    {"resets", NULL, resets, 1},
};
const unsigned hell_attacks_len = COUNT(hell_attacks);

/* --- the attacker ----------------------------------------------------- */

/* It stands for another machine, so it leaves this one's time to the rest. */
static void
stand_back(void)
{
	(void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), 19);
}

bool
hell_is_wanted(const struct hell_attack *attack)
{
	const char *only = getenv("VSCARD_HELL_ONLY");

	return only == NULL || strcmp(only, attack->name) == 0;
}

static bool
hell_is_over(struct hell *hell)
{
	return __atomic_load_n(&hell->stop, __ATOMIC_ACQUIRE);
}

static void *
hell_main(void *arg)
{
	struct hell *hell = arg;
	const struct hell_attack *attack = hell->attack;

	stand_back();
	if (attack->begin != NULL)
		attack->begin(hell);
	while (!hell_is_over(hell) || hell->round < attack->least) {
		attack->act(hell);
		hell->round++;
		__atomic_add_fetch(&hell->rounds, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

void
hell_start(
    struct hell *hell, const struct hell_attack *attack, const char *endpoint)
{
	memset(hell, 0, sizeof(*hell));
	memset(hell->fds, -1, sizeof(hell->fds));
	hell->attack = attack;
	hell->endpoint = endpoint;
	if (pthread_create(&hell->thread, NULL, hell_main, hell) != 0)
		script_fail(HERE, "pthread_create");
}

unsigned
hell_rounds(const struct hell *hell)
{
	return __atomic_load_n(&hell->rounds, __ATOMIC_ACQUIRE);
}

void
hell_halt(struct hell *hell)
{
	__atomic_store_n(&hell->stop, true, __ATOMIC_RELEASE);
}

void
hell_stop(struct hell *hell)
{
	hell_halt(hell);
	(void)pthread_join(hell->thread, NULL);
	for (unsigned i = 0; i < HELL_FDS; i++)
		hell_tear(&hell->fds[i]);
}
