/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread that follows the real readers and their cards as they come and go,
 * and tells the sink. It waits for events of PC/SC and polls for nothing; while
 * there is no pcscd it tries again with back-off.
 */
#ifndef VSCCLIENT_PCSC_MONITOR_H
#define VSCCLIENT_PCSC_MONITOR_H

#include <pthread.h>
#include <stdbool.h>

#include <winscard.h>

#include "net/backoff.h"
#include "vscclient/pcsc_card.h"

/* A reader that the monitor follows, and what it has told of it. */
struct pcsc_followed {
	char name[PCSC_NAME_MAX]; /* "": free place */
	bool listed;              /* in PC/SC's list this time */
	bool reader;
	bool card;
	DWORD state; /* as PC/SC gave it last */
};

struct pcsc_monitor {
	const char *pattern; /* see readermatch() */
	struct sink *sink;
	struct pcsc_card *cards; /* SINK_READERS_MAX, by the reader's number */
	pthread_t thread;
	/* The thread's. */
	struct backoff backoff;
	bool complained; /* PC/SC is not there */
	bool waiting;    /* said that there is no reader */
	bool crowded;    /* said that there are too many */
	bool changed;    /* PC/SC's list of readers, not long ago */
	DWORD pnp;       /* PC/SC's count of changes of that list */
	struct pcsc_followed followed[SINK_READERS_MAX];
	/* Under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	bool ended;    /* the thread is about to return */
	bool watching; /* context can be cancelled */
	SCARDCONTEXT context;
};

/* Starts the thread. Borrows all until clear. */
int pcsc_monitor_init(struct pcsc_monitor *, const char *pattern,
    struct sink *, struct pcsc_card *cards) MUST_CHECK;
/* Ends the thread and waits for it. */
void pcsc_monitor_clear(struct pcsc_monitor *);

#endif
