/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process with a card in a key file is killed at random moments while it
 * counts PIN tries, makes keys and writes objects: the file opens, the last
 * command that was answered is in it, and no try was gained.
 */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "card/keyfile.h"
#include "tests/unit/piv_script.h"
#include "tests/unit/scratch.h"

enum { TRIES = 255, POINT = 64 };

enum kind { KIND_WRONG, KIND_RIGHT, KIND_PUT, KIND_GENERATE };

/* What a child says when a command has been answered. */
struct said {
	uint32_t n;
	uint8_t point[POINT]; /* of the key that it made, if it did */
};

/* What has to be in the file. */
struct model {
	uint32_t n; /* of the last command answered */
	uint32_t object;
	unsigned left;
	uint8_t point[POINT];
};

static enum kind
kind_of(uint32_t n)
{
	if (n % 8 == 3)
		return KIND_GENERATE;
	if (n % 4 == 1)
		return KIND_PUT;
	return n % 64 == 62 ? KIND_RIGHT : KIND_WRONG;
}

/* --- the card ---------------------------------------------------------------- */

static void
card_begin(struct script *s, struct store *store)
{
	memset(s, 0, sizeof(*s));
	s->store = store;
	rig_init(&s->rig, store);
	piv_again(s);
}

static void
put_object(struct script *s, uint32_t n)
{
	char command[64];

	snprintf(command, sizeof(command), "00DB3FFF0B5C035FC1015304%08X", n);
	ck_assert_uint_eq(script_send(s, command), 0x9000);
}

static void
generate(struct script *s, uint8_t *out_point)
{
	ck_assert_uint_eq(script_send(s, "0047009A05AC0380011100"), 0x9000);
	/* 7F49 43 { 86 41 { 04 X Y } } */
	ck_assert_uint_eq(s->len, 6 + POINT);
	memcpy(out_point, s->data + 6, POINT);
}

static void
run(struct script *s, struct said *said)
{
	switch (kind_of(said->n)) {
	case KIND_WRONG:
		ck_assert_uint_eq(script_send(s, PIV_VERIFY_WRONG) >> 8, 0x63);
		break;
	case KIND_RIGHT:
		ck_assert_uint_eq(script_send(s, PIV_VERIFY), 0x9000);
		break;
	case KIND_PUT:
		put_object(s, said->n);
		break;
	case KIND_GENERATE:
		generate(s, said->point);
		break;
	}
}

static void
work(const struct scratch *k, uint32_t n, int out)
{
	struct said said = {.n = n};
	struct store *store = NULL;
	static struct script s;

	if (store_open(k->path, NULL, &store, NULL) < 0)
		_exit(1);
	card_begin(&s, store);
	piv_admin(&s);
	for (;; said.n++) {
		run(&s, &said);
		if (write(out, &said, sizeof(said)) != sizeof(said))
			_exit(1);
	}
}

/* --- what is found afterwards --------------------------------------------------- */

static unsigned
tries_left(struct script *s)
{
	static const uint8_t tag[] = {0x06, 0x02, TRIES};
	const uint8_t *found;

	ck_assert_uint_eq(script_send(s, "00F7008000"), 0x9000);
	found = memmem(s->data, s->len, tag, sizeof(tag));
	ck_assert_ptr_nonnull(found);
	return found[sizeof(tag)];
}

static uint32_t
object(struct script *s)
{
	ck_assert_uint_eq(script_send(s, "00CB3FFF055C035FC10100"), 0x9000);
	ck_assert_uint_eq(s->len, 6);
	return (uint32_t)s->data[2] << 24 | (uint32_t)s->data[3] << 16 |
	       (uint32_t)s->data[4] << 8 | s->data[5];
}

static bool
has_key(struct script *s, const uint8_t *point)
{
	ck_assert_uint_eq(script_send(s, "00F7009A00"), 0x9000);
	return memmem(s->data, s->len, point, POINT) != NULL;
}

/* The command in flight may be there or not; all before it is. */
static void
is_in(const struct model *m, struct script *s)
{
	enum kind flying = kind_of(m->n + 1);
	unsigned left = tries_left(s);
	uint32_t n = object(s);

	ck_assert_msg(left == m->left ||
			  (flying <= KIND_RIGHT && left + 1 == m->left) ||
			  (flying == KIND_RIGHT && left == TRIES),
	    "%u tries, and %u before", left, m->left);
	ck_assert(n == m->object || (flying == KIND_PUT && n == m->n + 1));
	ck_assert(has_key(s, m->point) || flying == KIND_GENERATE);
}

static void
model_take(struct model *m, const struct said *said)
{
	ck_assert_uint_eq(said->n, m->n + 1);
	m->n = said->n;
	switch (kind_of(said->n)) {
	case KIND_WRONG:
		m->left--;
		break;
	case KIND_RIGHT:
		m->left = TRIES;
		break;
	case KIND_PUT:
		m->object = said->n;
		break;
	case KIND_GENERATE:
		memcpy(m->point, said->point, POINT);
		break;
	}
}

/* --- the test ---------------------------------------------------------------------- */

/* The moment is part of a command, which takes some hundred microseconds. */
static void
spin(unsigned turns)
{
	for (volatile unsigned i = 0; i < turns; i++)
		;
}

static void
kill_one(const struct scratch *k, struct model *m)
{
	unsigned wait_for = 1 + (unsigned)random() % 12;
	struct said said;
	int ends[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		close(ends[0]);
		unit_child();
		work(k, m->n + 1, ends[1]);
	}
	close(ends[1]);
	for (unsigned i = 0; i < wait_for; i++) {
		ck_assert_int_eq(
		    read(ends[0], &said, sizeof(said)), sizeof(said));
		model_take(m, &said);
	}
	spin((unsigned)random() % 1000000);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	while (read(ends[0], &said, sizeof(said)) == sizeof(said))
		model_take(m, &said);
	close(ends[0]);
}

/* A card with so many tries that it is never blocked. */
static void
make_card(struct scratch *k, struct model *m)
{
	const struct keyfile_setup setup = {.ctx = NULL};
	struct keyfile *made = NULL;
	static struct script s;
	struct store *store;

	ck_assert_int_eq(
	    keyfile_create(k->path, &setup, NULL, "", &made, &k->why), 0);
	keyfile_free(made);
	store = scratch_open(k, NULL);
	card_begin(&s, store);
	piv_admin(&s);
	piv_login(&s);
	ck_assert_uint_eq(script_send(&s, "00FAFFFF"), 0x9000);
	put_object(&s, 0);
	generate(&s, m->point);
	m->left = TRIES;
	script_clear(&s);
}

START_TEST(no_try_is_gained_and_nothing_lost)
{
	unsigned kills = getenv("VSCARD_TEST_QUICK") != NULL ? 30 : 500;
	struct model m = {.n = 0};
	static struct script s;
	struct scratch k;

	srandom(20240229);
	scratch_init(&k);
	make_card(&k, &m);
	for (unsigned i = 0; i < kills; i++) {
		kill_one(&k, &m);
		card_begin(&s, scratch_open(&k, NULL));
		is_in(&m, &s);
		/* What was in flight is sent once more. */
		m.left = tries_left(&s);
		script_clear(&s);
		ck_assert_int_eq(scratch_names(&k), 1);
	}
	scratch_clear(&k);
}
END_TEST

UNIT_SUITE("card kill", no_try_is_gained_and_nothing_lost)
