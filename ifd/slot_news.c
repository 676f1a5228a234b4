/* SPDX-License-Identifier: BSD-2-Clause */
/* What pcscd is told of a slot, in which order, and how often. */
#include "ifd/slot.h"
#include "util/clock.h"

/* What pcscd has to hear next: a removal, before it may hear the mode. */
static enum slot_mode
slot_owed(struct slot *slot)
{
	if (slot->lost) {
		slot->lost = false;
		return SLOT_EMPTY;
	}
	if (slot->vanished) {
		slot->vanished = false;
		return SLOT_DETACHED;
	}
	return slot->mode;
}

/* When there is something to do: to tell what is new, or to give up. */
static int64_t
slot_next(struct slot *slot, int64_t now, int64_t deadline)
{
	int64_t next;

	if (!slot->news)
		return deadline;
	next = ration_next(&slot->pace, now);
	return next < deadline ? next : deadline;
}

static void
slot_tell(struct slot *slot)
{
	unsigned withheld;

	if (!slot->news || !ration_take(&slot->pace, clock_now(), &withheld))
		return;
	slot->shown = slot_owed(slot);
	/* More to say than one answer holds: come back at once. */
	slot->news = slot->vanished || slot->shown != slot->mode;
}

void
slot_wait(struct slot *slot, int timeout)
{
	int64_t now = clock_now(), deadline = clock_after(timeout), next;
	struct timespec until;

	lock_take(&slot->lock);
	while (
	    !slot->stopped && (next = slot_next(slot, now, deadline)) > now) {
		until = clock_spec(next);
		lock_wait_until(&slot->lock, &slot->changed, &until);
		now = clock_now();
	}
	slot->stopped = false;
	slot_tell(slot);
	lock_release(&slot->lock);
}
