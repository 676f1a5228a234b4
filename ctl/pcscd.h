/* SPDX-License-Identifier: BSD-2-Clause */
/* The pcscd that applications here reach, as the system shows it. */
#ifndef CTL_PCSCD_H
#define CTL_PCSCD_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "util/err.h"

enum { PCSCD_PATH_MAX = 256 };

struct pcscd {
	pid_t pid;              /* 0: there is none, or it cannot be told */
	int error;              /* of connecting to its socket: 0 or negative */
	bool auto_exit;         /* it was told to leave when nobody is there */
	bool started_by_system; /* its socket is the service manager's */
	time_t started;         /* rounded up; 0: it cannot be told */
	char config[PCSCD_PATH_MAX]; /* its reader.conf or its directory */
	char socket[PCSCD_PATH_MAX];
};

/* Looks; fields that it could not find are left as if there was nothing. */
void pcscd_get(struct pcscd *out);
/* The same of the process with that number: config, auto_exit, started. */
void pcscd_get_process(pid_t pid, struct pcscd *out);
/*
 * When a process was started, rounded up: so many ticks (hertz of them are a
 * second, and they are rounded down) after a machine that is up for that long
 * now; 0: that is still to come. A file that was there by then is not younger,
 * to the second.
 */
time_t pcscd_started(const struct timespec *now, const struct timespec *up,
    unsigned long long ticks, long hertz);

#endif
