/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One slot: what pcscd sees as a reader. Links put readers and cards into it,
 * pcscd's threads ask it. Its own lock is held for moments only, never across
 * I/O; a link's lock is taken before it, never after.
 */
#ifndef VSCARD_IFD_SLOT_H
#define VSCARD_IFD_SLOT_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ifd/tenant.h"
#include "util/err.h"
#include "util/ration.h"
#include "vscard/vscard.h"
#include "util/lock.h"

struct link;
struct reader;

enum slot_mode {
	SLOT_DETACHED, /* no peer's reader is in it */
	SLOT_EMPTY,
	SLOT_CARD
};

/* A card that is there, but not for pcscd: see slot_withhold. */
enum slot_hold {
	SLOT_HOLD_NONE,
	SLOT_HOLD_DUE,     /* as soon as the request in flight has ended */
	SLOT_HOLD_EJECTED, /* pcscd is told; the card is powered still */
	SLOT_HOLD_COOLING, /* it has been asked to power down */
	SLOT_HOLD_COLD
};

/* Since the driver was loaded. */
struct slot_counts {
	uint64_t commands; /* APDUs */
	uint64_t failures; /* … without a response */
	uint64_t sent;     /* bytes of commands */
	uint64_t received; /* bytes of responses */
	uint64_t cards;    /* insertions, those on demand too */
	uint64_t powers;   /* power-ups, resets, power-downs */
};

enum request_kind { REQUEST_APDU, REQUEST_POWER, REQUEST_PROTOCOL };

/* What a host thread asks of a card, on that thread's stack. */
struct request {
	enum request_kind kind;
	const void *command; /* APDU */
	size_t command_len;
	unsigned what; /* POWER: enum vscard_power; PROTOCOL: 0 or 1 */
	int timeout;   /* milliseconds */
	uint8_t *room; /* for the response or the ATR */
	size_t cap;
	size_t len;  /* bytes put there */
	int result;  /* -EINPROGRESS until it is answered or has failed */
	bool holder; /* this thread reads the connection */
	bool writer; /* this thread is writing still, and cannot read */
	bool raw;    /* APDU: for whatever card there is, connected to or not */
};

struct slot {
	struct reader *reader;
	unsigned index;

	/* luns.c, under its lock */
	unsigned long lun;
	bool listed;
	bool opened; /* at some time */
	unsigned users;
	struct slot *next;

	struct lock lock; /* the rest */
	pthread_cond_t answered;
	pthread_cond_t changed;
	enum slot_mode mode;
	enum slot_mode shown; /* what presence says */
	bool closed;          /* pcscd has closed the channel */
	bool lost;            /* the card that was shown has gone since */
	bool vanished;        /* detached since it was shown attached */
	bool news;            /* presence would say something new */
	bool stopped;         /* the polling thread is called back */
	bool connected;       /* a protocol was set for the card that is shown */
	pthread_t poller;     /* pcscd's status thread */
	bool has_poller;
	int64_t quiet;        /* nothing is told before, but after slot_stop */
	int64_t quiet_end;    /* … if not later than that; 0: not known yet */
	struct ration pace;   /* of news */
	struct link *link;    /* counted; NULL while detached */
	unsigned id;          /* on the link's wire */
	struct request *request;
	uint8_t atr[VSCARD_ATR_MAX];
	size_t atr_len;
	bool has_protocol; /* the peer's card has selected one */
	unsigned protocol;
	struct tenant tenant, before; /* the last two, still here or not */
	char name[VSCARD_NAME_MAX + 1]; /* the peer's, often empty */
	uint8_t origin[VSCARD_ORIGIN_MAX]; /* the hosts before us */
	size_t origin_len;
	enum slot_hold hold;
	bool wanted; /* held no longer than it has to be */
	struct slot_counts counts;
};

int slot_init(struct slot *, struct reader *, unsigned index) MUST_CHECK;
void slot_clear(struct slot *);

/* --- pcscd's side ----------------------------------------------------- */

/* The channel was created: presence starts anew. */
void slot_open(struct slot *);
/* The channel was closed: nobody may claim the slot; ends slot_wait. */
void slot_close(struct slot *);
/*
 * The mode to show. It changes in slot_wait only: pcscd asks for presence from
 * several places (before each power action too, on any thread), but acts on
 * the answer in one, once after each wait. So all of them hear the same.
 */
enum slot_mode slot_presence(struct slot *);
/*
 * Sleeps until there is something new to show, slot_stop, or the timeout (ms).
 * Never skips a removal: a card swapped since the last wait is shown as absent
 * first, a reader detached for a moment as detached, and the next wait returns
 * at once with the rest.
 *
 * Each change wakes every program that watches readers, and pcscd logs some as
 * errors; so a reader that changes without end has SLOT_NEWS changes shown at
 * once, and then one in SLOT_NEWS_MS. Until the last one is shown commands fail
 * as they do after any removal.
 */
