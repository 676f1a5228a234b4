/* SPDX-License-Identifier: BSD-2-Clause */
/* A mount namespace of one's own, with or without root. */
#ifndef VSCARD_RUN_NAMESPACES_H
#define VSCARD_RUN_NAMESPACES_H

#include <stdbool.h>

#include "util/err.h"

/*
 * Moves this process (one thread) into a mount namespace of its own from
 * which nothing gets out: as it is, if it may; else in a user namespace too,
 * its user and group mapped to themselves. Logs what forbids it and what to
 * do; then the process must end.
 */
int namespaces_enter(void) MUST_CHECK;
/*
 * Logs that the kernel refused to mount something on or from `where`, and
 * what to do.
 */
void namespaces_explain_mount(const char *where, int err);

#endif
