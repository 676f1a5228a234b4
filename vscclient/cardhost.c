/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/cardhost.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "util/clock.h"
#include "util/log.h"
#include "vscclient/programs.h"
#include "vscclient/status.h"

/* How long a process may outlive its descriptor. */
enum { CARDHOST_END_MS = 2000 };

/* A process that was ready for so long did not fail at its start. */
enum { CARDHOST_LIFE_MS = 10000 };

/* A reader follows Init at once, or there is none yet, as without a pcscd. */
enum { CARDHOST_READER_MS = 1000 };

/* After so many failures in a row the process has nothing new to say. */
enum { CARDHOST_FAILS_SAID = 2 };

/* --- starting --------------------------------------------------------- */

static int
cardhost_spawn(struct cardhost *h, struct spawn *out)
{
	bool silent = h->fails >= CARDHOST_FAILS_SAID;
	int none;

	h->program = programs_card(h->setup->index, silent);
	return starter_run(h->setup->starter, h->program, out, &none);
}

/*
 * Only the starter may. Without it the process is as good as gone: it ends with
 * this one, for which there is nothing more to do.
 */
static int
cardhost_kill(struct cardhost *h)
{
	int rc = starter_signal(h->setup->starter, h->program, SIGKILL);

	if (rc < 0)
		h->pid = 0;
	return rc;
}

int
cardhost_start(struct cardhost *h)
{
	struct spawn child;
	int rc;

	rc = cardhost_spawn(h, &child);
	if (rc < 0)
		return rc;
	h->pid = child.pid;
	h->ready_at = CLOCK_NEVER;
	h->why = NULL;
	h->state = CARDHOST_RUNNING;
	rc = link_open(&h->link, child.fd, VSCARD_ROLE_HOST,
	    h->setup->limits);
	if (rc < 0) {
		h->state = CARDHOST_ENDING;
		(void)cardhost_kill(h);
	}
	return rc;
}

/* --- ending ----------------------------------------------------------- */

static bool
cardhost_lived(const struct cardhost *h)
{
	return h->ready_at != CLOCK_NEVER &&
	    clock_now() - h->ready_at >= CARDHOST_LIFE_MS;
}

/* One line however often it fails in a row, and however it does. */
static void
cardhost_complain(const struct cardhost *h, int status)
{
	const char *when = h->ready_at == CLOCK_NEVER ?
	    " before it said Init" : "";
	char how[80];

	if (h->fails > 0)
		return;
	if (h->why != NULL)
		snprintf(how, sizeof(how), ": %s", h->why);
	else if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), " was killed by signal %d%s",
		    WTERMSIG(status), when);
	else
		snprintf(how, sizeof(how), " ended with status %d%s",
		    WEXITSTATUS(status), when);
	log_warning("card process of '%s'%s; starting it again", h->spec, how);
}

static void
cardhost_again(struct cardhost *h)
{
	h->state = CARDHOST_WAITING;
	loop_timer_set(h->loop, &h->timer,
	    clock_after((int64_t)backoff_next(&h->backoff)));
}

static void
cardhost_gone(struct cardhost *h, int status)
{
	loop_timer_cancel(h->loop, &h->timer);
	if (h->stopped || (!h->known && WIFEXITED(status) &&
	    WEXITSTATUS(status) == STATUS_CARD)) {
		h->state = CARDHOST_IDLE;
		if (h->stopped)
			h->ops->on_stopped(h->arg, h);
		else
			h->ops->on_bad(h->arg, h);
		return;
	}
	if (cardhost_lived(h)) {
		h->fails = 0;
		backoff_reset(&h->backoff);
	}
	cardhost_complain(h, status);
	h->fails++;
	cardhost_again(h);
}

/* The link goes first; then the process has a moment to go by itself. */
static void
cardhost_close(struct cardhost *h)
{
	if (h->state != CARDHOST_RUNNING)
		return;
	link_close(&h->link);
	h->state = CARDHOST_ENDING;
	loop_timer_set(h->loop, &h->timer, clock_after(CARDHOST_END_MS));
	h->ops->on_lost(h->arg, h);
}

void
cardhost_reap(struct cardhost *h)
{
	int status;

	if (h->pid == 0 || waitpid(h->pid, &status, WNOHANG) != h->pid)
		return;
	h->pid = 0;
	cardhost_close(h);
	cardhost_gone(h, status);
}

void
cardhost_stop(struct cardhost *h)
{
	h->stopped = true;
	cardhost_close(h);
	if (h->pid != 0)
		return;
	loop_timer_cancel(h->loop, &h->timer);
	h->state = CARDHOST_IDLE;
	h->ops->on_stopped(h->arg, h);
}

/* --- events ----------------------------------------------------------- */

static void
cardhost_ready(struct cardhost *h)
{
	loop_timer_cancel(h->loop, &h->timer);
	h->ready = true;
	h->ops->on_ready(h->arg, h);
}

static void
cardhost_on_time(void *arg)
{
	struct cardhost *h = arg;
	int rc;

	if (h->state == CARDHOST_RUNNING) {
		cardhost_ready(h);
		return;
	}
	if (h->state == CARDHOST_ENDING) {
		if (cardhost_kill(h) < 0)
			cardhost_gone(h, 0);
		return;
	}
	rc = cardhost_start(h);
	if (rc == 0)
		return;
	log_debug("card process of '%s': %s", h->spec, err_text(rc));
	if (h->pid == 0)
		cardhost_again(h);
}

static void
cardhost_on_open(struct cardhost *h)
{
	if (h->fails > 0)
		log_info("card process of '%s' runs again", h->spec);
	h->ready_at = clock_now();
	h->known = true;
	loop_timer_set(h->loop, &h->timer, clock_after(CARDHOST_READER_MS));
}

/* With its name, if one will come. */
static bool
cardhost_has_reader(const struct cardhost *h, const struct vscard_event *ev)
{
	if (ev->type == VSCARD_EVENT_READER_ADD)
		return ev->len > 0 || !link_has_names(&h->link);
	return ev->type == VSCARD_EVENT_READER_NAME;
}

static void
cardhost_on_event(void *arg, const struct vscard_event *ev)
{
	struct cardhost *h = arg;

	if (ev->type == VSCARD_EVENT_OPEN) {
		cardhost_on_open(h);
		return;
	}
	h->ops->on_event(h->arg, h, ev);
	if (h->state == CARDHOST_RUNNING && h->timer.deadline != CLOCK_NEVER &&
	    cardhost_has_reader(h, ev))
		cardhost_ready(h);
}

static void
cardhost_on_lost(void *arg, int err)
{
	struct cardhost *h = arg;

	if (err != -ECONNRESET)
		h->why = link_why(&h->link, err);
	cardhost_close(h);
}

static const struct link_ops cardhost_link_ops = {
    .on_event = cardhost_on_event,
    .on_lost = cardhost_on_lost,
};

void
cardhost_init(struct cardhost *h, struct loop *loop,
    const struct cardhost_setup *setup, const struct cardhost_ops *ops,
    void *arg)
{
	memset(h, 0, sizeof(*h));
	h->setup = setup;
	h->spec = setup->spec;
	h->ops = ops;
	h->arg = arg;
	h->loop = loop;
	h->ready_at = CLOCK_NEVER;
	h->timer.deadline = CLOCK_NEVER;
	h->timer.on_time = cardhost_on_time;
	h->timer.arg = h;
	link_init(&h->link, loop, &cardhost_link_ops, h);
	backoff_init_random(&h->backoff);
}

bool
cardhost_is_ready(const struct cardhost *h)
{
	return h->ready;
}
