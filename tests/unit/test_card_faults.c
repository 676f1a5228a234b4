/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole card with something missing: the n-th piece of memory, the n-th
 * random number, the n-th write to the store, for every n. Each command gets
 * an answer that has a meaning, or the card stops; whatever happened, the store
 * opens, and no try of the PIN was gained. Linked with --wrap of the calls that
 * fail.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "card/crypto/block.h"
#include "card/registry.h"
#include "tests/unit/fault.h"
#include "tests/unit/rig.h"
#include "util/hex.h"

int __real_store_put(struct store *, struct place, const void *, size_t);
int __real_store_commit(struct store *);
int __wrap_store_put(struct store *, struct place, const void *, size_t);
int __wrap_store_commit(struct store *);

int
__wrap_store_put(struct store *s, struct place at, const void *data, size_t len)
{
	return fault_hits("store_put") ? -ENOSPC
				       : __real_store_put(s, at, data, len);
}

/* As the contract has it: after a commit that failed nothing has changed. */
int
__wrap_store_commit(struct store *s)
{
	if (!fault_hits("store_commit"))
		return __real_store_commit(s);
	store_rollback(s);
	return -ENOSPC;
}

/* --- what is said to the card ------------------------------------------- */

#define PIN "313233343536FFFF"
#define NEW_PIN "363534333231FFFF"

static const char *const commands[] = {
    "00A4040005A000000308",
    "0020008008" NEW_PIN, /* wrong: two tries are left */
    "0020008008" PIN,
    "0087039B047C028100",
    "", /* the proof */
    "0047009A05AC03800111",
    "00FE119C220620C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B"
    "120F6721",
    "0087119A267C2482008120ABABABABABABABABABABABABABABABABABABABABABABABABABAB"
    "ABABABABABAB",
    "00DB3FFF0D5C035FC10553067001AA710100",
    "00CB3FFF055C035FC105",
    "00F99A00",
    "00F6829A",
    "00F70082",
    "0024008010" PIN NEW_PIN,
    "00A4040008A000000527471117",
    "001D0000",
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

enum {
	WRONG_PIN = 1,
	RIGHT_PIN = 2,
	PROVE = 4,
	SIGN = 7,
	PUT_DATA = 8,
	CHANGE = 13
};

struct run {
	struct rig rig; /* its card looks at the store afterwards */
	struct card *card;
	uint8_t response[APDU_RESPONSE_MAX];
	size_t len;
	uint16_t sw[COMMANDS]; /* 0: the card had stopped */
};

/* Nothing of the test's own may fail. */
static uint16_t
send(struct run *run, const uint8_t *command, size_t len)
{
	int rc;

	rc = FAULT_IN(card_transmit(run->card, command, len, run->response,
	    sizeof(run->response), &run->len));
	ck_assert(rc == 0 || rc == -EIO);
	ck_assert(rc == 0 || run->rig.env.stopped);
	if (rc < 0)
		return 0;
	ck_assert_uint_ge(run->len, 2);
	if (run->response[run->len - 2] == 0x61)
		return 0x9000;
	return (uint16_t)(run->response[run->len - 2] << 8 |
			  run->response[run->len - 1]);
}

static uint16_t
send_hex(struct run *run, const char *hex)
{
	uint8_t bytes[128];
	int len = hex_get(hex, bytes, sizeof(bytes));

	ck_assert_int_gt(len, 0);
	return send(run, bytes, (size_t)len);
}

/* Encrypts the challenge that was just answered. */
static uint16_t
send_proof(struct run *run)
{
	static const uint8_t key[] = {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6,
	    7, 8, 1, 2, 3, 4, 5, 6, 7, 8};
	uint8_t command[] = {
	    0, 0x87, 3, 0x9B, 12, 0x7C, 10, 0x82, 8, 0, 0, 0, 0, 0, 0, 0, 0};

	if (run->len == 4 + 8 + 2)
		ck_assert_int_eq(block_encrypt(BLOCK_TDES, key,
				     run->response + 4, command + 9),
		    0);
	return send(run, command, sizeof(command));
}

/* 7C … 82 … 30 … 02: it says that it has signed, so there is a signature. */
static void
check_signature(const struct run *run)
{
	if (run->sw[SIGN] != 0x9000)
		return;
	ck_assert_uint_gt(run->len, 70);
	ck_assert_uint_eq(run->response[4], 0x30);
	ck_assert_uint_eq(run->response[6], 0x02);
}

static void
run_commands(struct run *run)
{
	const uint8_t *atr;
	size_t len;

	ck_assert_int_eq(registry_card(&run->rig.env, &run->card), 0);
	card_reset(run->card, &atr, &len);
	for (size_t i = 0; i < COMMANDS; i++) {
		run->sw[i] =
		    i == PROVE ? send_proof(run) : send_hex(run, commands[i]);
		if (i == SIGN)
			check_signature(run);
	}
	card_free(run->card);
}

static void
run_open(struct run *run)
{
	struct store *store;

	memset(run, 0, sizeof(*run));
	ck_assert_int_eq(store_new_memory(&store), 0);
	rig_init(&run->rig, store);
	ck_assert_int_eq(registry_format(&run->rig.env, ""), 0);
}

static void
run_close(struct run *run)
{
	struct store *store = run->rig.env.store;

	rig_clear(&run->rig);
	store_free(store);
}

/* --- what has to be true, whatever failed -------------------------------- */

static bool
is_fair(uint16_t sw)
{
	static const uint16_t words[] = {0x6581, 0x6F00, /* the fault */
	    0x6982, 0x6985, 0x6A88, 0x6A82, 0x6D00,      /* what it led to */
	    0x63C1, 0x6A80}; /* libcrypto does not say why it takes no key */

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i] == sw)
			return true;
	return sw == 0;
}

