/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other end of the benchmark: as fast a card as C can make it, so that
 * what is measured is the driver. One process, one thread a connection.
 *
 *	bench_card vscard|extension|power|raw|vpcd ENDPOINT CONNECTIONS READERS [FIFO]
 *
 * vscard greets as a stock client, extension as ours, power as one that knows
 * reset and nothing else of the extension; raw says nothing first
 * (the floor); vpcd speaks the other protocol. READERS are on each connection.
 * ENDPOINT fd:N is a socket that is there already. A command whose INS is EC
 * asks for the response's length in its next three bytes; any other is answered
 * 90 00. A line in FIFO says "remove", "insert" or "swap" for the first reader;
 * where a card is its connection (raw, vpcd), that ends and is made anew.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/dial.h"
#include "net/stream.h"
#include "vscard/vscard.h"

enum { ROOM = 80000, HEAD = 12 };

enum mode { MODE_VSCARD, MODE_EXTENSION, MODE_POWER, MODE_RAW, MODE_VPCD };

/* Message types on the wire. */
enum {
	INIT = 1,
	ERROR_ = 2,
	ADD = 3,
	REMOVE = 4,
	ATR = 5,
	GONE = 6,
	APDU = 7,
	SIZE = 0x40,
	INSTANCE = 0x41,
	POWER = 0x43,
	DONE = 0x45
};

/* One, and that of the card it is swapped with. */
enum { ATR_LEN = 6 };
static const uint8_t atrs[2][ATR_LEN] = {
    {0x3b, 0x81, 0x80, 0x01, 0x01, 0x01},
    {0x3b, 0x81, 0x80, 0x01, 0x02, 0x02},
};

struct card {
	pthread_t thread;
	enum mode mode;
	int fd;
	unsigned readers;
	bool leaving; /* atomic: its end is wanted */
	bool swapped;
	struct endpoint *endpoint;
	uint8_t in[ROOM], out[ROOM];
};

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
put32(uint8_t *p, uint32_t v)
{
	v = htonl(v);
	memcpy(p, &v, 4);
}

static uint32_t
get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return ntohl(v);
}

/* The connection has ended: by steer(), or the run is over. */
_Noreturn static void
card_end(struct card *c)
{
	if (!__atomic_load_n(&c->leaving, __ATOMIC_RELAXED))
		exit(0);
	pthread_exit(NULL);
}

static void
send_all(struct card *c, const uint8_t *p, size_t len)
{
	while (len > 0) {
		ssize_t n = send(c->fd, p, len, MSG_NOSIGNAL);

		if (n <= 0)
			card_end(c);
		p += n;
		len -= (size_t)n;
	}
}

/* Reads until at least `want` bytes are in the room. */
static size_t
recv_until(struct card *c, size_t have, size_t want)
{
	while (have < want) {
		ssize_t n = recv(c->fd, c->in + have, ROOM - have, 0);

		if (n <= 0)
			card_end(c);
		have += (size_t)n;
	}
	return have;
}

static void
say(struct card *c, uint32_t type, uint32_t id, const void *data, size_t len)
{
	put32(c->out, type);
	put32(c->out + 4, id);
	put32(c->out + 8, (uint32_t)len);
	if (len > 0)
		memcpy(c->out + HEAD, data, len);
	send_all(c, c->out, HEAD + len);
}

/* The response to a command, written at p; its length. */
static size_t
respond(const uint8_t *cmd, size_t len, uint8_t *p)
{
	size_t n = 0;

	if (len >= 5 && cmd[1] == 0xec)
		n = (size_t)cmd[2] << 16 | (size_t)cmd[3] << 8 | cmd[4];
	p[n] = 0x90;
	p[n + 1] = 0x00;
	return n + 2;
}

/* Takes one message off the front of c->in; returns what is left. */
static size_t
take(struct card *c, size_t have, size_t *out_len)
{
	have = recv_until(c, have, HEAD);
	*out_len = HEAD + get32(c->in + 8);
	return recv_until(c, have, *out_len);
}

static void
answer(struct card *c, size_t len)
{
	uint32_t id = get32(c->in + 4);
	uint8_t done[1 + ATR_LEN] = {0};
	size_t n;

	switch (get32(c->in)) {
	case APDU:
		n = respond(c->in + HEAD, len - HEAD, c->out + HEAD);
		put32(c->out, APDU);
		put32(c->out + 4, id);
		put32(c->out + 8, (uint32_t)n);
		send_all(c, c->out, HEAD + n);
		break;
	case POWER:
		memcpy(done + 1, atrs[c->swapped], ATR_LEN);
		say(c, DONE, id, done,
		    c->in[HEAD] == VSCARD_POWER_DOWN ? 1 : sizeof(done));
		break;
	case POWER + 1:
		say(c, DONE, id, done, 1);
		break;
	default:
		break;
	}
}

static void
greet(struct card *c)
{
	static const uint8_t magic[12] = {'V', 'S', 'C', 'D', 0, 0, 0, 2};
	uint8_t init[12], size[4];

	memcpy(init, magic, sizeof(init));
	if (c->mode == MODE_EXTENSION)
		put32(init + 8,
		    VSCARD_CAP_POWER | VSCARD_CAP_PROTOCOL | VSCARD_CAP_SIZE);
	else if (c->mode == MODE_POWER)
		put32(init + 8, VSCARD_CAP_POWER);
	say(c, INIT, 0, init, sizeof(init));
	if (c->mode == MODE_EXTENSION) {
		put32(size, VSCARD_APDU_MAX);
		say(c, SIZE, 0xffffffff, size, sizeof(size));
	}
	for (uint32_t i = 0; i < c->readers; i++) {
		say(c, ADD, 0, NULL, 0);
		say(c, ATR, i, atrs[0], ATR_LEN);
	}
}

