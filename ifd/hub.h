/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver's one thread: accepting, timers, and connections on which no
 * host thread waits.
 */
#ifndef VSCARD_IFD_HUB_H
#define VSCARD_IFD_HUB_H

#include "net/loop.h"

struct clerk;
struct hub;
struct tap;

/* Starts the thread, with all signals blocked. */
int hub_new(struct hub **out_hub) MUST_CHECK;
/* Ends and joins it. *hub may be NULL. Not from the hub's thread. */
void hub_free(struct hub **hub);
struct loop *hub_loop(struct hub *);
/* Runs for the loop what may take long. */
struct clerk *hub_clerk(struct hub *);
/* Where all links of the module tell what they do. */
struct tap *hub_tap(struct hub *);
/*
 * Runs fn(arg) on the hub's thread, after what was deferred before, and waits
 * for its result. Not from the hub's thread.
 */
int hub_call(struct hub *, int (*fn)(void *arg), void *arg);

#endif
