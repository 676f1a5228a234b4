/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands to a card, as any client of it sends them. */
#ifndef KEY_CLIENT_H
#define KEY_CLIENT_H

#include "card/core/card.h"
#include "util/buf.h"

struct client {
	struct card *card; /* borrowed */
	struct buf answer; /* of the last command, without the status word */
};

/* Powers the card up. */
void client_init(struct client *, struct card *);
/* Powers it down. */
void client_clear(struct client *);

/*
 * One command with all of its answer in client.answer: the status word, or
 * -EIO if the card has stopped, -ENOMEM.
 */
int client_ask(struct client *, uint8_t ins, uint8_t p1, uint8_t p2,
    const void *data, size_t len) MUST_CHECK;
/* SELECT by AID. */
int client_select(struct client *, const void *aid, size_t len) MUST_CHECK;

#endif
