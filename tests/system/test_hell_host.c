/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hosts from hell, one kind after the other, at a vscclient that listens: it
 * outlives them, with the memory, the descriptors and the lines of its log
 * that it is allowed, and serves whoever comes next. Another vscclient beside
 * it goes on with its card as before.
 *
 * VSCARD_HELL_MS says how long each attack lasts; see docs/ROBUSTNESS.md.
 */
#include "tests/system/system.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fakes/child.h"
#include "tests/fakes/hell.h"
#include "tests/fakes/stock_host.h"
#include "tests/system/qemu.h"
#include "tests/system/usage.h"

#define ASK "00A40400"
#define ANSWER "6A82"
#define MS INT64_C(1000000)

enum { CALM_MS = 20, ATTACK_MS = 60, TRIES = 5, SAMPLES = 100000 };

/* A client that listens takes the next host after so long. */
enum { PAUSE_MS = 200 };

/* See test_hell.c. */
#define FLOOR_NS (50 * MS)

/* kB. AddressSanitizer keeps what is freed for a while. */
#ifdef __SANITIZE_ADDRESS__
enum { SLACK = 320 * 1024 };
#else
enum { SLACK = 1024 };
#endif

/* kB; answers that nobody reads, 64 readers' worth, once more as they grow. */
enum { HEAP = 16 * 1024 };

static int64_t samples[SAMPLES];

/* --- who is well behaved ----------------------------------------------- */

static void
take_card(int fd)
{
	struct script_message atr;

	stock_host_clear(fd);
	stock_host_add(fd, 0);
	script_take(fd, &atr);
	ck_assert_uint_eq(atr.type, SAY_ATR);
	script_say(fd, SAY_ERROR, 0, SCRIPT_OK);
}

/* A host that comes to a client, and is served. */
static int
visit(const char *endpoint)
{
	int fd = script_dial(endpoint);

	stock_host_greet(fd);
	take_card(fd);
	stock_host_ask(fd, 0, ASK, ANSWER);
	return fd;
}

struct neighbour {
	struct child client;
	int listener;
	int fd;
};

static void
neighbour_start(struct neighbour *n)
{
	n->listener = script_listen(system_socket("host"));
	child_start(&n->client, system_program("vscclient/vscclient"),
	    "--connect", system_socket("host"), "--card", "key");
	n->fd = stock_host_open(n->listener);
	take_card(n->fd);
}

static void
neighbour_end(struct neighbour *n)
{
	child_kill(&n->client, SIGTERM);
	stock_host_leave(n->fd, 0);
	ck_assert_int_eq(child_wait(&n->client), 0);
	(void)close(n->fd);
	(void)close(n->listener);
}

static int
by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Its card's answers for so long: their median. */
static int64_t
latency(struct neighbour *n, int64_t ms)
{
	int64_t since, start = script_ns();
	size_t count = 0;

	do {
		since = script_ns();
		stock_host_ask(n->fd, 0, ASK, ANSWER);
		samples[count++ % SAMPLES] = script_ns() - since;
	} while (script_ns() - start < ms * MS);
	if (count > SAMPLES)
		count = SAMPLES; /* the last ones */
	qsort(samples, count, sizeof(*samples), by_size);
	return samples[count / 2];
}

/* --- the attack -------------------------------------------------------- */

struct victim {
	const struct hell_attack *attack;
	struct child client;
	const char *endpoint;
	struct hell hell;
	int64_t started;
	unsigned files;
	long memory;         /* kB */
	int64_t calm, storm; /* ns */
	long peak;           /* kB; in the end: how much more */
};

static void
victim_start(struct victim *v, const struct hell_attack *attack)
{
	v->attack = attack;
	v->endpoint = qemu_port();
	v->started = script_ns();
	child_start(&v->client, system_program("vscclient/vscclient"),
	    "--listen", v->endpoint, "--card", "key");
	child_says(&v->client, "card inserted");
	v->files = system_open_files(v->client.pid);
	v->memory = (long)usage_memory(v->client.pid);
	v->peak = (long)usage_peak(v->client.pid);
}

