/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/relay_reader.h"

#include <string.h>

#include "util/clock.h"
#include "util/hex.h"
#include "util/log.h"
#include "vscclient/relay_trace.h"

/* --- readers ---------------------------------------------------------- */

static void
reader_on_time(void *arg)
{
	struct relay_reader *r = arg;

	if (!r->named) {
		r->named = true;
		reader_show(r);
		if (r->relay->net != NULL)
			link_kick(r->relay->net);
		return;
	}
	log_warning("reader '%s' is still busy with the request of a host that"
	    " has gone; giving its card process up", r->name);
	link_fail(r->card, -ETIMEDOUT);
}

static struct relay_reader *
reader_new(struct relay *relay, struct link *card, unsigned card_id)
{
	for (int i = 0; i < RELAY_READERS_MAX; i++) {
		struct relay_reader *r = &relay->readers[i];

		if (r->card != NULL)
			continue;
		memset(r, 0, sizeof(*r));
		r->relay = relay;
		r->card = card;
		r->card_id = card_id;
		r->timer.deadline = CLOCK_NEVER;
		r->timer.on_time = reader_on_time;
		r->timer.arg = r;
		return r;
	}
	return NULL;
}

static void
reader_free(struct relay_reader *r)
{
	loop_timer_cancel(r->relay->loop, &r->timer);
	r->card = NULL;
}

static struct relay_reader *
reader_by_card(struct relay *relay, const struct link *card, unsigned card_id)
{
	for (int i = 0; i < RELAY_READERS_MAX; i++)
		if (relay->readers[i].card == card &&
		    relay->readers[i].card_id == card_id)
			return &relay->readers[i];
	return NULL;
}

static struct relay_reader *
reader_by_net(struct relay *relay, unsigned net_id)
{
	for (int i = 0; i < RELAY_READERS_MAX; i++)
		if (relay->readers[i].card != NULL &&
		    relay->readers[i].on_net &&
		    relay->readers[i].net_id == net_id)
			return &relay->readers[i];
	return NULL;
}

/* --- the card process speaks ------------------------------------------ */

static void
reader_set_name(struct relay_reader *r, const struct vscard_event *ev)
{
	size_t len = ev->len < VSCARD_NAME_MAX ? ev->len : VSCARD_NAME_MAX;

	if (len > 0)
		memcpy(r->name, ev->data, len);
	r->name[len] = '\0';
	r->named = len > 0;
}

static void
on_reader_add(struct relay *relay, struct link *card,
    const struct vscard_event *ev)
{
	struct relay_reader *r = reader_new(relay, card, ev->reader);

	if (r == NULL) {
		log_warning("more than %d readers; one is left out",
		    RELAY_READERS_MAX);
		(void)!vscard_session_refuse(link_session(card));
		return;
	}
	reader_set_name(r, ev);
	relay_trace(r, TRACE_ATTACH, NULL);
	if (!link_has_names(card))
		r->named = true;
	if (!r->named)
		loop_timer_set(relay->loop, &r->timer,
		    clock_after(RELAY_NAME_MS));
	reader_show(r);
}

static void
on_reader_name(struct relay_reader *r, const struct vscard_event *ev)
{
	if (r->named)
		return;
	loop_timer_cancel(r->relay->loop, &r->timer);
	reader_set_name(r, ev);
	r->named = true;
	relay_trace(r, TRACE_NAME, NULL);
	reader_show(r);
}

/* It comes before the name. */
static void
on_reader_origin(struct relay_reader *r, const struct vscard_event *ev)
{
	origin_set(&r->origin, ev->data, ev->len);
}

static void
on_reader_remove(struct relay_reader *r, const struct vscard_event *ev)
{
	(void)ev;
	log_info("reader '%s' is gone", r->name);
	relay_trace(r, TRACE_DETACH, NULL);
	reader_hide(r);
	reader_free(r);
}

/* A card in place of another, or the same one reset, is a fresh one. */
static void
on_card_insert(struct relay_reader *r, const struct vscard_event *ev)
{
	char hex[3 * VSCARD_ATR_MAX + 1];

	relay_trace(r, TRACE_INSERT, ev);
	(void)reader_done(r);
	r->named = true;
	r->card_taken = r->dirty = r->used = r->refused = false;
	r->has_card = true;
	r->atr_len = ev->len < sizeof(r->atr) ? ev->len : sizeof(r->atr);
	memcpy(r->atr, ev->data, r->atr_len);
	log_info("reader '%s': card inserted, ATR %s", r->name,
	    hex_put(hex, sizeof(hex), r->atr, r->atr_len));
	reader_hide_card(r);
	reader_show(r);
}

