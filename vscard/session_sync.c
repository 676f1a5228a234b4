/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a client brings its host up to date. The program says what it wants;
 * each reader also remembers what the host was told. Whenever nothing waits
 * for an acknowledgement, the next difference is told. So there is no queue,
 * and however fast cards come and go, the host sees a removal between any two.
 */
#include "vscard/session.h"

#include <string.h>

#include "vscard/quirks.h"

static bool
sync_has_card(const struct client_reader *r)
{
	return r->state == READER_CARD || r->state == READER_APDU ||
	    r->state == READER_ASKED;
}

/* The program's card is the one that the host was told of. */
static bool
sync_is_shown(const struct client_reader *r)
{
	return r->card && !r->gone && r->generation == r->shown;
}

static enum control
sync_wanted(const struct client_reader *r)
{
	if (!r->used)
		return CONTROL_NONE;
	if (r->state == READER_NONE)
		return CONTROL_ADD;
	if (sync_has_card(r))
		return sync_is_shown(r) ? CONTROL_NONE : CONTROL_CARD_REMOVE;
	if (r->gone)
		return CONTROL_REMOVE;
	return r->card ? CONTROL_ATR : CONTROL_NONE;
}

static void
sync_forget(struct client_reader *r)
{
	*r = (struct client_reader){0};
}

static void
sync_send(struct vscard_session *s, struct client_reader *r,
    enum control control)
{
	struct client *c = &s->client;

	client_void(s, r);
	switch (control) {
	case CONTROL_ADD:
		session_put(s, WIRE_READER_ADD, 0, NULL, 0);
		break;
	case CONTROL_REMOVE:
		session_put(s, WIRE_READER_REMOVE, r->id, NULL, 0);
		r->state = READER_PASSING;
		break;
	case CONTROL_CARD_REMOVE:
		session_put(s, WIRE_CARD_REMOVE, r->id, NULL, 0);
		r->state = READER_PASSING;
		break;
	case CONTROL_ATR:
		session_put(s, WIRE_ATR, r->id, r->atr, r->atr_len);
		r->state = READER_CARD;
		r->shown = r->generation;
		break;
	default:
		return;
	}
	c->awaiting = control;
	c->about = client_number(c, r);
}

/* Readers take turns, so that a restless one does not hold up the others. */
static bool
sync_step(struct vscard_session *s)
{
	struct client *c = &s->client;

	for (unsigned i = 0; i < c->count; i++) {
		struct client_reader *r = &c->readers[c->turn];
		enum control control;

		c->turn = (c->turn + 1) % c->count;
		if (r->gone && r->state == READER_NONE)
			sync_forget(r);
		control = sync_wanted(r);
		if (control != CONTROL_NONE) {
			sync_send(s, r, control);
			return true;
		}
	}
	return false;
}

void
client_settle(struct vscard_session *s)
{
	struct client *c = &s->client;

	if (!c->dirty || c->awaiting != CONTROL_NONE)
		return;
	if (!s->open && !c->finishing)
		return;
	if (sync_step(s))
		return;
	c->dirty = false;
	if (!c->finishing || c->finished)
		return;
	c->finished = true;
	if (vscard_session_bye(s, c->why) < 0)
		session_fail(s, VSCARD_FAULT_MEMORY);
	session_emit(s, VSCARD_EVENT_FINISHED, 0, 0, NULL, 0);
}

/* --- acknowledgements ------------------------------------------------- */

void
client_acked(struct vscard_session *s, const struct wire_message *m)
{
	struct client *c = &s->client;
	const struct session_ack_row *row = &session_ack_table[c->awaiting];

	if (c->awaiting == CONTROL_NONE)
		session_odd(s, VSCARD_ODDITY_RESPONSE, m->reader);
	c->awaiting = CONTROL_NONE;
	c->dirty = true;
	if (wire_get_word(m) == VSCARD_ERROR_SUCCESS)
		row->taken(s, &c->readers[c->about], m);
	else
		row->refused(s, &c->readers[c->about], m);
}

/* Tells the program about a reader, unless it has given it up meanwhile. */
static void
sync_tell(struct vscard_session *s, const struct client_reader *r,
    enum vscard_event_type type, uint32_t code)
{
	if (!r->gone)
		session_emit(s, type, client_number(&s->client, r), code, NULL,
		    0);
}

void
sync_nothing(struct vscard_session *s, struct client_reader *r,
    const struct wire_message *m)
{
	(void)s;
	(void)r;
	(void)m;
}

void
sync_added(struct vscard_session *s, struct client_reader *r,
    const struct wire_message *m)
{
	if (quirk_is_shared(&s->client, m->reader)) {
		sync_tell(s, r, VSCARD_EVENT_READER_REFUSED,
		    VSCARD_ERROR_NO_MORE_READERS);
		sync_forget(r);
		return;
	}
	r->id = m->reader;
	r->state = READER_EMPTY;
	sync_tell(s, r, VSCARD_EVENT_READER_READY, r->id);
	if ((s->caps & VSCARD_CAP_INSTANCE) && r->origin_len > 0 && !r->gone)
		session_put(s, WIRE_ORIGIN, r->id, r->origin, r->origin_len);
	if ((s->caps & VSCARD_CAP_NAME) && r->name[0] != '\0' && !r->gone)
		session_put(s, WIRE_NAME, r->id, r->name, strlen(r->name));
}

