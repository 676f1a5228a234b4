/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscd and vscclient: their files, their start, their last words. */
#ifndef VSCARD_RUN_DAEMON_H
#define VSCARD_RUN_DAEMON_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "run/options.h"
#include "run/programs.h"

struct daemon {
	const char *name;
	pid_t pid; /* 0: not running */
	int log;   /* what it says; -1: goes to stderr */
};

void daemon_init(struct daemon *, const char *name);
/* Closes its log. It must not be running. */
void daemon_clear(struct daemon *);

/* Writes the driver's file and pcscd's; logs a failure. */
int daemon_write_files(const struct options *) MUST_CHECK;
/*
 * Start them in the sandbox; log a failure. outside: a NAME=VALUE that leads
 * vscclient to real readers.
 */
int daemon_start_pcscd(struct daemon *, const struct options *,
    const struct programs *) MUST_CHECK;
int daemon_start_client(struct daemon *, const struct options *,
    const struct programs *, const char *outside) MUST_CHECK;
/* SIGTERM, a wait until the deadline, and no more. */
void daemon_stop(struct daemon *, int64_t deadline);
/* Logs the last lines of what it said. */
void daemon_tell(const struct daemon *);

#endif
