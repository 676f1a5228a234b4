/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <string.h>

#include "ifd/tenant.h"

static const uint8_t none[VSCARD_INSTANCE_LEN];
static const uint8_t run1[VSCARD_INSTANCE_LEN] = {1};
static const uint8_t run2[VSCARD_INSTANCE_LEN] = {2};
static const struct peer jo = {.has_user = true, .uid = 1000};
static const struct peer pat = {.has_user = true, .uid = 1001};
static const struct peer desk = {.has_address = true, .address = {1}};
static const struct peer door = {.has_address = true, .address = {2}};

static struct tenant
tenant(const struct peer *peer, const uint8_t *instance, unsigned id,
    const char *name)
{
	struct tenant t;

	tenant_init(&t, peer, instance, id);
	tenant_set_name(&t, name, strlen(name));
	return t;
}

static const struct {
	const struct peer *was, *now;
	const uint8_t *was_run, *now_run;
	unsigned was_id, now_id;
	const char *was_name, *now_name;
	unsigned score;
} rows[] = {
    /* by name: the number does not count */
    {&jo, &jo, run1, run1, 0, 3, "a", "a", 3},
    {&jo, &jo, run1, run2, 0, 3, "a", "a", 2},
    {&jo, &jo, none, none, 0, 3, "a", "a", 2},
    {&jo, &jo, run1, run1, 0, 0, "a", "b", 0},
    {&jo, &jo, run1, run1, 0, 0, "", "b", 0},
    {&jo, &pat, run1, run2, 0, 0, "a", "a", 0},
    {&desk, &desk, run1, run2, 0, 0, "a", "a", 2},
    {&desk, &door, run1, run2, 0, 0, "a", "a", 0},
    {&jo, &desk, run1, run2, 0, 0, "a", "a", 0},
    /* without one */
    {&jo, &jo, run1, run1, 1, 1, "a", "", 3},
    {&jo, &jo, run1, run1, 1, 2, "a", "", 0},
    {&jo, &jo, run1, run2, 1, 1, "a", "", 0},
    {&jo, &jo, none, none, 1, 1, "", "", 0},
    {&jo, &jo, none, none, 1, 2, "", "", 0},
    {&jo, &jo, none, none, 1, 1, "a", "", 0},
    {&jo, &jo, none, run1, 1, 1, "", "", 0},
    {&jo, &pat, none, none, 1, 1, "", "", 0},
};

START_TEST(scores)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct tenant was = tenant(rows[i].was, rows[i].was_run,
		    rows[i].was_id, rows[i].was_name);
		struct tenant now = tenant(rows[i].now, rows[i].now_run,
		    rows[i].now_id, rows[i].now_name);

		ck_assert_msg(tenant_score(&was, &now) == rows[i].score,
		    "row %zu: %u", i, tenant_score(&was, &now));
	}
}
END_TEST

START_TEST(nobody_is_nobody)
{
	static const struct tenant nobody;
	struct tenant now = tenant(&jo, none, 0, "");

	ck_assert_uint_eq(tenant_score(&nobody, &now), 0);
	ck_assert_uint_eq(tenant_score(&now, &nobody), 0);
}
END_TEST

START_TEST(names_are_cut)
{
	static const char lots[1000];
	struct tenant t = tenant(&jo, none, 0, "x");

	tenant_set_name(&t, lots, sizeof(lots));
	ck_assert_str_eq(t.name, "");
}
END_TEST

UNIT_SUITE("tenant", scores, nobody_is_nobody, names_are_cut)
