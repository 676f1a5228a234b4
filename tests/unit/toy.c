/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/toy.h"

#include <stdlib.h>
#include <string.h>

enum { COUNT_SELECT, COUNT_AGAIN, COUNT_DESELECT, COUNT_POWER, COUNTS };

struct toy {
	struct env *env;
	uint32_t security;
	uint8_t counts[COUNTS];
};

static sw_t
toy_echo(void *app, const struct apdu *a, struct wr *out)
{
	(void)app;
	wr_bytes(out, a->data, a->len);
	return SW_OK;
}

static sw_t
toy_count_up(void *app, const struct apdu *a, struct wr *out)
{
	(void)app;
	for (unsigned i = 0; i < (unsigned)(a->p1 << 8 | a->p2); i++)
		wr_u8(out, i & 0xFF);
	return SW_OK;
}

static sw_t
toy_is_proved(void *app, const struct apdu *a, struct wr *out)
{
	struct toy *toy = app;

	(void)a;
	(void)out;
	return toy->security == TOY_PROVED ? SW_OK : sw_tries(3);
}

static sw_t
toy_prove(void *app, const struct apdu *a, struct wr *out)
{
	struct toy *toy = app;

	(void)a;
	(void)out;
	toy->security = TOY_PROVED;
	return SW_OK;
}

static sw_t
toy_say(void *app, const struct apdu *a, struct wr *out)
{
	(void)app;
	wr_u8(out, 0xAB);
	return SW((uint16_t)(a->p1 << 8 | a->p2));
}

static sw_t
toy_tell(void *app, const struct apdu *a, struct wr *out)
{
	struct toy *toy = app;

	(void)a;
	wr_bytes(out, toy->counts, sizeof(toy->counts));
	return SW_OK;
}

static sw_t
toy_random(void *app, const struct apdu *a, struct wr *out)
{
	struct toy *toy = app;
	uint8_t byte;

	(void)a;
	(void)out;
	return env_random(toy->env, &byte, 1) < 0 ? SW_INTERNAL : SW_OK;
}

static sw_t
toy_too_much(void *app, const struct apdu *a, struct wr *out)
{
	(void)app;
	(void)a;
	for (unsigned i = 0; i <= APDU_ANSWER_MAX; i++)
		wr_u8(out, 0x55);
	return SW_OK;
}

static sw_t
toy_select_file(void *app, const struct apdu *a, struct wr *out)
{
	(void)app;
	(void)out;
	return memcmp(a->data, "\xE1\x03", 2) == 0 ? SW_OK : SW_NOT_FOUND;
}

/* --- what all of them have --------------------------------------------- */

static int
toy_open(struct env *env, void **out_app)
{
	struct toy *toy = calloc(1, sizeof(*toy));

	if (toy == NULL)
		return -ENOMEM;
	toy->env = env;
	*out_app = toy;
	return 0;
}

static void
toy_close(void *app)
{
	free(app);
}

static sw_t
toy_select(void *app, bool again, struct wr *out)
{
	struct toy *toy = app;

	toy->counts[again ? COUNT_AGAIN : COUNT_SELECT]++;
	wr_bytes(out, "toy", 3);
	return SW_OK;
}

static sw_t
serial_select(void *app, bool again, struct wr *out)
{
	toy_select(app, again, out);
	return SW_TERMINATED;
}

static sw_t
broken_select(void *app, bool again, struct wr *out)
{
	toy_select(app, again, out);
	return SW_INTERNAL;
}

static void
serial_get_aid(const void *app, uint8_t *out)
{
	(void)app;
	memcpy(out + 6, "\x12\x34\x56\x78", 4);
}

static void
toy_deselect(void *app)
{
	struct toy *toy = app;

	toy->counts[COUNT_DESELECT]++;
	toy->security = 0;
}

static void
toy_power_up(void *app)
{
	struct toy *toy = app;

	toy->counts[COUNT_POWER]++;
}

static uint32_t
toy_security(const void *app)
{
	const struct toy *toy = app;

	return toy->security;
}

static const struct app_ins toy_ins[] = {
    {.ins = 0x10, .len_max = APDU_DATA_MAX, .run = toy_echo},
    {.cla = 0x80, .ins = 0x10, .len_max = 300, .run = toy_echo},
    {.ins = 0x11, .p1 = APP_ANY, .p2 = APP_ANY, .run = toy_count_up},
    {.ins = 0x12,
	.p2 = 1,
	.len_min = 4,
	.len_max = 8,
	.needs = TOY_PROVED,
	.run = toy_echo},
    {.ins = 0x20, .p2 = 0x80, .run = toy_is_proved},
    {.ins = 0x20, .p2 = 0x80, .len_min = 8, .len_max = 8, .run = toy_prove},
    {.ins = 0x30, .p1 = APP_ANY, .p2 = APP_ANY, .run = toy_say},
    {.ins = 0x40, .run = toy_tell},
    {.ins = 0x50, .run = toy_random},
    {.ins = 0x51, .run = toy_too_much},
};

static const struct app_ins file_ins[] = {
    {.ins = 0x11, .p1 = APP_ANY, .p2 = APP_ANY, .run = toy_count_up},
    {.ins = 0x40, .run = toy_tell},
    {.ins = 0xA4,
	.p2 = 0x0C,
	.len_min = 2,
	.len_max = 2,
	.run = toy_select_file},
};

#define TOY_COMMON                                                      \
	.open = toy_open, .close = toy_close, .deselect = toy_deselect, \
	.power_up = toy_power_up, .security = toy_security

#define TOY_ROWS(rows) \
	.ins = (rows), .ins_count = sizeof(rows) / sizeof((rows)[0])

const struct app_ops toy_app = {
    .name = "toy",
    .aid = {0xF0, 1, 2, 3, 4, 5, 6},
    .aid_len = 7,
    .aid_min = 5,
    .capability = 0x0010,
    .select = toy_select,
    TOY_ROWS(toy_ins),
    TOY_COMMON,
};

const struct app_ops file_app = {
    .name = "file",
    .aid = {0xF0, 2},
    .aid_len = 2,
    .aid_min = 2,
    .ins_more = 0xA5,
    .capability = 0x0208,
    .select = toy_select,
    TOY_ROWS(file_ins),
    TOY_COMMON,
};

const struct app_ops serial_app = {
    .name = "serial",
    .aid = {0xF0, 3},
    .aid_len = 12,
    .aid_min = 6,
    .get_aid = serial_get_aid,
    .select = serial_select,
    TOY_ROWS(toy_ins),
    TOY_COMMON,
};

const struct app_ops broken_app = {
    .name = "broken",
    .aid = {0xF0, 4},
    .aid_len = 2,
    .aid_min = 2,
    .select = broken_select,
    TOY_ROWS(toy_ins),
    TOY_COMMON,
};

const struct app_ops *const toy_apps[TOY_APPS] = {
    &toy_app, &file_app, &serial_app, &broken_app};
