/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The application of the counts: it does as much as it is told, and says when.
 *
 *	count_pc READERS
 *
 * It waits for cards in that many readers, connects to them all, and says
 * "ready". A line "COUNT COMMAND RESPONSE" on standard input lets it transmit
 * COUNT commands of so many bytes on each reader, one after the other, and say
 * "done"; at the end of input it disconnects and leaves.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>

enum { READERS = 16, ROOM = 70000 };

struct application {
	SCARDCONTEXT context;
	SCARDHANDLE cards[READERS];
	unsigned count;
	uint8_t command[ROOM], response[ROOM];
};

static void
must(LONG rc, const char *what)
{
	if (rc == SCARD_S_SUCCESS)
		return;
	fprintf(stderr, "count_pc: %s: %s\n", what, pcsc_stringify_error(rc));
	exit(1);
}

static void
say(const char *word)
{
	puts(word);
	if (fflush(stdout) != 0)
		exit(1);
}

static SCARDHANDLE
card_connect(SCARDCONTEXT context, const char *name)
{
	SCARD_READERSTATE state = {.szReader = name};
	SCARDHANDLE card;
	DWORD protocol;

	while ((state.dwEventState & SCARD_STATE_PRESENT) == 0) {
		state.dwCurrentState = state.dwEventState;
		must(SCardGetStatusChange(context, 60000, &state, 1), name);
	}
	must(SCardConnect(context, name, SCARD_SHARE_SHARED,
		 SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol),
	    name);
	return card;
}

static void
cards_connect(struct application *app, unsigned wanted)
{
	char names[READERS * 128], *name = names;
	DWORD len = sizeof(names);

	must(SCardListReaders(app->context, NULL, names, &len), "readers");
	for (; *name != '\0' && app->count < wanted; name += strlen(name) + 1)
		app->cards[app->count++] = card_connect(app->context, name);
	if (app->count < wanted)
		must(SCARD_E_UNKNOWN_READER, "readers");
}

/* EC asks the benchmark's card for a response of that length. */
static void
transmit(struct application *app, SCARDHANDLE card, unsigned command,
    unsigned response)
{
	DWORD len = ROOM;

	app->command[1] = 0xec;
	app->command[2] = (uint8_t)(response >> 16);
	app->command[3] = (uint8_t)(response >> 8);
	app->command[4] = (uint8_t)response;
	must(SCardTransmit(card, SCARD_PCI_T1, app->command, command, NULL,
		 app->response, &len),
	    "transmit");
	if (len != response + 2)
		must(SCARD_E_UNEXPECTED, "response");
}

static void
serve(struct application *app)
{
	unsigned count, command, response;

	while (scanf("%u %u %u", &count, &command, &response) == 3) {
		for (unsigned i = 0; i < app->count; i++)
			for (unsigned n = 0; n < count; n++)
				transmit(app, app->cards[i], command, response);
		say("done");
	}
}

int
main(int argc, char *argv[])
{
	struct application *app = calloc(1, sizeof(*app));
	unsigned readers = argc == 2 ? (unsigned)atoi(argv[1]) : 0;

	if (app == NULL || readers == 0 || readers > READERS)
		return 2;
	must(SCardEstablishContext(
		 SCARD_SCOPE_SYSTEM, NULL, NULL, &app->context),
	    "context");
	cards_connect(app, readers);
	say("ready");
	serve(app);
	for (unsigned i = 0; i < app->count; i++)
		SCardDisconnect(app->cards[i], SCARD_LEAVE_CARD);
	SCardReleaseContext(app->context);
	free(app);
	return 0;
}
