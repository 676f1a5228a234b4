/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When the private pcscd is of use: its socket answers, the readers exist,
 * cards are in them. PC/SC calls wait as long as they like, so the probes are
 * processes of their own, which the supervisor can end.
 */
#ifndef VSCARD_RUN_READY_H
#define VSCARD_RUN_READY_H

#include "util/err.h"

/* Watches for the socket; before pcscd starts. A descriptor for readers. */
int ready_watch(void) MUST_CHECK;
/*
 * Waits until pcscd answers, then counts the readers. 0 if all are there;
 * else why not has been logged.
 */
int ready_readers(int watch, unsigned readers) MUST_CHECK;
/* Waits until that many readers hold a card; 0, or it has been logged. */
int ready_cards(unsigned cards) MUST_CHECK;

#endif
