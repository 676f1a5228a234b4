/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fakes/pcsc_watch.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/clock.h"
#include "util/hex.h"

enum { EVENTS_MAX = 4096 };

struct pcsc_watch {
	unsigned readers;
	SCARD_READERSTATE states[PCSC_WATCH_READERS]; /* the thread's */
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct pcsc_event events[EVENTS_MAX];
	size_t count;
	size_t taken[PCSC_WATCH_READERS]; /* index into events, by reader */
	struct pcsc_event last[PCSC_WATCH_READERS]; /* taken, by reader */
	LONG failure;                     /* of SCardGetStatusChange */
};

const char *
pcsc_watch_name(unsigned reader)
{
	static const char *const names[PCSC_WATCH_READERS] = {"vscard 00 00",
	    "vscard 00 01", "vscard 00 02", "vscard 00 03", "vscard 00 04",
	    "vscard 00 05", "vscard 00 06", "vscard 00 07", "vscard 00 08",
	    "vscard 00 09", "vscard 00 0A", "vscard 00 0B", "vscard 00 0C",
	    "vscard 00 0D", "vscard 00 0E", "vscard 00 0F"};

	return names[reader];
}

static void
state_text(const SCARD_READERSTATE *state, char *out)
{
	char hex[2 * MAX_ATR_SIZE + 1];

	if (state->dwEventState & SCARD_STATE_UNAVAILABLE)
		(void)snprintf(out, PCSC_WATCH_TEXT, "detached");
	else if (state->dwEventState & SCARD_STATE_MUTE)
		(void)snprintf(out, PCSC_WATCH_TEXT, "mute");
	else if (state->dwEventState & SCARD_STATE_PRESENT)
		(void)snprintf(out, PCSC_WATCH_TEXT, "card %s",
		    hex_put(hex, sizeof(hex), state->rgbAtr, state->cbAtr));
	else if (state->dwEventState & SCARD_STATE_EMPTY)
		(void)snprintf(out, PCSC_WATCH_TEXT, "empty");
	else
		(void)snprintf(out, PCSC_WATCH_TEXT, "state %lx",
		    (unsigned long)state->dwEventState);
}

static const struct pcsc_event *
last_of(const struct pcsc_watch *watch, unsigned reader)
{
	size_t i;

	for (i = watch->count; i > 0; i--)
		if (watch->events[i - 1].reader == reader)
			return &watch->events[i - 1];
	return NULL;
}

static void
record(struct pcsc_watch *watch, unsigned reader, int64_t ns)
{
	const struct pcsc_event *last = last_of(watch, reader);
	struct pcsc_event event = {.reader = reader, .ns = ns};

	event.counter = (unsigned)(watch->states[reader].dwEventState >> 16);
	state_text(&watch->states[reader], event.text);
	if (last != NULL && last->counter == event.counter &&
	    strcmp(last->text, event.text) == 0)
		return;
	if (watch->count == EVENTS_MAX)
		script_fail(HERE, "pcsc_watch is full");
	watch->events[watch->count++] = event;
}

static void
record_all(struct pcsc_watch *watch, int64_t ns)
{
	unsigned reader;

	(void)pthread_mutex_lock(&watch->mutex);
	for (reader = 0; reader < watch->readers; reader++) {
		record(watch, reader, ns);
		watch->states[reader].dwCurrentState =
		    watch->states[reader].dwEventState;
	}
	(void)pthread_cond_broadcast(&watch->changed);
	(void)pthread_mutex_unlock(&watch->mutex);
}

/* The readers are there all the time. */
static bool
is_confused(LONG rv, const SCARD_READERSTATE *states, DWORD count)
{
	DWORD i;

	for (i = 0; rv == SCARD_S_SUCCESS && i < count; i++)
		if (states[i].dwEventState & SCARD_STATE_UNKNOWN)
			return true;
	return rv == SCARD_E_UNKNOWN_READER ||
	    rv == SCARD_E_UNSUPPORTED_FEATURE || (rv > 0 && rv < 0x100);
}

LONG
pcsc_watch_wait(SCARDCONTEXT *inout_context, DWORD timeout,
    SCARD_READERSTATE *states, DWORD count)
{
	unsigned tries = 100;
	LONG rv;

	for (;;) {
		rv = SCardGetStatusChange(*inout_context, timeout, states,
		    count);
		if (!is_confused(rv, states, count) || --tries == 0)
			return rv;
		(void)SCardReleaseContext(*inout_context);
		rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL,
		    inout_context);
		if (rv != SCARD_S_SUCCESS)
			return rv;
	}
}

static void *
watch_run(void *arg)
{
	struct pcsc_watch *watch = arg;
	SCARDCONTEXT context;
	LONG rv;

	rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
	while (rv == SCARD_S_SUCCESS || rv == (LONG)SCARD_E_TIMEOUT) {
		rv = pcsc_watch_wait(&context, INFINITE, watch->states,
		    watch->readers);
		if (rv == SCARD_S_SUCCESS)
			record_all(watch, script_ns());
	}
	(void)pthread_mutex_lock(&watch->mutex);
	watch->failure = rv;
	(void)pthread_cond_broadcast(&watch->changed);
	(void)pthread_mutex_unlock(&watch->mutex);
	return NULL;
}

