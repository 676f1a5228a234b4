/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where observers of exchanges are told of them: trace files, and whoever
 * watches. Without an observer it costs the path of an APDU the look at one
 * pointer.
 */
#ifndef VSCARD_TRACE_TAP_H
#define VSCARD_TRACE_TAP_H

#include <pthread.h>
#include <stdbool.h>

#include "trace/event.h"
#include "util/lock.h"

struct tap_observer {
	/*
	 * Called on the thread that the event happens on, one event after the
	 * other, in the order of their times. The path of an APDU waits for it,
	 * and a connection may be locked: it may not block for longer than a
	 * write to a file takes, nor call the tap, a link or a slot.
	 */
	void (*on_event)(void *arg, const struct trace_event *);
	void *arg;
	struct tap_observer *next; /* the tap's */
};

struct tap {
	struct lock lock; /* the list; held while observers are called */
	struct tap_observer *first; /* atomic: it is looked at without */
};

#define TAP_INITIALIZER                                          \
	{                                                        \
		.lock = LOCK_INITIALIZER(LOCK_TAP), .first = NULL \
	}

/* Somebody wants to know: only then is an event worth making. */
static inline bool
tap_is_on(const struct tap *tap)
{
	return __atomic_load_n(&tap->first, __ATOMIC_ACQUIRE) != NULL;
}

/* The caller's storage, until tap_remove has returned. Any thread. */
void tap_add(struct tap *, struct tap_observer *);
/* When it returns, no call of the observer runs or will come. */
void tap_remove(struct tap *, struct tap_observer *);
/* Tells all observers, at the present time; event->time is set. */
void tap_tell(struct tap *, struct trace_event *);

#endif
