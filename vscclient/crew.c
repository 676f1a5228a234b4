/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/crew.h"

#include <stdlib.h>

#include "util/clock.h"

enum crew_lead {
	CREW_LED,    /* by who runs the loop, or is between two rounds */
	CREW_WORKS,  /* by who carries a piece out meanwhile */
	CREW_VACANT, /* to be had */
};

struct crew {
	struct loop *loop;
	/* With the lead. */
	struct crew_job *posted; /* the oldest first */
	struct crew_job **posted_end;
	struct crew_job *members;
	pthread_t first; /* comes with no job */
	bool manned;     /* the first is there */
	/* Under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t turn; /* the threads without the lead */
	pthread_cond_t end;  /* who waits for all of it */
	enum crew_lead lead;
	unsigned term;  /* another one each time the lead is taken */
	unsigned begun; /* pieces so far */
	bool watched;   /* somebody keeps an eye on the pieces */
	bool over;
	int rc;           /* of the loop */
	unsigned threads; /* that have not ended */
};

/* --- without the lead ----------------------------------------------------- */

/*
 * Under the lock. Sleeps, a tick at a time, as long as pieces are begun: that
 * costs a busy crew a wake-up a tick, and one at rest none. Takes the lead from
 * who has worked at one piece since the last tick.
 */
static void
crew_watch(struct crew *c)
{
	struct timespec tick;
	unsigned seen;

	c->watched = true;
	do {
		seen = c->begun;
		tick = clock_spec(clock_after(CREW_TICK_MS));
		(void)pthread_cond_timedwait(&c->turn, &c->lock, &tick);
	} while (!c->over && c->lead != CREW_VACANT && c->begun != seen);
	c->watched = false;
	if (c->lead == CREW_WORKS)
		c->lead = CREW_VACANT;
}

/* Under the lock. False at the end. */
static bool
crew_take_lead(struct crew *c)
{
	while (!c->over && c->lead != CREW_VACANT) {
		if (c->lead == CREW_WORKS && !c->watched)
			crew_watch(c);
		else
			pthread_cond_wait(&c->turn, &c->lock);
	}
	if (c->over)
		return false;
	c->lead = CREW_LED;
	c->term++;
	return true;
}

/* --- with the lead -------------------------------------------------------- */

static void
crew_tell(struct crew_job *job)
{
	job->on_done(job->arg);
	if (job->state == CREW_JOB_BEGUN)
		job->state = CREW_JOB_IDLE;
}

/* On the loop's thread; it is another one than that of the work. */
static void
crew_on_told(void *arg)
{
	struct crew_job *job = arg;
	struct crew *c = job->crew;
	bool over;

	pthread_mutex_lock(&c->lock);
	over = c->over;
	pthread_mutex_unlock(&c->lock);
	if (!over)
		crew_tell(job);
}

/* Under the lock. A piece like a slow one has the loop go on at once. */
static void
crew_begin(struct crew *c, struct crew_job *job)
{
	job->state = CREW_JOB_BEGUN;
	c->begun++;
	c->lead = job->slow ? CREW_VACANT : CREW_WORKS;
	/* As a rule somebody watches already, and nobody need wake. */
	if (job->slow || !c->watched)
		pthread_cond_signal(&c->turn);
}

/*
 * Under the lock, which is released meanwhile. True if the lead of that term
 * is still there; else the outcome is left to who has it.
 */
static bool
crew_work(struct crew *c, struct crew_job *job, unsigned term)
{
	int64_t begun;

	crew_begin(c, job);
	pthread_mutex_unlock(&c->lock);
	begun = clock_now();
	job->on_work(job->arg);
	job->slow = clock_now() - begun >= CREW_TICK_MS;
	pthread_mutex_lock(&c->lock);
	if (c->over)
		return false;
	if (c->term != term) {
		loop_defer(c->loop, &job->told);
		return false;
	}
	c->lead = CREW_LED;
	pthread_mutex_unlock(&c->lock);
	crew_tell(job);
	pthread_mutex_lock(&c->lock);
	return true;
}

/* Under the lock. */
static void
crew_be_over(struct crew *c)
{
	c->over = true;
	pthread_cond_broadcast(&c->turn);
	pthread_cond_broadcast(&c->end);
}

