/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A real reader of this machine, through PC/SC. A thread of its own follows
 * the reader and its card; commands run on the caller's thread with a context
 * of their own, so neither waits for the other.
 */
#include "vscclient/backend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <winscard.h>

#include "util/clock.h"
#include "util/log.h"
#include "vscclient/backoff.h"
#include "vscclient/readermatch.h"

/* The only reader of this backend has this number. */
enum { PCSC_READER = 0, PCSC_NAME_MAX = 256 };

/*
 * An appearing reader is an event, but one that appears just between looking
 * and waiting is not; look again this often. PC/SC's own library wakes up as
 * often within its endless wait.
 */
enum { PCSC_LOOK_MS = 60000 };

/* SCardCancel misses a wait that is just about to begin. */
enum { PCSC_CANCEL_MS = 100 };

#define PCSC_PNP "\\\\?PnP?\\Notification"
#define PCSC_ANY (SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)

struct pcsc {
	const char *pattern;
	struct sink *sink;
	pthread_t thread;
	struct backoff backoff; /* the thread's */
	bool complained;        /* the thread's: PC/SC is not there */

	pthread_mutex_t lock; /* for the four below */
	pthread_cond_t wake;
	bool stop;
	bool watching; /* watch can be cancelled */
	SCARDCONTEXT watch;
	char name[PCSC_NAME_MAX]; /* of the reader followed; "": none */

	/* The caller's. */
	SCARDCONTEXT context;
	bool has_context;
	SCARDHANDLE card;
	bool connected;
	DWORD protocol; /* of the connected card */
};

/* --- the thread: which reader, which card ----------------------------- */

static bool
pcsc_is_stopped(struct pcsc *p)
{
	bool stop;

	pthread_mutex_lock(&p->lock);
	stop = p->stop;
	pthread_mutex_unlock(&p->lock);
	return stop;
}

static void
pcsc_set_name(struct pcsc *p, const char *name)
{
	pthread_mutex_lock(&p->lock);
	snprintf(p->name, sizeof(p->name), "%s", name);
	pthread_mutex_unlock(&p->lock);
}

/* The first reader that matches, in PC/SC's order. */
static LONG
pcsc_look(struct pcsc *p, char *name, size_t cap)
{
	LPSTR list = NULL;
	DWORD len = SCARD_AUTOALLOCATE;
	LONG rv;

	name[0] = '\0';
	rv = SCardListReaders(p->watch, NULL, (LPSTR)&list, &len);
	if (rv == SCARD_E_NO_READERS_AVAILABLE)
		return SCARD_S_SUCCESS;
	if (rv != SCARD_S_SUCCESS)
		return rv;
	for (const char *s = list; *s != '\0'; s += strlen(s) + 1)
		if (strlen(s) < cap && readermatch(s, p->pattern)) {
			strcpy(name, s);
			break;
		}
	SCardFreeMemory(p->watch, list);
	return SCARD_S_SUCCESS;
}

static LONG
pcsc_wait_reader(struct pcsc *p)
{
	SCARD_READERSTATE state = {.szReader = PCSC_PNP};
	LONG rv;

	rv = SCardGetStatusChange(p->watch, PCSC_LOOK_MS, &state, 1);
	return rv == SCARD_E_TIMEOUT ? SCARD_S_SUCCESS : rv;
}

/* What the thread has told of the reader it follows. */
struct pcsc_seen {
	bool reader;
	bool card;
	DWORD count; /* pcscd's counter of insertions and removals */
};

static void
pcsc_see_card(struct pcsc *p, struct pcsc_seen *seen,
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
		sink_card_insert(p->sink, PCSC_READER, state->rgbAtr,
		    state->cbAtr);
	else if (!card && seen->card)
		sink_card_remove(p->sink, PCSC_READER);
	seen->card = card;
	seen->count = count;
}

/* A reader that pcscd knows but cannot use is as good as unplugged. */
static void
pcsc_see(struct pcsc *p, struct pcsc_seen *seen,
    const SCARD_READERSTATE *state)
{
	bool reader = (state->dwEventState &
	    (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE)) == 0;

	if (reader && !seen->reader)
		sink_reader_add(p->sink, PCSC_READER, state->szReader);
	if (!reader && seen->reader)
		sink_reader_remove(p->sink, PCSC_READER);
	if (reader != seen->reader)
		seen->card = false;
	seen->reader = reader;
	if (reader)
		pcsc_see_card(p, seen, state);
}

