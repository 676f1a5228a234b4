/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/link_hold.h"

#include "ifd/link_trace.h"
#include "ifd/reader.h"
#include "util/clock.h"
#include "util/log.h"

/* Whether the peer is powering its card down now. */
static bool
link_cool(struct link *link, struct slot *slot)
{
	struct vscard_session *session = link->conn.session;
	uint32_t caps = vscard_session_capabilities(session);

	if ((caps & VSCARD_CAP_POWER) == 0 ||
	    vscard_session_power(session, slot->id, VSCARD_POWER_DOWN) < 0)
		return false;
	link->cool_by =
	    clock_after((int64_t)link->reader->config.reset_timeout * 1000);
	/* The hub writes what does not fit, and sets the timer. */
	if (link_flush(link) < 0)
		log_debug("%s: the power-down waits", link->peer.name);
	link_leave(link);
	return true;
}

void
link_settle(struct link *link, struct slot *slot)
{
	struct slot_view view;
	bool cooling;

	if (slot_get_hold(slot) == SLOT_HOLD_EJECTED) {
		link_trace(link, slot, TRACE_EJECT, NULL, 0);
		log_info("%s: slot %u: the card is ejected on demand",
		    link->peer.name, slot->index);
		cooling = link_cool(link, slot);
		slot_set_hold(
		    slot, cooling ? SLOT_HOLD_COOLING : SLOT_HOLD_COLD);
	}
	if (!slot_restore(slot))
		return;
	slot_get_view(slot, &view);
	link_trace(link, slot, TRACE_INSERT, view.atr, view.atr_len);
	link_unref(view.link);
	log_info("%s: slot %u: the card is inserted on demand", link->peer.name,
	    slot->index);
}

void
link_kill_hot(struct link *link)
{
	if (clock_left(link->cool_by) != 0)
		return;
	link->cool_by = CLOCK_NEVER;
	for (unsigned i = 0; i < link->reader->config.slots; i++)
		if (link->slots[i] != NULL &&
		    slot_get_hold(link->slots[i]) == SLOT_HOLD_COOLING)
			link_kill(link, -ETIMEDOUT,
			    "the card has not answered its power-down");
}

int
link_eject(struct slot *slot, bool force)
{
	struct link *link = slot_link(slot);
	int rc;

	if (link == NULL)
		return -ENODEV;
	lock_take(&link->lock);
	/* Until it was locked, the slot may have become another link's. */
	rc = slot_withhold(slot, link);
	if (rc == 0) {
		link_settle(link, slot);
	} else if (rc == -EBUSY && force) {
		link_kill(link, -ENOMEDIUM, "its card was ejected while busy");
		rc = 0;
	}
	lock_release(&link->lock);
	link_unref(link);
	return rc;
}

int
link_insert(struct slot *slot)
{
	struct link *link = slot_link(slot);
	int rc;

	if (link == NULL)
		return -ENODEV;
	lock_take(&link->lock);
	rc = slot_want(slot, link);
	if (rc == 0)
		link_settle(link, slot);
	lock_release(&link->lock);
	link_unref(link);
	return rc;
}
