/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSCARD_UTIL_GUARD_H
#define VSCARD_UTIL_GUARD_H

#include "util/err.h"

/*
 * For a process that will hold secrets: it leaves no core, and no other
 * process of the same user can look into it. A program that it executes has to
 * say so again.
 */
int guard_memory(void) MUST_CHECK;

#endif
