/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/pcsc_monitor.h"

#include <stdio.h>
#include <string.h>

#include "util/clock.h"
#include "util/log.h"
#include "vscclient/readermatch.h"

/*
 * An appearing reader is an event, but one that appears just between looking
 * and waiting is not; look again this often. PC/SC's own library wakes up as
 * often within its endless wait.
 */
enum { LOOK_MS = 60000 };

/* SCardCancel misses a wait that is just about to begin. */
enum { CANCEL_MS = 100 };

#define PNP "\\\\?PnP?\\Notification"

/* --- which reader ----------------------------------------------------- */

static bool
monitor_is_stopped(struct pcsc_monitor *m)
{
	bool stop;

	pthread_mutex_lock(&m->lock);
	stop = m->stop;
	pthread_mutex_unlock(&m->lock);
	return stop;
}

static void
monitor_set_name(struct pcsc_monitor *m, const char *name)
{
	pthread_mutex_lock(&m->lock);
	snprintf(m->name, sizeof(m->name), "%s", name);
	pthread_mutex_unlock(&m->lock);
}

/* The first reader that matches, in PC/SC's order. */
static LONG
monitor_look(struct pcsc_monitor *m, char *name, size_t cap)
{
	LPSTR list = NULL;
	DWORD len = SCARD_AUTOALLOCATE;
	LONG rv;

	name[0] = '\0';
	rv = SCardListReaders(m->context, NULL, (LPSTR)&list, &len);
	if (rv == SCARD_E_NO_READERS_AVAILABLE)
		return SCARD_S_SUCCESS;
	if (rv != SCARD_S_SUCCESS)
		return rv;
	for (const char *s = list; *s != '\0'; s += strlen(s) + 1)
		if (strlen(s) < cap && readermatch(s, m->pattern)) {
			strcpy(name, s);
			break;
		}
	SCardFreeMemory(m->context, list);
	return SCARD_S_SUCCESS;
}

static LONG
monitor_wait_reader(struct pcsc_monitor *m)
{
	SCARD_READERSTATE state = {.szReader = PNP};
	LONG rv;

	rv = SCardGetStatusChange(m->context, LOOK_MS, &state, 1);
	return rv == SCARD_E_TIMEOUT ? SCARD_S_SUCCESS : rv;
}

/* What the thread has told of the reader it follows. */
struct seen {
	bool reader;
	bool card;
	DWORD count; /* pcscd's counter of insertions and removals */
};

static void
monitor_see_card(struct pcsc_monitor *m, struct seen *seen,
    const SCARD_READERSTATE *state)
{
	DWORD count = state->dwEventState >> 16;
	bool card = (state->dwEventState & SCARD_STATE_PRESENT) != 0 &&
	    (state->dwEventState & SCARD_STATE_MUTE) == 0 && state->cbAtr > 0;

	if ((state->dwEventState & SCARD_STATE_MUTE) != 0 &&
	    count != seen->count)
		log_warning("pcsc: the card in '%s' does not answer",
		    state->szReader);
	/* The same card with another count was out for a moment. */
	if (card && (!seen->card || count != seen->count))
		sink_card_insert(m->sink, PCSC_READER, state->rgbAtr,
		    state->cbAtr);
	else if (!card && seen->card)
		sink_card_remove(m->sink, PCSC_READER);
	seen->card = card;
	seen->count = count;
}

/* A reader that pcscd knows but cannot use is as good as unplugged. */
static void
monitor_see(struct pcsc_monitor *m, struct seen *seen,
    const SCARD_READERSTATE *state)
{
	bool reader = (state->dwEventState &
	    (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE)) == 0;

	if (reader && !seen->reader)
		sink_reader_add(m->sink, PCSC_READER, state->szReader);
	if (!reader && seen->reader)
		sink_reader_remove(m->sink, PCSC_READER);
	if (reader != seen->reader)
		seen->card = false;
	seen->reader = reader;
	if (reader)
		monitor_see_card(m, seen, state);
}

/* Until the reader goes (success), or PC/SC fails, or the end. */
static LONG
monitor_follow(struct pcsc_monitor *m, const char *name)
{
	SCARD_READERSTATE state = {.szReader = name,
	    .dwCurrentState = SCARD_STATE_UNAWARE};
	struct seen seen = {0};
	LONG rv;

	monitor_set_name(m, name);
	log_debug("pcsc: following '%s'", name);
	do {
		rv = SCardGetStatusChange(m->context, INFINITE, &state, 1);
		if (rv != SCARD_S_SUCCESS)
			break;
		monitor_see(m, &seen, &state);
		state.dwCurrentState = state.dwEventState &
		    ~(DWORD)SCARD_STATE_CHANGED;
	} while ((state.dwEventState & SCARD_STATE_UNKNOWN) == 0 &&
	    !monitor_is_stopped(m));
	if (seen.reader)
		sink_reader_remove(m->sink, PCSC_READER);
	monitor_set_name(m, "");
	return rv == SCARD_E_UNKNOWN_READER ? SCARD_S_SUCCESS : rv;
}

