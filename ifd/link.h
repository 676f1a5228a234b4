/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One peer's connection. Who reads it holds its token: the hub while nobody
 * waits for an answer, else one of the host threads that do. See THREADS.md.
 */
#ifndef VSCARD_IFD_LINK_H
#define VSCARD_IFD_LINK_H

#include <pthread.h>
#include <stdbool.h>

#include "ifd/slot.h"
#include "net/conn.h"
#include "net/loop.h"
#include "net/peer.h"
#include "util/lock.h"

struct link {
	struct reader *reader;
	struct peer peer;
	unsigned refs; /* atomic */

	/* the hub's thread */
	struct loop_watch watch;
	struct loop_timer timer; /* handshake, then a stuck write */
	struct loop_call bury;
	struct loop_call tend;
	bool listed;
	struct link *next, **prev; /* reader's list */

	struct lock lock; /* the rest, the session included */
	struct conn conn;
	struct slot **slots; /* by reader id, reader->config.slots of them */
	uint8_t instance[VSCARD_INSTANCE_LEN]; /* or zeros */
	bool greeted;        /* something of the protocol has come */
	bool taken;          /* a host thread holds the token */
	bool left;           /* tend is on its way to the hub */
	bool dead;
	bool told_reset; /* that the card keeps its state over a reset */
	bool told_full;  /* that there is no slot for its reader */
	unsigned inflight; /* requests */
	unsigned oddities; /* bits of enum vscard_oddity, logged already */
	int recv_ms;       /* the receive deadline that is set */
	int64_t write_by;  /* CLOCK_NEVER unless the peer does not read */
	int64_t cool_by;   /* … unless a held card is powering down */
	int64_t since;     /* clock_now at its beginning */
	unsigned serial;   /* of the reader's links */
};

/*
 * Adopts fd and puts the link into the reader's list, whose it is. The hub's
 * thread. On failure fd is closed.
 */
int link_new(struct reader *, int fd, const struct peer *,
    struct link **out_link) MUST_CHECK;
struct link *link_ref(struct link *);
void link_unref(struct link *);

/*
 * link_request.c. Carries out a request of a host thread and waits for its end:
 * 0 with the answer in request->room, or why not. Every wait in it has a
 * deadline.
 */
int link_request(struct slot *, struct request *) MUST_CHECK;

/* The peer took part in these extensions (VSCARD_CAP_…), 0 if detached. */
uint32_t link_capabilities(struct slot *);
/* Largest APDU the slot's peer takes; VSCARD_APDU_STOCK if detached. */
size_t link_max_apdu(struct slot *);
/* Says, once a link, that a reset cannot reach this peer's card. */
void link_tell_reset(struct slot *);
/*
 * The channel of the slot is closed: whatever is in flight ends with
 * -ECANCELED, and the reader is gone from the slot.
 */
void link_abort(struct slot *);

/* --- with the link locked --------------------------------------------- */

/*
 * Ends the connection: readers detach, requests fail with rc, the hub buries
 * the rest. why: for the log; NULL: the peer went, nothing to complain of.
 */
void link_kill(struct link *, int rc, const char *why);
/* The name of the session's fault, for link_kill. */
const char *link_fault(const struct link *);
/* The reader has left its slot: slot_detach, which it must be told by. */
void link_detach(struct link *, struct slot *, int rc);
/* Writes what it can; -EAGAIN: the rest is whoever's has the token. */
int link_flush(struct link *);
/* … and then has not read anything for too long. */
void link_kill_stuck(struct link *);
/* Whether the hub is told of what comes. */
void link_arm(struct link *);
void link_disarm(struct link *);
/* Lets the hub see to what could not be written, and to the timer. */
void link_leave(struct link *);
/* link_events.c: takes all events there are; may kill the link. */
void link_dispatch(struct link *);

/* For the hub's thread, when the reader ends: kill and bury. */
void link_end(struct link *);

#endif
