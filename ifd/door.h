/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where peers come in: somebody connects to the endpoint, or the caller has
 * connected to somebody. Here it is decided who may pass, before anything that
 * he sends is read. The hub's thread, but for door_init and door_clear.
 */
#ifndef VSCARD_IFD_DOOR_H
#define VSCARD_IFD_DOOR_H

#include "ifd/caller.h"
#include "net/listener.h"
#include "net/loop.h"
#include "net/peer.h"
#include "util/ration.h"

struct link;
struct reader;
struct visitor;

enum {
	DOOR_SPARE_LINKS = 16,  /* connections beyond the slots */
	DOOR_VISITORS_MAX = 16, /* whose groups are being asked for */
	DOOR_VISITORS_EACH = 4, /* of one user */
	DOOR_BURST = 500,       /* connections at once, and then … */
	DOOR_BATCH = 4,         /* so many in a ms */
	DOOR_PAUSE_MS = 1000
};

struct door {
	struct reader *reader;
	struct listener listener;
	struct loop_watch accepting;
	struct loop_timer pause; /* no descriptors left: a moment's rest */
	struct caller caller;
	struct visitor *visitors;
	unsigned visitors_len;
	struct ration refusals; /* for the log */
	struct ration pace;     /* of batches */
	unsigned batch;         /* connections of this one so far */
	bool told_full, told_pause;
};

/* Listens, if that is its way. The log says why not. */
int door_init(struct door *, struct reader *) MUST_CHECK;
void door_clear(struct door *);

/* Peers may come from now on; until door_shut. */
int door_open(struct door *) MUST_CHECK;
void door_shut(struct door *);

/* A connected stream, adopted: judged, then let in or closed. */
void door_admit(struct door *, int fd, struct peer *);
/* A connection has ended and left the reader's list. */
void door_left(struct door *, const struct link *);

#endif
