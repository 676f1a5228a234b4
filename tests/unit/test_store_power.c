/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The power goes in each operation of a stream of changes, and what was not
 * synced is lost in many ways: what was answered is there, what was not is there
 * whole or not at all.
 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fakes/disk.h"
#include "tests/unit/scratch.h"

static const struct place tries = {STORE_PIV, 1, 0x80};
static const struct place first = {STORE_PIV, 2, 1};
static const struct place second = {STORE_PIV, 2, 2};

/* How far the stream got: steps answered, and steps begun. */
struct progress {
	unsigned done;
	unsigned begun;
};

enum { STEPS = 9 };

static int
put(struct store *s, struct place place, unsigned n, size_t pad)
{
	static uint8_t bytes[9000];

	memset(bytes, (int)n, sizeof(bytes));
	bytes[0] = (uint8_t)n;
	return store_put(s, place, bytes, 1 + pad);
}

/* Two records that only ever change together. */
static int
put_both(struct store *s, unsigned n)
{
	int rc = store_begin(s);

	if (rc < 0)
		return rc;
	rc = put(s, first, n, 3000);
	if (rc == 0)
		rc = put(s, second, n, 6000);
	if (rc == 0)
		return store_commit(s);
	store_rollback(s);
	return rc;
}

static int
step(struct store *s, unsigned n)
{
	if (n % 4 == 0)
		return put_both(s, n);
	if (n == 6)
		return store_set_passphrase(s, NULL);
	return put(s, tries, n, 0);
}

static void
stream(struct store *s, struct progress *p)
{
	for (unsigned n = 1; n <= STEPS; n++) {
		p->begun = n;
		if (step(s, n) < 0)
			return;
		p->done = n;
	}
}

/* --- what must be there ---------------------------------------------------------- */

/* The record's number; 0: there is none. */
static unsigned
number(struct store *s, struct place place)
{
	unsigned n = 0;
	struct buf b;
	int rc;

	buf_init(&b, STORE_RECORD_MAX);
	rc = store_get(s, place, &b);
	ck_assert_msg(rc == 0 || rc == -ENOENT, "%d", rc);
	if (rc == 0)
		n = buf_get(&b)[0];
	buf_clear(&b);
	return n;
}

/* The last of the steps up to n that writes this record. */
static unsigned
last_of(bool both, unsigned n)
{
	while (n > 0 && ((n % 4 == 0) != both || n == 6))
		n--;
	return n;
}

static void
is_recovered(struct store *s, const struct progress *p)
{
	unsigned n = number(s, tries), a = number(s, first);

	ck_assert_uint_ge(n, last_of(false, p->done));
	ck_assert_uint_le(n, last_of(false, p->begun));
	ck_assert_uint_ge(a, last_of(true, p->done));
	ck_assert_uint_le(a, last_of(true, p->begun));
	ck_assert_uint_eq(number(s, second), a);
}

static struct store *
open_disk(struct scratch *k)
{
	struct store_options options = scratch_options(NULL);
	struct store *s = NULL;

	options.vfs = DISK_VFS;
	ck_assert_msg(
	    store_open(k->path, &options, &s, &k->why) == 0, "%s", k->why.text);
	return s;
}

/* False: the stream ended before. */
static bool
cut_at(struct scratch *k, unsigned nth, unsigned seed)
{
	struct progress p = {0, 0};
	struct store *s;

	scratch_make(k, NULL);
	disk_reset();
	s = open_disk(k);
	disk_cut(nth);
	stream(s, &p);
	store_free(s);
	disk_recover(seed);
	/* It may go again while what was left is mended. */
	s = NULL;
	if (seed % 3 == 0) {
		struct store_options options = scratch_options(NULL);

		options.vfs = DISK_VFS;
		disk_cut(1 + seed % 7);
		if (store_open(k->path, &options, &s, &k->why) == 0)
			store_free(s);
		disk_recover(seed + 1);
	}
	s = open_disk(k);
	is_recovered(s, &p);
	ck_assert_int_eq(put(s, tries, 200, 0), 0);
	ck_assert_uint_eq(number(s, tries), 200);
	store_free(s);
	ck_assert_int_eq(remove(k->path), 0);
	return p.done < STEPS;
}

START_TEST(what_was_answered_is_there)
{
	bool quick = getenv("VSCARD_TEST_QUICK") != NULL;
	unsigned seeds = quick ? 1 : 4, cuts = 0;
	struct scratch k;

	scratch_init(&k);
	disk_init();
	for (unsigned nth = 1; cut_at(&k, nth, nth * 7919);
	     nth += quick ? 5 : 1) {
		cuts++;
		for (unsigned i = 1; i < seeds; i++)
			cut_at(&k, nth, nth * 7919 + i);
	}
	/* An operation more or less is SQLite's business, ten steps are not. */
	ck_assert_uint_gt(cuts, quick ? 20 : 100);
	scratch_clear(&k);
	disk_reset();
}
END_TEST

UNIT_SUITE("store power", what_was_answered_is_there)
