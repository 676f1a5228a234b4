/* SPDX-License-Identifier: BSD-2-Clause */
/* The inside of a store, for the files that it is made of. */
#ifndef VSCARD_CARD_STORE_STORE_SELF_H
#define VSCARD_CARD_STORE_STORE_SELF_H

#include "card/crypto/secret.h"
#include "card/store/db.h"
#include "card/store/keyslot.h"
#include "card/store/lock.h"
#include "card/store/set.h"
#include "card/store/store.h"

/* Rows that are no records: the key slot, and the sealed sum of the set. */
enum { STORE_SLOT = 0, STORE_MANIFEST = 1 };

struct store {
	struct db db;
	struct set
	    set; /* of all rows but the manifest; marked: a transaction */
	struct lock lock;
	uint8_t seal_key[SECRET_SEAL_KEY];
	uint8_t set_key[SECRET_SHA256];
	unsigned cost; /* of a passphrase */
	bool has_passphrase;
	int failed; /* the first failure in this transaction */
	int broken; /* what is on the disk is not known: answers all calls */
};

/* The keys in use are made of the file key. */
int store_take_key(struct store *, const uint8_t *file_key) MUST_CHECK;
/* The tag of a row. */
int store_tag(const struct store *, uint64_t key, const uint8_t *sealed,
    size_t len, uint8_t *out) MUST_CHECK;
/* -EBADMSG: the manifest is not that of the set. */
int store_check_manifest(struct store *) MUST_CHECK;
/* Within a transaction: a row as it is, or sealed. */
int store_put_sealed(
    struct store *, uint64_t key, const uint8_t *sealed, size_t len) MUST_CHECK;
int
store_seal(struct store *, uint64_t key, const void *, size_t len) MUST_CHECK;

#endif
