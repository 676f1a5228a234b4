/* SPDX-License-Identifier: BSD-2-Clause */
/* Something that may hang or crash, tried in a child. */
#ifndef CTL_TRIAL_H
#define CTL_TRIAL_H

#include <stddef.h>
#include <sys/types.h>

#include "util/err.h"

/*
 * Runs fn(fd, arg) in a child and reads what it writes to fd, up to cap
 * bytes: how many, or -ETIMEDOUT (it is killed then), -EIO (it crashed).
 */
ssize_t trial_run(void (*fn)(int out, void *arg), void *arg, void *room,
    size_t cap, int ms) MUST_CHECK;

#endif
