/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A conversation with the whole card over a store in memory, in an environment
 * that is the same each time. The input is a program: a byte below FUZZ_LONG is
 * the length of the APDU behind it, the others do what their name says, so that
 * the fuzzer gets past PIN and management key. Whatever was said, the store is
 * one that a card can be opened on.
 *
 * Linked with --wrap=keypair_generate: finding RSA keys takes too long here.
 */
#include <stdlib.h>
#include <string.h>

#include "card/crypto/block.h"
#include "card/crypto/keypair.h"
#include "card/iso/apdu.h"
#include "card/registry.h"
#include "tests/fuzz/fuzz.h"
#include "util/bytes.h"

enum fuzz_step {
	FUZZ_LONG = 0xF0, /* two bytes of length, then an APDU */
	FUZZ_RESET,
	FUZZ_POWER_DOWN,
	FUZZ_LATER, /* 16 seconds */
	FUZZ_REOPEN,
	FUZZ_TOUCH, /* somebody comes, or goes */
	FUZZ_ADMIN, /* proves the management key of a new card */
	FUZZ_PIN,   /* and its PIN */
	FUZZ_NARROW /* responses of 258 bytes, or any */
};

enum { FUZZ_COMMANDS_MAX = 64, NARROW = 258 };

struct bench {
	struct env env;
	struct card *card;
	uint64_t seed;
	int64_t now;
	bool is_touched;
	bool is_narrow;
	uint8_t *response;
	size_t len;
};

int __real_keypair_generate(enum keypair_alg, struct keypair **);
int __wrap_keypair_generate(enum keypair_alg, struct keypair **);

int
__wrap_keypair_generate(enum keypair_alg alg, struct keypair **out)
{
	return keypair_is_rsa(alg) ? -EINVAL
				   : __real_keypair_generate(alg, out);
}

/* --- the environment --------------------------------------------------- */

static int
bench_random(void *ctx, void *out, size_t len)
{
	struct bench *b = ctx;
	uint8_t *p = out;

	for (size_t i = 0; i < len; i++) {
		b->seed = b->seed * 6364136223846793005u + 1442695040888963407u;
		p[i] = (uint8_t)(b->seed >> 56);
	}
	return 0;
}

static int64_t
bench_now(void *ctx)
{
	const struct bench *b = ctx;

	return b->now;
}

static int64_t
bench_wall(void *ctx)
{
	const struct bench *b = ctx;

	return 1700000000 + b->now / 1000;
}

static int
bench_touch(void *ctx, const char *what)
{
	const struct bench *b = ctx;

	MUST(what != NULL);
	return b->is_touched;
}

static const struct env_ops bench_ops = {
    .random = bench_random,
    .now = bench_now,
    .wall = bench_wall,
    .touch = bench_touch,
};

static void
bench_reset(struct bench *b)
{
	const uint8_t *atr;
	size_t len;

	card_reset(b->card, &atr, &len);
	MUST(len > 1 && len <= CARD_ATR_MAX);
}

static void
bench_init(struct bench *b)
{
	*b = (struct bench){.env = {.ops = &bench_ops}, .is_touched = true};
	b->env.ctx = b;
	b->response = malloc(APDU_RESPONSE_MAX);
	MUST(b->response != NULL && store_new_memory(&b->env.store) == 0);
	MUST(registry_format(&b->env, "fuzz") == 0);
	MUST(registry_card(&b->env, &b->card) == 0);
	bench_reset(b);
}

static void
bench_reopen(struct bench *b)
{
	card_free(b->card);
	MUST(registry_card(&b->env, &b->card) == 0);
	bench_reset(b);
}

static void
bench_clear(struct bench *b)
{
	card_free(b->card);
	store_free(b->env.store);
	free(b->response);
}

/* --- one command ------------------------------------------------------- */

static void
check_response(
    const struct bench *b, const uint8_t *command, size_t len, size_t cap)
{
	const uint8_t *sw = b->response + b->len - 2;
	struct apdu a;

	MUST(b->len >= 2 && b->len <= cap);
	MUST(sw[0] >> 4 == 6 || sw[0] >> 4 == 9);
	if (apdu_parse(command, len, &a) < 0) {
		MUST(b->len == 2 && sw[0] == 0x67 && sw[1] == 0);
		return;
	}
	MUST(b->len - 2 <= a.le);
	/* A part of a chain: exactly 9000, or an error. */
	if ((a.cla & 0x70) == APDU_CLA_CHAINED)
		MUST(b->len == 2);
}

/* In a block of its own, so that a step beyond is seen. */
static void
send(struct bench *b, const uint8_t *bytes, size_t len)
{
	size_t cap = b->is_narrow ? NARROW : APDU_RESPONSE_MAX;
	uint8_t *command = malloc(len > 0 ? len : 1);

	MUST(command != NULL);
	if (len > 0)
		memcpy(command, bytes, len);
	b->len = 0;
	MUST(card_transmit(b->card, command, len, b->response, cap, &b->len) ==
	     0);
	check_response(b, command, len, cap);
	free(command);
}

/* Single authentication: asks for a challenge, and encrypts it. */
static void
prove_admin(struct bench *b)
{
	static const uint8_t ask[] = {0, 0x87, 3, 0x9B, 4, 0x7C, 2, 0x81, 0};
	static const uint8_t key[] = {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6,
	    7, 8, 1, 2, 3, 4, 5, 6, 7, 8};
	uint8_t tell[] = {
	    0, 0x87, 3, 0x9B, 12, 0x7C, 10, 0x82, 8, 0, 0, 0, 0, 0, 0, 0, 0};

	send(b, ask, sizeof(ask));
	if (b->len != 4 + 8 + 2)
		return;
	MUST(block_encrypt(BLOCK_TDES, key, b->response + 4, tell + 9) == 0);
	send(b, tell, sizeof(tell));
}

static void
prove_pin(struct bench *b)
{
	static const uint8_t verify[] = "\0\x20\0\x80\x08"
					"123456\xFF\xFF";

	send(b, verify, sizeof(verify) - 1);
}

static void
step(struct bench *b, uint8_t what)
{
	switch (what) {
	case FUZZ_RESET:
		bench_reset(b);
		break;
	case FUZZ_POWER_DOWN:
		card_power_down(b->card);
		break;
	case FUZZ_LATER:
		b->now += 16000;
		break;
	case FUZZ_REOPEN:
		bench_reopen(b);
		break;
	case FUZZ_TOUCH:
		b->is_touched = !b->is_touched;
		break;
	case FUZZ_ADMIN:
		prove_admin(b);
		break;
	case FUZZ_PIN:
		prove_pin(b);
		break;
	case FUZZ_NARROW:
		b->is_narrow = !b->is_narrow;
		break;
	default:
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bench b;
	struct rd rd;
	uint8_t what;
	size_t len;

	bench_init(&b);
	rd_init(&rd, data, size);
	for (unsigned i = 0; i < FUZZ_COMMANDS_MAX && rd.len > 0; i++) {
		what = rd_u8(&rd);
		if (what > FUZZ_LONG) {
			step(&b, what);
			continue;
		}
		len = what == FUZZ_LONG ? rd_be16(&rd) : what;
		len = len < rd.len ? len : rd.len;
		send(&b, rd_bytes(&rd, len), len);
	}
	bench_reopen(&b);
	bench_clear(&b);
	return 0;
}
