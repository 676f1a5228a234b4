/* SPDX-License-Identifier: BSD-2-Clause */
/* What pcscd is told of a slot, in which order, and how often. */
#include "ifd/slot.h"
#include "util/clock.h"

/* --- the thread that is told, and the others --------------------------- */

/* Another thread than the one that is told; false: that one. */
static bool
slot_hush(struct slot *slot)
{
	int64_t now = clock_now();

	if (!slot->has_poller || pthread_equal(slot->poller, pthread_self()))
		return false;
	/* News that have waited as long as they may wait no longer. */
	if (slot->quiet_end == 0 || (slot->quiet <= now && !slot->news))
		slot->quiet_end = now + SLOT_QUIET_MAX_MS;
	slot->quiet = now + SLOT_QUIET_MS;
	if (slot->quiet > slot->quiet_end)
		slot->quiet = slot->quiet_end;
	return true;
}

enum slot_mode
slot_presence(struct slot *slot)
{
	enum slot_mode mode;

	lock_take(&slot->lock);
	mode = slot->shown;
	if (mode != SLOT_CARD)
		(void)slot_hush(slot);
	lock_release(&slot->lock);
	return mode;
}

void
slot_failed(struct slot *slot)
{
	lock_take(&slot->lock);
	/* Told of it already, so that it is told again. */
	if (slot_hush(slot) && slot->shown != SLOT_CARD) {
		slot->vanished = slot->news = true;
		pthread_cond_signal(&slot->changed);
	}
	lock_release(&slot->lock);
}

void
slot_stop(struct slot *slot)
{
	lock_take(&slot->lock);
	slot->stopped = true;
	slot->quiet = slot->quiet_end = 0;
	pthread_cond_signal(&slot->changed);
	lock_release(&slot->lock);
}

/* --- news --------------------------------------------------------------- */

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
	if (next < slot->quiet)
		next = slot->quiet;
	return next < deadline ? next : deadline;
}

static void
slot_tell(struct slot *slot)
{
	int64_t now = clock_now();
	unsigned withheld;

	if (!slot->news || now < slot->quiet ||
	    !ration_take(&slot->pace, now, &withheld))
		return;
	slot->quiet_end = 0;
	slot->shown = slot_owed(slot);
	if (slot->shown != SLOT_CARD)
		slot->connected = false;
	/* More to say than one answer holds: come back at once. */
	slot->news = slot->vanished || slot->shown != slot->mode;
}

void
slot_wait(struct slot *slot, int timeout)
{
	int64_t now = clock_now(), deadline = clock_after(timeout), next;
	struct timespec until;

	lock_take(&slot->lock);
	slot->poller = pthread_self();
	slot->has_poller = true;
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
