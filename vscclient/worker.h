/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One piece of work after the other for one reader, carried out by the crew,
 * so that a card that takes its time keeps neither the loop nor another reader
 * waiting. Only the newest piece waits for its turn: an older one is void,
 * since a session has one request in flight. All calls with the lead.
 */
#ifndef VSCCLIENT_WORKER_H
#define VSCCLIENT_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vscard/vscard.h"
#include "vscclient/crew.h"

enum work_kind {
	WORK_NONE,
	WORK_ADMIT,   /* may the reader be announced? */
	WORK_RELEASE, /* the card is not used any more */
	WORK_APDU,
	WORK_POWER,   /* code: enum vscard_power */
	WORK_PROTOCOL /* code: 0 or 1 */
};

struct work {
	enum work_kind kind;
	unsigned reader; /* the worker's */
	unsigned serial; /* who asked; see worker_post */
	unsigned code;
	unsigned card;   /* the number of the card it is about */
	/* The outcome: of an admission or an APDU, or of the others. */
	int rc;
	enum vscard_status status;
	size_t len;
	size_t out_len;
	uint8_t in[VSCARD_APDU_MAX];
	uint8_t out[VSCARD_RESPONSE_MAX];
};

struct work_order {
	enum work_kind kind;
	unsigned code;
	unsigned card;
	const uint8_t *command;
	size_t len;
};

struct worker_ops {
	/* Any thread of the crew. */
	void (*on_work)(void *arg, struct work *);
	/* With the lead; the next piece begins when it returns. */
	void (*on_done)(void *arg, const struct work *);
};

struct worker;

int worker_new(struct crew *, unsigned reader, const struct worker_ops *,
    void *arg, struct worker **out_worker) MUST_CHECK;
/* After crew_end. Wipes. Makes *worker NULL. */
void worker_free(struct worker **);

/*
 * Copies the order, in place of a piece that has not begun. Returns the
 * serial number that its outcome will bear, which is never 0.
 */
unsigned worker_post(struct worker *, const struct work_order *);
/* A piece waits for its turn. */
bool worker_has_next(const struct worker *);

const char *work_kind_name(enum work_kind);

#endif
