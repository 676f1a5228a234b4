/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/store/db.h"

#include <stdbool.h>
#include <string.h>

#include "card/store/store.h"
#include "util/bytes.h"
#include "util/scrub.h"

enum {
	DB_APPLICATION = 0x76736B79, /* "vsky" */
	DB_HEADER = 100,
	DB_PAGE = 4096,
	/* A record, sealed, and what SQLite adds to a row. */
	DB_ROW_MAX = STORE_RECORD_MAX + 256
};

#define DB_TABLE                                                           \
	"CREATE TABLE record (place INTEGER PRIMARY KEY, sealed BLOB NOT " \
	"NULL)"

/* Step i makes version i + 1 of version i; an empty file has version 0. */
static const char *const steps[DB_VERSION] = {DB_TABLE};

static int
db_error(const struct db *db)
{
	int err = sqlite3_system_errno(db->sqlite);

	switch (sqlite3_errcode(db->sqlite) & 0xFF) {
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_CANTOPEN:
		return err == EACCES || err == EROFS || err == EMFILE ||
			       err == ENFILE
			   ? -err
			   : -EIO;
	case SQLITE_IOERR:
		return err == EDQUOT || err == ENOSPC ? -err : -EIO;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_FORMAT:
	case SQLITE_TOOBIG:
	case SQLITE_MISMATCH:
	case SQLITE_CONSTRAINT:
	case SQLITE_SCHEMA:
	case SQLITE_ERROR:
		return -EBADMSG;
	default:
		return -EIO;
	}
}

static int
db_run(struct db *db, const char *sql)
{
	int rc = sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : db_error(db);
}

static int
db_prepare(struct db *db, const char *sql, sqlite3_stmt **out)
{
	int rc = sqlite3_prepare_v3(
	    db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);

	return rc == SQLITE_OK ? 0 : db_error(db);
}

/* 1: there is a row; 0: no more. */
static int
db_step(struct db *db, sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);

	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : db_error(db);
}

/* --- memory -------------------------------------------------------------------- */

static void *
memory_malloc(int size)
{
	return scrub_malloc((size_t)size);
}

static void *
memory_realloc(void *block, int size)
{
	return scrub_realloc(block, (size_t)size);
}

static int
memory_size(void *block)
{
	return block == NULL ? 0 : (int)scrub_size(block);
}

static int
memory_roundup(int size)
{
	return (size + 7) & ~7;
}

static int
memory_init(void *data)
{
	(void)data;
	return SQLITE_OK;
}

static void
memory_shutdown(void *data)
{
	(void)data;
}

static const sqlite3_mem_methods memory_methods = {
    .xMalloc = memory_malloc,
    .xFree = scrub_free,
    .xRealloc = memory_realloc,
    .xSize = memory_size,
    .xRoundup = memory_roundup,
    .xInit = memory_init,
    .xShutdown = memory_shutdown,
};

/* No room is kept to be used again: that would not be wiped. */
int
db_scrub(void)
{
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &memory_methods) !=
		SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0) != SQLITE_OK)
		return -EBUSY;
	return 0;
}

/* --- opening ------------------------------------------------------------------- */

/* No view, trigger or function in a file is run; everything has a limit. */
static void
db_distrust(struct db *db)
{
	static const int limits[][2] = {{SQLITE_LIMIT_LENGTH, DB_ROW_MAX},
	    {SQLITE_LIMIT_SQL_LENGTH, 1024}, {SQLITE_LIMIT_COLUMN, 8},
	    {SQLITE_LIMIT_EXPR_DEPTH, 8}, {SQLITE_LIMIT_COMPOUND_SELECT, 2},
	    {SQLITE_LIMIT_VDBE_OP, 4096}, {SQLITE_LIMIT_FUNCTION_ARG, 8},
	    {SQLITE_LIMIT_ATTACHED, 0}, {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64},
	    {SQLITE_LIMIT_VARIABLE_NUMBER, 8}, {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
	    {SQLITE_LIMIT_WORKER_THREADS, 0}};
	static const int switches[][2] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},
	    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
	    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
	    {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
	    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
	    {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0}};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		sqlite3_limit(db->sqlite, limits[i][0], limits[i][1]);
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		sqlite3_db_config(
		    db->sqlite, switches[i][0], switches[i][1], NULL);
}

/*
 * The journal is truncated, and the truncation synced, so that what has been
 * answered is on the disk; a journal that is unlinked may come back after a
 * power cut. secure_delete: nothing old stays in the file.
 */
static int
db_set_up(struct db *db)
{
	db_distrust(db);
	return db_run(db, "PRAGMA cell_size_check = ON;"
			  "PRAGMA mmap_size = 0;"
			  "PRAGMA temp_store = MEMORY;"
			  "PRAGMA secure_delete = ON;"
			  "PRAGMA locking_mode = EXCLUSIVE;"
			  "PRAGMA synchronous = FULL;");
}

