/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every application's own table: each row is sent everything that its command
 * must not be, with all that is worse along with it, and the card has to name
 * the first thing that is wrong: class, INS, P1 P2, length, security. None of
 * it may reach a handler.
 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card/management/management.h"
#include "card/piv/piv.h"
#include "card/piv/piv_state.h"
#include "tests/unit/piv_script.h"

static const struct app_ops *const apps[] = {&piv_app, &management_app};

enum { APPS = sizeof(apps) / sizeof(apps[0]), PART = 255 };

static void
prove_piv(struct script *s, uint32_t bits)
{
	if ((bits & PIV_IS_VERIFIED) != 0)
		piv_login(s);
	if ((bits & PIV_IS_ADMIN) != 0)
		piv_admin(s);
}

/* How a session comes to the bits that rows need. */
static void (*const provers[APPS])(struct script *, uint32_t) = {prove_piv};

static void
begin(struct script *s, size_t app)
{
	char select[64] = "00A40400";
	size_t at = strlen(select);

	script_init(s, apps, APPS);
	snprintf(select + at, sizeof(select) - at, "%02X", apps[app]->aid_len);
	for (unsigned i = 0; i < apps[app]->aid_len; i++) {
		at = strlen(select);
		snprintf(select + at, sizeof(select) - at, "%02X",
		    apps[app]->aid[i]);
	}
	ck_assert_uint_eq(script_send(s, select), 0x9000);
}

/* The header that a row is for. */
static struct apdu
header_of(const struct app_ins *row)
{
	return (struct apdu){.cla = row->cla,
	    .ins = row->ins,
	    .p1 = row->p1 == APP_ANY ? 0x5A : (uint8_t)row->p1,
	    .p2 = row->p2 == APP_ANY ? 0xA5 : (uint8_t)row->p2};
}

static bool
is_for(const struct app_ins *row, const struct apdu *a)
{
	return row->cla == a->cla && row->ins == a->ins &&
	       (row->p1 == APP_ANY || row->p1 == a->p1) &&
	       (row->p2 == APP_ANY || row->p2 == a->p2);
}

/* Does any row take this header, and (if len is not negative) this length? */
static bool
is_taken(const struct app_ops *ops, const struct apdu *a, long len)
{
	for (size_t i = 0; i < ops->ins_count; i++)
		if (is_for(&ops->ins[i], a) &&
		    (len < 0 || (len >= (long)ops->ins[i].len_min &&
				    len <= (long)ops->ins[i].len_max)))
			return true;
	return false;
}

static bool
has_ins(const struct app_ops *ops, uint8_t cla, uint8_t ins)
{
	for (size_t i = 0; i < ops->ins_count; i++)
		if (ops->ins[i].cla == cla && ops->ins[i].ins == ins)
			return true;
	return false;
}

static bool
has_cla(const struct app_ops *ops, uint8_t cla)
{
	for (size_t i = 0; i < ops->ins_count; i++)
		if (ops->ins[i].cla == cla)
			return true;
	return false;
}

/* Sends len bytes of nothing: short, extended, or in parts. */
static uint16_t
send(struct script *s, const struct apdu *a, size_t len, bool in_parts)
{
	uint8_t *data = calloc(1, len + 1);
	char text[16];
	uint16_t sw;

	ck_assert_ptr_nonnull(data);
	snprintf(text, sizeof(text), "%02X%02X%02X%02X", a->cla, a->ins, a->p1,
	    a->p2);
	if (len == 0)
		sw = script_send(s, text);
	else
		sw = (in_parts ? script_chain : script_put)(s, text, data, len);
	free(data);
	return sw;
}

static void
expect(struct script *s, const struct apdu *a, size_t len, uint16_t want)
{
	uint16_t sw = send(s, a, len, false);

	ck_assert_msg(sw == want && s->len == 0,
	    "%02X%02X%02X%02X with %zu bytes: %04X, not %04X", a->cla, a->ins,
	    a->p1, a->p2, len, sw, want);
}

/* A length that this header is not for, above all. */
static size_t
bad_length(const struct app_ops *ops, const struct apdu *a)
{
	size_t len = 0;

	while (len < 70000 && is_taken(ops, a, (long)len))
		len++;
	return len < APDU_DATA_MAX ? len : 0;
}

static void
wrong_class(
    struct script *s, const struct app_ops *ops, const struct app_ins *row)
{
	static const struct {
		uint8_t cla;
		uint16_t sw;
	} classes[] = {{0x00, 0x6E00}, {0x80, 0x6E00}, {0xA0, 0x6E00},
	    {0xB0, 0x6E00}, {0xFF, 0x6E00}, {0x01, 0x6881}, {0x43, 0x6881},
	    {0x83, 0x6881}, {0x04, 0x6882}, {0x0C, 0x6882}, {0x8C, 0x6882},
	    {0x1C, 0x6882}};
	struct apdu a = header_of(row);
	size_t len = bad_length(ops, &a);

	a.p1 ^= 0xFF;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		a.cla = classes[i].cla;
		if (!has_cla(ops, a.cla))
			expect(s, &a, len, classes[i].sw);
	}
}

static void
wrong_params(
    struct script *s, const struct app_ops *ops, const struct app_ins *row)
{
	struct apdu a;

	for (unsigned v = 0; v < 256; v++) {
		a = header_of(row);
		a.p1 = row->p1 == APP_ANY ? a.p1 : (uint8_t)v;
		if (!is_taken(ops, &a, -1))
			expect(s, &a, 0, 0x6A86);
		a = header_of(row);
		a.p2 = row->p2 == APP_ANY ? a.p2 : (uint8_t)v;
		if (!is_taken(ops, &a, -1))
			expect(s, &a, row->len_min > 0 ? 0 : 1, 0x6A86);
	}
}