/* What was answered is there; what failed has changed nothing. */
static void
check_store(struct run *run)
{
	bool is_changed = run->sw[CHANGE] == 0x9000;

	run->rig.env.stopped = false;
	run->rig.random_left = -1;
	ck_assert_int_eq(registry_card(&run->rig.env, &run->rig.card), 0);
	rig_send(&run->rig, commands[0]);
	if (run->sw[WRONG_PIN] == 0x63C2 && run->sw[RIGHT_PIN] != 0x9000 &&
	    !is_changed)
		ck_assert_str_ne(rig_send(&run->rig, "00200080"), "63C3");
	RIG_TALK(&run->rig,
	    is_changed ? "0020008008" NEW_PIN : "0020008008" PIN, "9000",
	    "00CB3FFF055C035FC105",
	    run->sw[PUT_DATA] == 0x9000 ? "53067001AA7101009000" : "6A82");
}

/* Those of the rig, which counts them itself. */
static const char random_numbers[] = "random numbers";

/* Returns false when there was no n-th call. */
static bool
fail_one(const char *what, unsigned n, const struct run *truth)
{
	struct run *run = malloc(sizeof(*run));
	bool failed;

	ck_assert_ptr_nonnull(run);
	run_open(run);
	fault_set(what, (int)n, 0);
	if (what == random_numbers)
		run->rig.random_left = (long)n - 1;
	run_commands(run);
	failed = fault_take();
	if (what == random_numbers)
		failed = run->rig.random_left == 0;
	for (size_t i = 0; i < COMMANDS; i++)
		ck_assert_msg(run->sw[i] == truth->sw[i] || is_fair(run->sw[i]),
		    "%s %u: %s: %04X", what, n, commands[i], run->sw[i]);
	check_store(run);
	run_close(run);
	free(run);
	return failed;
}

static void
fail_each(const char *what, unsigned least)
{
	struct run *truth = malloc(sizeof(*truth));
	unsigned n = 1;

	fault_spare(true);
	ck_assert_ptr_nonnull(truth);
	run_open(truth);
	run_commands(truth);
	for (size_t i = 0; i < COMMANDS; i++)
		ck_assert_msg(
		    truth->sw[i] == (i == WRONG_PIN ? 0x63C2 : 0x9000),
		    "%s: %04X", commands[i], truth->sw[i]);
	while (fail_one(what, n, truth))
		n++;
	ck_assert_uint_gt(n, least);
	run_close(truth);
	free(truth);
}

START_TEST(memory_may_be_short)
{
	fail_each("malloc", 40);
}
END_TEST

START_TEST(random_numbers_may_end)
{
	fail_each(random_numbers, 2);
}
END_TEST

START_TEST(the_disk_may_be_full)
{
	fail_each("store_put", 8);
	fail_each("store_commit", 2);
}
END_TEST

/* Nothing is signed, sealed or let in by a function that has failed. */
START_TEST(libcrypto_may_fail)
{
	fail_each("crypto", 60);
}
END_TEST

UNIT_SUITE("card_faults", libcrypto_may_fail, memory_may_be_short,
    random_numbers_may_end, the_disk_may_be_full)
