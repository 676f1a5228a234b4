/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace/event.h"

#include <time.h>

uint64_t
trace_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static const char *const trace_kind_names[] = {
    [TRACE_ATTACH] = "attach",
    [TRACE_NAME] = "name",
    [TRACE_DETACH] = "detach",
    [TRACE_INSERT] = "insert",
    [TRACE_EJECT] = "eject",
    [TRACE_CONTROL] = "control",
    [TRACE_COMMAND] = "command",
    [TRACE_RESPONSE] = "response",
    [TRACE_FAILURE] = "failure",
};

const char *
trace_kind_name(enum trace_kind kind)
{
	return (unsigned)kind <= TRACE_FAILURE ? trace_kind_names[kind] : "?";
}
