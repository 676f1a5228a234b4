/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file that somebody changed: each byte in turn, cut at each length, and with
 * rows that come from elsewhere. It is refused, or what is read from it is what
 * was written; and opening it writes nothing.
 */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fakes/disk.h"
#include "tests/unit/scratch.h"

static const struct place here = {STORE_PIV, 1, 0x9A};
static const struct place there = {STORE_PIV, 1, 0x9C};
static const struct place apart = {STORE_CARD, 1, 0};

enum { PAGE = 4096, PAGE_HEAD = 160 };

/* In quick mode, every so many bytes. */
static size_t
stride(void)
{
	return getenv("VSCARD_TEST_QUICK") != NULL ? 29 : 1;
}

static void
fill(struct store *s)
{
	scratch_put(s, here, "a key that is worth something");
	scratch_put(s, there, "another");
	scratch_put(s, apart, "serial number");
}

static bool
is_refusal(int rc)
{
	return rc == -EBADMSG || rc == -ENOTSUP;
}

/* Records are as they were, or the call says that they are not. */
static void
is_right(struct store *s, struct place place, const char *text)
{
	struct buf b;
	int rc;

	buf_init(&b, STORE_RECORD_MAX);
	rc = store_get(s, place, &b);
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_eq(buf_len(&b), strlen(text));
	ck_assert_mem_eq(buf_get(&b), text, strlen(text));
	buf_clear(&b);
}

/* A tree that is damaged where nobody has looked yet may not take a change. */
static void
change(struct store *s)
{
	static uint8_t bytes[3000];
	struct place place = {STORE_OATH, 1, 1};
	struct buf b;
	int rc;

	rc = store_put(s, place, bytes, sizeof(bytes));
	if (rc < 0) {
		ck_assert_msg(
		    rc == -EBADMSG || rc == -ENOSPC || rc == -EIO, "%d", rc);
		return;
	}
	buf_init(&b, STORE_RECORD_MAX);
	ck_assert_int_eq(store_get(s, place, &b), 0);
	ck_assert_uint_eq(buf_len(&b), sizeof(bytes));
	buf_clear(&b);
}

/* Opens what is there; 1 if it did, and everything was right. */
static int
look(struct scratch *k, bool with_change)
{
	struct store_options options = scratch_options(NULL);
	struct store *s = NULL;
	int rc;

	options.vfs = DISK_VFS;
	rc = store_open(k->path, &options, &s, &k->why);
	disk_reset();
	if (rc < 0) {
		ck_assert_msg(is_refusal(rc), "%d %s", rc, k->why.text);
		return 0;
	}
	is_right(s, here, "a key that is worth something");
	is_right(s, there, "another");
	is_right(s, apart, "serial number");
	if (with_change)
		change(s);
	store_free(s);
	disk_reset();
	return 1;
}

/* --- bytes --------------------------------------------------------------------- */

static void
poke(const struct scratch *k, size_t at, uint8_t byte)
{
	int fd = open(k->path, O_WRONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, &byte, 1, (off_t)at), 1);
	close(fd);
}

static void
is_file(const struct scratch *k, const uint8_t *bytes, size_t len)
{
	size_t now_len;
	uint8_t *now = scratch_read(k, &now_len);

	ck_assert_uint_eq(now_len, len);
	ck_assert_mem_eq(now, bytes, len);
	free(now);
}

/* Where something is written in a page's head, that is done as well. */
static void
spoil(struct scratch *k, const uint8_t *bytes, size_t len, size_t at,
    uint8_t byte, unsigned *refused)
{
	bool with_change = at % PAGE < PAGE_HEAD;

	poke(k, at, byte);
	if (look(k, with_change) == 0)
		++*refused;
	if (with_change)
		scratch_write(k, bytes, len);
	else
		poke(k, at, bytes[at]);
}

START_TEST(each_byte_changed)
{
	unsigned refused = 0;
	struct scratch k;
	struct store *s;
	uint8_t *bytes;
	size_t len;

	disk_init();
	scratch_init(&k);
	s = scratch_create(&k, NULL);
	fill(s);
	store_free(s);
	bytes = scratch_read(&k, &len);
	ck_assert_uint_lt(len, 4 * PAGE);
	for (size_t at = 0; at < len; at += stride()) {
		unsigned other = at % 2 == 0 ? 0xFFU : 1U << at % 8;

		spoil(
		    &k, bytes, len, at, (uint8_t)(bytes[at] ^ other), &refused);
	}
	is_file(&k, bytes, len);
	ck_assert_int_eq(look(&k, false), 1);
	/* Slot, manifest and three records, at the least. */
	ck_assert_uint_gt(refused, 350 / stride());
	free(bytes);
	scratch_clear(&k);
}
END_TEST

START_TEST(each_length)
{
	unsigned opened = 0;
	struct scratch k;
	struct store *s;
	uint8_t *bytes;
	size_t len;

	disk_init();
	scratch_init(&k);
	s = scratch_create(&k, NULL);
	fill(s);
	store_free(s);
	bytes = scratch_read(&k, &len);
	for (size_t n = 0; n < len; n += stride()) {
		scratch_write(&k, bytes, n);
		opened += (unsigned)look(&k, false);
		is_file(&k, bytes, n);
	}
	ck_assert_uint_eq(opened, 0);
	free(bytes);
	scratch_clear(&k);
}
END_TEST

/* --- rows ------------------------------------------------------------------------- */