void
sync_not_added(struct vscard_session *s, struct client_reader *r,
    const struct wire_message *m)
{
	sync_tell(s, r, VSCARD_EVENT_READER_REFUSED, wire_get_word(m));
	sync_forget(r);
}

void
sync_removed(struct vscard_session *s, struct client_reader *r,
    const struct wire_message *m)
{
	(void)s;
	(void)m;
	sync_forget(r);
}

void
sync_inserted(struct vscard_session *s, struct client_reader *r,
    const struct wire_message *m)
{
	(void)m;
	if (sync_is_shown(r))
		sync_tell(s, r, VSCARD_EVENT_CARD_READY, 0);
}

/* QEMU refuses some good ATRs, and then keeps whatever card it had. */
void
sync_not_inserted(struct vscard_session *s, struct client_reader *r,
    const struct wire_message *m)
{
	if (!sync_is_shown(r))
		return;
	r->card = false;
	sync_tell(s, r, VSCARD_EVENT_CARD_REFUSED, wire_get_word(m));
}

void
sync_emptied(struct vscard_session *s, struct client_reader *r,
    const struct wire_message *m)
{
	(void)s;
	(void)m;
	r->state = READER_EMPTY;
}

/* --- what the program wants ------------------------------------------- */

static int
sync_get_reader(struct vscard_session *s, unsigned reader,
    struct client_reader **out_reader)
{
	struct client_reader *r;

	if (s->fault != VSCARD_FAULT_NONE)
		return -EPROTO;
	if (s->role != VSCARD_ROLE_CLIENT)
		return -EINVAL;
	if (reader >= s->client.count)
		return -ENODEV;
	r = &s->client.readers[reader];
	if (!r->used || r->gone)
		return -ENODEV;
	*out_reader = r;
	return 0;
}

int
vscard_session_add_reader(struct vscard_session *s, const char *name,
    unsigned *out_reader)
{
	struct client *c = &s->client;
	size_t len = name == NULL ? 0 : strlen(name);
	unsigned i = 0;

	if (s->fault != VSCARD_FAULT_NONE)
		return -EPROTO;
	if (s->role != VSCARD_ROLE_CLIENT || len > VSCARD_NAME_MAX)
		return -EINVAL;
	if (c->finishing)
		return -ENODEV;
	while (i < c->count && c->readers[i].used)
		i++;
	if (i == c->count)
		return -ENOMEM;
	c->readers[i].used = true;
	if (len > 0)
		memcpy(c->readers[i].name, name, len);
	c->dirty = true;
	*out_reader = i;
	return 0;
}

int
vscard_session_remove_reader(struct vscard_session *s, unsigned reader)
{
	struct client_reader *r;
	int rc;

	rc = sync_get_reader(s, reader, &r);
	if (rc < 0)
		return rc;
	r->gone = true;
	s->client.dirty = true;
	return 0;
}

int
vscard_session_set_origin(struct vscard_session *s, unsigned reader,
    const void *ids, size_t len)
{
	struct client_reader *r;
	int rc;

	rc = sync_get_reader(s, reader, &r);
	if (rc < 0)
		return rc;
	if (len > VSCARD_ORIGIN_MAX || len % VSCARD_INSTANCE_LEN != 0)
		return -EINVAL;
	if (len > 0)
		memcpy(r->origin, ids, len);
	r->origin_len = len;
	return 0;
}

int
vscard_session_insert_card(struct vscard_session *s, unsigned reader,
    const void *atr, size_t len)
{
	struct client_reader *r;
	int rc;

	rc = sync_get_reader(s, reader, &r);
	if (rc < 0)
		return rc;
	if (!wire_is_atr(atr, len))
		return -EINVAL;
	memcpy(r->atr, atr, len);
	r->atr_len = len;
	r->card = true;
	r->generation++;
	s->client.dirty = true;
	return 0;
}

int
vscard_session_remove_card(struct vscard_session *s, unsigned reader)
{
	struct client_reader *r;
	int rc;

	rc = sync_get_reader(s, reader, &r);
	if (rc < 0)
		return rc;
	if (!r->card)
		return -ENOMEDIUM;
	r->card = false;
	s->client.dirty = true;
	return 0;
}

int
vscard_session_finish(struct vscard_session *s, enum vscard_bye why)
{
	struct client *c = &s->client;

	if (s->fault != VSCARD_FAULT_NONE)
		return -EPROTO;
	if (s->role != VSCARD_ROLE_CLIENT || why > VSCARD_BYE_LOOP)
		return -EINVAL;
	if (c->finishing)
		return 0;
	for (unsigned i = 0; i < c->count; i++)
		c->readers[i].gone = c->readers[i].used;
	c->finishing = true;
	c->dirty = true;
	c->why = why;
	return 0;
}
