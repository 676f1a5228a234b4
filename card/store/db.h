/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SQLite, as far as a key file needs it: rows of a number and some bytes, and
 * transactions. A file may be hostile: nothing in it is believed but what the
 * caller then authenticates.
 */
#ifndef VSCARD_CARD_STORE_DB_H
#define VSCARD_CARD_STORE_DB_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

enum { DB_VERSION = 1, DB_SIZE_MAX = 256 << 20 };

struct db {
	sqlite3 *sqlite;
	sqlite3_stmt *get;
	sqlite3_stmt *put;
	sqlite3_stmt *delete;
};

/*
 * Before SQLite is used for the first time in the process: it wipes all memory
 * that it gives back. -EBUSY: it is too late.
 */
int db_scrub(void) MUST_CHECK;

/* A new one, without a file. */
int db_open_memory(struct db *) MUST_CHECK;
/*
 * A file that is there. vfs may be NULL. The file belongs to this connection
 * until db_close. An older version is brought up to date; -ENOTSUP: it is newer
 * than DB_VERSION, and *out_version says which; -EBADMSG: no key file, or
 * damaged; -EBUSY: another program has it open; -EROFS, -EACCES: it could not
 * be written.
 */
int db_open(struct db *, const char *path, const char *vfs,
    uint32_t *out_version) MUST_CHECK;
/* What is not committed is lost. */
void db_close(struct db *);

/*
 * The row, lent until the next call: 0, or -ENOENT. -EBADMSG: the file is
 * damaged.
 */
int db_get(
    struct db *, uint64_t key, const uint8_t **out, size_t *out_len) MUST_CHECK;
int db_put(struct db *, uint64_t key, const void *, size_t len) MUST_CHECK;
int db_delete(struct db *, uint64_t key) MUST_CHECK;
/* All rows in the order of their keys, until fn returns less than 0. */
typedef int db_row_fn(void *ctx, uint64_t key, const uint8_t *, size_t len);
int db_scan(struct db *, db_row_fn *fn, void *ctx) MUST_CHECK;

int db_begin(struct db *) MUST_CHECK;
/* It is on the disk. After an error: db_rollback, and look what is there. */
int db_commit(struct db *) MUST_CHECK;
void db_rollback(struct db *);
/*
 * Ends the loan of a row, and gives back the pages of the file that were read
 * or written: a file without a passphrase has its key in one of them.
 */
void db_settle(struct db *);
/* A whole file as bytes, to be freed with sqlite3_free; not in a transaction. */
int db_copy(struct db *, uint8_t **out, size_t *out_len) MUST_CHECK;

#endif
