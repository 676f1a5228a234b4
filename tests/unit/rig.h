/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A card on the bench: an environment that is the same each time, and commands
 * and answers as hex digits.
 */
#ifndef TESTS_RIG_H
#define TESTS_RIG_H

#include "card/core/card.h"

struct rig {
	struct env env;
	struct card *card;
	uint64_t seed;    /* of the random numbers */
	long random_left; /* calls that succeed; negative: all */
	int64_t now;      /* milliseconds; the wall shows the same */
	int touch;        /* what touch answers */
	unsigned touches; /* how often it was asked */
	char asked[64];   /* and what for, the last time */
	size_t cap;       /* of a response */
	char *text;       /* the last answer */
};

/* The environment alone; store is borrowed and may be NULL. */
void rig_init(struct rig *, struct store *);
/* And a card in it, with a session that has just begun. */
void rig_open(struct rig *, const struct app_ops *const *apps, size_t count,
    struct store *);
void rig_clear(struct rig *);
/* Power up, and the session with it. */
void rig_reset(struct rig *);

/* The answer as upper-case digits, or "EIO"; lent until the next call. */
const char *rig_send_bytes(struct rig *, const uint8_t *, size_t len);
const char *rig_send(struct rig *, const char *hex);

/* A conversation: pairs of command and answer until a NULL. */
void rig_talk(struct rig *, const char *const *pairs);

#define RIG_TALK(rig, ...) \
	rig_talk((rig), (const char *const[]){__VA_ARGS__, NULL})

#endif
