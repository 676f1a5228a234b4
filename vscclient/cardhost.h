/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One card process as the network process sees it: started, heard, and started
 * again with back-off when it dies.
 */
#ifndef VSCCLIENT_CARDHOST_H
#define VSCCLIENT_CARDHOST_H

#include <stdbool.h>
#include <sys/types.h>

#include "net/backoff.h"
#include "net/starter.h"
#include "vscclient/link.h"

enum cardhost_state {
	CARDHOST_IDLE,    /* not started, or over for good */
	CARDHOST_RUNNING, /* the link is open */
	CARDHOST_ENDING,  /* the link is closed, the process not yet gone */
	CARDHOST_WAITING  /* until it is started again */
};

struct cardhost;

struct cardhost_ops {
	/*
	 * It said Init, because the card could be opened, and which reader it
	 * has first, if there is one. After each start.
	 */
	void (*on_ready)(void *arg, struct cardhost *);
	void (*on_event)(void *arg, struct cardhost *,
	    const struct vscard_event *);
	/* Its readers are gone with it. */
	void (*on_lost)(void *arg, struct cardhost *);
	/* It could not open its card the first time; it has said why. */
	void (*on_bad)(void *arg, struct cardhost *);
	/* After cardhost_stop: the process is gone. */
	void (*on_stopped)(void *arg, struct cardhost *);
};

struct cardhost_setup {
	const char *spec; /* as the user wrote it */
	struct starter *starter;
	size_t index; /* of its card, for programs_card */
	const struct vscard_limits *limits;
};

struct cardhost {
	struct link link;
	const char *spec;
	/* Private. */
	const struct cardhost_setup *setup;
	const struct cardhost_ops *ops;
	void *arg;
	struct loop *loop;
	enum cardhost_state state;
	struct loop_timer timer; /* to start again, or to kill */
	struct backoff backoff;
	pid_t pid;        /* 0: none */
	size_t program;   /* what it is to the starter */
	int64_t ready_at; /* when this process said Init; CLOCK_NEVER */
	bool known;       /* some process has said Init */
	bool ready;       /* some process was */
	bool stopped;
	const char *why;  /* the link was of no use any more; NULL: it was */
	unsigned fails; /* ends in a row, none after a life worth the name */
};

/* Borrows setup and all that it points to. */
void cardhost_init(struct cardhost *, struct loop *,
    const struct cardhost_setup *, const struct cardhost_ops *, void *arg);
int cardhost_start(struct cardhost *) MUST_CHECK;
/* Call it at each SIGCHLD. */
void cardhost_reap(struct cardhost *);
/*
 * Closes the link, which ends the process, for good; on_stopped comes when it
 * is gone, perhaps at once.
 */
void cardhost_stop(struct cardhost *);
bool cardhost_is_ready(const struct cardhost *);

#endif