struct pcsc_watch *
pcsc_watch_new(unsigned readers)
{
	struct pcsc_watch *watch = calloc(1, sizeof(*watch));
	pthread_condattr_t attr;
	pthread_t thread;
	unsigned i;

	if (watch == NULL || readers > PCSC_WATCH_READERS)
		script_fail(HERE, "pcsc_watch of %u readers", readers);
	watch->readers = readers;
	for (i = 0; i < readers; i++)
		watch->states[i].szReader = pcsc_watch_name(i);
	(void)pthread_mutex_init(&watch->mutex, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&watch->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (pthread_create(&thread, NULL, watch_run, watch) != 0)
		script_fail(HERE, "pthread_create");
	(void)pthread_detach(thread);
	return watch;
}

/*
 * pcscd changes a reader's state first and counts afterwards, and may have been
 * asked in between: the same state again, one further, is no event.
 */
static bool
is_recount(const struct pcsc_event *last, const struct pcsc_event *event)
{
	return strcmp(last->text, event->text) == 0 &&
	    event->counter == last->counter + 1;
}

/* Mutex held. The first event of the reader not taken, or NULL. */
static const struct pcsc_event *
peek(struct pcsc_watch *watch, unsigned reader)
{
	size_t *i = &watch->taken[reader];

	while (*i < watch->count && (watch->events[*i].reader != reader ||
	    is_recount(&watch->last[reader], &watch->events[*i])))
		(*i)++;
	return *i < watch->count ? &watch->events[*i] : NULL;
}

static const char *
last_text(const struct pcsc_watch *watch, unsigned reader)
{
	const struct pcsc_event *last = last_of(watch, reader);

	return last != NULL ? last->text : "none";
}

static struct pcsc_event
take(const char *here, struct pcsc_watch *watch, unsigned reader,
    const char *wanted)
{
	struct timespec until = clock_spec(clock_after(SCRIPT_DEADLINE));
	const struct pcsc_event *found;
	struct pcsc_event event;
	int rc = 0;

	(void)pthread_mutex_lock(&watch->mutex);
	while ((found = peek(watch, reader)) == NULL && rc == 0 &&
	    watch->failure == 0)
		rc = pthread_cond_timedwait(&watch->changed, &watch->mutex,
		    &until);
	if (found == NULL && watch->failure != 0)
		script_fail(here, "SCardGetStatusChange: %s",
		    pcsc_stringify_error(watch->failure));
	if (found == NULL)
		script_fail(here, "reader %u: no event came after %s; "
		    "expected %s", reader, last_text(watch, reader), wanted);
	event = watch->last[reader] = *found;
	watch->taken[reader]++;
	(void)pthread_mutex_unlock(&watch->mutex);
	return event;
}

struct pcsc_event
pcsc_watch_next_at(const char *here, struct pcsc_watch *watch, unsigned reader)
{
	return take(here, watch, reader, "one");
}

static struct pcsc_event
compare(const char *here, struct pcsc_event event, const char *text)
{
	if (strcmp(event.text, text) != 0)
		script_fail(here, "reader %u: expected %s, saw %s",
		    event.reader, text, event.text);
	return event;
}

struct pcsc_event
pcsc_watch_expect_at(const char *here, struct pcsc_watch *watch,
    unsigned reader, const char *text)
{
	return compare(here, take(here, watch, reader, text), text);
}

struct pcsc_event
pcsc_watch_past_empty_at(const char *here, struct pcsc_watch *watch,
    unsigned reader, const char *text)
{
	struct pcsc_event event = take(here, watch, reader, text);

	if (strcmp(event.text, "empty") == 0)
		event = take(here, watch, reader, text);
	return compare(here, event, text);
}

struct pcsc_event
pcsc_watch_until_at(const char *here, struct pcsc_watch *watch,
    unsigned reader, const char *text)
{
	struct pcsc_event event;

	do
		event = take(here, watch, reader, text);
	while (strcmp(event.text, text) != 0);
	return event;
}

unsigned
pcsc_watch_counter_at(const char *here, struct pcsc_watch *watch,
    unsigned reader, unsigned least)
{
	struct timespec until = clock_spec(clock_after(SCRIPT_DEADLINE));
	unsigned have;
	int rc = 0;

	(void)pthread_mutex_lock(&watch->mutex);
	while ((have = last_of(watch, reader)->counter) < least && rc == 0)
		rc = pthread_cond_timedwait(&watch->changed, &watch->mutex,
		    &until);
	(void)pthread_mutex_unlock(&watch->mutex);
	if (have < least)
		script_fail(here, "reader %u: pcscd counts %u, not %u", reader,
		    have, least);
	return have;
}

void
pcsc_watch_nothing_at(const char *here, struct pcsc_watch *watch,
    unsigned reader)
{
	const struct pcsc_event *event;

	(void)pthread_mutex_lock(&watch->mutex);
	event = peek(watch, reader);
	(void)pthread_mutex_unlock(&watch->mutex);
	if (event != NULL)
		script_fail(here, "reader %u: expected nothing, saw %s",
		    reader, event->text);
}
