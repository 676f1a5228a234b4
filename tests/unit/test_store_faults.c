/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each allocation (ours, SQLite's, libcrypto's) and each operation of the disk
 * fails once: nothing crashes or leaks, and a change that failed has changed
 * nothing.
 */
#include "tests/unit/unit.h"

#include <openssl/crypto.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fakes/disk.h"
#include "tests/unit/fault.h"
#include "tests/unit/scratch.h"

static const struct place here = {STORE_PIV, 1, 1};
static const struct place there = {STORE_PIV, 1, 2};

/* --- memory ----------------------------------------------------------------- */

static void *
crypto_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return size == 0 ? NULL : malloc(size);
}

static void *
crypto_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return realloc(p, size);
}

static void
crypto_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static sqlite3_mem_methods sqlite_real;

static void *
sqlite_malloc(int size)
{
	return fault_hits("malloc") ? NULL : sqlite_real.xMalloc(size);
}

static void *
sqlite_realloc(void *p, int size)
{
	return fault_hits("malloc") ? NULL : sqlite_real.xRealloc(p, size);
}

/* Before either library has allocated anything. */
static void
hook_memory(void)
{
	sqlite3_mem_methods own;

	ck_assert_int_eq(CRYPTO_set_mem_functions(
			     crypto_malloc, crypto_realloc, crypto_free),
	    1);
	ck_assert_int_eq(
	    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_real), SQLITE_OK);
	own = sqlite_real;
	own.xMalloc = sqlite_malloc;
	own.xRealloc = sqlite_realloc;
	ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_MALLOC, &own), SQLITE_OK);
}

/* --- SQLite ------------------------------------------------------------------ */

#define SQLITE_CALL(name, params, args)                                   \
	int __real_##name params;                                         \
	int __wrap_##name params;                                         \
	int __wrap_##name params                                          \
	{                                                                 \
		return fault_hits("sqlite") ? errno : __real_##name args; \
	}

SQLITE_CALL(sqlite3_step, (sqlite3_stmt * s), (s))
SQLITE_CALL(
    sqlite3_bind_int64, (sqlite3_stmt * s, int at, sqlite3_int64 n), (s, at, n))
SQLITE_CALL(sqlite3_bind_blob64,
    (sqlite3_stmt * s, int at, const void *data, sqlite3_uint64 len,
	void (*free)(void *)),
    (s, at, data, len, free))
SQLITE_CALL(sqlite3_prepare_v3,
    (sqlite3 * db, const char *sql, int len, unsigned flags, sqlite3_stmt **out,
	const char **tail),
    (db, sql, len, flags, out, tail))
SQLITE_CALL(sqlite3_exec,
    (sqlite3 * db, const char *sql, int (*row)(void *, int, char **, char **),
	void *arg, char **err),
    (db, sql, row, arg, err))
SQLITE_CALL(sqlite3_db_config, (sqlite3 * db, int what, int on, int *is),
    (db, what, on, is))
SQLITE_CALL(sqlite3_file_control,
    (sqlite3 * db, const char *name, int what, void *arg),
    (db, name, what, arg))

/* --- what may fail ------------------------------------------------------------ */

static struct store_options options;

static int
do_put(struct scratch *k, struct store *s)
{
	static uint8_t bytes[5000];

	(void)k;
	memcpy(bytes, "new", 3);
	return FAULT_IN(store_put(s, here, bytes, sizeof(bytes)));
}

static int
do_transaction(struct scratch *k, struct store *s)
{
	int rc = FAULT_IN(store_begin(s));

	(void)k;
	if (rc < 0)
		return rc;
	rc = FAULT_IN(store_delete(s, there));
	/* A change that failed spoils the rest, whoever looks at it or not. */
	if (FAULT_IN(store_put(s, here, "new", 3)) < 0)
		ck_assert_int_lt(rc = FAULT_IN(store_commit(s)), 0);
	else
		rc = FAULT_IN(store_commit(s));
	return rc;
}

static int
do_delete_app(struct scratch *k, struct store *s)
{
	(void)k;
	return FAULT_IN(store_delete_app(s, STORE_PIV));
}

static int
do_passphrase(struct scratch *k, struct store *s)
{
	(void)k;
	return FAULT_IN(store_set_passphrase(s, "sesame"));
}

