/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole security key: its file, what it gets from the system, and the card.
 * Whoever uses a key file does it through this; a file has one user at a time.
 */
#ifndef VSCARD_CARD_KEYFILE_H
#define VSCARD_CARD_KEYFILE_H

#include "card/core/card.h"
#include "card/core/env.h"
#include "card/store/store.h"

struct keyfile_setup {
	/* NULL: a file with a passphrase cannot be opened. */
	store_passphrase_fn *passphrase;
	/* As env_ops has it. NULL: there is always somebody who touches it. */
	int (*touch)(void *ctx, const char *what);
	void *ctx; /* of both */
};

/* On the heap, because the card borrows env. */
struct keyfile {
	struct store *store;
	struct env env;
	struct card *card;
	struct keyfile_setup setup;
};

/*
 * Once, before a process has anything to do with keys: it leaves no core,
 * others of the same user cannot look into it, and its libraries wipe what
 * they give back.
 */
int keyfile_guard(void) MUST_CHECK;
/*
 * Opens a file. A new one whose owner was killed before it had its first
 * records gets them now. Errors and *out_why as of store_open.
 */
int keyfile_open(const char *path, const struct keyfile_setup *,
    struct keyfile **out, struct store_why *out_why) MUST_CHECK;
/*
 * Makes a file with a new card; a name of at most IDENTITY_NAME_MAX bytes, and
 * a passphrase or NULL. -EEXIST, and what store_create says. A file that could
 * not be completed is not left behind.
 */
int keyfile_create(const char *path, const struct keyfile_setup *,
    const char *passphrase, const char *name, struct keyfile **out,
    struct store_why *out_why) MUST_CHECK;
/* A card without a file. */
int keyfile_new(const struct keyfile_setup *, const char *name,
    struct keyfile **out) MUST_CHECK;
/* The card is reset, and what it had forgotten for ever; the name stays. */
int keyfile_format(struct keyfile *) MUST_CHECK;
/* NULL is taken. */
void keyfile_free(struct keyfile *);

#endif