static void
wrong_length(
    struct script *s, const struct app_ops *ops, const struct app_ins *row)
{
	size_t lens[] = {0, row->len_min - 1u, row->len_max + 1u};
	struct apdu a = header_of(row);

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		if (lens[i] > APDU_DATA_MAX || is_taken(ops, &a, (long)lens[i]))
			continue;
		expect(s, &a, lens[i], 0x6700);
		if (lens[i] > PART)
			continue;
		ck_assert_uint_eq(send(s, &a, lens[i], true), 0x6700);
	}
}

/* Lc that is not the number of bytes behind it. */
static void
wrong_lc(struct script *s, const struct app_ins *row)
{
	static const char *const tails[] = {"05010203", "0501020304050600",
	    "000005010203", "00000501020304", "0000050102030405000000"};
	struct apdu a = header_of(row);
	char text[64];

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		snprintf(text, sizeof(text), "%02X%02X%02X%02X%s", a.cla, a.ins,
		    a.p1, a.p2, tails[i]);
		script_is(s, text, "6700");
	}
}

/* Each application: as it was, nothing counted, nothing proved. */
static void
for_each_row(void (*try)(
    struct script *, const struct app_ops *, const struct app_ins *))
{
	uint8_t before[32];
	struct script s;
	size_t len;

	for (size_t app = 0; app < APPS; app++) {
		begin(&s, app);
		script_send(&s, "00F70080");
		len = s.len;
		ck_assert_uint_le(len, sizeof(before));
		memcpy(before, s.data, len);
		for (size_t i = 0; i < apps[app]->ins_count; i++)
			try(&s, apps[app], &apps[app]->ins[i]);
		script_send(&s, "00F70080");
		ck_assert_uint_eq(s.len, len);
		ck_assert_mem_eq(s.data, before, len);
		script_clear(&s);
	}
}

static void
wrong_bytes(
    struct script *s, const struct app_ops *ops, const struct app_ins *row)
{
	(void)ops;
	wrong_lc(s, row);
}

START_TEST(the_class_comes_first)
{
	for_each_row(wrong_class);
}
END_TEST

START_TEST(then_the_instruction)
{
	struct script s;
	struct apdu a;

	for (size_t app = 0; app < APPS; app++) {
		begin(&s, app);
		for (unsigned ins = 0; ins < 256; ins++) {
			a = (struct apdu){.ins = (uint8_t)ins, .p1 = 0x5A};
			if (has_ins(apps[app], 0, a.ins) || ins == 0xC0)
				continue;
			expect(&s, &a, 0, 0x6D00);
			expect(&s, &a, 300, 0x6D00);
		}
		script_clear(&s);
	}
}
END_TEST

START_TEST(then_its_parameters)
{
	for_each_row(wrong_params);
}
END_TEST

START_TEST(then_the_length)
{
	for_each_row(wrong_length);
	for_each_row(wrong_bytes);
}
END_TEST

/* Whoever has proved less than all that a row needs. */
static void
check_needs(size_t app, const struct app_ins *row)
{
	struct apdu a = header_of(row);
	struct script s;

	for (uint32_t bits = 0; bits < row->needs; bits++) {
		if ((bits & ~row->needs) != 0)
			continue;
		begin(&s, app);
		provers[app](&s, bits);
		expect(&s, &a, row->len_min, 0x6982);
		ck_assert_uint_eq(send(&s, &a, row->len_min, true), 0x6982);
		script_clear(&s);
	}
}

START_TEST(then_what_has_to_be_proved)
{
	unsigned rows = 0;

	for (size_t app = 0; app < APPS; app++)
		for (size_t i = 0; i < apps[app]->ins_count; i++)
			if (apps[app]->ins[i].needs != 0) {
				check_needs(app, &apps[app]->ins[i]);
				rows++;
			}
	ck_assert_uint_gt(rows, 5);
}
END_TEST

/* The same answer, all parts of it, however much is asked for at a time. */
static void
check_le(size_t app, const struct app_ins *row)
{
	static const char *const les[] = {
	    "", "00", "01", "FF", "0000", "000000", "000001", "00FFFF"};
	struct apdu a = header_of(row);
	uint8_t want[512];
	size_t len = 0;
	uint16_t sw = 0;
	struct script s;
	char text[32];

	for (size_t i = 0; i < sizeof(les) / sizeof(les[0]); i++) {
		begin(&s, app);
		snprintf(text, sizeof(text), "%02X%02X%02X%02X%s", a.cla, a.ins,
		    a.p1, a.p2, les[i]);
		script_send(&s, text);
		ck_assert_uint_le(s.len, sizeof(want));
		if (i == 0) {
			sw = s.sw;
			len = s.len;
			memcpy(want, s.data, len);
		}
		ck_assert_msg(
		    s.sw == sw && s.len == len, "%s: %04X", text, s.sw);
		ck_assert_mem_eq(s.data, want, len);
		script_clear(&s);
	}
}

START_TEST(no_le_is_wrong)
{
	for (size_t app = 0; app < APPS; app++)
		for (size_t i = 0; i < apps[app]->ins_count; i++)
			if (apps[app]->ins[i].len_min == 0)
				check_le(app, &apps[app]->ins[i]);
}
END_TEST

UNIT_SUITE("card_rows", the_class_comes_first, then_the_instruction,
    then_its_parameters, then_the_length, then_what_has_to_be_proved,
    no_le_is_wrong)
