/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a peer's messages do to the slots. The session only names readers that
 * it has given a place, so their ids are within link->slots.
 */
#include <string.h>

#include "ifd/link_hold.h"
#include "ifd/link_trace.h"
#include "ifd/reader.h"
#include "util/hex.h"
#include "util/log.h"

static void
on_open(struct link *link, const struct vscard_event *ev)
{
	log_info("%s: greeting, %s", link->peer.name,
	    ev->code != 0 ? "with extensions" : "stock protocol");
}

static void
on_bye(struct link *link, const struct vscard_event *ev)
{
	log_info("%s: says goodbye (%s)", link->peer.name,
	    vscard_bye_name((enum vscard_bye)ev->code));
}

/* One line for each kind of oddity: a peer cannot fill the log. */
static void
on_oddity(struct link *link, const struct vscard_event *ev)
{
	unsigned bit = 1u << (ev->code & 31);

	if ((link->oddities & bit) != 0)
		return;
	link->oddities |= bit;
	log_info("%s: %s (said once)", link->peer.name,
	    vscard_oddity_name((enum vscard_oddity)ev->code));
}

static void
on_instance(struct link *link, const struct vscard_event *ev)
{
	if (ev->len == sizeof(link->instance))
		memcpy(link->instance, ev->data, ev->len);
}

static void
on_reader_add(struct link *link, const struct vscard_event *ev)
{
	struct tenant tenant;
	struct slot *slot;

	tenant_init(&tenant, &link->peer, link->instance, ev->reader);
	tenant_set_name(&tenant, ev->data, ev->len);
	slot = reader_claim(link->reader, link, &tenant);
	link->slots[ev->reader] = slot;
	if (slot == NULL) {
		vscard_session_refuse(link->conn.session);
		if (!link->told_full)
			log_warning("%s: no slot left for another reader",
			    link->peer.name);
		link->told_full = true;
		return;
	}
	slot_set_name(slot, ev->data, ev->len);
	slot_set_origin(slot, NULL, 0);
	link_trace(link, slot, TRACE_ATTACH, NULL, 0);
	log_info("%s: reader %u is in slot %u", link->peer.name, ev->reader,
	    slot->index);
}

static void
on_reader_name(struct link *link, const struct vscard_event *ev)
{
	struct slot *had, *slot = link->slots[ev->reader];

	if (slot == NULL)
		return;
	had = reader_reclaim(link->reader, link, slot, ev->data, ev->len);
	if (had != slot) {
		link_trace(link, slot, TRACE_DETACH, NULL, 0);
		link_trace(link, had, TRACE_ATTACH, NULL, 0);
	}
	link->slots[ev->reader] = slot = had;
	slot_set_name(slot, ev->data, ev->len);
	link_trace(link, slot, TRACE_NAME, NULL, 0);
	log_info("%s: slot %u is '%.*s'", link->peer.name, slot->index,
	    (int)ev->len, (const char *)ev->data);
}

static void
on_reader_origin(struct link *link, const struct vscard_event *ev)
{
	if (link->slots[ev->reader] != NULL)
		slot_set_origin(link->slots[ev->reader], ev->data, ev->len);
}

static void
on_reader_remove(struct link *link, const struct vscard_event *ev)
{
	struct slot *slot = link->slots[ev->reader];

	if (slot == NULL)
		return;
	link->slots[ev->reader] = NULL;
	link_detach(link, slot, -ENODEV);
	log_info("%s: reader %u left slot %u", link->peer.name, ev->reader,
	    slot->index);
}

static void
on_card_insert(struct link *link, const struct vscard_event *ev)
{
	char atr[2 * VSCARD_ATR_MAX + 1];

	if (link->slots[ev->reader] == NULL)
		return;
	slot_insert(link->slots[ev->reader], ev->data, ev->len);
	link_trace(link, link->slots[ev->reader], TRACE_INSERT, ev->data,
	    ev->len);
	log_info("%s: card in reader %u, ATR %s", link->peer.name, ev->reader,
	    hex_put(atr, sizeof(atr), ev->data, ev->len));
}

static void
on_card_remove(struct link *link, const struct vscard_event *ev)
{
	if (link->slots[ev->reader] == NULL)
		return;
	slot_eject(link->slots[ev->reader]);
	link_trace(link, link->slots[ev->reader], TRACE_EJECT, NULL, 0);
	log_info("%s: card left reader %u", link->peer.name, ev->reader);
}

static int
result_of(uint32_t status)
{
	switch ((enum vscard_status)status) {
	case VSCARD_STATUS_OK:
		return 0;
	case VSCARD_STATUS_NO_CARD:
		return -ENOMEDIUM;
	case VSCARD_STATUS_UNSUPPORTED:
		return -EPROTONOSUPPORT;
	case VSCARD_STATUS_FAILED:
		break;
	}
	return -EIO;
}

static void
answer(struct link *link, const struct vscard_event *ev,
    enum request_kind kind, int result)
{
	struct slot *slot = link->slots[ev->reader];

	if (slot != NULL &&
	    slot_answer(slot, kind, result, ev->data, ev->len))
		link_settle(link, slot);
}

static void
on_apdu(struct link *link, const struct vscard_event *ev)
{
	answer(link, ev, REQUEST_APDU, 0);
}

static void
on_apdu_failed(struct link *link, const struct vscard_event *ev)
{
	answer(link, ev, REQUEST_APDU,
	    ev->code == VSCARD_CARD_ERROR_NO_CARD ? -ENOMEDIUM : -EIO);
}

static void
on_power_done(struct link *link, const struct vscard_event *ev)
{
	answer(link, ev, REQUEST_POWER, result_of(ev->code));
}

static void
on_protocol_done(struct link *link, const struct vscard_event *ev)
{
	answer(link, ev, REQUEST_PROTOCOL, result_of(ev->code));
}

static void (*const handlers[])(struct link *, const struct vscard_event *) = {
    [VSCARD_EVENT_OPEN] = on_open,
    [VSCARD_EVENT_BYE] = on_bye,
    [VSCARD_EVENT_ODDITY] = on_oddity,
    [VSCARD_EVENT_INSTANCE] = on_instance,
    [VSCARD_EVENT_READER_ADD] = on_reader_add,
    [VSCARD_EVENT_READER_NAME] = on_reader_name,
    [VSCARD_EVENT_READER_ORIGIN] = on_reader_origin,
    [VSCARD_EVENT_READER_REMOVE] = on_reader_remove,
    [VSCARD_EVENT_CARD_INSERT] = on_card_insert,
    [VSCARD_EVENT_CARD_REMOVE] = on_card_remove,
    [VSCARD_EVENT_APDU] = on_apdu,
    [VSCARD_EVENT_APDU_FAILED] = on_apdu_failed,
    [VSCARD_EVENT_POWER_DONE] = on_power_done,
    [VSCARD_EVENT_PROTOCOL_DONE] = on_protocol_done,
};

void
link_dispatch(struct link *link)
{
	struct vscard_event ev;
	int rc;

	lock_expect(&link->lock);
	while ((rc = vscard_session_next(link->conn.session, &ev)) > 0) {
		link->greeted = true;
		/* An oddity is about whatever id the peer made up. */
		if (ev.reader >= link->reader->config.slots &&
		    ev.type != VSCARD_EVENT_ODDITY)
			continue;
		if ((size_t)ev.type < sizeof(handlers) / sizeof(*handlers) &&
		    handlers[ev.type] != NULL)
			handlers[ev.type](link, &ev);
	}
	if (rc < 0)
		link_kill(link, -ECONNRESET, link_fault(link));
}
