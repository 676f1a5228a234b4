/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/clerk.h"

void
clerk_init(struct clerk *clerk, struct loop *loop)
{
	*clerk = (struct clerk){
	    .loop = loop,
	    .lock = LOCK_INITIALIZER(LOCK_CLERK),
	    .posted = PTHREAD_COND_INITIALIZER,
	};
	clerk->last = &clerk->first;
}

/* The next job, or NULL at the end. */
static struct clerk_job *
clerk_take(struct clerk *clerk)
{
	struct clerk_job *job = NULL;

	lock_take(&clerk->lock);
	while (clerk->first == NULL && !clerk->ended)
		lock_wait(&clerk->lock, &clerk->posted);
	if (!clerk->ended) {
		job = clerk->first;
		clerk->first = job->next;
		if (clerk->first == NULL)
			clerk->last = &clerk->first;
	}
	lock_release(&clerk->lock);
	return job;
}

static void *
clerk_main(void *arg)
{
	struct clerk *clerk = arg;
	struct clerk_job *job;

	while ((job = clerk_take(clerk)) != NULL) {
		job->work(job->arg);
		loop_defer(clerk->loop, &job->done);
	}
	return NULL;
}

int
clerk_post(struct clerk *clerk, struct clerk_job *job)
{
	int rc;

	if (!clerk->started) {
		rc = pthread_create(&clerk->thread, NULL, clerk_main, clerk);
		if (rc != 0)
			return -rc;
		pthread_setname_np(clerk->thread, "vscard-clerk");
		clerk->started = true;
	}
	job->next = NULL;
	lock_take(&clerk->lock);
	*clerk->last = job;
	clerk->last = &job->next;
	pthread_cond_signal(&clerk->posted);
	lock_release(&clerk->lock);
	return 0;
}

void
clerk_clear(struct clerk *clerk)
{
	struct clerk_job *job, *next;

	lock_take(&clerk->lock);
	clerk->ended = true;
	pthread_cond_signal(&clerk->posted);
	lock_release(&clerk->lock);
	if (clerk->started)
		pthread_join(clerk->thread, NULL);
	for (job = clerk->first; job != NULL; job = next) {
		next = job->next;
		loop_defer(clerk->loop, &job->done);
	}
	pthread_cond_destroy(&clerk->posted);
	lock_clear(&clerk->lock);
}