enum { SLOT_NEWS = 200, SLOT_NEWS_MS = 50 };
void slot_wait(struct slot *, int timeout);
void slot_stop(struct slot *);
/*
 * A power action has failed. On a thread that is not the one of slot_wait this,
 * and the presence of no card, makes pcscd note that the reader is mute, or
 * empty, whenever that thread goes on: perhaps after its status thread was told
 * of the next card, and then the reader stays so. Therefore nothing is told
 * until slot_stop, with which such a thread ends in most cases, or for
 * SLOT_QUIET_MS; and while more of them come, for SLOT_QUIET_MAX_MS.
 * A removal that was told before is told again, as that of the reader, for
 * pcscd passes over the removal of no card; detached = empty hides that from it.
 */
enum { SLOT_QUIET_MS = 50, SLOT_QUIET_MAX_MS = 500 };
void slot_failed(struct slot *);
/*
 * A protocol is set, as pcscd does for each new card before an application's
 * first command. A command that comes sooner was meant for the card before: it
 * is one that pcscd had let pass already. The first such command is refused.
 */
void slot_connect(struct slot *);
/*
 * Shows the card, if there is one, as taken out and put back. -ENOMEDIUM: as
 * it is now; -EBUSY: a request is in flight, and nothing is done.
 */
int slot_reinsert(struct slot *) MUST_CHECK;
/* The card's ATR, or 0 bytes. out holds VSCARD_ATR_MAX. */
size_t slot_atr(struct slot *, uint8_t *out);
/* The card has selected this protocol, and keeps to it: no need to ask. */
bool slot_speaks(struct slot *, unsigned protocol);
/* Its name at the peer, often empty. out holds VSCARD_NAME_MAX + 1. */
void slot_name(struct slot *, char *out);
/* The hosts before us. out holds VSCARD_ORIGIN_MAX. */
size_t slot_origin(struct slot *, uint8_t *out);
/* All that there is to tell of a slot. */
struct slot_view {
	enum slot_mode mode;
	enum slot_hold hold;
	bool is_closed;
	struct link *link; /* with a reference for the caller, or NULL */
	unsigned id;
	size_t atr_len; /* 0 without a card; a held card's is told */
	uint8_t atr[VSCARD_ATR_MAX];
	char name[VSCARD_NAME_MAX + 1];
	struct slot_counts counts;
};
void slot_get_view(struct slot *, struct slot_view *out);
/* "detached", "empty", "card". */
const char *slot_mode_name(enum slot_mode);
/* The slot's link, with a reference for the caller, or NULL. */
struct link *slot_link(struct slot *);

/* --- the link's side, with the link locked ---------------------------- */

/* Takes the slot for a reader of the link; false if another has it. */
bool slot_claim(struct slot *, struct link *, const struct tenant *);
/*
 * How well it suits: 0 if it is not free, 1 if it is, more if its last tenant
 * was this one.
 */
unsigned slot_fit(struct slot *, const struct tenant *);
/*
 * The reader's name has come after the reader. If this slot has no card yet,
 * and its reader had no name, *out is that reader, and whether it could as
 * well be elsewhere is the caller's to decide.
 */
bool slot_is_movable(struct slot *, const void *name, size_t len,
    struct tenant *out);
/* The reader has moved to the other slot; the tenant before it is back. */
void slot_move(struct slot *from, struct slot *to);
/* Reader gone; a request in flight fails with rc. */
void slot_detach(struct slot *, int rc);
void slot_insert(struct slot *, const void *atr, size_t len);
void slot_eject(struct slot *);
void slot_set_name(struct slot *, const void *name, size_t len);
void slot_set_origin(struct slot *, const void *ids, size_t len);

/* Puts the request into its slot: -ENODEV, -ENOMEDIUM or -EBUSY if not. */
int slot_begin(struct slot *, struct link *, struct request *) MUST_CHECK;
/* A request of this slot is in flight on the link. */
bool slot_is_busy(struct slot *, const struct link *);
/* Takes back a request that could not be sent. */
void slot_withdraw(struct slot *);
/*
 * Answers the request in flight of that kind, if there is one. True: the slot
 * is held, and link_settle has to look after it.
 */
bool slot_answer(struct slot *, enum request_kind, int result,
    const void *data, size_t len);
/*
 * Takes the card out, as pcscd sees it, until slot_want or until the peer
 * itself removes or inserts one. 0; -EBUSY: as soon as the request in flight
 * has ended; -ENODEV: the slot is not, or no longer, the link's; -ENOMEDIUM.
 */
int slot_withhold(struct slot *, const struct link *) MUST_CHECK;
/* Puts it back, or will when it is cold: 0, -ENODEV, -ENOMEDIUM. */
int slot_want(struct slot *, const struct link *) MUST_CHECK;
enum slot_hold slot_get_hold(struct slot *);
/* From EJECTED on: what has come of the power-down. */
void slot_set_hold(struct slot *, enum slot_hold);
/* Cold and wanted: shows the card again. */
bool slot_restore(struct slot *);
/* Hands the link's token to the thread that waits here, if one does. */
bool slot_hand_token(struct slot *);
/*
 * With the link unlocked: sleeps until the request is answered, or the token
 * is handed over, or the deadline.
 */
void slot_sleep(struct slot *, const struct request *, int64_t deadline);

#endif
