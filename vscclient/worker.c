/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/worker.h"

#include <stdlib.h>
#include <string.h>

#include "util/clock.h"

struct worker {
	struct loop *loop;
	struct loop_call call;
	const struct worker_ops *ops;
	void *arg;
	unsigned reader;
	unsigned serial; /* the loop's */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	/* Under the lock, but that `now` is the thread's while it works. */
	bool stop;
	bool ended; /* the thread is about to return */
	bool done; /* `now` is, and the loop has not seen it */
	struct work *next;
	struct work *now;
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

/* Under the lock. The piece to do, or NULL at the end. */
static struct work *
worker_take(struct worker *w)
{
	struct work *taken;

	while (!w->stop && (w->done || w->next->kind == WORK_NONE))
		pthread_cond_wait(&w->cond, &w->lock);
	if (w->stop)
		return NULL;
	taken = w->next;
	w->next = w->now;
	w->now = taken;
	return taken;
}

static void *
worker_run(void *arg)
{
	struct worker *w = arg;
	struct work *work;

	pthread_mutex_lock(&w->lock);
	while ((work = worker_take(w)) != NULL) {
		pthread_mutex_unlock(&w->lock);
		w->ops->on_work(w->arg, work);
		pthread_mutex_lock(&w->lock);
		w->done = true;
		loop_defer(w->loop, &w->call);
	}
	w->ended = true;
	pthread_cond_broadcast(&w->cond);
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void
worker_on_call(void *arg)
{
	struct worker *w = arg;
	bool stop;

	pthread_mutex_lock(&w->lock);
	stop = w->stop;
	pthread_mutex_unlock(&w->lock);
	if (!stop)
		w->ops->on_done(w->arg, w->now);
	pthread_mutex_lock(&w->lock);
	work_wipe(w->now);
	w->done = false;
	/* As a rule there is nothing, and the thread may sleep on. */
	if (w->next->kind != WORK_NONE)
		pthread_cond_broadcast(&w->cond);
	pthread_mutex_unlock(&w->lock);
}

static void
worker_discard(struct worker *w)
{
	pthread_cond_destroy(&w->cond);
	pthread_mutex_destroy(&w->lock);
	free(w->next);
	free(w->now);
	free(w);
}

static void
worker_init_locks(struct worker *w)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->cond, &attr);
	pthread_condattr_destroy(&attr);
}

int
worker_new(struct loop *loop, unsigned reader, const struct worker_ops *ops,
    void *arg, struct worker **out_worker)
{
	struct worker *w = calloc(1, sizeof(*w));
	int rc;

	if (w == NULL)
		return -ENOMEM;
	w->loop = loop;
	w->call.on_call = worker_on_call;
	w->call.arg = w;
	w->ops = ops;
	w->arg = arg;
	w->reader = reader;
	worker_init_locks(w);
	w->next = calloc(1, sizeof(*w->next));
	w->now = calloc(1, sizeof(*w->now));
	rc = w->next == NULL || w->now == NULL ? ENOMEM :
	    pthread_create(&w->thread, NULL, worker_run, w);
	if (rc != 0) {
		worker_discard(w);
		return -rc;
	}
	*out_worker = w;
	return 0;
}

int
worker_stop(struct worker *w, int64_t deadline)
{
	struct timespec until = clock_spec(deadline);

	int rc = 0;

	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_broadcast(&w->cond);
	while (!w->ended && rc == 0)
		rc = pthread_cond_timedwait(&w->cond, &w->lock, &until);
	pthread_mutex_unlock(&w->lock);
	return rc != 0 ? -rc : -pthread_join(w->thread, NULL);
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

/* Under the lock. */
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
	if (++w->serial == 0)
		w->serial = 1;
	pthread_mutex_lock(&w->lock);
	work_set(w->next, order);
	w->next->reader = w->reader;
	w->next->serial = w->serial;
	pthread_mutex_unlock(&w->lock);
	/* Unlocked: it would wake up only to wait for the lock. */
	pthread_cond_broadcast(&w->cond);
	return w->serial;
}

bool
worker_has_next(struct worker *w)
{
	bool next;

	pthread_mutex_lock(&w->lock);
	next = w->next->kind != WORK_NONE;
	pthread_mutex_unlock(&w->lock);
	return next;
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
