/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals as events of the loop. */
#ifndef VSCCLIENT_SIGNALS_H
#define VSCCLIENT_SIGNALS_H

#include "net/loop.h"
#include "util/err.h"

struct signals {
	struct loop *loop;
	struct loop_watch watch;
	int fd; /* -1: closed */
	void (*on_signal)(void *arg, int signo);
	void *arg;
};

/*
 * Blocks the signals of the list, which ends with 0, and hands them to
 * on_signal. Call it before the first thread starts, so that all inherit the
 * mask. SIGPIPE is ignored from now on.
 */
int signals_init(struct signals *, struct loop *, const int list[],
    void (*on_signal)(void *arg, int signo), void *arg) MUST_CHECK;
/* The signals stay blocked: nothing is left that could take them. */
void signals_clear(struct signals *);

#endif
