/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a link tells the observers of the module (hub_tap). Nobody observes, as
 * a rule: then each of these is the look at one pointer.
 */
#ifndef VSCARD_IFD_LINK_TRACE_H
#define VSCARD_IFD_LINK_TRACE_H

#include "ifd/link.h"
#include "ifd/reader.h"
#include "trace/tap.h"

/* For the three below; event: what is not of the link and the slot. */
void link_trace_tell(struct link *, struct slot *, struct trace_event event);
void link_trace_tell_end(
    struct link *, struct slot *, const struct request *, int rc);

static inline bool
link_is_traced(const struct link *link)
{
	return tap_is_on(link->reader->tap);
}

/* With the link locked or not; without a slot's lock. */
static inline void
link_trace(struct link *link, struct slot *slot, enum trace_kind kind,
    const void *data, size_t len)
{
	if (link_is_traced(link))
		link_trace_tell(link, slot,
		    (struct trace_event){
			.kind = kind, .data = data, .len = len});
}

/* A host thread's request, with the link unlocked: before, and after it. */
static inline void
link_trace_begin(
    struct link *link, struct slot *slot, const struct request *request)
{
	if (request->kind == REQUEST_APDU)
		link_trace(link, slot, TRACE_COMMAND, request->command,
		    request->command_len);
}

static inline void
link_trace_end(
    struct link *link, struct slot *slot, const struct request *request, int rc)
{
	if (link_is_traced(link))
		link_trace_tell_end(link, slot, request, rc);
}

#endif
