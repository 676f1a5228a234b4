/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/pcsc_monitor.h"

#include <stdio.h>
#include <string.h>

#include "util/clock.h"
#include "util/log.h"
#include "vscclient/readermatch.h"

/*
 * An appearing reader is an event, but to a pcscd before 2.0 one that appears
 * just between looking and waiting is not. So look once more soon after a
 * change, as several are often plugged in together, and then as often as
 * PC/SC's own library wakes up within its endless wait.
 */
enum { LOOK_SOON_MS = 1000, LOOK_MS = 60000 };

/* SCardCancel misses a wait that is just about to begin. */
enum { CANCEL_MS = 100 };

#define PNP "\\\\?PnP?\\Notification"

/* PC/SC counts insertions and removals here. */
#define COUNT(state) ((state) >> 16)
#define SHARING (SCARD_STATE_EXCLUSIVE | SCARD_STATE_INUSE)

static bool
monitor_is_stopped(struct pcsc_monitor *m)
{
	bool stop;

	pthread_mutex_lock(&m->lock);
	stop = m->stop;
	pthread_mutex_unlock(&m->lock);
	return stop;
}

/* --- which readers ---------------------------------------------------- */

static void
monitor_hide_card(struct pcsc_monitor *m, unsigned i)
{
	if (!m->followed[i].card)
		return;
	m->followed[i].card = false;
	pcsc_card_pulled(&m->cards[i]);
	sink_card_remove(m->sink, i);
}

static void
monitor_hide(struct pcsc_monitor *m, unsigned i)
{
	if (!m->followed[i].reader)
		return;
	/* At the end all readers are let go, but no card is pulled. */
	if (m->followed[i].card && !monitor_is_stopped(m))
		pcsc_card_pulled(&m->cards[i]);
	m->followed[i].reader = m->followed[i].card = false;
	pcsc_card_set_name(&m->cards[i], "");
	sink_reader_remove(m->sink, i);
}

static void
monitor_show(struct pcsc_monitor *m, unsigned i)
{
	if (m->followed[i].reader)
		return;
	m->followed[i].reader = true;
	pcsc_card_set_name(&m->cards[i], m->followed[i].name);
	sink_reader_add(m->sink, i, m->followed[i].name);
}

static void
monitor_follow(struct pcsc_monitor *m, const char *name)
{
	struct pcsc_followed *free_place = NULL;

	for (unsigned i = SINK_READERS_MAX; i-- > 0;) {
		if (strcmp(m->followed[i].name, name) == 0) {
			m->followed[i].listed = true;
			return;
		}
		if (m->followed[i].name[0] == '\0')
			free_place = &m->followed[i];
	}
	if (free_place != NULL) {
		m->changed = true;
		log_debug("pcsc: following '%s'", name);
		snprintf(free_place->name, sizeof(free_place->name), "%s",
		    name);
		free_place->state = SCARD_STATE_UNAWARE;
		free_place->listed = true;
		return;
	}
	if (!m->crowded)
		log_warning("pcsc: more than %d readers match; '%s' is left"
		    " out", SINK_READERS_MAX, name);
	m->crowded = true;
}

static void
monitor_unfollow(struct pcsc_monitor *m, unsigned i)
{
	monitor_hide(m, i);
	m->followed[i].name[0] = '\0';
	m->changed = true;
	m->crowded = false;
}

static unsigned
monitor_sweep(struct pcsc_monitor *m)
{
	unsigned count = 0;

	for (unsigned i = 0; i < SINK_READERS_MAX; i++) {
		if (m->followed[i].name[0] == '\0')
			continue;
		if (m->followed[i].listed)
			count++;
		else
			monitor_unfollow(m, i);
		m->followed[i].listed = false;
	}
	return count;
}

static void
monitor_say_waiting(struct pcsc_monitor *m, bool waiting)
{
	if (waiting && !m->waiting)
		log_info("pcsc: no reader%s%s%s yet, waiting for one",
		    m->pattern != NULL ? " matches '" : "",
		    m->pattern != NULL ? m->pattern : "",
		    m->pattern != NULL ? "'" : "");
	m->waiting = waiting;
}

/* Brings what is followed in line with PC/SC's list. */
static LONG
monitor_look(struct pcsc_monitor *m)
{
	LPSTR list = NULL;
	DWORD len = SCARD_AUTOALLOCATE;
	LONG rv;

	rv = SCardListReaders(m->context, NULL, (LPSTR)&list, &len);
	if (rv != SCARD_S_SUCCESS && rv != SCARD_E_NO_READERS_AVAILABLE)
		return rv;
	if (rv == SCARD_S_SUCCESS) {
		for (const char *s = list; *s != '\0'; s += strlen(s) + 1)
			if (strlen(s) < PCSC_NAME_MAX &&
			    readermatch(s, m->pattern))
				monitor_follow(m, s);
		SCardFreeMemory(m->context, list);
	}
	monitor_say_waiting(m, monitor_sweep(m) == 0);
	return SCARD_S_SUCCESS;
}

/* --- what happens to them --------------------------------------------- */

/* A card that the host could not have, as others used it, is offered again. */
static void
monitor_see_sharing(struct pcsc_monitor *m, unsigned i,
    const SCARD_READERSTATE *state)
{
	bool freed = (m->followed[i].state & SHARING) != 0 &&
	    (state->dwEventState & SHARING) == 0;

	if (freed && pcsc_card_take_denied(&m->cards[i]))
		sink_card_reset(m->sink, i, state->rgbAtr, state->cbAtr);
}

