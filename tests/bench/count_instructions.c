/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What instructions.sh runs under callgrind, which writes down the cost of
 * each call of carry() by itself. Printed are how many APDUs such a call
 * carries, how many calls a case has, and the cases.
 *
 *	count_instructions BENCH_CARD [CASE]
 *
 * "session": a host's and a client's session of libvscard in this process,
 * one APDU through both and its response back. "driver": IFDHTransmitToICC of
 * the driver, over a Unix socket; the card is a process of its own, which is not
 * counted.
 */
#include <ifdhandler.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vscard/vscard.h"

enum {
	APDUS = 50,
	CALLS = 3,
	LUN = 0,
	PATIENCE_MS = 3000,
	ROOM = VSCARD_APDU_MAX,
	STATUS_WORD = 2
};

/* Both ends of a connection that needs no socket. */
struct pair {
	struct vscard_session *host, *client;
	unsigned reader;
};

struct scene {
	struct pair pair;
	uint8_t command[ROOM], response[ROOM];
};

struct count_case {
	const char *name;
	void (*exchange)(struct scene *, size_t command, size_t response);
	size_t command, response;
};

void carry(struct scene *, const struct count_case *);

extern char **environ;

static void
must(bool well, const char *what)
{
	if (well)
		return;
	fprintf(stderr, "count_instructions: %s\n", what);
	exit(1);
}

/* --- sessions --------------------------------------------------------- */

/* As a receive does: straight into the room that the session lends. */
static bool
move(struct vscard_session *from, struct vscard_session *to)
{
	size_t len, room_len;
	const void *data = vscard_session_pending(from, &len);
	void *room;

	if (data == NULL || vscard_session_space(to, &room, &room_len) < 0)
		return false;
	if (len > room_len)
		len = room_len;
	memcpy(room, data, len);
	vscard_session_sent(from, len);
	vscard_session_fed(to, len);
	return true;
}

/* The next event that is of this type; others are passed over. */
static bool
hear(struct vscard_session *session, enum vscard_event_type type,
    struct vscard_event *out)
{
	while (vscard_session_next(session, out) == 1)
		if (out->type == type)
			return true;
	return false;
}

/* Moves bytes until one end hears what it is to hear. */
static void
bring(struct vscard_session *from, struct vscard_session *to,
    enum vscard_event_type type, struct vscard_event *out)
{
	while (move(from, to))
		if (hear(to, type, out))
			return;
	must(false, vscard_event_name(type));
}

static void
pair_open(struct pair *pair)
{
	static const uint8_t atr[] = {0x3b, 0x80, 0x80, 0x01, 0x01};
	struct vscard_limits limits;
	struct vscard_event ev;
	bool ready = false;

	vscard_limits_init(&limits);
	must(vscard_session_new(VSCARD_ROLE_HOST, &limits, &pair->host) == 0 &&
		 vscard_session_new(
		     VSCARD_ROLE_CLIENT, &limits, &pair->client) == 0 &&
		 vscard_session_add_reader(
		     pair->client, "count", &pair->reader) == 0 &&
		 vscard_session_insert_card(
		     pair->client, pair->reader, atr, sizeof(atr)) == 0,
	    "session");
	while (!ready && move(pair->client, pair->host)) {
		while (vscard_session_next(pair->host, &ev) == 1)
			;
		must(move(pair->host, pair->client), "greeting");
		ready = hear(pair->client, VSCARD_EVENT_CARD_READY, &ev);
	}
	must(ready, "card");
}

static void
pair_close(struct pair *pair)
{
	vscard_session_free(&pair->host);
	vscard_session_free(&pair->client);
}

static void
session_exchange(struct scene *scene, size_t command, size_t response)
{
	struct pair *pair = &scene->pair;
	struct vscard_event ev;

	must(vscard_session_send_apdu(pair->host, 0, scene->command, command) ==
		 0,
	    "command");
	bring(pair->host, pair->client, VSCARD_EVENT_APDU, &ev);
	must(vscard_session_send_apdu(pair->client, ev.reader, scene->response,
		 response + STATUS_WORD) == 0,
	    "response");
	bring(pair->client, pair->host, VSCARD_EVENT_APDU, &ev);
	must(ev.len == response + STATUS_WORD, "length");
}

