/* SPDX-License-Identifier: BSD-2-Clause */
/* An application of the soak: one reader, one command after the other. */
#include "tests/system/soak.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>
#include <winscard.h>

#include "tests/fakes/pcsc_watch.h"

enum { PAUSE_MS = 20, HANDLE_COMMANDS = 200 };

struct app {
	struct soak *soak;
	struct soak_app *mine;
	unsigned index;
	struct soak_dice dice;
	_Atomic SCARDCONTEXT context; /* 0: none */
	/* Since SCardConnect: */
	SCARDHANDLE handle;
	DWORD protocol;
	unsigned host;         /* soak->host then */
	bool is_known;         /* the card has answered once */
	struct soak_card card; /* as it said last */
	uint8_t command[SOAK_ROOM], response[SOAK_ROOM];
};

static bool
is_over(const struct app *app)
{
	return atomic_load(&app->soak->stop) || atomic_load(&app->soak->broken);
}

static void
sleep_until(int64_t ns)
{
	const struct timespec at = {.tv_sec = (time_t)(ns / 1000000000),
	    .tv_nsec = (long)(ns % 1000000000)};

	while (
	    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
		;
}

static void
pause_ms(int ms)
{
	sleep_until(script_ns() + (int64_t)ms * 1000000);
}

/* So that the run takes as long as it is to take. */
static void
keep_pace(const struct app *app)
{
	const struct soak *soak = app->soak;
	int64_t due = soak->began +
		      (int64_t)atomic_load(&app->mine->answered) * soak->period;

	if (soak->period > 0 && due > script_ns())
		sleep_until(due);
}

/* --- the reader ------------------------------------------------------- */

static void
context_release(struct app *app)
{
	SCARDCONTEXT context = atomic_exchange(&app->context, 0);

	if (context != 0)
		(void)SCardReleaseContext(context);
}

static bool
context_get(struct app *app)
{
	SCARDCONTEXT context;

	if (app->context != 0)
		return true;
	if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) !=
	    SCARD_S_SUCCESS) {
		pause_ms(PAUSE_MS);
		return false;
	}
	app->context = context;
	return true;
}

/* A thread that cancels, whatever there is to cancel. */
static void *
cancel_main(void *arg)
{
	struct app *app = arg;
	SCARDCONTEXT context;

	for (;;) {
		context = app->context;
		if (context != 0)
			(void)SCardCancel(context);
		pause_ms(PAUSE_MS);
	}
	return NULL;
}

/*
 * If there is no card just now, tries again a little later. No change is waited
 * for: whoever does so is sent events, and the library of pcsc-lite 2.5 takes
 * one that comes at a bad moment for the answer to what it asks next.
 */
static bool
app_open(struct app *app)
{
	LONG rv;

	app->host = atomic_load(&app->soak->host);
	app->is_known = false;
	rv = SCardConnect(app->context, pcsc_watch_name(app->index),
	    SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
	    &app->handle, &app->protocol);
	atomic_store(&app->mine->connected, rv);
	if (rv != SCARD_S_SUCCESS) {
		context_release(app);
		pause_ms(PAUSE_MS);
		return false;
	}
	atomic_fetch_add(&app->mine->handles, 1);
	return true;
}

static void
app_close(struct app *app)
{
	static const DWORD dispositions[] = {SCARD_LEAVE_CARD, SCARD_LEAVE_CARD,
	    SCARD_RESET_CARD, SCARD_UNPOWER_CARD};

	(void)SCardDisconnect(
	    app->handle, dispositions[soak_draw(&app->dice, 4)]);
	if (app->host != atomic_load(&app->soak->host) ||
	    soak_draw(&app->dice, 8) == 0)
		context_release(app);
}

/* --- one command ------------------------------------------------------ */

