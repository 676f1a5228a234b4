/* SPDX-License-Identifier: BSD-2-Clause */
/* What hosts do to a client that listens, and has one reader with a card. */
#include "tests/fakes/hell.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fakes/script.h"
#include "tests/fakes/stock_host.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define RESET "00000043 00000000 00000001 02"

/* An Init that offers to tell of power, alone of all extensions. */
#define POWER_INIT "56534344 00000002 00010000"
enum { SAY_DONE = 0x45 };

/* --- what attacks are made of ----------------------------------------- */

/* What is said goes out at once, and little is taken in that is not read. */
static int
dial(struct hell *hell)
{
	const int on = 1, little = 4096;
	int fd = script_dial(hell->endpoint);

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof(little));
	return fd;
}

/* An acknowledged reader, and its card. */
static void
take_card(int fd)
{
	struct script_message said;

	stock_host_clear(fd);
	stock_host_add(fd, 0);
	script_take(fd, &said);
	script_say(fd, SAY_ERROR, 0, SCRIPT_OK);
}

static void
start_host(struct hell *hell)
{
	hell->fds[0] = dial(hell);
	stock_host_greet(hell->fds[0]);
	take_card(hell->fds[0]);
}

/* The same with power, for which the client's Init has to be waited for. */
static void
start_power(struct hell *hell)
{
	struct script_message init;

	hell->fds[0] = dial(hell);
	script_take(hell->fds[0], &init);
	script_say(hell->fds[0], SAY_INIT, SCRIPT_NOBODY, POWER_INIT);
	take_card(hell->fds[0]);
}

/* All that was said before it has been heard, and answered. */
static void
flush(int fd)
{
	script_say(fd, SAY_FLUSH, 0, "");
	script_hear(fd, SAY_FLUSH_COMPLETE, 0, "");
}

/* The client has closed this one; the next one is let in. */
static void
end(struct hell *hell)
{
	script_drain(hell->fds[0]);
	hell_tear(&hell->fds[0]);
}

/* --- lengths ---------------------------------------------------------- */

/* As long as a command may be at most, and the card's word on it. */
static void
long_commands(struct hell *hell)
{
	static const uint8_t zeros[65548];
	struct script_message said;

	script_send(hell->fds[0], "00000007 00000000 0001000c");
	script_send_bytes(hell->fds[0], zeros, sizeof(zeros));
	script_take(hell->fds[0], &said);
}

/* Of which only the header comes, before or after the greeting. */
static void
long_lengths(struct hell *hell)
{
	static const char *const lengths[] = {"00000007 00000000 00010020",
	    "00000007 00000000 ffffffff", "00000063 00000000 80000000",
	    "00000001 ffffffff ffffffff"};

	hell->fds[0] = dial(hell);
	if (hell->round % 2 == 0)
		stock_host_greet(hell->fds[0]);
	script_send(hell->fds[0], lengths[hell->round % COUNT(lengths)]);
	end(hell);
}

/* --- words ------------------------------------------------------------ */

static void
second_init(struct hell *hell)
{
	script_say(hell->fds[0], SAY_INIT, SCRIPT_NOBODY, SCRIPT_INIT);
	flush(hell->fds[0]);
}

/* Types of nobody, of the other role, and of extensions not agreed upon. */
static void
odd_words(struct hell *hell)
{
	script_send(hell->fds[0], "00000000 00000007 00000000"
				  "00000063 00000005 00000003 616263"
				  "ffffffff 00000000 00000001 00"
				  "00000003 ffffffff 00000000"
				  "00000004 00000000 00000000"
				  "00000005 00000000 00000002 3b00"
				  "00000006 00000000 00000000"
				  "00000002 00000000 00000004 00000001"
				  "00000002 00000009 00000000" RESET);
	flush(hell->fds[0]);
}

/* To readers that there are not. */
static void
nobodys_commands(struct hell *hell)
{
	script_send(hell->fds[0], "00000007 00000001 00000004 00a40400"
				  "00000007 ffffffff 00000004 00a40400");
	script_hear(hell->fds[0], SAY_ERROR, 1, SCRIPT_GENERAL);
	script_hear(hell->fds[0], SAY_ERROR, SCRIPT_NOBODY, SCRIPT_GENERAL);
}

