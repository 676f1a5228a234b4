/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rig.h"

#include <stdlib.h>
#include <string.h>

#include "card/iso/apdu.h"
#include "tests/unit/unit.h"
#include "util/hex.h"

static int
rig_random(void *ctx, void *out, size_t len)
{
	struct rig *rig = ctx;
	uint8_t *p = out;

	if (rig->random_left == 0)
		return -EIO;
	if (rig->random_left > 0)
		rig->random_left--;
	for (size_t i = 0; i < len; i++) {
		rig->seed =
		    rig->seed * 6364136223846793005u + 1442695040888963407u;
		p[i] = (uint8_t)(rig->seed >> 56);
	}
	return 0;
}

static int64_t
rig_now(void *ctx)
{
	const struct rig *rig = ctx;

	return rig->now;
}

static int64_t
rig_wall(void *ctx)
{
	const struct rig *rig = ctx;

	return 1700000000 + rig->now / 1000;
}

static int
rig_touch(void *ctx, const char *what)
{
	struct rig *rig = ctx;

	ck_assert_ptr_nonnull(what);
	ck_assert_uint_lt(strlen(what), sizeof(rig->asked));
	strcpy(rig->asked, what);
	rig->touches++;
	return rig->touch;
}

static const struct env_ops rig_ops = {
    .random = rig_random,
    .now = rig_now,
    .wall = rig_wall,
    .touch = rig_touch,
};

void
rig_init(struct rig *rig, struct store *store)
{
	*rig = (struct rig){.random_left = -1, .touch = 1};
	rig->env.store = store;
	rig->env.ops = &rig_ops;
	rig->env.ctx = rig;
	rig->cap = APDU_RESPONSE_MAX;
	rig->text = malloc(2 * APDU_RESPONSE_MAX + 1);
	ck_assert_ptr_nonnull(rig->text);
}

void
rig_reset(struct rig *rig)
{
	const uint8_t *atr;
	size_t len;

	card_reset(rig->card, &atr, &len);
	ck_assert_uint_gt(len, 1);
}

void
rig_open(struct rig *rig, const struct app_ops *const *apps, size_t count,
    struct store *store)
{
	rig_init(rig, store);
	ck_assert_int_eq(card_new(apps, count, &rig->env, &rig->card), 0);
	rig_reset(rig);
}

void
rig_clear(struct rig *rig)
{
	card_free(rig->card);
	free(rig->text);
}

/* In blocks of their own size, so that a sanitizer sees a step too far. */
const char *
rig_send_bytes(struct rig *rig, const uint8_t *bytes, size_t len)
{
	uint8_t *command = malloc(len > 0 ? len : 1);
	uint8_t *response = malloc(rig->cap);
	size_t got = 0;
	int rc;

	ck_assert(command != NULL && response != NULL);
	if (len > 0)
		memcpy(command, bytes, len);
	rc = card_transmit(rig->card, command, len, response, rig->cap, &got);
	if (rc == 0)
		hex_put(rig->text, 2 * APDU_RESPONSE_MAX + 1, response, got);
	else
		strcpy(rig->text, rc == -EIO ? "EIO" : "?");
	free(command);
	free(response);
	return rig->text;
}

const char *
rig_send(struct rig *rig, const char *hex)
{
	uint8_t *bytes = malloc(strlen(hex) + 1);
	int len = hex_get(hex, bytes, strlen(hex) + 1);

	ck_assert_msg(len >= 0, "%s", hex);
	rig_send_bytes(rig, bytes, (size_t)len);
	free(bytes);
	return rig->text;
}

void
rig_talk(struct rig *rig, const char *const *pairs)
{
	for (; pairs[0] != NULL; pairs += 2)
		ck_assert_msg(strcmp(rig_send(rig, pairs[0]), pairs[1]) == 0,
		    "%s: %s instead of %s", pairs[0], rig->text, pairs[1]);
}
