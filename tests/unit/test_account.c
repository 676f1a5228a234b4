/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <string.h>

#include "ifd/account.h"

static bool
has_group(const struct account *a, gid_t gid)
{
	for (size_t i = 0; i < a->user.groups_len; i++)
		if (a->user.groups[i] == gid)
			return true;
	return false;
}

START_TEST(root_is_there)
{
	struct account a;

	ck_assert_int_eq(account_init(&a, "root"), 0);
	ck_assert_uint_eq(a.user.uid, 0);
	ck_assert_uint_eq(a.user.gid, 0);
	ck_assert_str_eq(a.name, "root");
	ck_assert_int_eq(*a.home, '/');
	ck_assert(has_group(&a, 0));
	account_clear(&a);
	account_clear(&a);
}
END_TEST

START_TEST(number_is_a_user)
{
	struct account a;

	ck_assert_int_eq(account_init(&a, "65534"), 0);
	ck_assert_uint_eq(a.user.uid, 65534);
	ck_assert_str_eq(a.name, "nobody");
	account_clear(&a);
}
END_TEST

START_TEST(others_are_not_there)
{
	static const char *const names[] = {"", "no-such-user", "-1", "0x0",
	    "4294967295", "4294967296", "99999999999999999999", "0 ",
	    "2999999999"};
	struct account a, before;

	memset(&a, 0x5a, sizeof(a));
	before = a;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		ck_assert_int_eq(account_init(&a, names[i]), -ENOENT);
	ck_assert_mem_eq(&a, &before, sizeof(a));
}
END_TEST

UNIT_SUITE("account", root_is_there, number_is_a_user, others_are_not_there)