static void
monitor_is_there(struct pcsc_monitor *m)
{
	if (m->complained)
		log_info("pcsc: PC/SC is there");
	m->complained = false;
	backoff_reset(&m->backoff);
}

/* Until PC/SC fails, or the end. */
static LONG
monitor_watch(struct pcsc_monitor *m)
{
	char name[PCSC_NAME_MAX];
	bool waiting = false;
	LONG rv = SCARD_S_SUCCESS;

	while (rv == SCARD_S_SUCCESS && !monitor_is_stopped(m)) {
		rv = monitor_look(m, name, sizeof(name));
		if (rv != SCARD_S_SUCCESS)
			break;
		monitor_is_there(m);
		if (name[0] != '\0') {
			waiting = false;
			rv = monitor_follow(m, name);
			continue;
		}
		if (!waiting)
			log_info("pcsc: no reader%s%s%s yet, waiting for one",
			    m->pattern != NULL ? " matches '" : "",
			    m->pattern != NULL ? m->pattern : "",
			    m->pattern != NULL ? "'" : "");
		waiting = true;
		rv = monitor_wait_reader(m);
	}
	return rv;
}

static void
monitor_set_watching(struct pcsc_monitor *m, bool watching)
{
	pthread_mutex_lock(&m->lock);
	m->watching = watching;
	pthread_mutex_unlock(&m->lock);
}

/* One life of pcscd. */
static LONG
monitor_session(struct pcsc_monitor *m)
{
	LONG rv;

	rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &m->context);
	if (rv != SCARD_S_SUCCESS)
		return rv;
	monitor_set_watching(m, true);
	rv = monitor_watch(m);
	monitor_set_watching(m, false);
	SCardReleaseContext(m->context);
	return rv;
}

static void
monitor_pause(struct pcsc_monitor *m)
{
	struct timespec until =
	    clock_spec(clock_after((int64_t)backoff_next(&m->backoff)));
	int rc = 0;

	pthread_mutex_lock(&m->lock);
	while (!m->stop && rc == 0)
		rc = pthread_cond_timedwait(&m->wake, &m->lock, &until);
	pthread_mutex_unlock(&m->lock);
}

static void
monitor_end(struct pcsc_monitor *m)
{
	pthread_mutex_lock(&m->lock);
	m->ended = true;
	pthread_cond_broadcast(&m->wake);
	pthread_mutex_unlock(&m->lock);
}

static void *
monitor_run(void *arg)
{
	struct pcsc_monitor *m = arg;
	LONG rv;

	while (!monitor_is_stopped(m)) {
		rv = monitor_session(m);
		if (monitor_is_stopped(m))
			break;
		if (!m->complained)
			log_warning("pcsc: PC/SC of this machine is not there"
			    " (%s); is pcscd running? Trying again",
			    pcsc_stringify_error(rv));
		m->complained = true;
		monitor_pause(m);
	}
	monitor_end(m);
	return NULL;
}

/* --- life ------------------------------------------------------------- */

static void
monitor_init_locks(struct pcsc_monitor *m)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&m->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&m->wake, &attr);
	pthread_condattr_destroy(&attr);
}

static void
monitor_clear_locks(struct pcsc_monitor *m)
{
	pthread_cond_destroy(&m->wake);
	pthread_mutex_destroy(&m->lock);
}

int
pcsc_monitor_init(struct pcsc_monitor *m, const char *pattern,
    struct sink *sink)
{
	int rc;

	memset(m, 0, sizeof(*m));
	m->pattern = pattern;
	m->sink = sink;
	backoff_init_random(&m->backoff);
	monitor_init_locks(m);
	rc = pthread_create(&m->thread, NULL, monitor_run, m);
	if (rc != 0)
		monitor_clear_locks(m);
	return -rc;
}

void
pcsc_monitor_clear(struct pcsc_monitor *m)
{
	struct timespec until;

	pthread_mutex_lock(&m->lock);
	m->stop = true;
	while (!m->ended) {
		pthread_cond_broadcast(&m->wake);
		if (m->watching)
			SCardCancel(m->context);
		until = clock_spec(clock_after(CANCEL_MS));
		pthread_cond_timedwait(&m->wake, &m->lock, &until);
	}
	pthread_mutex_unlock(&m->lock);
	pthread_join(m->thread, NULL);
	monitor_clear_locks(m);
}

void
pcsc_monitor_name(struct pcsc_monitor *m, char out[PCSC_NAME_MAX])
{
	pthread_mutex_lock(&m->lock);
	memcpy(out, m->name, PCSC_NAME_MAX);
	pthread_mutex_unlock(&m->lock);
}