static int
db_prepare_all(struct db *db)
{
	int rc = db_prepare(
	    db, "SELECT sealed FROM record WHERE place = ?1", &db->get);

	if (rc == 0)
		rc = db_prepare(db,
		    "INSERT OR REPLACE INTO record "
		    "(place, sealed) VALUES (?1, ?2)",
		    &db->put);
	if (rc == 0)
		rc = db_prepare(
		    db, "DELETE FROM record WHERE place = ?1", &db->delete);
	return rc;
}

/* Brings a version up to date, an empty one too. */
static int
db_migrate(struct db *db, uint32_t version)
{
	int rc = db_begin(db);

	if (rc < 0)
		return rc;
	for (uint32_t i = version; i < DB_VERSION && rc == 0; i++)
		rc = db_run(db, steps[i]);
	if (rc == 0)
		rc = db_run(db, "PRAGMA user_version = 1");
	if (rc == 0)
		rc = db_commit(db);
	if (rc < 0)
		db_rollback(db);
	return rc;
}

int
db_open_memory(struct db *db)
{
	int rc;

	memset(db, 0, sizeof(*db));
	if (sqlite3_open_v2(":memory:", &db->sqlite,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
		    SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK)
		rc = -ENOMEM;
	else
		rc = db_set_up(db);
	if (rc == 0)
		rc = db_run(db, "PRAGMA page_size = 4096;"
				"PRAGMA application_id = 1987275641");
	if (rc == 0)
		rc = db_migrate(db, 0);
	if (rc == 0)
		rc = db_prepare_all(db);
	if (rc < 0)
		db_close(db);
	return rc;
}

/*
 * The file format, §1.3 of SQLite's description: read before SQLite believes
 * any of it, above all no write-ahead log, which would have files beside it.
 * Through SQLite's own descriptor, since closing another drops its locks.
 */
static int
db_read_header(struct db *db, uint32_t *out_version)
{
	uint8_t header[DB_HEADER] = {0};
	sqlite3_file *file = NULL;
	struct rd in;
	bool good;

	if (sqlite3_file_control(db->sqlite, "main", SQLITE_FCNTL_FILE_POINTER,
		&file) != SQLITE_OK ||
	    file == NULL || file->pMethods == NULL)
		return -EIO;
	if (file->pMethods->xRead(file, header, sizeof(header), 0) != SQLITE_OK)
		return -EBADMSG;
	rd_init(&in, header, sizeof(header));
	good = memcmp(rd_bytes(&in, 16), "SQLite format 3", 16) == 0;
	good = rd_be16(&in) == DB_PAGE && good;
	good = rd_be16(&in) == 0x0101 && good; /* a rollback journal */
	good = rd_u8(&in) == 0 && good;        /* reserved */
	rd_bytes(&in, 39);
	*out_version = rd_be32(&in);
	rd_bytes(&in, 4);
	good = rd_be32(&in) == DB_APPLICATION && good;
	if (!good || *out_version == 0)
		return -EBADMSG;
	return *out_version > DB_VERSION ? -ENOTSUP : 0;
}

/* The statement, which has a row, has this one and no other. */
static int
db_compare(struct db *db, sqlite3_stmt *stmt, const char *text)
{
	const char *is = (const char *)sqlite3_column_text(stmt, 0);
	int rc;

	if (is == NULL && sqlite3_errcode(db->sqlite) == SQLITE_NOMEM)
		return -ENOMEM;
	if (is == NULL || strcmp(is, text) != 0)
		return -EBADMSG;
	rc = db_step(db, stmt);
	return rc > 0 ? -EBADMSG : rc;
}

/* Asked this, the file says that, in one row. */
static int
db_check(struct db *db, const char *sql, const char *text)
{
	sqlite3_stmt *stmt = NULL;
	int rc = db_prepare(db, sql, &stmt);

	if (rc < 0)
		return rc;
	rc = db_step(db, stmt);
	if (rc >= 0)
		rc = rc == 0 ? -EBADMSG : db_compare(db, stmt, text);
	sqlite3_finalize(stmt);
	return rc;
}

/*
 * One table, just as we make it, and nothing else. A scan goes from leaf to
 * leaf, a look-up by the keys above them: where the two disagree, a record is
 * read but not found, and written a second time.
 */
static int
db_check_all(struct db *db)
{
	int rc = db_check(db, "SELECT sql FROM sqlite_schema", DB_TABLE);

	return rc == 0 ? db_check(db, "PRAGMA quick_check(1)", "ok") : rc;
}

static int
db_take(struct db *db, uint32_t *out_version)
{
	int rc = db_read_header(db, out_version);

	if (rc == 0)
		rc = db_set_up(db);
	if (rc == 0 && sqlite3_db_readonly(db->sqlite, "main") != 0)
		rc = -EROFS;
	/* Takes the lock, which is kept, and mends what a crash left. */
	if (rc == 0)
		rc = db_run(db, "BEGIN EXCLUSIVE; COMMIT");
	/* What the journal has brought back is another header. */
	if (rc == 0)
		rc = db_read_header(db, out_version);
	if (rc == 0)
		rc = db_run(db, "PRAGMA max_page_count = 65536;"
				"PRAGMA journal_mode = TRUNCATE");
	if (rc == 0 && *out_version < DB_VERSION)
		rc = db_migrate(db, *out_version);
	if (rc == 0)
		rc = db_check_all(db);
	return rc == 0 ? db_prepare_all(db) : rc;
}

int
db_open(struct db *db, const char *path, const char *vfs, uint32_t *out_version)
{
	int rc;

	memset(db, 0, sizeof(*db));
	if (sqlite3_open_v2(path, &db->sqlite,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
		    SQLITE_OPEN_NOFOLLOW,
		vfs) != SQLITE_OK)
		rc = db->sqlite == NULL ? -ENOMEM : db_error(db);
	else
		rc = db_take(db, out_version);
	if (rc < 0)
		db_close(db);
	return rc;
}

/* The empty journal goes too; after a crash the next one does that. */
void
db_close(struct db *db)
{
	if (db->sqlite != NULL)
		db_rollback(db);
	sqlite3_finalize(db->get);
	sqlite3_finalize(db->put);
	sqlite3_finalize(db->delete);
	if (db->sqlite != NULL)
		(void)!db_run(db, "PRAGMA locking_mode = NORMAL;"
				  "PRAGMA journal_mode = DELETE");
	sqlite3_close(db->sqlite);
	memset(db, 0, sizeof(*db));
}

/* --- rows ------------------------------------------------------------------------- */

static int
db_finish(struct db *db, sqlite3_stmt *stmt)
{
	int rc = db_step(db, stmt);

	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return rc;
}

static int
db_row(sqlite3_stmt *stmt, int column, const uint8_t **out, size_t *out_len)
{
	const uint8_t *bytes;

	if (sqlite3_column_type(stmt, column) != SQLITE_BLOB)
		return -EBADMSG;
	bytes = sqlite3_column_blob(stmt, column);
	*out_len = (size_t)sqlite3_column_bytes(stmt, column);
	if (bytes == NULL)
		return *out_len == 0 ? -EBADMSG : -ENOMEM;
	*out = bytes;
	return 0;
}

int
db_get(struct db *db, uint64_t key, const uint8_t **out, size_t *out_len)
{
	int rc;

	sqlite3_reset(db->get);
	if (sqlite3_bind_int64(db->get, 1, (sqlite3_int64)key) != SQLITE_OK)
		return db_error(db);
	rc = db_step(db, db->get);
	if (rc <= 0)
		return rc == 0 ? -ENOENT : rc;
	return db_row(db->get, 0, out, out_len);
}

int
db_put(struct db *db, uint64_t key, const void *bytes, size_t len)
{
	sqlite3_reset(db->get);
	if (sqlite3_bind_int64(db->put, 1, (sqlite3_int64)key) != SQLITE_OK ||
	    sqlite3_bind_blob64(db->put, 2, bytes, len, SQLITE_STATIC) !=
		SQLITE_OK)
		return db_error(db);
	return db_finish(db, db->put);
}

int
db_delete(struct db *db, uint64_t key)
{
	sqlite3_reset(db->get);
	if (sqlite3_bind_int64(db->delete, 1, (sqlite3_int64)key) != SQLITE_OK)
		return db_error(db);
	return db_finish(db, db->delete);
}

/*
 * In a damaged tree the same page may hang in many places; the order of keys
 * ends what might take for ever.
 */
int
db_scan(struct db *db, db_row_fn *fn, void *ctx)
{
	sqlite3_stmt *stmt = NULL;
	sqlite3_int64 last = -1, key;
	const uint8_t *bytes = NULL;
	size_t len = 0;
	int rc = db_prepare(db,
	    "SELECT place, sealed FROM record "
	    "ORDER BY place",
	    &stmt);

	while (rc == 0 && (rc = db_step(db, stmt)) == 1) {
		key = sqlite3_column_int64(stmt, 0);
		rc = key > last ? db_row(stmt, 1, &bytes, &len) : -EBADMSG;
		if (rc == 0)
			rc = fn(ctx, (uint64_t)key, bytes, len);
		last = key;
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* --- transactions -------------------------------------------------------------------- */

int
db_begin(struct db *db)
{
	sqlite3_reset(db->get);
	return db_run(db, "BEGIN IMMEDIATE");
}

int
db_commit(struct db *db)
{
	return db_run(db, "COMMIT");
}

void
db_rollback(struct db *db)
{
	sqlite3_reset(db->get);
	if (sqlite3_get_autocommit(db->sqlite) == 0)
		(void)!db_run(db, "ROLLBACK");
}

void
db_settle(struct db *db)
{
	sqlite3_reset(db->get);
	(void)sqlite3_db_release_memory(db->sqlite);
}

int
db_copy(struct db *db, uint8_t **out, size_t *out_len)
{
	sqlite3_int64 len = 0;
	uint8_t *bytes;

	sqlite3_reset(db->get);
	bytes = sqlite3_serialize(db->sqlite, "main", &len, 0);
	if (bytes == NULL)
		return -ENOMEM;
	*out = bytes;
	*out_len = (size_t)len;
	return 0;
}
