/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other end of the benchmark: as fast a card as C can make it, so that
 * what is measured is the driver. One process, one thread a connection.
 *
 *	bench_card vscard|extension|raw|vpcd ENDPOINT CONNECTIONS READERS
 *
 * vscard greets as a stock client, extension as ours; raw says nothing first
 * (the floor); vpcd speaks the other protocol. READERS are on each connection.
 * A command whose INS is EC asks for the response's length in its next three
 * bytes; any other is answered 90 00. A line on standard input says
 * "remove" or "insert" for the first reader, answered on standard output.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/dial.h"
#include "net/stream.h"
#include "vscard/vscard.h"

enum { ROOM = 80000, HEAD = 12 };

enum mode { MODE_VSCARD, MODE_EXTENSION, MODE_RAW, MODE_VPCD };

/* Message types on the wire. */
enum { INIT = 1, ERROR_ = 2, ADD = 3, REMOVE = 4, ATR = 5, GONE = 6,
	APDU = 7, SIZE = 0x40, INSTANCE = 0x41, POWER = 0x43, DONE = 0x45 };

static const uint8_t card_atr[] = {0x3b, 0x80, 0x80, 0x01, 0x01};

struct card {
	pthread_t thread;
	enum mode mode;
	int fd;
	unsigned readers;
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

static void
send_all(int fd, const uint8_t *p, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n <= 0)
			exit(0); /* the host has gone: the run is over */
		p += n;
		len -= (size_t)n;
	}
}

/* Reads until at least `want` bytes are in the room. */
static size_t
recv_until(int fd, uint8_t *room, size_t have, size_t want)
{
	while (have < want) {
		ssize_t n = recv(fd, room + have, ROOM - have, 0);

		if (n <= 0)
			exit(0);
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
	send_all(c->fd, c->out, HEAD + len);
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
	have = recv_until(c->fd, c->in, have, HEAD);
	*out_len = HEAD + get32(c->in + 8);
	return recv_until(c->fd, c->in, have, *out_len);
}

static void
answer(struct card *c, size_t len)
{
	uint32_t id = get32(c->in + 4);
	uint8_t done[1 + sizeof(card_atr)] = {0};
	size_t n;

	switch (get32(c->in)) {
	case APDU:
		n = respond(c->in + HEAD, len - HEAD, c->out + HEAD);
		put32(c->out, APDU);
		put32(c->out + 4, id);
		put32(c->out + 8, (uint32_t)n);
		send_all(c->fd, c->out, HEAD + n);
		break;
	case POWER:
		memcpy(done + 1, card_atr, sizeof(card_atr));
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
		put32(init + 8, VSCARD_CAP_POWER | VSCARD_CAP_PROTOCOL |
		    VSCARD_CAP_SIZE);
	say(c, INIT, 0, init, sizeof(init));
	if (c->mode == MODE_EXTENSION) {
		put32(size, VSCARD_APDU_MAX);
		say(c, SIZE, 0xffffffff, size, sizeof(size));
	}
	for (uint32_t i = 0; i < c->readers; i++) {
		say(c, ADD, 0, NULL, 0);
		say(c, ATR, i, card_atr, sizeof(card_atr));
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
		have = recv_until(c->fd, c->in, have, 2);
		len = 2 + ((size_t)c->in[0] << 8 | c->in[1]);
		have = recv_until(c->fd, c->in, have, len);
		n = 0;
		if (len > 3) {
			n = respond(c->in + 2, len - 2, c->out + 2);
		} else if (c->in[2] == 4) {
			n = sizeof(card_atr);
			memcpy(c->out + 2, card_atr, n);
		}
		c->out[0] = (uint8_t)(n >> 8);
		c->out[1] = (uint8_t)n;
		if (n > 0)
			send_all(c->fd, c->out, n + 2);
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

static struct card *
card_start(enum mode mode, struct endpoint *endpoint, unsigned readers)
{
	struct card *c = calloc(1, sizeof(*c));
	bool done;

	if (c == NULL || dial_start(endpoint, &c->fd, &done) < 0)
		die("connect");
	if (!done) {
		fd_set set;

		FD_ZERO(&set);
		FD_SET(c->fd, &set);
		select(c->fd + 1, NULL, &set, NULL, NULL);
	}
	if (dial_finish(c->fd) < 0)
		die("connect");
	c->mode = mode;
	c->readers = readers;
	if (pthread_create(&c->thread, NULL, card_main, c) != 0)
		die("thread");
	return c;
}

/* Written from this thread: the card's own is asleep meanwhile. */
static void
steer(struct card *c, const char *line)
{
	uint8_t msg[HEAD + sizeof(card_atr)] = {0};
	size_t len = 0;

	if (strncmp(line, "remove", 6) == 0) {
		put32(msg, GONE);
	} else {
		len = sizeof(card_atr);
		put32(msg, ATR);
		memcpy(msg + HEAD, card_atr, len);
	}
	put32(msg + 8, (uint32_t)len);
	send_all(c->fd, msg, HEAD + len);
}

int
main(int argc, char *argv[])
{
	static const char *const modes[] = {"vscard", "extension", "raw",
	    "vpcd"};
	struct endpoint endpoint;
	struct card *first = NULL, *c;
	unsigned mode = 0;
	char line[64];

	if (argc != 5 || endpoint_get(argv[2], &endpoint, NULL) < 0)
		return 2;
	while (mode < 3 && strcmp(argv[1], modes[mode]) != 0)
		mode++;
	for (int i = 0; i < atoi(argv[3]); i++) {
		c = card_start(
		    (enum mode)mode, &endpoint, (unsigned)atoi(argv[4]));
		if (first == NULL)
			first = c;
		endpoint.port++; /* vpcd: a port a slot */
		if (mode != MODE_VPCD)
			endpoint.port--;
	}
	while (first != NULL && fgets(line, sizeof(line), stdin) != NULL)
		steer(first, line);
	pause();
	return 0;
}