static void
serve_vscard(struct card *c)
{
	size_t have = 0, len;

	if (c->mode != MODE_RAW)
		greet(c);
	for (;;) {
		have = take(c, have, &len);
		answer(c, len);
		have -= len;
		memmove(c->in, c->in + len, have);
	}
}

static void
serve_vpcd(struct card *c)
{
	size_t have = 0, len, n;

	for (;;) {
		have = recv_until(c, have, 2);
		len = 2 + ((size_t)c->in[0] << 8 | c->in[1]);
		have = recv_until(c, have, len);
		n = 0;
		if (len > 3) {
			n = respond(c->in + 2, len - 2, c->out + 2);
		} else if (c->in[2] == 4) {
			n = ATR_LEN;
			memcpy(c->out + 2, atrs[c->swapped], n);
		}
		c->out[0] = (uint8_t)(n >> 8);
		c->out[1] = (uint8_t)n;
		if (n > 0)
			send_all(c, c->out, n + 2);
		have -= len;
		memmove(c->in, c->in + len, have);
	}
}

static void *
card_main(void *arg)
{
	struct card *c = arg;

	if (c->mode == MODE_VPCD)
		serve_vpcd(c);
	else
		serve_vscard(c);
	return NULL;
}

static int
endpoint_dial(struct endpoint *endpoint)
{
	bool done;
	int fd;

	if (dial_start(endpoint, &fd, &done) < 0)
		die("connect");
	if (!done) {
		struct pollfd ready = {.fd = fd, .events = POLLOUT};

		poll(&ready, 1, -1);
	}
	if (dial_finish(fd) < 0)
		die("connect");
	return fd;
}

static void
card_start(struct card *c)
{
	if (c->fd < 0)
		c->fd = endpoint_dial(c->endpoint);
	if (pthread_create(&c->thread, NULL, card_main, c) != 0)
		die("thread");
}

static void
card_stop(struct card *c)
{
	__atomic_store_n(&c->leaving, true, __ATOMIC_RELAXED);
	shutdown(c->fd, SHUT_RDWR);
	pthread_join(c->thread, NULL);
	close(c->fd);
	c->fd = -1;
	__atomic_store_n(&c->leaving, false, __ATOMIC_RELAXED);
}

static size_t
put_gone(uint8_t *p)
{
	put32(p, GONE);
	put32(p + 4, 0);
	put32(p + 8, 0);
	return HEAD;
}

static size_t
put_atr(struct card *c, uint8_t *p)
{
	put32(p, ATR);
	put32(p + 4, 0);
	put32(p + 8, ATR_LEN);
	memcpy(p + HEAD, atrs[c->swapped], ATR_LEN);
	return HEAD + ATR_LEN;
}

/* Written from this thread: the card's own is asleep meanwhile. */
static void
steer_messages(struct card *c, bool remove, bool insert)
{
	uint8_t msg[2 * HEAD + ATR_LEN];
	size_t len = 0;

	if (remove)
		len += put_gone(msg);
	if (insert)
		len += put_atr(c, msg + len);
	send_all(c, msg, len);
}

static void
steer(struct card *c, const char *line)
{
	bool swap = strncmp(line, "swap", 4) == 0;
	bool remove = swap || strncmp(line, "remove", 6) == 0;
	bool insert = swap || !remove;

	c->swapped ^= swap;
	if (c->mode < MODE_RAW) {
		steer_messages(c, remove, insert);
		return;
	}
	if (remove)
		card_stop(c);
	if (insert)
		card_start(c);
}

/* All cards; the first is lent for steering. */
static struct card *
cards_start(enum mode mode, const char *where, unsigned count, unsigned readers)
{
	struct endpoint *endpoints = calloc(count, sizeof(*endpoints));
	struct card *cards = calloc(count, sizeof(*cards));

	if (endpoints == NULL || cards == NULL)
		die("memory");
	for (unsigned i = 0; i < count; i++) {
		cards[i].mode = mode;
		cards[i].readers = readers;
		cards[i].endpoint = &endpoints[i];
		if (endpoint_get(where, &endpoints[i], NULL) < 0)
			exit(2);
		cards[i].fd =
		    endpoints[i].kind == ENDPOINT_FD ? endpoints[i].fd : -1;
		if (mode == MODE_VPCD) /* a port a slot */
			endpoints[i].port += (uint16_t)i;
		card_start(&cards[i]);
	}
	return cards;
}

int
main(int argc, char *argv[])
{
	static const char *const modes[] = {
	    "vscard", "extension", "power", "raw", "vpcd"};
	struct card *cards;
	FILE *fifo;
	unsigned mode = 0;
	char line[64];

	if (argc < 5)
		return 2;
	while (mode < MODE_VPCD && strcmp(argv[1], modes[mode]) != 0)
		mode++;
	cards = cards_start((enum mode)mode, argv[2], (unsigned)atoi(argv[3]),
	    (unsigned)atoi(argv[4]));
	/* For writing too: so it does not end when a writer does. */
	fifo = argc > 5 ? fopen(argv[5], "r+") : NULL;
	while (fifo != NULL && fgets(line, sizeof(line), fifo) != NULL)
		steer(cards, line);
	pause();
	return 0;
}
