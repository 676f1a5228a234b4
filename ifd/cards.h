/* SPDX-License-Identifier: BSD-2-Clause */
/* The emulated cards of a reader, and the user that their processes run as. */
#ifndef VSCARD_IFD_CARDS_H
#define VSCARD_IFD_CARDS_H

#include "ifd/account.h"
#include "ifd/card.h"
#include "ifd/config.h"

/* Whose cards are under a pcscd of root's that is not told. */
#define CARDS_USER "vscard"

struct cards {
	size_t len;
	struct account account; /* of zeros: the user that pcscd is */
	struct card list[CONFIG_CARDS_MAX];
};

/*
 * What the reader's configuration says; the reader must have its hub. Says in
 * the log why not: -ENOENT, no such user; -EPERM, this process cannot be it.
 */
int cards_init(struct cards *, struct reader *) MUST_CHECK;
/* After an init that failed, too. Not on the hub's thread. */
void cards_clear(struct cards *);

/* The hub's thread. The first two are steps of the reader's. */
void cards_start(struct cards *);
void cards_stop(struct cards *);
void cards_unlisted(struct cards *, const struct link *);
/* Whether the link is one of theirs. */
bool cards_has(const struct cards *, const struct link *);

#endif
