/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <string.h>

#include "card/core/dispatch.h"

static uint32_t security;

static uint32_t
get_security(const void *app)
{
	(void)app;
	return security;
}

static sw_t
run(void *app, const struct apdu *a, struct wr *out)
{
	(void)app;
	(void)a;
	(void)out;
	return SW_OK;
}

/* Each kind of row. */
static const struct app_ins rows[] = {
    {.ins = 0x01, .run = run},
    {.ins = 0x02,
	.p1 = 0x3F,
	.p2 = 0xFF,
	.len_min = 3,
	.len_max = 5,
	.run = run},
    {.ins = 0x03, .p1 = APP_ANY, .p2 = 0x80, .needs = 6, .run = run},
    {.ins = 0x04, .p1 = 7, .p2 = APP_ANY, .len_max = 2, .needs = 1, .run = run},
    /* one INS, several rows: other P1, other length, other needs */
    {.ins = 0x20, .p2 = 0x80, .run = run},
    {.ins = 0x20,
	.p2 = 0x80,
	.len_min = 8,
	.len_max = 8,
	.needs = 1,
	.run = run},
    {.ins = 0x20, .p1 = 0xFF, .p2 = 0x80, .run = run},
    {.ins = 0x20,
	.p2 = 0x81,
	.len_min = 8,
	.len_max = 8,
	.needs = 2,
	.run = run},
    /* a class of its own */
    {.cla = 0x80,
	.ins = 0x01,
	.p1 = APP_ANY,
	.p2 = APP_ANY,
	.len_max = 9,
	.run = run},
};

static const struct app_ops ops = {
    .ins = rows,
    .ins_count = sizeof(rows) / sizeof(rows[0]),
    .security = get_security,
};

static const struct {
	uint8_t header[4];
	size_t len;
	uint32_t security;
	uint16_t sw, sw_part;
	int row;
} cases[] = {
    {{0x00, 0x01, 0, 0}, 0, 0, 0x9000, 0x9000, 0},
    {{0x00, 0x01, 0, 0}, 1, 0, 0x6700, 0x6700, -1},
    {{0x00, 0x01, 1, 0}, 1, 0, 0x6A86, 0x6A86, -1},
    {{0x00, 0x01, 0, 1}, 0, 0, 0x6A86, 0x6A86, -1},
    {{0x00, 0x05, 9, 9}, 9, 0, 0x6D00, 0x6D00, -1},
    {{0x80, 0x02, 0x3F, 0xFF}, 3, 0, 0x6D00, 0x6D00, -1},
    {{0xA0, 0x05, 9, 9}, 9, 0, 0x6E00, 0x6E00, -1},
    {{0x00, 0x02, 0x3F, 0xFF}, 2, 0, 0x6700, 0x9000, -1},
    {{0x00, 0x02, 0x3F, 0xFF}, 3, 0, 0x9000, 0x9000, 1},
    {{0x00, 0x02, 0x3F, 0xFF}, 5, 0, 0x9000, 0x9000, 1},
    {{0x00, 0x02, 0x3F, 0xFF}, 6, 0, 0x6700, 0x6700, -1},
    {{0x00, 0x02, 0x3F, 0xFE}, 6, 0, 0x6A86, 0x6A86, -1},
    {{0x00, 0x03, 0x12, 0x80}, 0, 0, 0x6982, 0x9000, -1},
    {{0x00, 0x03, 0x12, 0x80}, 0, 2, 0x6982, 0x9000, -1},
    {{0x00, 0x03, 0x12, 0x80}, 0, 4, 0x6982, 0x9000, -1},
    {{0x00, 0x03, 0x12, 0x80}, 0, 6, 0x9000, 0x9000, 2},
    {{0x00, 0x03, 0x12, 0x80}, 0, 7, 0x9000, 0x9000, 2},
    {{0x00, 0x03, 0x12, 0x80}, 1, 0, 0x6700, 0x6700, -1},
    {{0x00, 0x03, 0x12, 0x81}, 1, 6, 0x6A86, 0x6A86, -1},
    {{0x00, 0x04, 0x07, 0xEE}, 2, 1, 0x9000, 0x9000, 3},
    {{0x00, 0x04, 0x08, 0xEE}, 3, 0, 0x6A86, 0x6A86, -1},
    {{0x00, 0x20, 0x00, 0x80}, 0, 0, 0x9000, 0x9000, 4},
    {{0x00, 0x20, 0x00, 0x80}, 8, 0, 0x6982, 0x9000, -1},
    {{0x00, 0x20, 0x00, 0x80}, 8, 1, 0x9000, 0x9000, 5},
    {{0x00, 0x20, 0x00, 0x80}, 7, 1, 0x6700, 0x9000, -1},
    {{0x00, 0x20, 0x00, 0x80}, 9, 1, 0x6700, 0x6700, -1},
    {{0x00, 0x20, 0xFF, 0x80}, 0, 0, 0x9000, 0x9000, 6},
    {{0x00, 0x20, 0xFF, 0x81}, 0, 0, 0x6A86, 0x6A86, -1},
    {{0x00, 0x20, 0x00, 0x81}, 8, 1, 0x6982, 0x9000, -1},
    {{0x00, 0x20, 0x00, 0x81}, 0, 1, 0x6700, 0x9000, -1},
    {{0x80, 0x01, 0x55, 0x66}, 9, 0, 0x9000, 0x9000, 8},
    {{0x80, 0x01, 0x55, 0x66}, 10, 0, 0x6700, 0x6700, -1},
    {{0x0C, 0x01, 0, 0}, 0, 0, 0x6882, 0x6882, -1},
    {{0x84, 0x01, 0, 0}, 0, 0, 0x6882, 0x6882, -1},
    {{0x01, 0x01, 0, 0}, 0, 0, 0x6881, 0x6881, -1},
};

START_TEST(the_first_wrong_thing_is_told)
{
	const struct app_ins *row;
	struct apdu a;
	sw_t sw;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&a, 0, sizeof(a));
		a.cla = cases[i].header[0];
		a.ins = cases[i].header[1];
		a.p1 = cases[i].header[2];
		a.p2 = cases[i].header[3];
		a.len = cases[i].len;
		security = cases[i].security;
		row = NULL;
		sw = dispatch_find(&ops, NULL, &a, false, &row);
		ck_assert_msg(sw.v == cases[i].sw, "case %zu: %04X", i, sw.v);
		ck_assert_ptr_eq(
		    row, cases[i].row < 0 ? NULL : &rows[cases[i].row]);
		sw = dispatch_find(&ops, NULL, &a, true, &row);
		ck_assert_msg(
		    sw.v == cases[i].sw_part, "part %zu: %04X", i, sw.v);
	}
}
END_TEST

START_TEST(classes_have_their_own_words)
{
	uint16_t want;

	for (unsigned cla = 0; cla < 256; cla++) {
		want = 0x6E00;
		if (cla >= 0x40 && cla < 0x80)
			want = 0x6881;
		else if ((cla < 0x20 || (cla >= 0x80 && cla < 0xA0)) &&
			 cla % 16 >= 4)
			want = 0x6882;
		else if ((cla < 0x20 || (cla >= 0x80 && cla < 0xA0)) &&
			 cla % 16 > 0)
			want = 0x6881;
		ck_assert_msg(
		    dispatch_class((uint8_t)cla).v == want, "%02X", cla);
	}
}
END_TEST

UNIT_SUITE(
    "dispatch", the_first_wrong_thing_is_told, classes_have_their_own_words)
