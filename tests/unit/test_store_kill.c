/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that changes a key file is killed at random moments: the file
 * opens, what was answered is there, and nothing is left over.
 */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/scratch.h"

static const struct place counter = {STORE_PIV, 1, 1};
static const struct place shadow = {STORE_PIV, 1, 2};

/* Every third step changes two records at once, every seventh is long. */
static int
step(struct store *s, uint32_t n)
{
	static uint8_t bytes[20000];
	size_t len = n % 7 == 0 ? sizeof(bytes) : sizeof(n);
	int rc = store_begin(s);

	memcpy(bytes, &n, sizeof(n));
	if (rc < 0)
		return rc;
	rc = store_put(s, counter, bytes, len);
	if (rc == 0 && n % 3 == 0)
		rc = store_put(s, shadow, &n, sizeof(n));
	if (rc == 0)
		return store_commit(s);
	store_rollback(s);
	return rc;
}

/* Says each number when its step has been answered. */
static void
work(const struct scratch *k, uint32_t n, int out)
{
	struct store *s = NULL;

	if (store_open(k->path, NULL, &s, NULL) < 0)
		_exit(1);
	for (;; n++)
		if (step(s, n) < 0 || write(out, &n, sizeof(n)) != sizeof(n))
			_exit(1);
}

static uint32_t
number(struct store *s, struct place place)
{
	uint32_t n = 0;
	struct buf b;

	buf_init(&b, STORE_RECORD_MAX);
	ck_assert_int_eq(store_get(s, place, &b), 0);
	memcpy(&n, buf_get(&b), sizeof(n));
	buf_clear(&b);
	return n;
}

/* The moment is part of a step, which takes some hundred microseconds. */
static void
spin(unsigned turns)
{
	for (volatile unsigned i = 0; i < turns; i++)
		;
}

/* Returns the last number that was answered. */
static uint32_t
kill_one(const struct scratch *k, uint32_t next)
{
	unsigned wait_for = 1 + (unsigned)random() % 8;
	uint32_t n, last = 0;
	int ends[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		close(ends[0]);
		work(k, next, ends[1]);
	}
	close(ends[1]);
	for (unsigned i = 0; i < wait_for; i++) {
		ck_assert_int_eq(read(ends[0], &n, sizeof(n)), sizeof(n));
		last = n;
	}
	spin((unsigned)random() % 400000);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	while (read(ends[0], &n, sizeof(n)) == sizeof(n))
		last = n;
	close(ends[0]);
	return last;
}

START_TEST(what_was_answered_is_there)
{
	unsigned kills = getenv("VSCARD_TEST_QUICK") != NULL ? 50 : 500;
	unsigned unanswered = 0;
	uint32_t next = 1, last, found;
	struct scratch k;
	struct store *s;

	srandom(20240229);
	scratch_init(&k);
	s = scratch_create(&k, NULL);
	ck_assert_int_eq(store_put(s, shadow, &unanswered, 4), 0);
	store_free(s);
	for (unsigned i = 0; i < kills; i++) {
		last = kill_one(&k, next);
		s = scratch_open(&k, NULL);
		found = number(s, counter);
		ck_assert(found == last || found == last + 1);
		ck_assert_uint_eq(number(s, shadow), found - found % 3);
		unanswered += found != last;
		next = found + 1;
		store_free(s);
		ck_assert_int_eq(scratch_names(&k), 1);
	}
	scratch_clear(&k);
}
END_TEST

UNIT_SUITE("store kill", what_was_answered_is_there)