/* A command byte by byte, and its answer. */
static void
drip(struct hell *hell)
{
	static const uint8_t story[] = {
	    0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0xa4, 4, 0};
	size_t step = hell->round % sizeof(story);
	struct script_message said;

	hell_drip();
	script_send_bytes(hell->fds[0], story + step, 1);
	if (step == sizeof(story) - 1)
		script_take(hell->fds[0], &said);
}

static void
resets_of_the_card(struct hell *hell)
{
	struct script_message said;

	script_send(hell->fds[0], RESET);
	script_take(hell->fds[0], &said);
	if (said.type != SAY_DONE)
		script_fail(HERE, "type %u, not Done", said.type);
}

/* --- hosts that do not listen ----------------------------------------- */

/* Copies of one message until it breaks, and no answer is ever read. */
static void
pour(struct hell *hell, const uint8_t *message, size_t len)
{
	uint8_t copies[1024];
	size_t n = 0;

	for (; n + len <= sizeof(copies); n += len)
		memcpy(copies + n, message, len);
	while (send(hell->fds[0], copies, n, MSG_NOSIGNAL) == (ssize_t)n)
		;
	hell_tear(&hell->fds[0]);
}

/* Each has its answer, and the socket is soon full of them. */
static void
deaf(struct hell *hell)
{
	static const uint8_t ask[] = {0, 0, 0, 7, 0, 0, 0, 9, 0, 0, 0, 1, 0};

	start_host(hell);
	pour(hell, ask, sizeof(ask));
}

/* For the card, which takes one after the other. */
static void
impatient(struct hell *hell)
{
	static const uint8_t ask[] = {
	    0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0xa4, 4, 0};

	start_host(hell);
	pour(hell, ask, sizeof(ask));
}

static void
impatient_resets(struct hell *hell)
{
	static const uint8_t ask[] = {0, 0, 0, 0x43, 0, 0, 0, 0, 0, 0, 0, 1, 2};

	start_power(hell);
	pour(hell, ask, sizeof(ask));
}

/* Says nothing, or half a word, and stays for as long as it may. */
static void
half_open(struct hell *hell)
{
	struct pollfd poller;

	if (hell->fds[0] < 0) {
		hell->fds[0] = dial(hell);
		if (hell->round % 2 == 1)
			script_send(hell->fds[0], "00000001 ff");
	}
	poller = (struct pollfd){.fd = hell->fds[0], .events = POLLRDHUP};
	if (poll(&poller, 1, 20) == 1)
		hell_tear(&hell->fds[0]);
}

/* --- resets of the connection ----------------------------------------- */

enum { DIALED, GREETED, CLEARED, ADDED, INSERTED, BUSY, POWERED, RESET_STATES };

/* In each state of it, from the first on. */
static void
resets(struct hell *hell)
{
	unsigned state = hell->round % RESET_STATES;
	int *fd = &hell->fds[0];

	if (state == POWERED)
		start_power(hell);
	else if (state >= INSERTED)
		start_host(hell);
	else
		*fd = dial(hell);
	if (state >= GREETED && state <= ADDED)
		stock_host_greet(*fd);
	if (state == CLEARED || state == ADDED)
		stock_host_clear(*fd);
	if (state == ADDED)
		stock_host_add(*fd, 0);
	if (state == BUSY)
		script_send(*fd, "00000007 00000000 00000004 00a40400");
	if (state == POWERED)
		script_send(*fd, RESET);
	hell_tear(fd);
}

/* Takes the reader and hangs up. */
static void
fickle(struct hell *hell)
{
	start_host(hell);
	(void)close(hell->fds[0]);
	hell->fds[0] = -1;
}

/* --- the table -------------------------------------------------------- */

/* First those that take long, because the client takes hosts at its pace. */
const struct hell_attack hell_hosts[] = {
    {"resets of the connection", NULL, resets, RESET_STATES},
    {"deaf host", NULL, deaf, 3},
    {"4 GiB lengths", NULL, long_lengths, 4},
    {"commands nobody waits for", NULL, impatient, 3},
    {"resets nobody waits for", NULL, impatient_resets, 3},
    {"takes the reader and goes", NULL, fickle, 3},
    {"64 KiB commands", start_host, long_commands, 1},
    {"two Inits", start_host, second_init, 1},
    {"words of nobody", start_host, odd_words, 1},
    {"readers that there are not", start_host, nobodys_commands, 1},
    {"byte by byte", start_host, drip, 1},
    {"resets of the card", start_power, resets_of_the_card, 1},
    {"half-open host", NULL, half_open, 1},
};
const unsigned hell_hosts_len = COUNT(hell_hosts);
