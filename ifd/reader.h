/* SPDX-License-Identifier: BSD-2-Clause */
/* One entry of reader.conf: an endpoint and the slots behind it. */
#ifndef VSCARD_IFD_READER_H
#define VSCARD_IFD_READER_H

#include "ifd/cards.h"
#include "ifd/config.h"
#include "ifd/door.h"
#include "ifd/reader_trace.h"
#include "ifd/slot.h"

struct hub;
struct tap;

struct reader {
	struct config config;
	struct hub *hub;
	struct tap *tap; /* the hub's; always there */
	struct reader_trace trace;
	struct vscard_limits limits; /* for every session */
	unsigned open_slots;         /* luns.c, under its lock */
	char text[ENDPOINT_TEXT_MAX]; /* the endpoint, for the log */

	/* the hub's thread */
	struct door door;
	struct link *links; /* the newest first */
	unsigned links_len;
	unsigned links_made; /* so far, as the next */
	unsigned refused;    /* connections */
	struct cards cards;

	struct slot slots[]; /* config.slots of them */
};

/*
 * Listens, or begins to connect; the hub must outlive the reader. Says in the
 * log why not.
 */
int reader_new(
    struct hub *, const struct config *, struct reader **out_reader) MUST_CHECK;
/*
 * Ends all connections and frees. No host thread may be inside a slot. Not
 * from the hub's thread.
 */
void reader_free(struct reader **);

/*
 * A place for a peer's reader: the slot that it had, if that is free, else the
 * lowest one that is; claimed for the link, or NULL. With the link locked.
 */
struct slot *reader_claim(struct reader *, struct link *, const struct tenant *);
/*
 * The reader's name has come: if that shows that it had another slot, which is
 * free, it moves there. Returns where it is. With the link locked.
 */
struct slot *reader_reclaim(
    struct reader *, struct link *, struct slot *, const void *name, size_t);

/* The hub's thread: the list of connections. */
void reader_list(struct link *);
void reader_unlist(struct link *);
/* The next newer one, or NULL. */
struct link *reader_link_before(struct reader *, const struct link *);

#endif