/* What an attacker does who knows SQLite. */
static void
edit(const struct scratch *k, const char *sql)
{
	sqlite3 *db = NULL;
	char *text = NULL;

	ck_assert_int_eq(sqlite3_open(k->path, &db), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &text) == SQLITE_OK,
	    "%s: %s", sql, text);
	sqlite3_close(db);
}

#define PLACE(app, kind, id) "((" #app " << 40) + (" #kind " << 32) + " #id ")"

START_TEST(a_set_that_was_edited_is_refused)
{
	static const char *const edits[] = {
	    "DELETE FROM record WHERE place = " PLACE(2, 1, 0x9A),
	    "DELETE FROM record", "DELETE FROM record WHERE place = 0",
	    "DELETE FROM record WHERE place = 1",
	    /* A copy at another place, and two that changed places. */
	    "INSERT INTO record SELECT place + 1, sealed FROM record"
	    " WHERE place = " PLACE(2, 1, 0x9A),
	    "UPDATE record SET place = place + 1 WHERE place > 1",
	    "UPDATE record SET place = -place WHERE place > 1",
	    "INSERT INTO record VALUES (2, x'00')",
	    "INSERT INTO record VALUES (9223372036854775807, zeroblob(28))",
	    "UPDATE record SET sealed = x'' WHERE place > 1",
	    "UPDATE record SET sealed = x'' WHERE place = 0",
	    "UPDATE record SET sealed = x'' WHERE place = 1",
	    "UPDATE record SET sealed = (SELECT sealed FROM record"
	    " WHERE place > 1 LIMIT 1) WHERE place = 1",
	    "UPDATE record SET sealed = sealed || x'00' WHERE place > 1",
	    "UPDATE record SET sealed = cast('text' AS TEXT) WHERE place > 1",
	    "UPDATE record SET sealed = 7 WHERE place > 1",
	    "UPDATE record SET sealed = zeroblob(1000000) WHERE place > 1",
	    /* Other schemas. */
	    "CREATE TABLE more (x)", "CREATE INDEX i ON record (sealed)",
	    "CREATE TRIGGER t AFTER INSERT ON record BEGIN"
	    " DELETE FROM record; END",
	    "CREATE VIEW v AS SELECT * FROM record",
	    "ALTER TABLE record RENAME TO other",
	    "ALTER TABLE record ADD COLUMN more", "DROP TABLE record",
	    "CREATE TABLE other AS SELECT * FROM record; DROP TABLE record;"
	    "CREATE VIEW record AS SELECT * FROM other",
	    "PRAGMA journal_mode = WAL", "PRAGMA page_size = 512; VACUUM",
	    "PRAGMA user_version = 0"};
	size_t len;
	struct scratch k;
	struct store *s;
	uint8_t *bytes;

	disk_init();
	scratch_init(&k);
	s = scratch_create(&k, NULL);
	fill(s);
	store_free(s);
	bytes = scratch_read(&k, &len);
	for (unsigned i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		scratch_write(&k, bytes, len);
		edit(&k, edits[i]);
		ck_assert_msg(look(&k, false) == 0, "%s", edits[i]);
	}
	scratch_write(&k, bytes, len);
	edit(&k, "VACUUM");
	ck_assert_int_eq(look(&k, true), 1);
	free(bytes);
	scratch_clear(&k);
}
END_TEST

/* A record as it was an hour ago, or from another file, or a backup. */
START_TEST(an_older_record_is_refused)
{
	static const char *const edits[] = {
	    "UPDATE record SET sealed = (SELECT sealed FROM old.record o"
	    " WHERE o.place = record.place) WHERE place = " PLACE(2, 1, 0x9A),
	    "UPDATE record SET sealed = (SELECT sealed FROM old.record o"
	    " WHERE o.place = record.place) WHERE place > 1",
	    "UPDATE record SET sealed = (SELECT sealed FROM old.record o"
	    " WHERE o.place = record.place) WHERE place = 1",
	    "INSERT INTO record SELECT * FROM old.record"
	    " WHERE place NOT IN (SELECT place FROM record)"};
	char attach[2 * SCRATCH_PATH], sql[1024];
	struct scratch k, old;
	struct store *s;
	uint8_t *bytes;
	size_t len;

	disk_init();
	scratch_init(&k);
	scratch_init(&old);
	s = scratch_create(&k, NULL);
	fill(s);
	ck_assert_int_eq(store_backup(s, old.path, &k.why), 0);
	scratch_put(s, here, "newer");
	ck_assert_int_eq(store_delete(s, there), 0);
	store_free(s);
	bytes = scratch_read(&k, &len);
	snprintf(attach, sizeof(attach), "ATTACH '%s' AS old", old.path);
	for (unsigned i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		scratch_write(&k, bytes, len);
		snprintf(sql, sizeof(sql), "%s; %s", attach, edits[i]);
		edit(&k, sql);
		ck_assert_int_eq(scratch_try(&k, NULL), -EBADMSG);
		ck_assert_ptr_nonnull(strstr(k.why.text, "altered"));
	}
	scratch_write(&k, bytes, len);
	ck_assert_int_eq(scratch_try(&k, NULL), 0);
	free(bytes);
	scratch_clear(&k);
	scratch_clear(&old);
}
END_TEST

UNIT_SUITE("store damage", each_byte_changed, each_length,
    a_set_that_was_edited_is_refused, an_older_record_is_refused)
