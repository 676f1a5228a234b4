/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FILE.lock: who has the key file open, as "PID HOST PROGRAM". The lock itself
 * belongs to the open file (F_OFD_SETLK), so that it ends with the process and
 * holds within one.
 */
#ifndef VSCARD_CARD_STORE_LOCK_H
#define VSCARD_CARD_STORE_LOCK_H

#include "card/store/store.h"

struct lock {
	int fd; /* -1: not held */
	char *path;
};

void lock_init(struct lock *);
/* path is the key file's. -EBUSY: somebody has it; out_why tells who. */
int lock_take(
    struct lock *, const char *path, struct store_why *out_why) MUST_CHECK;
/* Removes the lock file, if it is held. */
void lock_clear(struct lock *);

#endif
