/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An emulated card of a reader (card = SPEC): vscclient's card process at the
 * other end of a socketpair, which is a link like any other. Started again,
 * with back-off, when it dies. No card is in this process.
 */
#ifndef VSCARD_IFD_CARD_H
#define VSCARD_IFD_CARD_H

#include <sys/types.h>

#include "ifd/account.h"
#include "ifd/card_log.h"
#include "net/backoff.h"
#include "net/loop.h"
#include "net/peer.h"

struct link;
struct reader;

enum {
	CARD_END_MS = 2000,   /* how long a process may outlive its link */
	CARD_LIFE_MS = 10000, /* after so long it did not fail at its start */
	CARD_FAILS_SAID = 2   /* then it has nothing new to say */
};

enum card_state {
	CARD_IDLE,    /* not started, or over for good */
	CARD_RUNNING, /* it has its link */
	CARD_ENDING,  /* the link is gone, the process not yet */
	CARD_WAITING  /* until it is started again */
};

struct card {
	struct reader *reader;
	const char *spec;
	const struct account *account; /* NULL: the user that pcscd is */
	char name[PEER_NAME_MAX];      /* "card 'SPEC'", for the log */
	enum card_state state;
	struct link *link;       /* borrowed while it is listed, or NULL */
	pid_t pid;               /* 0: none */
	int pidfd;               /* ours; -1: none */
	struct loop_watch ended; /* of it */
	struct loop_timer timer; /* to start again, or to kill */
	struct card_log log;
	struct backoff backoff;
	int64_t since;  /* it was started */
	bool known;     /* some process could open its card */
	unsigned fails; /* ends in a row, none after a life worth the name */
};

/* Borrows all; account: NULL to stay the user that this process is. */
void card_init(
    struct card *, struct reader *, const char *spec, const struct account *);
/*
 * After card_stop, not on the hub's thread: waits for the process that is
 * still there, and kills it if it takes too long.
 */
void card_wait(struct card *);

/* --- the hub's thread ------------------------------------------------- */

/* What goes wrong is logged, and tried again if that is of any use. */
void card_start(struct card *);
/* It is not started any more. Its link is the caller's to end. */
void card_stop(struct card *);
/* The link is not listed any more. */
void card_unlisted(struct card *, const struct link *);
/* After card_wait. */
void card_clear(struct card *);

#endif
