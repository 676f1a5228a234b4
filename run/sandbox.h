/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The private view of the file system: an empty PLACE_DIR with the driver in
 * it, and pcscd's drop-in directory empty, so that no real reader is found.
 */
#ifndef VSCARD_RUN_SANDBOX_H
#define VSCARD_RUN_SANDBOX_H

#include "util/err.h"

/*
 * Moves this process into it; what was at PLACE_DIR before, if anything, is
 * at PLACE_OUTSIDE then. Logs why it cannot and what to do; then the process
 * must end.
 */
int sandbox_enter(const char *driver) MUST_CHECK;

#endif
