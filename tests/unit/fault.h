/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls that fail on order. A test program is linked with
 * -Wl,--wrap=NAME for each call that it names with FAULT_CALL.
 */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

#include <errno.h>
#include <stdbool.h>

/* The nth call of that name from now on fails, once (1: the next one). */
void fault_set(const char *call, int nth, int err);
/* Whether the fault has come; forgets it. */
bool fault_take(void);
/* Whether this call has to fail; errno is set then. */
bool fault_hits(const char *call);

/* NAME fails with -1 and the errno ordered, or does what it does. */
#define FAULT_CALL(name, params, args)                              \
	int __real_##name params;                                   \
	int __wrap_##name params;                                   \
	int __wrap_##name params                                    \
	{                                                           \
		return fault_hits(#name) ? -1 : __real_##name args; \
	}

/* The same for calls that return a count. */
#define FAULT_COUNT_CALL(name, params, args)                        \
	ssize_t __real_##name params;                               \
	ssize_t __wrap_##name params;                               \
	ssize_t __wrap_##name params                                \
	{                                                           \
		return fault_hits(#name) ? -1 : __real_##name args; \
	}

#endif
