/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything at once, as pcscd does it: a status thread and an application
 * thread a slot, peers that come, go and swap cards, and a close in the
 * middle. Run it under ThreadSanitizer. VSCARD_TEST_ROUNDS makes it longer.
 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>

#include "tests/ifd/card_peer.h"
#include "tests/ifd/host.h"

enum { SLOTS = 4, READERS = 2, COMMANDS = 400, TRIES = 40000, CHANGES = 60 };

struct app {
	pthread_t thread;
	DWORD lun;
	unsigned seed;
	unsigned answered; /* commands that went well */
	bool wrong;        /* an answer was another command's */
};

static struct {
	int port;
	bool closing; /* atomic */
} stage;

static bool
is_closing(void)
{
	return __atomic_load_n(&stage.closing, __ATOMIC_ACQUIRE);
}

/* Small, and the same on every machine. */
static unsigned
draw(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16) % below;
}

static void *
status_main(void *arg)
{
	DWORD lun = HOST_LUN + (DWORD)(uintptr_t)arg, len;
	uint8_t atr[MAX_ATR_SIZE];

	while (!is_closing()) {
		if (IFDHICCPresence(lun) == IFD_ICC_PRESENT)
			host_power(lun, IFD_POWER_UP, atr, &len);
		host_poll(lun, 5000);
	}
	return NULL;
}

static void
app_transmit(struct app *app)
{
	uint8_t cmd[64], out[80];
	DWORD len = sizeof(out);
	size_t n = 5 + draw(&app->seed, sizeof(cmd) - 5);

	cmd[0] = CARD_ECHO;
	for (size_t i = 1; i < n; i++)
		cmd[i] = (uint8_t)draw(&app->seed, 256);
	if (host_transmit(app->lun, cmd, n, out, &len) != IFD_SUCCESS) {
		sched_yield();
		return;
	}
	if (len != n + 2 || memcmp(cmd, out, n) != 0)
		app->wrong = true;
	app->answered++;
}

static void
app_big(struct app *app)
{
	static const uint8_t cmd[5] = {CARD_GROW, 0, 1, 0, 0};
	uint8_t *out = malloc(66000);
	DWORD len = 66000;

	if (out != NULL &&
	    host_transmit(app->lun, cmd, 5, out, &len) == IFD_SUCCESS &&
	    len != 0x100 * 256 + 2)
		app->wrong = true;
	free(out);
}

static void *
app_main(void *arg)
{
	struct app *app = arg;
	uint8_t atr[MAX_ATR_SIZE];
	DWORD len;

	/* Failures are to be expected: there may be no card just now. */
	for (int i = 0; i < TRIES && app->answered < COMMANDS; i++) {
		switch (draw(&app->seed, 40)) {
		case 0:
			host_power(app->lun, IFD_RESET, atr, &len);
			host_disconnect(app->lun);
			break;
		case 1:
			host_max_apdu(app->lun);
			break;
		case 2:
			host_connect(app->lun);
			break;
		case 3:
			app_big(app);
			break;
		default:
			app_transmit(app);
		}
	}
	return NULL;
}

/* A peer whose cards and readers are never still for long. */
static void *
peer_main(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg, readers[READERS] = {0};
	struct card_peer *peer = card_peer_new(stage.port, seed % 2 == 0);

	/* Nobody listens any more once the round is over. */
	if (peer == NULL)
		return NULL;
	for (int i = 0; i < READERS; i++)
		if (card_peer_add(peer, "x", &readers[i]) == 0)
			card_peer_insert(peer, readers[i], 1);
	for (int i = 0; i < CHANGES && !is_closing() && peer != NULL; i++) {
		unsigned at = draw(&seed, READERS);

		switch (draw(&seed, 4)) {
		case 0:
			card_peer_swap(peer, readers[at], (uint8_t)i);
			break;
		case 1:
			card_peer_eject(peer, readers[at]);
			card_peer_insert(peer, readers[at], (uint8_t)i);
			break;
		case 2:
			card_peer_remove(peer, readers[at]);
			if (card_peer_add(peer, "y", &readers[at]) == 0)
				card_peer_insert(peer, readers[at], 2);
			break;
		default:
			card_peer_free(peer);
			peer = card_peer_new(stage.port, seed % 3 == 0);
			for (int k = 0; peer != NULL && k < READERS; k++)
				if (card_peer_add(peer, "z", &readers[k]) == 0)
					card_peer_insert(peer, readers[k], 3);
		}
	}
	return peer;
}