static void
on_card_remove(struct relay_reader *r, const struct vscard_event *ev)
{
	(void)ev;
	relay_trace(r, TRACE_EJECT, NULL);
	(void)reader_done(r);
	r->has_card = r->dirty = r->used = false;
	log_info("reader '%s': card removed", r->name);
	reader_hide_card(r);
}

static void
fail_apdu(struct relay_reader *r, enum vscard_card_error error)
{
	reader_said(r, vscard_session_fail_apdu(reader_net(r), r->net_id, error),
	    "a command cannot be answered");
}

static void
on_response(struct relay_reader *r, const struct vscard_event *ev)
{
	int rc;

	relay_trace(r, TRACE_RESPONSE, ev);
	if (!reader_done(r)) {
		reader_settle(r);
		reader_show(r);
		return;
	}
	rc = vscard_session_send_apdu(reader_net(r), r->net_id, ev->data,
	    ev->len);
	if (rc >= 0 || rc == -ENOENT || rc == -EPROTO)
		return;
	log_warning("reader '%s': a response of %zu bytes was not sent: %s",
	    r->name, ev->len, err_text(rc));
	fail_apdu(r, VSCARD_CARD_ERROR_FAILED);
}

static void
on_apdu_failed(struct relay_reader *r, const struct vscard_event *ev)
{
	relay_trace_result(r, TRACE_FAILURE,
	    ev->code == VSCARD_CARD_ERROR_NO_CARD ? -ENOMEDIUM : -EIO, NULL);
	if (reader_done(r)) {
		fail_apdu(r, ev->code == VSCARD_CARD_ERROR_NO_CARD ?
		    VSCARD_CARD_ERROR_NO_CARD : VSCARD_CARD_ERROR_FAILED);
		return;
	}
	reader_settle(r);
	reader_show(r);
}

static void
trace_control(struct relay_reader *r, const struct vscard_event *ev)
{
	int rc = -EIO;

	if (ev->code == VSCARD_STATUS_OK)
		rc = 0;
	else if (ev->code == VSCARD_STATUS_NO_CARD)
		rc = -ENOMEDIUM;
	else if (ev->code == VSCARD_STATUS_UNSUPPORTED)
		rc = -ENOTSUP;
	relay_trace_result(r, TRACE_CONTROL, rc, rc == 0 ? ev : NULL);
}

/*
 * A card that cannot be powered down keeps what the host before has proved to
 * it; the next one never sees it. Without a card its removal is on the way.
 */
static void
reader_settled(struct relay_reader *r, enum vscard_status status)
{
	if (status == VSCARD_STATUS_NO_CARD)
		return;
	if (status == VSCARD_STATUS_FAILED) {
		log_warning("reader '%s': its card cannot be powered down"
		    " behind a host that has gone; giving its card process up",
		    r->name);
		link_fail(r->card, -EIO);
		return;
	}
	r->dirty = false;
	reader_show(r);
}

static void
on_power_done(struct relay_reader *r, const struct vscard_event *ev)
{
	bool settling = r->settling;

	trace_control(r, ev);
	if (ev->len > 0 && ev->len <= sizeof(r->atr)) {
		memcpy(r->atr, ev->data, ev->len);
		r->atr_len = ev->len;
	}
	if (reader_done(r)) {
		reader_said(r, vscard_session_answer_power(reader_net(r),
		    r->net_id, (enum vscard_status)ev->code, ev->data,
		    ev->len), "a power request cannot be answered");
		return;
	}
	if (settling) {
		reader_settled(r, (enum vscard_status)ev->code);
		return;
	}
	reader_settle(r);
	reader_show(r);
}

static void
on_protocol_done(struct relay_reader *r, const struct vscard_event *ev)
{
	trace_control(r, ev);
	if (reader_done(r)) {
		reader_said(r, vscard_session_answer_protocol(reader_net(r),
		    r->net_id, (enum vscard_status)ev->code),
		    "a protocol request cannot be answered");
		return;
	}
	reader_settle(r);
	reader_show(r);
}

