/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For a host that has to dial out (the key connect): one connection, made
 * anew with back-off whenever it has ended. Does nothing unless started. The
 * hub's thread, but for caller_init.
 */
#ifndef VSCARD_IFD_CALLER_H
#define VSCARD_IFD_CALLER_H

#include <stdbool.h>
#include <stdint.h>

#include "net/backoff.h"
#include "net/loop.h"

struct call;
struct door;
struct link;

/* A connection that has lasted so long was worth it: call again at once. */
enum { CALLER_STEADY_MS = 10000 };

struct caller {
	struct door *door;
	bool started;
	struct backoff backoff;
	struct loop_timer timer; /* the next call, or an end of patience */
	struct loop_watch watch; /* connecting, then the first byte */
	int fd;                  /* -1, or being connected */
	bool connected;          /* and nothing has come yet */
	struct call *call;       /* the clerk looks up the name */
	const struct link *link; /* what came of it */
	int64_t since;           /* the link's beginning */
	bool told;               /* that it does not work */
};

void caller_init(struct caller *, struct door *);
void caller_start(struct caller *);
void caller_stop(struct caller *);

/* The door has let it in; has not; and the connection has ended. */
void caller_linked(struct caller *, const struct link *);
void caller_lost(struct caller *);
void caller_left(struct caller *, const struct link *);

#endif
