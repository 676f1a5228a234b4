/* SPDX-License-Identifier: BSD-2-Clause */
/* One entry of reader.conf: an endpoint and the slots behind it. */
#ifndef VSCARD_IFD_READER_H
#define VSCARD_IFD_READER_H

#include "ifd/config.h"
#include "ifd/slot.h"
#include "net/listener.h"
#include "net/loop.h"

struct hub;
struct tap;

enum { READER_SPARE_LINKS = 16, READER_ACCEPT_PAUSE_MS = 1000 };

struct reader {
	struct config config;
	struct hub *hub;
	struct tap *tap; /* the hub's; always there */
	struct vscard_limits limits; /* for every session */
	unsigned open_slots;         /* luns.c, under its lock */
	char text[ENDPOINT_TEXT_MAX]; /* the endpoint, for the log */

	/* the hub's thread */
	struct listener listener;
	struct loop_watch accepting;
	struct loop_timer pause; /* no descriptors left: a moment's rest */
	struct link *links;
	unsigned links_len;
	unsigned links_made; /* so far, as the next */
	unsigned refused;    /* connections */
	bool told_full;

	struct slot slots[]; /* config.slots of them */
};

/* Listens; the hub must outlive the reader. Says in the log why not. */
int reader_new(struct hub *, const struct config *, struct reader **out_reader)
    MUST_CHECK;
/*
 * Ends all connections and frees. No host thread may be inside a slot. Not
 * from the hub's thread.
 */
void reader_free(struct reader **);

/*
 * A place for a peer's reader: the lowest free slot, claimed
 * for the link, or NULL. With the link locked.
 */
struct slot *reader_claim(struct reader *, struct link *, unsigned id);

/* The hub's thread: the list of connections. */
void reader_list(struct link *);
void reader_unlist(struct link *);

#endif
