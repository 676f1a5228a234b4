/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it goes, told to whom it concerns: the service manager, whoever waits on
 * --ready-fd, and a person at a terminal, who gets a status line. Nothing is
 * done at rest, and never more often than a few times a second.
 */
#ifndef VSCCLIENT_REPORT_H
#define VSCCLIENT_REPORT_H

#include <stdbool.h>

#include "vscclient/client.h"
#include "vscclient/relay.h"

enum { REPORT_MS = 250, REPORT_MAX = 512 };

struct report {
	struct loop *loop;
	const struct client *client;
	const struct relay *relay;
	struct loop_timer timer;
	struct loop_timer quiet; /* until it is ready */
	bool terminal; /* stderr is one, and a status line is wanted */
	int notify;    /* the service manager's socket; -1: none */
	int ready_fd;  /* -1: none, or told already */
	bool ready;    /* has been told */
	unsigned long long apdus; /* answered so far; the owner counts */
	char told[REPORT_MAX]; /* the last STATUS= */
};

/* Adopts ready_fd, which may be -1. */
void report_init(struct report *, struct loop *, int ready_fd, bool terminal);
/* Borrows both, for as long as it is touched. */
void report_watch(struct report *, const struct client *,
    const struct relay *);
/* Something may have changed; it is told soon. */
void report_touch(struct report *);
/* All is over soon, or is over and the terminal is left as it was. */
void report_stopping(struct report *);
void report_clear(struct report *);

/*
 * One line: to whom, which readers, which cards; and with APDUs how many so
 * far. Writes at most REPORT_MAX bytes, without control characters.
 */
void report_text(const struct report *, bool apdus, char *out);

#endif
