/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/store/why.h"

#include <stdarg.h>
#include <stdio.h>

int
why_set(struct store_why *why, int rc, const char *fmt, ...)
{
	va_list ap;

	if (why == NULL || rc >= 0)
		return rc;
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	return rc;
}