/* Runs the loop if nothing is posted. NULL: there is nothing yet. */
static struct crew_job *
crew_next(struct crew *c)
{
	struct crew_job *job;
	int rc = 0;

	if (c->posted == NULL)
		rc = loop_run(c->loop);
	if (rc < 0) {
		pthread_mutex_lock(&c->lock);
		c->rc = rc;
		crew_be_over(c);
		pthread_mutex_unlock(&c->lock);
	}
	job = c->posted;
	if (job != NULL)
		c->posted = job->posted;
	if (c->posted == NULL)
		c->posted_end = &c->posted;
	return job;
}

/* Under the lock, but for the work and the loop. */
static void
crew_lead(struct crew *c)
{
	unsigned term = c->term;
	struct crew_job *job;
	bool mine = true;

	while (mine && !c->over) {
		pthread_mutex_unlock(&c->lock);
		job = crew_next(c);
		pthread_mutex_lock(&c->lock);
		if (job != NULL && !c->over)
			mine = crew_work(c, job, term);
	}
}

static void *
crew_thread(void *arg)
{
	struct crew *c = arg;

	pthread_mutex_lock(&c->lock);
	while (crew_take_lead(c))
		crew_lead(c);
	c->threads--;
	pthread_cond_broadcast(&c->end);
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

void
crew_post(struct crew *c, struct crew_job *job)
{
	if (job->state == CREW_JOB_POSTED)
		return;
	job->state = CREW_JOB_POSTED;
	job->posted = NULL;
	*c->posted_end = job;
	c->posted_end = &job->posted;
	/* It begins when this round is finished. */
	loop_stop(c->loop);
}

bool
crew_has_begun(const struct crew_job *job)
{
	return job->state == CREW_JOB_BEGUN;
}

/* --- life ----------------------------------------------------------------- */

int
crew_new(struct loop *loop, struct crew **out_crew)
{
	struct crew *c = calloc(1, sizeof(*c));
	pthread_condattr_t attr;

	if (c == NULL)
		return -ENOMEM;
	c->loop = loop;
	c->posted_end = &c->posted;
	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->turn, &attr);
	pthread_cond_init(&c->end, &attr);
	pthread_condattr_destroy(&attr);
	*out_crew = c;
	return 0;
}

static int
crew_start_thread(struct crew *c, pthread_t *out)
{
	int rc;

	pthread_mutex_lock(&c->lock);
	rc = pthread_create(out, NULL, crew_thread, c);
	if (rc == 0)
		c->threads++;
	pthread_mutex_unlock(&c->lock);
	return -rc;
}

int
crew_add(struct crew *c, struct crew_job *job)
{
	int rc = crew_start_thread(c, &job->thread);

	if (rc < 0)
		return rc;
	job->state = CREW_JOB_IDLE;
	job->slow = false;
	job->crew = c;
	job->told = (struct loop_call){.on_call = crew_on_told, .arg = job};
	job->member = c->members;
	c->members = job;
	return 0;
}

int
crew_run(struct crew *c)
{
	int rc = crew_start_thread(c, &c->first);

	if (rc < 0)
		return rc;
	c->manned = true;
	pthread_mutex_lock(&c->lock);
	c->lead = CREW_VACANT;
	pthread_cond_signal(&c->turn);
	while (!c->over)
		pthread_cond_wait(&c->end, &c->lock);
	rc = c->rc;
	pthread_mutex_unlock(&c->lock);
	return rc;
}

void
crew_stop(struct crew *c)
{
	pthread_mutex_lock(&c->lock);
	crew_be_over(c);
	pthread_mutex_unlock(&c->lock);
	loop_stop(c->loop);
}

int
crew_end(struct crew *c, int64_t deadline)
{
	struct timespec until = clock_spec(deadline);
	int rc = 0;

	crew_stop(c);
	pthread_mutex_lock(&c->lock);
	while (c->threads > 0 && rc == 0)
		rc = pthread_cond_timedwait(&c->end, &c->lock, &until);
	pthread_mutex_unlock(&c->lock);
	if (rc != 0)
		return -rc;
	for (; c->members != NULL; c->members = c->members->member)
		pthread_join(c->members->thread, NULL);
	if (c->manned)
		pthread_join(c->first, NULL);
	c->manned = false;
	return 0;
}

void
crew_free(struct crew **crew)
{
	struct crew *c = *crew;

	if (c == NULL)
		return;
	pthread_cond_destroy(&c->end);
	pthread_cond_destroy(&c->turn);
	pthread_mutex_destroy(&c->lock);
	free(c);
	*crew = NULL;
}
