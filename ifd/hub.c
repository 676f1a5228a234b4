/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/hub.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "ifd/clerk.h"
#include "trace/tap.h"
#include "util/lock.h"
#include "util/log.h"

enum { HUB_REST_MS = 100 };

struct hub {
	struct loop *loop;
	pthread_t thread;
	struct clerk clerk;
	struct tap tap;
};

/* A call in waiting, on the caller's stack. */
struct errand {
	int (*fn)(void *);
	void *arg;
	int rc;
	bool done;
	struct lock lock;
	pthread_cond_t cond;
};

/*
 * It ends when it is told to and not before, whatever fails: pcscd's threads
 * wait for what they have asked of it.
 */
static void *
hub_main(void *arg)
{
	struct hub *hub = arg;
	bool told = false;
	int rc;

	while ((rc = loop_run(hub->loop)) < 0) {
		if (!told)
			log_error("the driver cannot wait for its peers: %s "
				  "(said once)",
			    err_text(rc));
		told = true;
		(void)poll(NULL, 0, HUB_REST_MS);
	}
	return NULL;
}

static int
hub_start(struct hub *hub)
{
	sigset_t all, old;
	int rc;

	/* Signals are pcscd's; none may be handled here. */
	sigfillset(&all);
	rc = pthread_sigmask(SIG_SETMASK, &all, &old);
	if (rc != 0)
		return -rc;
	rc = pthread_create(&hub->thread, NULL, hub_main, hub);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc == 0)
		pthread_setname_np(hub->thread, "vscard-hub");
	return -rc;
}

int
hub_new(struct hub **out_hub)
{
	struct hub *hub = calloc(1, sizeof(*hub));
	int rc;

	if (hub == NULL)
		return -ENOMEM;
	hub->tap = (struct tap)TAP_INITIALIZER;
	rc = loop_new(&hub->loop);
	if (rc < 0)
		goto fail;
	clerk_init(&hub->clerk, hub->loop);
	rc = hub_start(hub);
	if (rc < 0) {
		clerk_clear(&hub->clerk);
		goto fail;
	}
	*out_hub = hub;
	return 0;
fail:
	loop_free(&hub->loop);
	free(hub);
	return rc;
}

void
hub_free(struct hub **hub)
{
	if (*hub == NULL)
		return;
	loop_stop((*hub)->loop);
	pthread_join((*hub)->thread, NULL);
	clerk_clear(&(*hub)->clerk);
	loop_free(&(*hub)->loop);
	lock_clear(&(*hub)->tap.lock);
	free(*hub);
	*hub = NULL;
}

struct clerk *
hub_clerk(struct hub *hub)
{
	return &hub->clerk;
}

struct loop *
hub_loop(struct hub *hub)
{
	return hub->loop;
}

struct tap *
hub_tap(struct hub *hub)
{
	return &hub->tap;
}

static void
on_errand(void *arg)
{
	struct errand *errand = arg;
	int rc = errand->fn(errand->arg);

	lock_take(&errand->lock);
	errand->rc = rc;
	errand->done = true;
	pthread_cond_signal(&errand->cond);
	lock_release(&errand->lock);
}

int
hub_call(struct hub *hub, int (*fn)(void *arg), void *arg)
{
	struct errand errand = {
	    .fn = fn,
	    .arg = arg,
	    .lock = LOCK_INITIALIZER(LOCK_ERRAND),
	    .cond = PTHREAD_COND_INITIALIZER,
	};
	struct loop_call call = {.on_call = on_errand, .arg = &errand};

	loop_defer(hub->loop, &call);
	lock_take(&errand.lock);
	while (!errand.done)
		lock_wait(&errand.lock, &errand.cond);
	lock_release(&errand.lock);
	pthread_cond_destroy(&errand.cond);
	lock_clear(&errand.lock);
	return errand.rc;
}
