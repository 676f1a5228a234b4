/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/link_trace.h"

void
link_trace_tell(struct link *link, struct slot *slot, struct trace_event event)
{
	char name[VSCARD_NAME_MAX + 1];

	slot_name(slot, name);
	event.source = link->reader;
	event.place = link->reader->text;
	event.slot = slot->index;
	event.reader = name;
	event.peer = link->peer.name;
	tap_tell(link->reader->tap, &event);
}

static const char *
request_text(const struct request *request)
{
	switch (request->kind) {
	case REQUEST_POWER:
		return vscard_power_name((enum vscard_power)request->what);
	case REQUEST_PROTOCOL:
		return request->what == 0 ? "T=0" : "T=1";
	case REQUEST_APDU:
		break;
	}
	return NULL;
}

void
link_trace_tell_end(
    struct link *link, struct slot *slot, const struct request *request, int rc)
{
	struct trace_event event = {
	    .kind = TRACE_CONTROL,
	    .what = request_text(request),
	    .result = rc,
	};

	if (request->kind == REQUEST_APDU)
		event.kind = rc < 0 ? TRACE_FAILURE : TRACE_RESPONSE;
	if (rc == 0) {
		event.data = request->room;
		event.len = request->len;
	}
	link_trace_tell(link, slot, event);
}