/* Until the reader goes (success), or PC/SC fails, or the end. */
static LONG
pcsc_follow(struct pcsc *p, const char *name)
{
	SCARD_READERSTATE state = {.szReader = name,
	    .dwCurrentState = SCARD_STATE_UNAWARE};
	struct pcsc_seen seen = {0};
	LONG rv;

	pcsc_set_name(p, name);
	log_debug("pcsc: following '%s'", name);
	do {
		rv = SCardGetStatusChange(p->watch, INFINITE, &state, 1);
		if (rv != SCARD_S_SUCCESS)
			break;
		pcsc_see(p, &seen, &state);
		state.dwCurrentState = state.dwEventState &
		    ~(DWORD)SCARD_STATE_CHANGED;
	} while ((state.dwEventState & SCARD_STATE_UNKNOWN) == 0 &&
	    !pcsc_is_stopped(p));
	if (seen.reader)
		sink_reader_remove(p->sink, PCSC_READER);
	pcsc_set_name(p, "");
	return rv == SCARD_E_UNKNOWN_READER ? SCARD_S_SUCCESS : rv;
}

static LONG
pcsc_watch(struct pcsc *p)
{
	char name[PCSC_NAME_MAX];
	bool waiting = false;
	LONG rv = SCARD_S_SUCCESS;

	while (rv == SCARD_S_SUCCESS && !pcsc_is_stopped(p)) {
		rv = pcsc_look(p, name, sizeof(name));
		if (rv != SCARD_S_SUCCESS)
			break;
		if (name[0] != '\0') {
			waiting = false;
			rv = pcsc_follow(p, name);
			continue;
		}
		if (!waiting)
			log_info("pcsc: no reader%s%s%s yet, waiting for one",
			    p->pattern != NULL ? " matches '" : "",
			    p->pattern != NULL ? p->pattern : "",
			    p->pattern != NULL ? "'" : "");
		waiting = true;
		rv = pcsc_wait_reader(p);
	}
	return rv;
}

static void
pcsc_set_watching(struct pcsc *p, bool watching)
{
	pthread_mutex_lock(&p->lock);
	p->watching = watching;
	pthread_mutex_unlock(&p->lock);
}

/* One life of pcscd. */
static LONG
pcsc_session(struct pcsc *p)
{
	LONG rv;

	rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &p->watch);
	if (rv != SCARD_S_SUCCESS)
		return rv;
	if (p->complained)
		log_info("pcsc: PC/SC is there");
	p->complained = false;
	backoff_reset(&p->backoff);
	pcsc_set_watching(p, true);
	rv = pcsc_watch(p);
	pcsc_set_watching(p, false);
	SCardReleaseContext(p->watch);
	return rv;
}

static void
pcsc_pause(struct pcsc *p)
{
	struct timespec until =
	    clock_spec(clock_after((int64_t)backoff_next(&p->backoff)));
	int rc = 0;

	pthread_mutex_lock(&p->lock);
	while (!p->stop && rc == 0)
		rc = pthread_cond_timedwait(&p->wake, &p->lock, &until);
	pthread_mutex_unlock(&p->lock);
}

static void *
pcsc_run(void *arg)
{
	struct pcsc *p = arg;
	LONG rv;

	while (!pcsc_is_stopped(p)) {
		rv = pcsc_session(p);
		if (pcsc_is_stopped(p))
			break;
		if (!p->complained)
			log_warning("pcsc: PC/SC of this machine is not there"
			    " (%s); is pcscd running? Trying again",
			    pcsc_stringify_error(rv));
		p->complained = true;
		pcsc_pause(p);
	}
	return NULL;
}

/* --- the caller: connecting ------------------------------------------- */

static const struct {
	LONG rv;
	int err;
} pcsc_errors[] = {
    {SCARD_S_SUCCESS, 0},
    {SCARD_W_REMOVED_CARD, -ENOMEDIUM},
    {SCARD_E_NO_SMARTCARD, -ENOMEDIUM},
    {SCARD_E_UNKNOWN_READER, -ENOMEDIUM},
    {SCARD_E_READER_UNAVAILABLE, -ENOMEDIUM},
    {SCARD_E_PROTO_MISMATCH, -ENOTSUP},
    {SCARD_E_SHARING_VIOLATION, -EBUSY},
    {SCARD_E_INSUFFICIENT_BUFFER, -EMSGSIZE},
    {SCARD_E_NO_MEMORY, -ENOMEM},
};

static int
pcsc_err(LONG rv)
{
	for (size_t i = 0; i < sizeof(pcsc_errors) / sizeof(pcsc_errors[0]);
	     i++)
		if (pcsc_errors[i].rv == rv)
			return pcsc_errors[i].err;
	return -EIO;
}

static enum vscard_status
pcsc_status(LONG rv)
{
	switch (pcsc_err(rv)) {
	case 0:
		return VSCARD_STATUS_OK;
	case -ENOMEDIUM:
		return VSCARD_STATUS_NO_CARD;
	case -ENOTSUP:
		return VSCARD_STATUS_UNSUPPORTED;
	default:
		return VSCARD_STATUS_FAILED;
	}
}