/* The same card with another count was out for a moment. */
static void
monitor_see_card(struct pcsc_monitor *m, unsigned i,
    const SCARD_READERSTATE *state)
{
	struct pcsc_followed *f = &m->followed[i];
	bool other = COUNT(state->dwEventState) != COUNT(f->state);
	bool mute = (state->dwEventState & SCARD_STATE_MUTE) != 0;
	bool card = (state->dwEventState & SCARD_STATE_PRESENT) != 0 &&
	    !mute && state->cbAtr > 0;

	if (mute && (other || (f->state & SCARD_STATE_MUTE) == 0))
		log_warning("pcsc: the card in '%s' does not answer", f->name);
	if (card && f->card && !other) {
		monitor_see_sharing(m, i, state);
		return;
	}
	monitor_hide_card(m, i);
	if (!card)
		return;
	f->card = true;
	sink_card_insert(m->sink, i, state->rgbAtr, state->cbAtr);
}

/*
 * A reader that pcscd knows but cannot use is as good as unplugged. Whether an
 * unknown one is, tells the next look at the list.
 */
static void
monitor_see(struct pcsc_monitor *m, unsigned i, const SCARD_READERSTATE *state)
{
	if ((state->dwEventState & SCARD_STATE_UNKNOWN) != 0)
		return;
	if ((state->dwEventState & SCARD_STATE_UNAVAILABLE) != 0) {
		monitor_hide(m, i);
	} else {
		monitor_show(m, i);
		monitor_see_card(m, i, state);
	}
	m->followed[i].state = state->dwEventState &
	    ~(DWORD)SCARD_STATE_CHANGED;
}

/*
 * A pcscd that counts changes of its list tells of one since the last look at
 * once, so there is nothing to look after.
 */
static DWORD
monitor_timeout(const struct pcsc_monitor *m)
{
	if (COUNT(m->pnp) != 0)
		return INFINITE;
	return m->changed ? LOOK_SOON_MS : LOOK_MS;
}

/*
 * The library of 2.5 takes an event that comes between its questions to pcscd
 * for an answer: readers seem to be unknown, or the error is no error's number.
 * It may be in step again after that, or never.
 */
static bool
is_confused(LONG rv)
{
	return rv == SCARD_E_UNKNOWN_READER ||
	    rv == SCARD_E_UNSUPPORTED_FEATURE || (rv > 0 && rv < 0x100);
}

/* What was known of readers and cards holds in the new context, too. */
static LONG
monitor_renew(struct pcsc_monitor *m)
{
	LONG rv;

	pthread_mutex_lock(&m->lock);
	SCardReleaseContext(m->context);
	rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &m->context);
	pthread_mutex_unlock(&m->lock);
	return rv;
}

/* Waits for something to happen, and tells it. */
static LONG
monitor_wait(struct pcsc_monitor *m)
{
	SCARD_READERSTATE states[SINK_READERS_MAX + 1] = {
	    {.szReader = PNP, .dwCurrentState = m->pnp}};
	unsigned numbers[SINK_READERS_MAX];
	DWORD n = 0;
	LONG rv;

	for (unsigned i = 0; i < SINK_READERS_MAX; i++) {
		if (m->followed[i].name[0] == '\0')
			continue;
		numbers[n++] = i;
		states[n].szReader = m->followed[i].name;
		states[n].dwCurrentState = m->followed[i].state;
	}
	rv = SCardGetStatusChange(m->context, monitor_timeout(m), states,
	    n + 1);
	if (is_confused(rv))
		return monitor_renew(m); /* or unplugged just now */
	if (rv != SCARD_S_SUCCESS && rv != SCARD_E_TIMEOUT)
		return rv;
	m->pnp = COUNT(states[0].dwEventState) << 16;
	if (rv == SCARD_E_TIMEOUT)
		m->changed = false;
	for (DWORD k = 0; k < n && rv == SCARD_S_SUCCESS; k++)
		monitor_see(m, numbers[k], &states[k + 1]);
	return SCARD_S_SUCCESS;
}

/* --- while there is a pcscd, and while there is none ------------------ */

static void
monitor_is_there(struct pcsc_monitor *m)
{
	if (m->complained)
		log_info("pcsc: PC/SC is there");
	m->complained = false;
	backoff_reset(&m->backoff);
}

/* Where PC/SC's count of changes stands, before the first look. */
static void
monitor_start(struct pcsc_monitor *m)
{
	SCARD_READERSTATE state = {.szReader = PNP};

	(void)SCardGetStatusChange(m->context, 0, &state, 1);
	m->pnp = COUNT(state.dwEventState) << 16;
	m->changed = true;
}

/* Until PC/SC fails, or the end. */
static LONG
monitor_watch(struct pcsc_monitor *m)
{
	LONG rv = SCARD_S_SUCCESS;

	monitor_start(m);
	while (rv == SCARD_S_SUCCESS && !monitor_is_stopped(m)) {
		rv = monitor_look(m);
		if (rv != SCARD_S_SUCCESS)
			break;
		monitor_is_there(m);
		rv = monitor_wait(m);
	}
	for (unsigned i = 0; i < SINK_READERS_MAX; i++)
		monitor_unfollow(m, i);
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
    struct sink *sink, struct pcsc_card *cards)
{
	int rc;

	memset(m, 0, sizeof(*m));
	m->pattern = pattern;
	m->sink = sink;
	m->cards = cards;
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
