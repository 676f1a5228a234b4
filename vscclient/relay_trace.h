/* SPDX-License-Identifier: BSD-2-Clause */
/* What the relay's readers do, told to a trace file, if there is one. */
#ifndef VSCCLIENT_RELAY_TRACE_H
#define VSCCLIENT_RELAY_TRACE_H

#include "trace/event.h"
#include "vscclient/relay.h"

/* An event of a reader, with the data of a message, which may be NULL. */
void relay_trace(const struct relay_reader *, enum trace_kind,
    const struct vscard_event *data);
/* COMMAND and CONTROL end without a response, or with this result. */
void relay_trace_result(const struct relay_reader *, enum trace_kind,
    int result, const struct vscard_event *data);

#endif
