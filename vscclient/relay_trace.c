/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/relay_trace.h"

#include "trace/file.h"

void
relay_trace_result(const struct relay_reader *r, enum trace_kind kind,
    int result, const struct vscard_event *data)
{
	struct trace_event event = {
	    .kind = kind,
	    .source = r->relay,
	    .place = r->relay->trace_place,
	    .slot = (unsigned)(r - r->relay->readers),
	    .reader = r->name,
	    .peer = "this machine",
	    .what = kind == TRACE_CONTROL ? r->asked : NULL,
	    .result = result,
	};

	if (r->relay->trace == NULL)
		return;
	event.time = trace_now();
	if (data != NULL) {
		event.data = data->data;
		event.len = data->len;
	}
	trace_file_on_event(r->relay->trace, &event);
}

void
relay_trace(const struct relay_reader *r, enum trace_kind kind,
    const struct vscard_event *data)
{
	relay_trace_result(r, kind, 0, data);
}
