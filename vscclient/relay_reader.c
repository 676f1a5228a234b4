/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/relay_reader.h"

#include "util/clock.h"
#include "util/log.h"

struct vscard_session *
reader_net(const struct relay_reader *r)
{
	return r->relay->net != NULL ? link_session(r->relay->net) : NULL;
}

void
reader_said(const struct relay_reader *r, int rc, const char *what)
{
	/* A session that has failed is told of once, where it is given up. */
	if (rc < 0 && rc != -ENOENT && rc != -EPROTO)
		log_warning("reader '%s': %s: %s", r->name, what,
		    err_text(rc));
}

/* --- what the host is told -------------------------------------------- */

bool
reader_is_circle(struct relay_reader *r)
{
	if (r->circle || !r->relay->has_host ||
	    !origin_has(&r->origin, r->relay->host))
		return r->circle;
	log_warning("reader '%s' comes from this very host and would go round"
	    " in a circle; it is left out", r->name);
	r->circle = true;
	return true;
}

static void
reader_announce(struct relay_reader *r)
{
	int rc;

	rc = vscard_session_add_reader(reader_net(r), r->name, &r->net_id);
	r->on_net = rc == 0;
	if (rc == 0)
		reader_said(r, vscard_session_set_origin(reader_net(r),
		    r->net_id, r->origin.ids, r->origin.len), "origin");
	r->refused = rc < 0;
	reader_said(r, rc, "cannot be announced");
}

static void
reader_insert(struct relay_reader *r)
{
	int rc;

	rc = vscard_session_insert_card(reader_net(r), r->net_id, r->atr,
	    r->atr_len);
	r->inserted = rc == 0;
	r->card_taken = false;
	r->refused = rc < 0;
	reader_said(r, rc, "the card cannot be announced");
}

void
reader_show(struct relay_reader *r)
{
	if (reader_net(r) == NULL || r->refused)
		return;
	if (!r->on_net && r->named && !reader_is_circle(r))
		reader_announce(r);
	if (r->on_net && r->has_card && !r->withheld && !r->inserted &&
	    !r->dirty && r->request == RELAY_NONE)
		reader_insert(r);
}

void
reader_hide_card(struct relay_reader *r)
{
	if (r->inserted && reader_net(r) != NULL)
		vscard_session_remove_card(reader_net(r), r->net_id);
	r->inserted = false;
}

void
reader_hide(struct relay_reader *r)
{
	if (r->on_net && reader_net(r) != NULL)
		vscard_session_remove_reader(reader_net(r), r->net_id);
	r->on_net = false;
	r->inserted = false;
}

/* --- requests at the card process ------------------------------------- */

void
reader_request(struct relay_reader *r, enum relay_request request)
{
	r->request = request;
	link_kick(r->card);
}

bool
reader_done(struct relay_reader *r)
{
	bool wanted = r->request != RELAY_NONE && !r->orphan;

	r->request = RELAY_NONE;
	r->orphan = r->settling = false;
	loop_timer_cancel(r->relay->loop, &r->timer);
	return wanted;
}

static void
reader_orphan(struct relay_reader *r)
{
	r->orphan = true;
	loop_timer_set(r->relay->loop, &r->timer,
	    clock_after(RELAY_ORPHAN_MS));
}

void
reader_settle(struct relay_reader *r)
{
	int rc = -ENOTSUP;

	if (!r->dirty || r->request != RELAY_NONE)
		return;
	if (r->has_card)
		rc = vscard_session_power(link_session(r->card), r->card_id,
		    VSCARD_POWER_DOWN);
	/* A stock card process cannot be told. */
	if (rc == -ENOTSUP)
		r->dirty = false;
	else if (rc < 0)
		link_fail(r->card, rc);
	if (rc < 0)
		return;
	r->asked = vscard_power_name(VSCARD_POWER_DOWN);
	r->settling = true;
	reader_request(r, RELAY_POWER);
	reader_orphan(r);
}

void
reader_leave(struct relay_reader *r)
{
	r->dirty = r->dirty || r->used;
	r->used = false;
	if (r->request != RELAY_NONE && !r->orphan)
		reader_orphan(r);
	reader_settle(r);
}