/* The first answer on a handle says which card it is; it stays that one. */
static void
judge_card(struct app *app, const struct soak_card *card)
{
	unsigned strays;

	if (app->is_known && (card->card != app->card.card ||
				 card->generation != app->card.generation))
		soak_fail(app->soak, "reader %u: card %u.%u answers for %u.%u",
		    app->index, card->card, card->generation, app->card.card,
		    app->card.generation);
	/* What an application that was killed has sent may come in between. */
	if (app->is_known && card->count != app->card.count + 1) {
		strays = atomic_exchange(&app->mine->strays, 0);
		if (card->count - app->card.count - 1 > strays)
			soak_fail(app->soak,
			    "reader %u: card %u.%u counts %u "
			    "commands after %u",
			    app->index, card->card, card->generation,
			    card->count, app->card.count);
	}
	app->card = *card;
	app->is_known = true;
}

/*
 * pcscd resets the card behind an application that was killed. The next one is
 * told of that, and, if it has connected again before the reset was over, that
 * the card's protocol is not chosen.
 */
static bool
is_aftermath(struct app *app, LONG rv)
{
	unsigned due = atomic_load(&app->mine->resets);

	if (due == 0 || (rv != (LONG)SCARD_W_RESET_CARD &&
			    rv != (LONG)SCARD_E_PROTO_MISMATCH))
		return false;
	atomic_store(&app->mine->resets, due - 1);
	return true;
}

/* A command may fail if its card has gone, or pcscd has; not for nothing. */
static void
judge_failure(struct app *app, LONG rv)
{
	struct soak *soak = app->soak;
	unsigned now = atomic_load(&soak->cards[app->card.card]);

	atomic_fetch_add(&app->mine->failed, 1);
	if (!app->is_known || now != (app->card.generation << 1 | 1) ||
	    app->host % 2 != 0 || app->host != atomic_load(&soak->host))
		return;
	if (is_aftermath(app, rv))
		return;
	soak_fail(soak, "reader %u: %s, but card %u.%u is there", app->index,
	    pcsc_stringify_error(rv), app->card.card, app->card.generation);
}

static bool
app_command(struct app *app)
{
	unsigned number = atomic_fetch_add(&app->mine->number, 1) + 1;
	bool big = app->is_known && app->card.big;
	DWORD len = sizeof(app->response);
	size_t n =
	    soak_command(app->soak, app->index, number, big, app->command);
	struct soak_card card;
	LONG rv;

	rv = SCardTransmit(app->handle,
	    app->protocol == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0,
	    app->command, n, NULL, app->response, &len);
	if (rv != SCARD_S_SUCCESS) {
		judge_failure(app, rv);
		return false;
	}
	if (!soak_is_response(
		app->soak, app->index, number, app->response, len, &card)) {
		soak_fail(app->soak,
		    "reader %u: %lu bytes are no response to "
		    "command %u",
		    app->index, len, number);
		return false;
	}
	judge_card(app, &card);
	atomic_fetch_add(&app->mine->answered, 1);
	atomic_fetch_add(&app->mine->bytes, n + len);
	return true;
}

void
soak_app_main(struct soak *soak, unsigned index)
{
	struct app *app = calloc(1, sizeof(*app));
	pthread_t thread;
	unsigned left;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (app == NULL)
		_exit(EXIT_FAILURE);
	app->soak = soak;
	app->mine = &soak->apps[index];
	app->index = index;
	app->dice.state = (soak->seed ^ (uint64_t)script_ns()) | 1;
	if (soak->nuisance &&
	    pthread_create(&thread, NULL, cancel_main, app) != 0)
		_exit(EXIT_FAILURE);
	while (!is_over(app)) {
		if (!context_get(app) || !app_open(app))
			continue;
		left = 1 + soak_draw(&app->dice, HANDLE_COMMANDS);
		do
			keep_pace(app);
		while (!is_over(app) && app_command(app) && --left > 0);
		app_close(app);
	}
	context_release(app);
	_exit(EXIT_SUCCESS);
}
