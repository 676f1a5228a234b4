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
enum { STORE_SLOT = 0, STORE_MANIFEST = 1, STORE_FIRST = 2 };

enum { STORE_COUNT_MAX = 65536 }; /* records */

/* Both are made of the file key, so that each has one use. */
struct store_keys {
	uint8_t seal[SECRET_SEAL_KEY];
	uint8_t set[SECRET_SHA256];
};

struct store {
	struct db db;
	/* Of all rows but the manifest. Marked: there is a transaction. */
	struct set set;
	struct lock lock;
	struct store_keys keys;
	struct store_keys keys_before; /* of the transaction */
	unsigned cost; /* of a passphrase */
	bool has_passphrase;
	int failed; /* the first failure in this transaction */
	int broken; /* what is on the disk is not known: answers all calls */
};

int store_keys_set(struct store_keys *, const uint8_t *file_key) MUST_CHECK;
/* The tag of a row. */
int store_tag(const struct store *, uint64_t key, const uint8_t *sealed,
    size_t len, uint8_t *out) MUST_CHECK;
/* -EBADMSG: it is not what the set has. */
int store_read(struct store *, uint64_t key, struct buf *out) MUST_CHECK;
/* -EBADMSG: the manifest is not that of the set. */
int store_check_manifest(struct store *) MUST_CHECK;
/* The key slot; in a transaction. */
int store_put_slot(
    struct store *, const uint8_t *file_key, const char *passphrase) MUST_CHECK;
/* In a transaction: a row as it is, or sealed. */
int store_put_sealed(
    struct store *, uint64_t key, const uint8_t *sealed, size_t len) MUST_CHECK;
int
store_seal(struct store *, uint64_t key, const void *, size_t len) MUST_CHECK;

#endif