static LONG
pcsc_disconnect(struct pcsc *p, DWORD disposition)
{
	LONG rv = SCARD_S_SUCCESS;

	if (p->connected)
		rv = SCardDisconnect(p->card, disposition);
	p->connected = false;
	return rv;
}

/* A context of a pcscd that has gone is worth nothing. */
static void
pcsc_drop_context(struct pcsc *p)
{
	pcsc_disconnect(p, SCARD_LEAVE_CARD);
	if (p->has_context)
		SCardReleaseContext(p->context);
	p->has_context = false;
}

static LONG
pcsc_ensure_context(struct pcsc *p)
{
	LONG rv;

	if (p->has_context && SCardIsValidContext(p->context) !=
	    SCARD_S_SUCCESS)
		pcsc_drop_context(p);
	if (p->has_context)
		return SCARD_S_SUCCESS;
	rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL,
	    &p->context);
	p->has_context = rv == SCARD_S_SUCCESS;
	return rv;
}

static LONG
pcsc_ensure_card(struct pcsc *p)
{
	char name[PCSC_NAME_MAX];
	LONG rv;

	if (p->connected)
		return SCARD_S_SUCCESS;
	pthread_mutex_lock(&p->lock);
	memcpy(name, p->name, sizeof(name));
	pthread_mutex_unlock(&p->lock);
	if (name[0] == '\0')
		return SCARD_E_READER_UNAVAILABLE;
	rv = pcsc_ensure_context(p);
	if (rv != SCARD_S_SUCCESS)
		return rv;
	rv = SCardConnect(p->context, name, SCARD_SHARE_SHARED, PCSC_ANY,
	    &p->card, &p->protocol);
	p->connected = rv == SCARD_S_SUCCESS;
	return rv;
}

/* What a failed call leaves: a handle to go on with, or none. */
static void
pcsc_failed(struct pcsc *p, const char *what, LONG rv)
{
	int err = pcsc_err(rv);

	if (err == -ENOMEDIUM)
		log_debug("pcsc: %s: %s", what, pcsc_stringify_error(rv));
	else
		log_warning("pcsc: %s: %s", what, pcsc_stringify_error(rv));
	if (err == -ENOMEDIUM)
		pcsc_disconnect(p, SCARD_LEAVE_CARD);
	else if (err == -EIO)
		pcsc_drop_context(p);
}

static LONG
pcsc_atr(struct pcsc *p, uint8_t *atr, size_t *out_len)
{
	unsigned char got[MAX_ATR_SIZE];
	DWORD len = sizeof(got);
	LONG rv;

	rv = SCardStatus(p->card, NULL, NULL, NULL, NULL, got, &len);
	if (rv != SCARD_S_SUCCESS)
		return rv;
	if (len < VSCARD_ATR_MIN || len > VSCARD_ATR_MAX)
		return SCARD_W_UNRESPONSIVE_CARD;
	memcpy(atr, got, len);
	*out_len = len;
	return SCARD_S_SUCCESS;
}

/* --- the caller: requests --------------------------------------------- */

/*
 * A program of this machine has reset the card: what the host had selected and
 * verified is gone. Going on would be a lie, so the host sees a new insertion.
 */
static void
pcsc_on_reset(struct pcsc *p)
{
	uint8_t atr[VSCARD_ATR_MAX];
	size_t len;
	LONG rv;

	log_info("pcsc: a local program has reset the card; announcing it"
	    " again");
	rv = SCardReconnect(p->card, SCARD_SHARE_SHARED, PCSC_ANY,
	    SCARD_LEAVE_CARD, &p->protocol);
	if (rv == SCARD_S_SUCCESS)
		rv = pcsc_atr(p, atr, &len);
	if (rv == SCARD_S_SUCCESS)
		sink_card_reset(p->sink, PCSC_READER, atr, len);
	else
		pcsc_failed(p, "after a reset", rv);
}

static LONG
pcsc_exchange(struct pcsc *p, const uint8_t *command, size_t len,
    uint8_t *response, size_t cap, size_t *out_len)
{
	const SCARD_IO_REQUEST *pci = p->protocol == SCARD_PROTOCOL_T1 ?
	    SCARD_PCI_T1 : SCARD_PCI_T0;
	DWORD got = (DWORD)cap;
	LONG rv;

	rv = SCardTransmit(p->card, pci, command, (DWORD)len, NULL, response,
	    &got);
	if (rv == SCARD_S_SUCCESS)
		*out_len = got;
	return rv;
}