static unsigned
times(const char *text, const char *word)
{
	unsigned n = 0;

	while ((text = strstr(text, word)) != NULL) {
		text += strlen(word);
		n++;
	}
	return n;
}

/* A host has come, has taken the reader, has gone; or had no handshake. */
static unsigned
lines_allowed(const struct victim *v)
{
	const char *text = v->client.text;

	return 1 + 3 * times(text, "connected to") +
	       times(text, "no handshake");
}

static unsigned
hosts_allowed(const struct victim *v)
{
	return (unsigned)((script_ns() - v->started) / MS / PAUSE_MS) + 2;
}

static void
show(const struct victim *v, long left, unsigned said)
{
	printf("# %s: %u times; %ld us before, %ld us now (x %.2f);"
	       " %ld kB, %ld kB left; %u lines\n",
	    v->attack->name, hell_rounds(&v->hell), (long)v->calm / 1000,
	    (long)v->storm / 1000, (double)v->storm / (double)v->calm, v->peak,
	    left, said);
	(void)fflush(stdout);
}

/* It serves the next one, holds what it held before, and ends in order. */
static void
victim_end(struct victim *v)
{
	const char *name = v->attack->name;
	unsigned said;
	long left;
	int fd;

	hell_stop(&v->hell);
	fd = visit(v->endpoint);
	left = (long)usage_memory(v->client.pid) - v->memory;
	v->peak = (long)usage_peak(v->client.pid) - v->peak;
	ck_assert_uint_eq(system_open_files(v->client.pid), v->files + 1);
	child_kill(&v->client, SIGTERM);
	stock_host_leave(fd, 0);
	ck_assert_int_eq(child_wait(&v->client), 0);
	(void)close(fd);
	said = times(v->client.text, "\n");
	show(v, left, said);
	ck_assert_msg(v->peak < HEAP + SLACK, "%s: %ld kB", name, v->peak);
	ck_assert_msg(left < SLACK, "%s: grown by %ld kB", name, left);
	ck_assert_msg(said <= lines_allowed(v), "%s: %s", name, v->client.text);
	ck_assert_uint_le(
	    times(v->client.text, "connected to"), hosts_allowed(v));
}

static int64_t
attack_ms(void)
{
	const char *text = getenv("VSCARD_HELL_MS");

	return text != NULL ? atoll(text) : ATTACK_MS;
}

/* Its last rounds may go on while others suffer: they want time, not work. */
static void
suffer(struct victim *v, struct neighbour *n)
{
	v->calm = latency(n, CALM_MS);
	hell_start(&v->hell, v->attack, v->endpoint);
	v->storm = latency(n, attack_ms());
	hell_halt(&v->hell);
}

static bool
is_slow(const struct victim *v)
{
	int64_t floor = getenv("VSCARD_HELL_MS") != NULL ? MS : FLOOR_NS;

	return v->storm > floor && v->storm > 3 * v->calm;
}

/* Other tests run at the same time; what they have spoilt is done again. */
static void
suffer_fairly(struct victim *v, struct neighbour *n)
{
	suffer(v, n);
	for (int i = 1; i < TRIES && is_slow(v); i++) {
		hell_stop(&v->hell);
		suffer(v, n);
	}
	ck_assert_msg(!is_slow(v), "%s: commands take %ld us, not %ld us",
	    v->attack->name, (long)v->storm / 1000, (long)v->calm / 1000);
}

START_TEST(attacked)
{
	struct victim *victims = calloc(hell_hosts_len, sizeof(*victims));
	struct neighbour n;
	unsigned i, count = 0;

	ck_assert_ptr_nonnull(victims);
	neighbour_start(&n);
	for (i = 0; i < hell_hosts_len; i++) {
		if (!hell_is_wanted(&hell_hosts[i]))
			continue;
		victim_start(&victims[count], &hell_hosts[i]);
		suffer_fairly(&victims[count++], &n);
	}
	/* By now each of them waits for a host again. */
	for (i = 0; i < count; i++)
		victim_end(&victims[i]);
	neighbour_end(&n);
	free(victims);
}
END_TEST

SYSTEM_SUITE("hell_host", 0, NULL, false, attacked)
