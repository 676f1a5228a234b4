/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/ready.h"

#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <winscard.h>

#include "run/place.h"
#include "util/log.h"

/* All that a pcscd before 2.5 holds; it does not say so. */
enum { POOR_PCSCD_READERS = 16 };

enum { CONFUSED_TRIES = 100, RETRY_MS = 200 };

struct readers {
	SCARDCONTEXT context;
	char *names; /* libpcsclite's */
	SCARD_READERSTATE *states;
	unsigned count;
};

/* pcscd makes the socket, listens, and last opens it to all with chmod. */
int
ready_watch(void)
{
	int fd, r;

	if ((fd = inotify_init1(IN_CLOEXEC)) < 0)
		return -errno;
	if (inotify_add_watch(fd, PLACE_DIR, IN_CREATE | IN_ATTRIB) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

/*
 * Until something happens, or not for long: on a busy machine pcscd may turn an
 * application away once more after the last thing there is to see.
 */
static int
watch_wait(int watch)
{
	struct pollfd pfd = {.fd = watch, .events = POLLIN};
	char events[4096];
	ssize_t n = poll(&pfd, 1, RETRY_MS);

	if (n > 0)
		n = read(watch, events, sizeof(events));
	return n < 0 && errno != EINTR ? -errno : 0;
}

static int
pcsc_log(const char *what, LONG rv)
{
	log_error("%s: %s", what, pcsc_stringify_error(rv));
	return -EIO;
}

static unsigned
names_count(const char *names)
{
	unsigned n = 0;

	for (; *names != '\0'; names += strlen(names) + 1)
		n++;
	return n;
}

static int
readers_list(struct readers *readers)
{
	DWORD len = SCARD_AUTOALLOCATE;
	LONG rv;

	rv = SCardListReaders(
	    readers->context, NULL, (LPSTR)&readers->names, &len);
	if (rv == SCARD_E_NO_READERS_AVAILABLE)
		return 0;
	if (rv != SCARD_S_SUCCESS)
		return pcsc_log("cannot list the readers", rv);
	readers->count = names_count(readers->names);
	return 0;
}

static void
readers_clear(struct readers *readers)
{
	free(readers->states);
	if (readers->names != NULL)
		SCardFreeMemory(readers->context, readers->names);
	SCardReleaseContext(readers->context);
}

static int
readers_init(struct readers *readers)
{
	LONG rv;
	int r;

	*readers = (struct readers){0};
	rv = SCardEstablishContext(
	    SCARD_SCOPE_SYSTEM, NULL, NULL, &readers->context);
	if (rv == SCARD_E_NO_SERVICE)
		return -EAGAIN;
	if (rv != SCARD_S_SUCCESS)
		return pcsc_log("pcscd does not answer", rv);
	if ((r = readers_list(readers)) < 0)
		readers_clear(readers);
	return r;
}

int
ready_readers(int watch, unsigned expected)
{
	struct readers readers;
	int r;

	while ((r = readers_init(&readers)) == -EAGAIN)
		if ((r = watch_wait(watch)) < 0)
			break;
	if (r < 0)
		return r;
	if (readers.count != expected) {
		log_error("pcscd has %u of %u readers%s", readers.count,
		    expected,
		    expected <= POOR_PCSCD_READERS
			? ""
			: " (before 2.5 it holds no more than 16)");
		r = -ENODEV;
	}
	readers_clear(&readers);
	return r;
}

static int
states_init(struct readers *readers)
{
	const char *name = readers->names;

	readers->states = calloc(readers->count + 1, sizeof(*readers->states));
	if (readers->states == NULL) {
		log_error("no memory");
		return -ENOMEM;
	}
	for (unsigned i = 0; i < readers->count; i++) {
		readers->states[i].szReader = name;
		name += strlen(name) + 1;
	}
	return 0;
}

/* Counts the cards and takes the states as known. */
static unsigned
states_present(struct readers *readers)
{
	unsigned n = 0;

	for (unsigned i = 0; i < readers->count; i++) {
		SCARD_READERSTATE *state = &readers->states[i];

		if (state->dwEventState & SCARD_STATE_PRESENT)
			n++;
		state->dwCurrentState = state->dwEventState;
	}
	return n;
}

/*
 * The library of 2.5 takes an event that comes between its questions to pcscd
 * for an answer: readers seem to be unknown, or the error is no error's number.
 * It may be in step again after that, or never.
 */
static bool
is_confused(LONG rv, const struct readers *readers)
{
	for (unsigned i = 0; rv == SCARD_S_SUCCESS && i < readers->count; i++)
		if (readers->states[i].dwEventState & SCARD_STATE_UNKNOWN)
			return true;
	return rv == SCARD_E_UNKNOWN_READER ||
	       rv == SCARD_E_UNSUPPORTED_FEATURE || (rv > 0 && rv < 0x100);
}

/* A reader that has really gone is found out in the end. */
static LONG
states_next(struct readers *readers)
{
	unsigned tries = CONFUSED_TRIES;
	LONG rv;

	for (;;) {
		rv = SCardGetStatusChange(readers->context, INFINITE,
		    readers->states, readers->count);
		if (!is_confused(rv, readers))
			return rv;
		if (--tries == 0)
			return SCARD_E_UNKNOWN_READER;
		SCardReleaseContext(readers->context);
		rv = SCardEstablishContext(
		    SCARD_SCOPE_SYSTEM, NULL, NULL, &readers->context);
		if (rv != SCARD_S_SUCCESS)
			return rv;
	}
}

static int
cards_wait(struct readers *readers, unsigned cards)
{
	LONG rv;

	do {
		rv = states_next(readers);
		if (rv != SCARD_S_SUCCESS)
			return pcsc_log("cannot wait for the cards", rv);
	} while (states_present(readers) < cards);
	return 0;
}

int
ready_cards(unsigned cards)
{
	struct readers readers;
	int r;

	if ((r = readers_init(&readers)) == -EAGAIN) {
		log_error("pcscd has gone");
		return r;
	}
	if (r < 0)
		return r;
	if ((r = states_init(&readers)) == 0)
		r = cards_wait(&readers, cards);
	readers_clear(&readers);
	return r;
}