static int
do_backup(struct scratch *k, struct store *s)
{
	char path[SCRATCH_PATH + 8];
	int rc;

	snprintf(path, sizeof(path), "%s.copy", k->path);
	rc = FAULT_IN(store_backup(s, path, &k->why));
	ck_assert_int_eq(remove(path) == 0, rc == 0);
	return rc;
}

static int
do_get(struct scratch *k, struct store *s)
{
	struct buf b;
	int rc;

	(void)k;
	buf_init(&b, STORE_RECORD_MAX);
	rc = FAULT_IN(store_get(s, here, &b));
	buf_clear(&b);
	return rc;
}

/* Of another file, while s is open. */
static int
do_open(struct scratch *k, struct store *s)
{
	char path[SCRATCH_PATH + 8];
	struct store *mine = NULL;
	int rc;

	(void)s;
	snprintf(path, sizeof(path), "%s.other", k->path);
	rc = FAULT_IN(store_open(path, &options, &mine, &k->why));
	store_free(mine);
	return rc;
}

static int
do_create(struct scratch *k, struct store *s)
{
	char path[SCRATCH_PATH + 8];
	struct store *mine = NULL;
	int rc;

	(void)s;
	snprintf(path, sizeof(path), "%s.made", k->path);
	rc = FAULT_IN(store_create(path, &options, "sesame", &mine, &k->why));
	store_free(mine);
	remove(path);
	return rc;
}

typedef int action_fn(struct scratch *, struct store *);

static const struct {
	action_fn *run;
	bool changes; /* and what is there afterwards */
	const char *here, *there, *passphrase;
} actions[] = {{do_put, true, NULL, "there", NULL},
    {do_transaction, true, "new", NULL, NULL},
    {do_delete_app, true, NULL, NULL, NULL},
    {do_passphrase, true, "here", "there", "sesame"},
    {do_backup, false, "here", "there", NULL},
    {do_get, false, "here", "there", NULL},
    {do_open, false, "here", "there", NULL},
    {do_create, false, "here", "there", NULL}};

enum { ACTIONS = sizeof(actions) / sizeof(actions[0]) };

static void
is_old(struct store *s)
{
	scratch_is(s, here, "here");
	scratch_is(s, there, "there");
}

/* With "here" and "there" in it, and another one for do_open. */
static struct store *
begin(struct scratch *k, const char *vfs)
{
	struct scratch other;
	struct store *s;

	scratch_init(k);
	options = scratch_options(NULL);
	options.vfs = vfs;
	other = *k;
	ck_assert_int_lt(
	    snprintf(other.path, sizeof(other.path), "%.50s.other", k->path),
	    (int)sizeof(other.path));
	scratch_make(&other, NULL);
	s = scratch_create(k, NULL);
	scratch_put(s, here, "here");
	scratch_put(s, there, "there");
	store_free(s);
	s = NULL;
	ck_assert_int_eq(store_open(k->path, &options, &s, &k->why), 0);
	return s;
}

/*
 * After a failure: the old state, in use and when opened again. A store that
 * gave up says so, and then only the file tells.
 */
static void
is_unharmed(struct scratch *k, struct store *s)
{
	struct buf b;
	int rc;

	buf_init(&b, STORE_RECORD_MAX);
	rc = store_get(s, here, &b);
	if (rc == -EIO) {
		ck_assert_int_eq(store_put(s, here, "x", 1), -EIO);
		ck_assert_int_eq(store_begin(s), -EIO);
	} else {
		is_old(s);
		ck_assert(!store_has_passphrase(s));
	}
	buf_clear(&b);
	store_free(s);
	if (rc == 0) {
		s = scratch_open(k, NULL);
		is_old(s);
		store_free(s);
	}
}

/* The test's own calls do not fail. */
static void
spare(void)
{
	fault_spare(true);
}

/* --- the tests ------------------------------------------------------------------- */

START_TEST(no_allocation_is_taken_for_granted)
{
	unsigned nth = 1;
	struct scratch k;
	struct store *s;
	bool came;
	int rc;

	hook_memory();
	for (;; nth += fault_every(1)) {
		s = begin(&k, NULL);
		fault_set("malloc", (int)nth, ENOMEM);
		rc = actions[_i].run(&k, s);
		came = fault_take();
		/* libcrypto does not always say that memory was the reason. */
		ck_assert_msg(
		    rc == 0 || rc == -ENOMEM || rc == -EIO, "%u: %d", nth, rc);
		if (rc < 0)
			is_unharmed(&k, s);
		else
			store_free(s);
		scratch_clear(&k);
		if (!came)
			break;
	}
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_gt(nth, 2);
}
END_TEST

