/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The supervisor: inside the namespaces, it starts everything and ends
 * everything, down to the last descendant, whatever happens to the process
 * that the user sees (the front).
 */
#ifndef VSCARD_RUN_SUPERVISE_H
#define VSCARD_RUN_SUPERVISE_H

#include <signal.h>
#include <sys/types.h>

#include "run/options.h"
#include "run/programs.h"

/* Our own failure, as env(1) and others have it. */
enum { SUPERVISE_EXIT_FAILED = 125 };

/*
 * On the control pipe a byte is a signal that the front got; with this bit
 * the terminal sent it, so COMMAND got it too. End of file: the front is gone.
 */
enum { SUPERVISE_FROM_TTY = 0x80 };

struct supervise_plan {
	const struct options *options;
	const struct programs *programs;
	int control;   /* reading end */
	sigset_t mask; /* COMMAND's signal mask: the caller's */
	pid_t group;   /* the front's process group */
};

/* The whole life of the supervisor. Returns the exit status. */
int supervise(const struct supervise_plan *) MUST_CHECK;

#endif
