/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fakes/relay.h"

#include <arpa/inet.h>
#include <check.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/hex.h"

enum { LIST_MAX = 1 << 18, SHOWN = 64, COUNTED_TYPES = 64 };

/* One direction: bytes pass, and are gathered into messages. */
struct lane {
	char mark;
	int from;
	int to;
	uint8_t message[SCRIPT_HEADER + SCRIPT_PAYLOAD_MAX];
	size_t have;
	unsigned counts[COUNTED_TYPES];
	size_t longest;
};

struct relay {
	char host[256];
	int listener;
	int stop; /* eventfd */
	pthread_t thread;
	pthread_mutex_t mutex; /* counts and list */
	pthread_cond_t changed;
	struct lane up;   /* client to host */
	struct lane down; /* host to client */
	char *list;
	size_t list_len;
};

static uint32_t
be32(const uint8_t *p)
{
	uint32_t value;

	memcpy(&value, p, 4);
	return ntohl(value);
}

static void
note(struct relay *relay, struct lane *lane, size_t len)
{
	char hex[2 * SHOWN + 1];
	uint32_t type = be32(lane->message);
	size_t left = LIST_MAX - relay->list_len;
	int n;

	(void)pthread_mutex_lock(&relay->mutex);
	n = snprintf(relay->list + relay->list_len, left, "%c %u %x %s\n",
	    lane->mark, type, be32(lane->message + 4),
	    hex_put(hex, sizeof(hex), lane->message + SCRIPT_HEADER, len));
	if (n > 0 && (size_t)n < left)
		relay->list_len += (size_t)n;
	lane->counts[type % COUNTED_TYPES]++;
	lane->longest = len > lane->longest ? len : lane->longest;
	(void)pthread_cond_broadcast(&relay->changed);
	(void)pthread_mutex_unlock(&relay->mutex);
}

/* Notes and drops the whole messages at the front of what was gathered. */
static void
split(struct relay *relay, struct lane *lane)
{
	size_t len, whole;

	while (lane->have >= SCRIPT_HEADER) {
		len = be32(lane->message + 8);
		whole = SCRIPT_HEADER + len;
		if (len > SCRIPT_PAYLOAD_MAX)
			script_fail(HERE, "relay: message of %zu bytes", len);
		if (lane->have < whole)
			return;
		note(relay, lane, len);
		lane->have -= whole;
		memmove(lane->message, lane->message + whole, lane->have);
	}
}

/* False at the end of the stream. What is passed on has been noted before. */
static bool
pass(struct relay *relay, struct lane *lane)
{
	size_t room = sizeof(lane->message) - lane->have;
	uint8_t bytes[4096];
	ssize_t n = recv(lane->from, bytes,
	    room < sizeof(bytes) ? room : sizeof(bytes), 0);

	if (n <= 0)
		return false;
	memcpy(lane->message + lane->have, bytes, (size_t)n);
	lane->have += (size_t)n;
	split(relay, lane);
	return send(lane->to, bytes, (size_t)n, MSG_NOSIGNAL) == n;
}

static void
pump(struct relay *relay, int client, int host)
{
	struct pollfd pollers[3] = {{.fd = client, .events = POLLIN},
	    {.fd = host, .events = POLLIN},
	    {.fd = relay->stop, .events = POLLIN}};
	bool open = true;

	relay->up.from = relay->down.to = client;
	relay->up.to = relay->down.from = host;
	relay->up.have = relay->down.have = 0;
	while (open && poll(pollers, 3, -1) > 0 && pollers[2].revents == 0) {
		if (pollers[0].revents != 0)
			open = pass(relay, &relay->up);
		if (open && pollers[1].revents != 0)
			open = pass(relay, &relay->down);
	}
}

static void *
relay_run(void *arg)
{
	struct relay *relay = arg;
	struct pollfd pollers[2] = {{.fd = relay->listener, .events = POLLIN},
	    {.fd = relay->stop, .events = POLLIN}};
	int client, host;

	while (poll(pollers, 2, -1) > 0 && pollers[1].revents == 0) {
		client = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC);
		if (client < 0)
			continue;
		host = script_try_dial(relay->host);
		if (host >= 0) {
			pump(relay, client, host);
			(void)close(host);
		}
		(void)close(client);
	}
	return NULL;
}

struct relay *
relay_new(const char *listen_at, const char *host)
{
	struct relay *relay = calloc(1, sizeof(*relay));
	pthread_condattr_t attr;

	if (relay == NULL || (relay->list = calloc(1, LIST_MAX)) == NULL)
		script_fail(HERE, "no memory");
	(void)snprintf(relay->host, sizeof(relay->host), "%s", host);
	relay->up.mark = '>';
	relay->down.mark = '<';
	relay->listener = script_listen(listen_at);
	relay->stop = eventfd(0, EFD_CLOEXEC);
	(void)pthread_mutex_init(&relay->mutex, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&relay->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (pthread_create(&relay->thread, NULL, relay_run, relay) != 0)
		script_fail(HERE, "pthread_create");
	return relay;
}

void
relay_free(struct relay **relay)
{
	const uint64_t one = 1;

	(void)!write((*relay)->stop, &one, sizeof(one));
	(void)pthread_join((*relay)->thread, NULL);
	(void)close((*relay)->listener);
	(void)close((*relay)->stop);
	(void)pthread_cond_destroy(&(*relay)->changed);
	(void)pthread_mutex_destroy(&(*relay)->mutex);
	free((*relay)->list);
	free(*relay);
	*relay = NULL;
}

void
relay_wait_at(const char *here, struct relay *relay, char direction,
    uint32_t type, unsigned n)
{
	struct timespec until = clock_spec(clock_after(SCRIPT_DEADLINE));
	struct lane *lane = direction == '>' ? &relay->up : &relay->down;
	unsigned have;
	int rc = 0;

	(void)pthread_mutex_lock(&relay->mutex);
	while ((have = lane->counts[type % COUNTED_TYPES]) < n && rc == 0)
		rc = pthread_cond_timedwait(&relay->changed, &relay->mutex,
		    &until);
	if (have < n)
		script_fail(here, "%c type %u: expected %u, have %u after\n%s",
		    direction, type, n, have, relay->list);
	(void)pthread_mutex_unlock(&relay->mutex);
}

size_t
relay_longest(struct relay *relay, char direction)
{
	size_t longest;

	(void)pthread_mutex_lock(&relay->mutex);
	longest = direction == '>' ? relay->up.longest : relay->down.longest;
	(void)pthread_mutex_unlock(&relay->mutex);
	return longest;
}

char *
relay_text(struct relay *relay)
{
	char *text;

	(void)pthread_mutex_lock(&relay->mutex);
	text = strdup(relay->list);
	(void)pthread_mutex_unlock(&relay->mutex);
	if (text == NULL)
		script_fail(HERE, "no memory");
	return text;
}
