/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/card_script.h"

#include <stdio.h>
#include <string.h>

#include "card/core/identity.h"
#include "tests/unit/unit.h"
#include "util/hex.h"

enum { PART = 255 };

static void
script_format(struct env *env, const struct app_ops *const *apps, size_t count)
{
	ck_assert_int_eq(store_begin(env->store), 0);
	ck_assert_int_eq(identity_format(env, "script"), 0);
	for (size_t i = 0; i < count; i++) {
		if (apps[i]->format != NULL)
			ck_assert_int_eq(apps[i]->format(env), 0);
	}
	ck_assert_int_eq(store_commit(env->store), 0);
}

void
script_init(struct script *s, const struct app_ops *const *apps, size_t count)
{
	memset(s, 0, sizeof(*s));
	ck_assert_int_eq(store_new_memory(&s->store), 0);
	rig_init(&s->rig, s->store);
	script_format(&s->rig.env, apps, count);
	script_reopen(s, apps, count);
}

void
script_clear(struct script *s)
{
	rig_clear(&s->rig);
	store_free(s->store);
}

void
script_reopen(struct script *s, const struct app_ops *const *apps, size_t count)
{
	card_free(s->rig.card);
	s->rig.card = NULL;
	ck_assert_int_eq(card_new(apps, count, &s->rig.env, &s->rig.card), 0);
	rig_reset(&s->rig);
}

/* One command, and what it answers behind what there is already. */
static void
script_exchange(struct script *s, const uint8_t *command, size_t len)
{
	const char *text = rig_send_bytes(&s->rig, command, len);
	int got = hex_get(text, s->data + s->len, sizeof(s->data) - s->len);

	ck_assert_msg(got >= 2, "%s", text);
	s->len += (size_t)got - 2;
	s->sw = (uint16_t)(s->data[s->len] << 8 | s->data[s->len + 1]);
}

static uint16_t
script_transmit(struct script *s, const uint8_t *command, size_t len)
{
	static const uint8_t more[] = {0x00, 0xC0, 0x00, 0x00, 0x00};

	s->len = 0;
	script_exchange(s, command, len);
	while (s->sw >> 8 == 0x61)
		script_exchange(s, more, sizeof(more));
	return s->sw;
}

uint16_t
script_send(struct script *s, const char *command)
{
	uint8_t bytes[4096];
	int len;

	len = hex_get(command, bytes, sizeof(bytes));
	ck_assert_msg(len >= 0, "not hex: %s", command);
	return script_transmit(s, bytes, (size_t)len);
}

uint16_t
script_put(struct script *s, const char *header, const void *data, size_t len)
{
	static uint8_t bytes[APDU_COMMAND_MAX];
	struct wr wr;

	wr_init(&wr, bytes, sizeof(bytes));
	ck_assert_int_eq(hex_get(header, bytes, 4), 4);
	wr.len = 4;
	wr_u8(&wr, 0);
	wr_be16(&wr, len);
	wr_bytes(&wr, data, len);
	wr_be16(&wr, 0);
	ck_assert_int_gt(wr_end(&wr), 0);
	return script_transmit(s, bytes, wr.len);
}

uint16_t
script_chain(struct script *s, const char *header, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint8_t bytes[5 + PART];
	size_t part;

	ck_assert_int_eq(hex_get(header, bytes, 4), 4);
	bytes[0] |= APDU_CLA_CHAINED;
	for (; len > PART; p += part, len -= part) {
		part = PART;
		bytes[4] = PART;
		memcpy(bytes + 5, p, part);
		ck_assert_uint_eq(script_transmit(s, bytes, 5 + part), 0x9000);
		ck_assert_uint_eq(s->len, 0);
	}
	bytes[0] &= (uint8_t)~APDU_CLA_CHAINED;
	bytes[4] = (uint8_t)len;
	memcpy(bytes + 5, p, len);
	return script_transmit(s, bytes, 5 + len);
}

void
script_is(struct script *s, const char *command, const char *want)
{
	char got[2 * 1024 + 8], sw[5];

	snprintf(sw, sizeof(sw), "%04X", script_send(s, command));
	hex_put(got, sizeof(got) - 4, s->data, s->len);
	if (want[0] == '*') {
		ck_assert_msg(strcmp(want + 1, sw) == 0 && s->len > 0,
		    "%s: %s%s, not %s", command, got, sw, want);
		return;
	}
	strcat(got, sw);
	ck_assert_msg(
	    strcmp(want, got) == 0, "%s: %s, not %s", command, got, want);
}
