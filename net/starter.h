/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that starts others for its parent, and ends them, so that the
 * parent itself can give up the right to. It knows all that it may ever start
 * from the beginning, and is asked by number. What it starts is a child of the
 * parent.
 */
#ifndef VSCARD_NET_STARTER_H
#define VSCARD_NET_STARTER_H

#include <stdbool.h>
#include <stddef.h>

#include "net/spawn.h"

struct starter_command {
	char **argv; /* as spawn_start takes it */
	bool filter; /* spawn_filter instead */
};

struct starter {
	int fd; /* -1: none */
	pid_t pid; /* 0: none */
};

/*
 * Forks; while there is but one thread, and before there is anything that it
 * should not hold. It needs the commands in memory only at this moment.
 */
int starter_init(struct starter *, const struct starter_command *,
    size_t count) MUST_CHECK;
/*
 * Call it at each SIGCHLD. True: it has ended, and nothing can be started any
 * more. Once for each starter.
 */
bool starter_reap(struct starter *) MUST_CHECK;
/* Ends it. What it has started lives on. */
void starter_clear(struct starter *);

/*
 * As spawn_start, or spawn_filter if the command is one. *out_err is -1 if it
 * is none. -ECONNRESET if the starter is gone.
 */
int starter_run(struct starter *, size_t index, struct spawn *out,
    int *out_err) MUST_CHECK;
/*
 * A signal to what this number has started last. -ESRCH if that has been waited
 * for, or there was none; -EINVAL if there is no such number. -ECONNRESET if the
 * starter is gone: then only the end of the parent ends what it has started.
 */
int starter_signal(struct starter *, size_t index, int sig) MUST_CHECK;

#endif
