/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread for questions to the machine's name services, which may take long
 * (a directory server that is down), and which nobody can cut short. The hub
 * must not wait for them. One question at a time.
 */
#ifndef VSCARD_IFD_CLERK_H
#define VSCARD_IFD_CLERK_H

#include <pthread.h>
#include <stdbool.h>

#include "net/loop.h"
#include "util/lock.h"

struct clerk_job {
	void (*work)(void *arg); /* on the clerk's thread */
	/* Then on the loop's; without the work if the clerk has ended. */
	struct loop_call done;
	void *arg;
	struct clerk_job *next; /* private */
};

struct clerk {
	struct loop *loop;
	pthread_t thread; /* since the first job */
	bool started;

	struct lock lock; /* the rest */
	pthread_cond_t posted;
	bool ended;
	struct clerk_job *first, **last;
};

void clerk_init(struct clerk *, struct loop *);
/* Waits for the job in hand. Not from the loop's thread. */
void clerk_clear(struct clerk *);
/*
 * Loop's thread only, whose blocked signals the clerk takes over. On failure
 * nothing of the job is called.
 */
int clerk_post(struct clerk *, struct clerk_job *) MUST_CHECK;

#endif