static void (*const card_handlers[])(struct relay_reader *,
    const struct vscard_event *) = {
    [VSCARD_EVENT_READER_NAME] = on_reader_name,
    [VSCARD_EVENT_READER_ORIGIN] = on_reader_origin,
    [VSCARD_EVENT_READER_REMOVE] = on_reader_remove,
    [VSCARD_EVENT_CARD_INSERT] = on_card_insert,
    [VSCARD_EVENT_CARD_REMOVE] = on_card_remove,
    [VSCARD_EVENT_POWER_DONE] = on_power_done,
    [VSCARD_EVENT_PROTOCOL_DONE] = on_protocol_done,
    [VSCARD_EVENT_APDU_FAILED] = on_apdu_failed,
    [VSCARD_EVENT_APDU] = on_response,
};

enum { CARD_HANDLERS = sizeof(card_handlers) / sizeof(card_handlers[0]) };

void
relay_card_event(struct relay *relay, struct link *card,
    const struct vscard_event *ev)
{
	struct relay_reader *r;

	if (ev->type == VSCARD_EVENT_READER_ADD)
		on_reader_add(relay, card, ev);
	else if ((unsigned)ev->type < CARD_HANDLERS &&
	    card_handlers[ev->type] != NULL) {
		r = reader_by_card(relay, card, ev->reader);
		if (r != NULL)
			card_handlers[ev->type](r, ev);
	} else if (ev->type == VSCARD_EVENT_ODDITY)
		log_debug("card process: %s",
		    vscard_oddity_name((enum vscard_oddity)ev->code));
	if (relay->net != NULL)
		link_kick(relay->net);
}

void
relay_card_lost(struct relay *relay, struct link *card)
{
	for (int i = 0; i < RELAY_READERS_MAX; i++) {
		struct relay_reader *r = &relay->readers[i];

		if (r->card != card)
			continue;
		relay_trace(r, TRACE_DETACH, NULL);
		reader_hide(r);
		reader_free(r);
	}
	if (relay->net != NULL)
		link_kick(relay->net);
}

/* --- the network host speaks ------------------------------------------ */

static void
on_command(struct relay_reader *r, const struct vscard_event *ev)
{
	int rc;

	relay_trace(r, TRACE_COMMAND, ev);
	rc = vscard_session_send_apdu(link_session(r->card), r->card_id,
	    ev->data, ev->len);
	if (rc < 0) {
		relay_trace_result(r, TRACE_FAILURE, rc, NULL);
		log_debug("reader '%s': command: %s", r->name, err_text(rc));
		fail_apdu(r, rc == -ENOMEDIUM ? VSCARD_CARD_ERROR_NO_CARD :
		    VSCARD_CARD_ERROR_FAILED);
		return;
	}
	r->used = true;
	reader_request(r, RELAY_APDU);
}

/*
 * A card process without the extension, somebody else's program: its card
 * keeps its state, and is used all the same, as hosts do with stock clients.
 */
static void
power_stock(struct relay_reader *r, enum vscard_power power)
{
	bool up = power != VSCARD_POWER_DOWN;

	if (power != VSCARD_POWER_UP && !r->told)
		log_info("reader '%s' cannot be told of resets: its card keeps"
		    " its state", r->name);
	r->told = r->told || power != VSCARD_POWER_UP;
	reader_said(r, vscard_session_answer_power(reader_net(r), r->net_id,
	    VSCARD_STATUS_OK, up ? r->atr : NULL, up ? r->atr_len : 0),
	    "a power request cannot be answered");
}

static enum vscard_status
request_status(int rc)
{
	return rc == -ENOMEDIUM ? VSCARD_STATUS_NO_CARD :
	    VSCARD_STATUS_FAILED;
}

static void
on_power(struct relay_reader *r, const struct vscard_event *ev)
{
	int rc;

	rc = vscard_session_power(link_session(r->card), r->card_id,
	    (enum vscard_power)ev->code);
	if (rc == -ENOTSUP) {
		power_stock(r, (enum vscard_power)ev->code);
		return;
	}
	if (rc < 0) {
		reader_said(r, vscard_session_answer_power(reader_net(r),
		    r->net_id, request_status(rc), NULL, 0),
		    "a power request cannot be answered");
		return;
	}
	r->used = true;
	r->asked = vscard_power_name((enum vscard_power)ev->code);
	reader_request(r, RELAY_POWER);
}

