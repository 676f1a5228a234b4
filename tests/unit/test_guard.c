/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "util/guard.h"

/* Nobody but root may read its memory, and it leaves none behind. */
START_TEST(memory_is_nobodys)
{
	struct rlimit limit = {1, 1};

	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
	ck_assert_int_eq(guard_memory(), 0);
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_CORE, &limit), 0);
	ck_assert_uint_eq(limit.rlim_cur, 0);
	ck_assert_uint_eq(limit.rlim_max, 0);
	/* The fixture looks into /proc/self, which is root's by now. */
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
}
END_TEST

UNIT_SUITE("guard", memory_is_nobodys)
