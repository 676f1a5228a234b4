/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace/tap.h"

void
tap_add(struct tap *tap, struct tap_observer *observer)
{
	lock_take(&tap->lock);
	observer->next = tap->first;
	__atomic_store_n(&tap->first, observer, __ATOMIC_RELEASE);
	lock_release(&tap->lock);
}

void
tap_remove(struct tap *tap, struct tap_observer *observer)
{
	struct tap_observer **at = &tap->first;

	lock_take(&tap->lock);
	while (*at != NULL && *at != observer)
		at = &(*at)->next;
	if (*at != NULL)
		__atomic_store_n(at, observer->next, __ATOMIC_RELEASE);
	lock_release(&tap->lock);
}

/* The time is taken under the lock: what is told later is not earlier. */
void
tap_tell(struct tap *tap, struct trace_event *event)
{
	lock_take(&tap->lock);
	event->time = trace_now();
	for (struct tap_observer *o = tap->first; o != NULL; o = o->next)
		o->on_event(o->arg, event);
	lock_release(&tap->lock);
}
