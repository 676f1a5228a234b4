/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread that follows a real reader and its card, and tells the sink. It
 * waits for events of PC/SC and polls for nothing; while there is no pcscd it
 * tries again with back-off.
 */
#ifndef VSCCLIENT_PCSC_MONITOR_H
#define VSCCLIENT_PCSC_MONITOR_H

#include <pthread.h>
#include <stdbool.h>

#include <winscard.h>

#include "vscclient/backoff.h"
#include "vscclient/sink.h"

enum { PCSC_NAME_MAX = 256 };

/* The only reader of this backend has this number. */
enum { PCSC_READER = 0 };

struct pcsc_monitor {
	const char *pattern; /* see readermatch() */
	struct sink *sink;
	pthread_t thread;
	/* The thread's. */
	struct backoff backoff;
	bool complained; /* PC/SC is not there */
	/* Under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	bool ended;    /* the thread is about to return */
	bool watching; /* context can be cancelled */
	SCARDCONTEXT context;
	char name[PCSC_NAME_MAX]; /* of the reader followed; "": none */
};

/* Starts the thread. Borrows pattern and sink until clear. */
int pcsc_monitor_init(struct pcsc_monitor *, const char *pattern,
    struct sink *) MUST_CHECK;
/* Ends the thread and waits for it. */
void pcsc_monitor_clear(struct pcsc_monitor *);
/* The name of the reader followed now, "" if there is none. Any thread. */
void pcsc_monitor_name(struct pcsc_monitor *, char out[PCSC_NAME_MAX]);

#endif
