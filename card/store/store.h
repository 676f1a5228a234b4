/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A key file: records, each at its place, in one SQLite file that belongs to
 * one process at a time. Records are sealed (AES-256-GCM) under the file key
 * and bound to their place; a set that was changed, thinned out or mixed with
 * older records is refused when it is opened, and a record that cannot be
 * opened is never used. A whole older copy of the file cannot be told from the
 * file.
 *
 * A store is used by one thread at a time.
 */
#ifndef VSCARD_CARD_STORE_STORE_H
#define VSCARD_CARD_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/err.h"

/* Who owns a record; the numbers are in files and never change. */
enum store_app {
	STORE_CARD = 1, /* serial number, name */
	STORE_PIV = 2,
	STORE_OPENPGP = 3,
	STORE_OATH = 4,
	STORE_FIDO = 5,
	STORE_NDEF = 6
};

/* kind and id are the application's own numbers, and never change either. */
struct place {
	uint8_t app;
	uint8_t kind;
	uint32_t id;
};

enum {
	STORE_RECORD_MAX = 65536, /* bytes */
	STORE_WHY_MAX = 512
};

/* A line for the user: what is wrong, and what to do. */
struct store_why {
	char text[STORE_WHY_MAX];
};

struct store;

/* Asked for the passphrase of a file that has one. 0, or a negative errno. */
typedef int store_passphrase_fn(void *ctx, struct buf *out);

struct store_options {
	/* NULL: a file with a passphrase cannot be opened (-EACCES). */
	store_passphrase_fn *passphrase;
	void *ctx;
	const char *vfs; /* SQLite's name of a file layer; NULL: its own */
	unsigned cost;   /* log2 of scrypt's N, for tests; 0: as it should be */
};

/*
 * Before the first store of the process: SQLite wipes what it gives back.
 * -EBUSY: it is too late.
 */
int store_scrub(void) MUST_CHECK;

/*
 * Opens the file. options may be NULL, and so may out_why. -ENOENT: there is
 * none; -EBUSY: another process has it, and *out_why names it; -EACCES: wrong
 * passphrase, or no permission, or others have; -EBADMSG: damaged, altered, or
 * not a key file; -ENOTSUP: made by a newer version; others from the system.
 */
int store_open(const char *path, const struct store_options *,
    struct store **out, struct store_why *out_why) MUST_CHECK;
/*
 * Makes the file, mode 0600, with an empty set of records. passphrase NULL:
 * the file key is in the file, which only its permissions protect. -EEXIST.
 */
int store_create(const char *path, const struct store_options *,
    const char *passphrase, struct store **out, struct store_why *out_why)
    MUST_CHECK;
/* A store without a file, for throw-away cards and tests. */
int store_new_memory(struct store **out) MUST_CHECK;
/* NULL is taken. What is not committed is lost. */
void store_free(struct store *);

/*
 * Replaces *out's content with the record. -ENOENT; -EBADMSG: it was altered.
 */
int store_get(struct store *, struct place, struct buf *out) MUST_CHECK;
/*
 * Outside of a transaction each is one of its own, and on disk when it
 * returns. -ENOSPC, -EROFS, -EIO, …: nothing has changed. -EMSGSIZE. -EIO from
 * everything: the disk has failed so that nobody knows what is on it; open the
 * file again.
 */
int store_put(struct store *, struct place, const void *, size_t len)
    MUST_CHECK;
/* -ENOENT: there was none. */
int store_delete(struct store *, struct place) MUST_CHECK;
/*
 * The next place of the same app and kind behind *inout: 1, 0 at the end. The
 * first is found from id 0 with first = true.
 */
int store_next(struct store *, struct place *inout, bool first) MUST_CHECK;
/* All records of an app. */
int store_delete_app(struct store *, uint8_t app) MUST_CHECK;

/*
 * All or nothing for the changes in between; not nested (-EINVAL). After a
 * commit that failed nothing has changed, as after a rollback. It fails if one
 * of the changes did.
 */
int store_begin(struct store *) MUST_CHECK;
int store_commit(struct store *) MUST_CHECK;
void store_rollback(struct store *);

/* Does the file ask for a passphrase? */
bool store_has_passphrase(const struct store *);
/*
 * Seals everything anew under a new file key. NULL: only permissions protect it
 * from now on. -EINVAL: it is empty, or a transaction is open; errors as of a
 * put.
 */
int store_set_passphrase(struct store *, const char *passphrase) MUST_CHECK;
/*
 * A copy that is a key file itself, with the same passphrase. -EEXIST: path is
 * there already; -EBUSY: somebody is making it.
 */
int store_backup(struct store *, const char *path, struct store_why *out_why)
    MUST_CHECK;
/*
 * The same in the place of what is there, whatever it is; at each moment it is
 * the one or the other. -EBUSY: somebody has it; -EACCES, -EBADMSG: its journal
 * is not to be believed.
 */
int store_replace(struct store *, const char *path, struct store_why *out_why)
    MUST_CHECK;

#endif