static void
is_done(struct scratch *k, unsigned action)
{
	struct store *s = scratch_open(k, actions[action].passphrase);

	if (actions[action].here != NULL)
		scratch_is(s, here, actions[action].here);
	scratch_is(s, there, actions[action].there);
	store_free(s);
}

START_TEST(no_operation_of_the_disk_is_taken_for_granted)
{
	static const int errs[] = {SQLITE_IOERR_WRITE, SQLITE_FULL};
	struct scratch k;
	struct store *s;
	unsigned nth = 1, before;
	int rc;

	disk_init();
	for (;; nth += fault_every(1)) {
		for (unsigned e = 0; e < 4; e++) {
			s = begin(&k, DISK_VFS);
			before = disk_count();
			if (e < 2)
				disk_fail(nth, errs[e % 2]);
			else
				disk_fail_on(nth, errs[e % 2]);
			rc = actions[_i].run(&k, s);
			before = disk_count() - before;
			disk_mend();
			ck_assert_msg(rc == 0 || rc == -EIO || rc == -ENOSPC,
			    "%u: %d", nth, rc);
			if (rc < 0) {
				is_unharmed(&k, s);
			} else {
				store_free(s);
				is_done(&k, (unsigned)_i);
			}
			disk_reset();
			scratch_clear(&k);
		}
		if (before < nth)
			break;
	}
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_gt(nth, actions[_i].changes ? 5 : 0);
}
END_TEST

/* What SQLite does not do, but the store itself. */
static int
try_action(int action)
{
	struct scratch k;
	struct store *s = begin(&k, DISK_VFS);
	int names = scratch_names(&k), rc;

	rc = actions[action].run(&k, s);
	if (rc < 0) {
		is_unharmed(&k, s);
		ck_assert_int_le(scratch_names(&k), names);
	} else {
		store_free(s);
		is_done(&k, (unsigned)action);
	}
	disk_reset();
	scratch_clear(&k);
	return rc;
}

static void
run_action(void *arg)
{
	const int *action = arg;

	(void)try_action(*action);
}

/* Without it nothing has to be there after a power cut: that is a failure. */
START_TEST(no_sync_is_taken_for_granted)
{
	int rc;

	disk_init();
	for (int nth = 1;; nth++) {
		fault_set("fsync", nth, EIO);
		rc = try_action(_i);
		if (!fault_take())
			break;
		ck_assert_int_eq(rc, -EIO);
	}
	ck_assert_int_eq(rc, 0);
}
END_TEST

START_TEST(no_call_of_the_system_is_taken_for_granted)
{
	static const struct fault_way ways[] = {
	    {"open", EMFILE},
	    {"fcntl", ENOLCK},
	    {"fstat", EIO},
	    {"lstat", EIO},
	    {"read", EIO},
	    {"pread", EIO},
	    {"pread", FAULT_SHORT},
	    {"write", ENOSPC},
	    {"write", EINTR},
	    {"write", FAULT_SHORT},
	    {"pwrite", ENOSPC},
	    {"ftruncate", EIO},
	    {"fsync", EIO},
	    {"mkostemp", EMFILE},
	    {"rename", EIO},
	    {"renameat2", EINVAL},
	    {"renameat2", EIO},
	    {"unlink", EIO},
	    {"sqlite", SQLITE_IOERR},
	    {"sqlite", SQLITE_NOMEM},
	};

	disk_init();
	fault_sweep(ways, sizeof(ways) / sizeof(ways[0]), 1, run_action, &_i);
}
END_TEST

Suite *
unit_suite(void)
{
	const TTest *const none[] = {NULL};
	Suite *suite = unit_suite_of("store faults", none);
	TCase *each = tcase_create("actions");

	tcase_set_timeout(each, 300);
	tcase_add_loop_test(
	    each, no_allocation_is_taken_for_granted, 0, ACTIONS);
	tcase_add_loop_test(
	    each, no_operation_of_the_disk_is_taken_for_granted, 0, ACTIONS);
	tcase_add_loop_test(
	    each, no_call_of_the_system_is_taken_for_granted, 0, ACTIONS);
	tcase_add_loop_test(each, no_sync_is_taken_for_granted, 0, ACTIONS);
	tcase_add_checked_fixture(each, spare, NULL);
	suite_add_tcase(suite, each);
	return suite;
}
