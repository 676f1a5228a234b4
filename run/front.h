/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The front: the process that the user started. It stays in the user's
 * namespaces, passes signals on and waits for the supervisor.
 */
#ifndef VSCARD_RUN_FRONT_H
#define VSCARD_RUN_FRONT_H

#include "run/options.h"
#include "run/programs.h"

/*
 * Runs COMMAND; returns the exit status (in the front and, earlier, in the
 * supervisor, which is forked off inside).
 */
int front_run(const struct options *, const struct programs *) MUST_CHECK;

#endif