static void
run(pthread_t *thread, void *(*fn)(void *), void *arg)
{
	ck_assert_int_eq(pthread_create(thread, NULL, fn, arg), 0);
}

/* Closes the slots while the applications are busy, or after them. */
static void
round_end(struct app *apps, pthread_t *status, bool early)
{
	for (int i = 0; !early && i < SLOTS; i++)
		pthread_join(apps[i].thread, NULL);
	__atomic_store_n(&stage.closing, true, __ATOMIC_RELEASE);
	host_close(SLOTS);
	for (int i = 0; i < SLOTS; i++) {
		if (early)
			pthread_join(apps[i].thread, NULL);
		pthread_join(status[i], NULL);
		ck_assert(!apps[i].wrong);
	}
}

static unsigned
round_run(unsigned round)
{
	struct app apps[SLOTS];
	pthread_t status[SLOTS], peers[2];
	unsigned answered = 0;
	void *peer;

	stage.port = host_port();
	__atomic_store_n(&stage.closing, false, __ATOMIC_RELEASE);
	host_open(stage.port, SLOTS, "apdu_timeout = 30\n");
	for (unsigned i = 0; i < 2; i++)
		run(&peers[i], peer_main, (void *)(uintptr_t)(round * 2 + i));
	for (unsigned i = 0; i < SLOTS; i++) {
		apps[i] = (struct app){
		    .lun = HOST_LUN + i, .seed = round * SLOTS + i};
		run(&status[i], status_main, (void *)(uintptr_t)i);
		run(&apps[i].thread, app_main, &apps[i]);
	}
	/* The peers have had their say before a slow round ends. */
	if (round % 2 == 0)
		for (int i = 0; i < 2; i++)
			pthread_join(peers[i], (void **)&peer),
			    card_peer_free(peer);
	round_end(apps, status, round % 4 == 1);
	if (round % 2 != 0)
		for (int i = 0; i < 2; i++)
			pthread_join(peers[i], (void **)&peer),
			    card_peer_free(peer);
	for (int i = 0; i < SLOTS; i++)
		answered += apps[i].answered;
	return answered;
}

START_TEST(answers_are_never_mixed_up)
{
	const char *text = getenv("VSCARD_TEST_ROUNDS");
	unsigned rounds = text != NULL ? (unsigned)atoi(text) : 8;
	unsigned answered = 0;

	for (unsigned i = 0; i < rounds; i++)
		answered += round_run(i);
	/* It would prove nothing if no command had come through. */
	ck_assert_uint_gt(answered, rounds * COMMANDS / 10);
}
END_TEST

/* Four applications at a time on one connection, which share its token. */
START_TEST(one_connection_serves_many)
{
	struct app apps[SLOTS];
	struct card_peer *peer;
	unsigned reader;

	stage.port = host_port();
	host_open(stage.port, SLOTS, NULL);
	peer = card_peer_new(stage.port, false);
	for (unsigned i = 0; i < SLOTS; i++) {
		ck_assert_int_eq(card_peer_add(peer, "", &reader), 0);
		card_peer_insert(peer, reader, 1);
		ck_assert_int_eq(host_await(HOST_LUN + i, IFD_ICC_PRESENT),
		    IFD_ICC_PRESENT);
	}
	for (unsigned i = 0; i < SLOTS; i++) {
		apps[i] = (struct app){.lun = HOST_LUN + i, .seed = i};
		run(&apps[i].thread, app_main, &apps[i]);
	}
	for (unsigned i = 0; i < SLOTS; i++) {
		pthread_join(apps[i].thread, NULL);
		ck_assert(!apps[i].wrong);
		ck_assert_uint_gt(apps[i].answered, COMMANDS / 2);
	}
	card_peer_free(peer);
	host_close(SLOTS);
}
END_TEST

UNIT_SUITE("threads", one_connection_serves_many, answers_are_never_mixed_up)
