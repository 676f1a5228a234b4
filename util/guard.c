/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/guard.h"

#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>

int
guard_memory(void)
{
	const struct rlimit none = {0, 0};

	if (setrlimit(RLIMIT_CORE, &none) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	return 0;
}