static void
on_protocol(struct relay_reader *r, const struct vscard_event *ev)
{
	int rc;

	rc = vscard_session_protocol(link_session(r->card), r->card_id,
	    ev->code);
	if (rc < 0) {
		reader_said(r, vscard_session_answer_protocol(reader_net(r),
		    r->net_id, rc == -ENOTSUP ? VSCARD_STATUS_OK :
		    request_status(rc)),
		    "a protocol request cannot be answered");
		return;
	}
	r->used = true;
	r->asked = ev->code == 0 ? "T=0" : "T=1";
	reader_request(r, RELAY_PROTOCOL);
}

static void
on_reader_ready(struct relay_reader *r, const struct vscard_event *ev)
{
	r->taken = true;
	log_info("reader '%s' is the host's reader %u", r->name, ev->code);
}

static void
on_reader_refused(struct relay_reader *r, const struct vscard_event *ev)
{
	log_warning("the host has no place for reader '%s' (code %u)",
	    r->name, ev->code);
	r->on_net = r->inserted = false;
	r->refused = true;
}

static void
on_card_ready(struct relay_reader *r, const struct vscard_event *ev)
{
	r->card_taken = ev->type == VSCARD_EVENT_CARD_READY;
	log_debug("reader '%s': the host has the card", r->name);
}

static void
on_card_refused(struct relay_reader *r, const struct vscard_event *ev)
{
	(void)ev;
	log_warning("reader '%s': the host refuses this card's ATR and sees no"
	    " card; QEMU takes only some, see QEMU in vscclient(1)", r->name);
	r->inserted = false;
	r->refused = true;
}

static void (*const net_handlers[])(struct relay_reader *,
    const struct vscard_event *) = {
    [VSCARD_EVENT_APDU] = on_command,
    [VSCARD_EVENT_POWER] = on_power,
    [VSCARD_EVENT_PROTOCOL] = on_protocol,
    [VSCARD_EVENT_READER_READY] = on_reader_ready,
    [VSCARD_EVENT_READER_REFUSED] = on_reader_refused,
    [VSCARD_EVENT_CARD_READY] = on_card_ready,
    [VSCARD_EVENT_CARD_REFUSED] = on_card_refused,
};

enum { NET_HANDLERS = sizeof(net_handlers) / sizeof(net_handlers[0]) };

/* The session adds no reader before it has heard this. */
static void
relay_on_host(struct relay *relay, const struct vscard_event *ev)
{
	memcpy(relay->host, ev->data, sizeof(relay->host));
	relay->has_host = true;
	for (int i = 0; i < RELAY_READERS_MAX; i++)
		if (relay->readers[i].card != NULL &&
		    reader_is_circle(&relay->readers[i]))
			reader_hide(&relay->readers[i]);
}

void
relay_net_event(struct relay *relay, const struct vscard_event *ev)
{
	struct relay_reader *r;

	if (ev->type == VSCARD_EVENT_INSTANCE &&
	    ev->len == sizeof(relay->host))
		relay_on_host(relay, ev);
	if ((unsigned)ev->type >= NET_HANDLERS ||
	    net_handlers[ev->type] == NULL)
		return;
	r = reader_by_net(relay, ev->reader);
	if (r != NULL)
		net_handlers[ev->type](r, ev);
}

void
relay_net_open(struct relay *relay, struct link *net)
{
	relay->net = net;
}

void
relay_net_show(struct relay *relay, const struct link *card)
{
	for (int i = 0; i < RELAY_READERS_MAX; i++)
		if (relay->readers[i].card == card)
			reader_show(&relay->readers[i]);
}

static void
reader_net_lost(struct relay_reader *r)
{
	r->on_net = r->taken = r->inserted = r->refused = r->circle = false;
	reader_leave(r);
}

void
relay_net_lost(struct relay *relay)
{
	relay->net = NULL;
	relay->has_host = false;
	for (int i = 0; i < RELAY_READERS_MAX; i++)
		if (relay->readers[i].card != NULL)
			reader_net_lost(&relay->readers[i]);
}

void
relay_init(struct relay *relay, struct loop *loop)
{
	memset(relay, 0, sizeof(*relay));
	relay->loop = loop;
}
