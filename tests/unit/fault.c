/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fault.h"

#include <stddef.h>
#include <string.h>

static struct {
	const char *call;
	int nth;
	int err;
} fault;

void
fault_set(const char *call, int nth, int err)
{
	fault.call = call;
	fault.nth = nth;
	fault.err = err;
}

bool
fault_take(void)
{
	bool came = fault.call == NULL;

	fault.call = NULL;
	return came;
}

bool
fault_hits(const char *call)
{
	if (fault.call == NULL || strcmp(fault.call, call) != 0 ||
	    --fault.nth > 0)
		return false;
	fault.call = NULL;
	errno = fault.err;
	return true;
}
