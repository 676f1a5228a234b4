/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/worker.h"

#include <stdlib.h>
#include <string.h>

struct worker {
	struct crew *crew;
	struct crew_job job;
	const struct worker_ops *ops;
	void *arg;
	unsigned reader;
	unsigned serial;
	struct work *next;
	struct work *now; /* who works has it; else posted, or nothing */
};

/* Commands may hold PINs, responses what they protect. */
static void
work_wipe(struct work *w)
{
	explicit_bzero(w->in, w->len);
	explicit_bzero(w->out, w->out_len);
	w->kind = WORK_NONE;
	w->len = w->out_len = 0;
}

static void
worker_on_work(void *arg)
{
	struct worker *w = arg;

	w->ops->on_work(w->arg, w->now);
}

static void
worker_on_done(void *arg)
{
	struct worker *w = arg;
	struct work *done = w->now;

	w->ops->on_done(w->arg, done);
	work_wipe(done);
	if (w->next->kind == WORK_NONE)
		return;
	w->now = w->next;
	w->next = done;
	crew_post(w->crew, &w->job);
}

static void
worker_discard(struct worker *w)
{
	free(w->next);
	free(w->now);
	free(w);
}

int
worker_new(struct crew *crew, unsigned reader, const struct worker_ops *ops,
    void *arg, struct worker **out_worker)
{
	struct worker *w = calloc(1, sizeof(*w));
	int rc = -ENOMEM;

	if (w == NULL)
		return rc;
	w->crew = crew;
	w->job.on_work = worker_on_work;
	w->job.on_done = worker_on_done;
	w->job.arg = w;
	w->ops = ops;
	w->arg = arg;
	w->reader = reader;
	w->next = calloc(1, sizeof(*w->next));
	w->now = calloc(1, sizeof(*w->now));
	if (w->next != NULL && w->now != NULL)
		rc = crew_add(crew, &w->job);
	if (rc < 0)
		worker_discard(w);
	else
		*out_worker = w;
	return rc;
}

void
worker_free(struct worker **worker)
{
	struct worker *w = *worker;

	if (w == NULL)
		return;
	work_wipe(w->next);
	work_wipe(w->now);
	worker_discard(w);
	*worker = NULL;
}

static void
work_set(struct work *work, const struct work_order *order)
{
	work_wipe(work);
	work->kind = order->kind;
	work->code = order->code;
	work->card = order->card;
	work->rc = 0;
	work->status = VSCARD_STATUS_OK;
	work->len = order->len < sizeof(work->in) ? order->len :
	    sizeof(work->in);
	if (work->len > 0)
		memcpy(work->in, order->command, work->len);
}

unsigned
worker_post(struct worker *w, const struct work_order *order)
{
	bool begun = crew_has_begun(&w->job);
	struct work *work = begun ? w->next : w->now;

	if (++w->serial == 0)
		w->serial = 1;
	work_set(work, order);
	work->reader = w->reader;
	work->serial = w->serial;
	if (!begun)
		crew_post(w->crew, &w->job);
	return w->serial;
}

bool
worker_has_next(const struct worker *w)
{
	return w->next->kind != WORK_NONE;
}

const char *
work_kind_name(enum work_kind kind)
{
	static const char *const names[] = {
	    [WORK_NONE] = "nothing",
	    [WORK_ADMIT] = "admission",
	    [WORK_RELEASE] = "release",
	    [WORK_APDU] = "command",
	    [WORK_POWER] = "power",
	    [WORK_PROTOCOL] = "protocol",
	};

	return (unsigned)kind <= WORK_PROTOCOL ? names[kind] : "?";
}