/* --- the driver ------------------------------------------------------- */

/* INS EC asks for a response of the length that follows. */
static void
driver_exchange(struct scene *scene, size_t command, size_t response)
{
	SCARD_IO_HEADER send = {.Protocol = 0}, recv = {.Protocol = 0};
	DWORD len = ROOM;

	scene->command[1] = 0xec;
	scene->command[2] = (uint8_t)(response >> 16);
	scene->command[3] = (uint8_t)(response >> 8);
	scene->command[4] = (uint8_t)response;
	must(IFDHTransmitToICC(LUN, send, scene->command, command,
		 scene->response, &len, &recv) == IFD_SUCCESS,
	    "transmit");
	must(len == response + STATUS_WORD, "length");
}

static void
driver_await_card(void)
{
	RESPONSECODE (*poll)(DWORD, int);
	DWORD len = sizeof(poll);
	unsigned turns = 20;

	must(IFDHGetCapabilities(LUN, TAG_IFD_POLLING_THREAD_WITH_TIMEOUT, &len,
		 (PUCHAR)&poll) == IFD_SUCCESS,
	    "polling");
	while (IFDHICCPresence(LUN) != IFD_ICC_PRESENT)
		must(turns-- > 0 && poll(LUN, PATIENCE_MS) == IFD_SUCCESS,
		    "card");
	must(IFDHSetProtocolParameters(LUN, SCARD_PROTOCOL_T0, 0, 0, 0, 0) ==
		 IFD_SUCCESS,
	    "protocol");
}

static pid_t
driver_open(char *program, const char *dir)
{
	char endpoint[80], mode[] = "extension", one[] = "1";
	char *argv[] = {program, mode, endpoint, one, one, NULL};
	pid_t pid;

	snprintf(endpoint, sizeof(endpoint), "unix:%s/socket", dir);
	must(IFDHCreateChannelByName(LUN, endpoint) == IFD_SUCCESS &&
		 IFDHICCPresence(LUN) == IFD_ICC_NOT_PRESENT,
	    "channel");
	must(posix_spawn(&pid, program, NULL, NULL, argv, environ) == 0,
	    program);
	driver_await_card();
	return pid;
}

static void
driver_close(pid_t pid)
{
	must(IFDHCloseChannel(LUN) == IFD_SUCCESS, "close");
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
}

/* --- the cases -------------------------------------------------------- */

static const struct count_case cases[] = {
    {"session 5 B", session_exchange, 5, 0},
    {"session 256 B", session_exchange, 256, 256},
    {"session 64 KiB", session_exchange, 65000, 65000},
    {"driver 5 B", driver_exchange, 5, 0},
    {"driver 256 B", driver_exchange, 256, 256},
    {"driver 64 KiB command", driver_exchange, 65000, 0},
    {"driver 64 KiB response", driver_exchange, 5, 65000},
};

__attribute__((noinline)) void
carry(struct scene *scene, const struct count_case *c)
{
	for (unsigned i = 0; i < APDUS; i++)
		c->exchange(scene, c->command, c->response);
}

int
main(int argc, char *argv[])
{
	struct scene *scene = calloc(1, sizeof(*scene));
	char dir[] = "/tmp/vscard-count-XXXXXX";
	pid_t card;

	/* The driver's control socket: nowhere. */
	must(setenv("VSCARD_CONTROL", "", 1) == 0, "environment");
	must((argc == 2 || argc == 3) && scene != NULL && mkdtemp(dir) != NULL,
	    "usage");
	pair_open(&scene->pair);
	card = driver_open(argv[1], dir);
	printf("%d %d\n", APDUS, CALLS);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (argc == 3 && strcmp(argv[2], cases[i].name) != 0)
			continue;
		puts(cases[i].name);
		for (unsigned n = 0; n < CALLS; n++)
			carry(scene, &cases[i]);
	}
	driver_close(card);
	pair_close(&scene->pair);
	rmdir(dir);
	free(scene);
	return 0;
}