static int
pcsc_transmit(void *backend, unsigned reader, const uint8_t *command,
    size_t len, uint8_t *response, size_t cap, size_t *out_len)
{
	struct pcsc *p = backend;
	LONG rv;

	(void)reader;
	rv = pcsc_ensure_card(p);
	if (rv == SCARD_S_SUCCESS)
		rv = pcsc_exchange(p, command, len, response, cap, out_len);
	if (rv == SCARD_W_RESET_CARD || rv == SCARD_W_UNPOWERED_CARD)
		pcsc_on_reset(p);
	else if (rv != SCARD_S_SUCCESS)
		pcsc_failed(p, "command", rv);
	return pcsc_err(rv);
}

/*
 * A power-up is a cold reset even right after connecting: a program of this
 * machine may have used the card before and left a PIN verified.
 */
static LONG
pcsc_reset(struct pcsc *p, DWORD how, uint8_t *atr, size_t *out_len)
{
	LONG rv;

	rv = pcsc_ensure_card(p);
	if (rv == SCARD_S_SUCCESS)
		rv = SCardReconnect(p->card, SCARD_SHARE_SHARED, PCSC_ANY, how,
		    &p->protocol);
	if (rv == SCARD_S_SUCCESS)
		rv = pcsc_atr(p, atr, out_len);
	return rv;
}

static enum vscard_status
pcsc_power(void *backend, unsigned reader, enum vscard_power power,
    uint8_t *atr, size_t *out_len)
{
	struct pcsc *p = backend;
	LONG rv;

	(void)reader;
	if (power == VSCARD_POWER_DOWN)
		rv = pcsc_disconnect(p, SCARD_UNPOWER_CARD);
	else
		rv = pcsc_reset(p, power == VSCARD_POWER_RESET ?
		    SCARD_RESET_CARD : SCARD_UNPOWER_CARD, atr, out_len);
	if (rv != SCARD_S_SUCCESS)
		pcsc_failed(p, vscard_power_name(power), rv);
	return pcsc_status(rv);
}

/*
 * PC/SC changes a protocol only with a reset. The host chooses right after one,
 * so there is nothing yet that this could lose.
 */
static enum vscard_status
pcsc_protocol(void *backend, unsigned reader, unsigned protocol)
{
	struct pcsc *p = backend;
	DWORD wanted = protocol == 1 ? SCARD_PROTOCOL_T1 : SCARD_PROTOCOL_T0;
	LONG rv;

	(void)reader;
	rv = pcsc_ensure_card(p);
	if (rv == SCARD_S_SUCCESS && p->protocol != wanted)
		rv = SCardReconnect(p->card, SCARD_SHARE_SHARED, wanted,
		    SCARD_RESET_CARD, &p->protocol);
	if (rv != SCARD_S_SUCCESS)
		pcsc_failed(p, "protocol", rv);
	return pcsc_status(rv);
}

/* --- the backend ------------------------------------------------------ */

static void
pcsc_init(struct pcsc *p, const struct cardspec *spec, struct sink *sink)
{
	pthread_condattr_t attr;

	p->pattern = spec->pcsc.pattern;
	p->sink = sink;
	backoff_init_random(&p->backoff);
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->wake, &attr);
	pthread_condattr_destroy(&attr);
}

static void
pcsc_free(struct pcsc *p)
{
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static int
pcsc_open(const struct cardspec *spec, struct sink *sink, void **out_backend)
{
	struct pcsc *p = calloc(1, sizeof(*p));
	int rc;

	if (p == NULL)
		return -ENOMEM;
	pcsc_init(p, spec, sink);
	rc = pthread_create(&p->thread, NULL, pcsc_run, p);
	if (rc != 0) {
		log_error("pcsc: no thread: %s", err_text(rc));
		pcsc_free(p);
		return -rc;
	}
	*out_backend = p;
	return 0;
}

/* Under the lock. */
static void
pcsc_cancel(struct pcsc *p)
{
	p->stop = true;
	pthread_cond_signal(&p->wake);
	if (p->watching)
		SCardCancel(p->watch);
}

/* A card left connected would keep what the host verified. */
static void
pcsc_close(void *backend)
{
	struct pcsc *p = backend;
	struct timespec until;
	int rc;

	do {
		pthread_mutex_lock(&p->lock);
		pcsc_cancel(p);
		pthread_mutex_unlock(&p->lock);
		until = clock_spec(clock_after(PCSC_CANCEL_MS));
		rc = pthread_clockjoin_np(p->thread, NULL, CLOCK_MONOTONIC,
		    &until);
	} while (rc == ETIMEDOUT);
	pcsc_disconnect(p, SCARD_UNPOWER_CARD);
	pcsc_drop_context(p);
	pcsc_free(p);
}

const struct backend_ops backend_pcsc = {
    .open = pcsc_open,
    .close = pcsc_close,
    .transmit = pcsc_transmit,
    .power = pcsc_power,
    .protocol = pcsc_protocol,
};
