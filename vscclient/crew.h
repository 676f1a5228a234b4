/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The threads of a card process. One of them has the lead: it runs the loop,
 * carries out the piece of work that the loop brought, and tells the outcome,
 * so that no other thread need wake for it. Another one keeps an eye on it:
 * it takes the lead when a piece is not done after some milliseconds, and the
 * loop goes on. docs/THREADS.md has the whole story.
 *
 * "With the lead": on the loop's thread, in the calls of a piece that say so,
 * or before crew_run.
 */
#ifndef VSCCLIENT_CREW_H
#define VSCCLIENT_CREW_H

#include <pthread.h>
#include <stdbool.h>

#include "net/loop.h"

/*
 * A piece holds up the loop for once or twice this, and not at all if the one
 * before it of the same job was as long. Long beside what a card does in
 * software, short beside what a person notices.
 */
enum { CREW_TICK_MS = 5 };

/*
 * Work that may take its time, one piece at a time. The storage is the
 * caller's, and stays until crew_end.
 */
struct crew_job {
	/* Any thread of the crew, while the loop may go on. */
	void (*on_work)(void *arg);
	/* With the lead, when it is done; not after crew_stop. */
	void (*on_done)(void *arg);
	void *arg;
	/* Private. */
	enum { CREW_JOB_IDLE, CREW_JOB_POSTED, CREW_JOB_BEGUN } state;
	bool slow; /* the last piece was */
	struct crew *crew;
	struct loop_call told;
	pthread_t thread;        /* came with it; works for all */
	struct crew_job *posted; /* the next of those posted */
	struct crew_job *member; /* the next of all */
};

struct crew;

int crew_new(struct loop *, struct crew **out_crew) MUST_CHECK;
/*
 * With the lead. Each job brings a thread with it, so that there is one for
 * the loop even when all of them work. Signals must be blocked already.
 */
int crew_add(struct crew *, struct crew_job *) MUST_CHECK;
/*
 * With the lead: on_work is called soon. Nothing if it was posted already; one
 * that has begun can be posted again from its on_done, not earlier.
 */
void crew_post(struct crew *, struct crew_job *);
/* With the lead: on_work was called, and on_done has not returned. */
bool crew_has_begun(const struct crew_job *);

/*
 * Has the crew run the loop until crew_stop; what runs in it then may still be
 * about to return. 0, or why it could not.
 */
int crew_run(struct crew *) MUST_CHECK;
/* Any thread. No piece is begun any more, and no outcome told. */
void crew_stop(struct crew *);
/*
 * Not from within the crew: stops it, and waits for the pieces in hand.
 * -ETIMEDOUT: one takes longer than to the deadline, and goes on.
 */
int crew_end(struct crew *, int64_t deadline) MUST_CHECK;
/* After crew_end, and after its loop is freed. Makes *crew NULL. */
void crew_free(struct crew **);

#endif
