/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/sink.h"

#include <stdio.h>
#include <string.h>

#include "util/log.h"

static void
sink_on_call(void *arg)
{
	sink_apply(arg);
}

void
sink_init(struct sink *s, struct link *link, const struct sink_ops *ops,
    void *arg)
{
	memset(s, 0, sizeof(*s));
	pthread_mutex_init(&s->lock, NULL);
	s->ops = ops;
	s->arg = arg;
	s->link = link;
	s->call.on_call = sink_on_call;
	s->call.arg = s;
}

void
sink_clear(struct sink *s)
{
	pthread_mutex_destroy(&s->lock);
}

static struct sink_reader *
sink_lock(struct sink *s, unsigned reader)
{
	if (reader >= SINK_READERS_MAX)
		return NULL;
	pthread_mutex_lock(&s->lock);
	return &s->readers[reader];
}

static void
sink_unlock(struct sink *s)
{
	pthread_mutex_unlock(&s->lock);
	loop_defer(s->link->loop, &s->call);
}

void
sink_reader_add(struct sink *s, unsigned reader, const char *name)
{
	struct sink_reader *r = sink_lock(s, reader);

	if (r == NULL)
		return;
	r->reader = true;
	r->new_reader = true;
	r->card = false;
	snprintf(r->name, sizeof(r->name), "%s", name);
	sink_unlock(s);
}

void
sink_reader_remove(struct sink *s, unsigned reader)
{
	struct sink_reader *r = sink_lock(s, reader);

	if (r == NULL)
		return;
	r->reader = false;
	r->card = false;
	sink_unlock(s);
}

/* Under the lock. */
static void
sink_put_card(struct sink_reader *r, const uint8_t *atr, size_t len)
{
	if (len > sizeof(r->atr))
		len = sizeof(r->atr);
	memcpy(r->atr, atr, len);
	r->atr_len = len;
	r->card = true;
	r->new_card = true;
	r->card_number++;
}

void
sink_card_insert(struct sink *s, unsigned reader, const uint8_t *atr,
    size_t len)
{
	struct sink_reader *r = sink_lock(s, reader);

	if (r == NULL)
		return;
	if (r->reader)
		sink_put_card(r, atr, len);
	sink_unlock(s);
}

void
sink_card_reset(struct sink *s, unsigned reader, const uint8_t *atr,
    size_t len)
{
	struct sink_reader *r = sink_lock(s, reader);

	if (r == NULL)
		return;
	if (r->card)
		sink_put_card(r, atr, len);
	sink_unlock(s);
}

void
sink_card_remove(struct sink *s, unsigned reader)
{
	struct sink_reader *r = sink_lock(s, reader);

	if (r == NULL)
		return;
	r->card = false;
	sink_unlock(s);
}

static void
sink_add(struct sink_reader *r, struct vscard_session *session)
{
	int rc;

	rc = vscard_session_add_reader(session, r->name, &r->id);
	if (rc == 0 && vscard_session_set_origin(session, r->id, r->origin.ids,
	    r->origin.len) < 0)
		log_debug("reader '%s': its origin is odd", r->name);
	if (rc < 0)
		log_warning("reader '%s' cannot be announced: %s", r->name,
		    err_text(rc));
	r->added = rc == 0;
}

static void
sink_apply_reader(struct sink *s, unsigned reader)
{
	struct vscard_session *session = link_session(s->link);
	struct sink_reader *r = &s->readers[reader];

	if (r->added && (!r->reader || r->new_reader)) {
		vscard_session_remove_reader(session, r->id);
		if (r->inserted)
			s->ops->on_gone(s->arg, reader);
		r->added = r->inserted = false;
	}
	if (!r->reader || r->new_reader)
		r->admitted = false;
	if (r->reader && r->new_reader)
		s->ops->on_reader(s->arg, reader);
	r->new_reader = false;
	if (r->admitted)
		sink_add(r, session);
	r->admitted = false;
}

static void
sink_insert(struct sink_reader *r, struct vscard_session *session)
{
	int rc;

	rc = vscard_session_insert_card(session, r->id, r->atr, r->atr_len);
	if (rc < 0)
		log_warning("card in '%s' cannot be announced: %s", r->name,
		    rc == -EINVAL ? "its ATR is invalid" : err_text(rc));
	r->inserted = rc == 0;
}

static void
sink_apply_card(struct sink *s, unsigned reader)
{
	struct vscard_session *session = link_session(s->link);
	struct sink_reader *r = &s->readers[reader];

	if (!r->added)
		return;
	if (r->inserted && (!r->card || r->new_card)) {
		vscard_session_remove_card(session, r->id);
		r->inserted = false;
		s->ops->on_gone(s->arg, reader);
	}
	if (r->card && r->new_card)
		sink_insert(r, session);
	r->new_card = false;
}

void
sink_apply(struct sink *s)
{
	if (link_session(s->link) == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	for (unsigned i = 0; i < SINK_READERS_MAX; i++) {
		sink_apply_reader(s, i);
		sink_apply_card(s, i);
	}
	pthread_mutex_unlock(&s->lock);
	link_kick(s->link);
}

void
sink_admit(struct sink *s, unsigned reader, const uint8_t *origin, size_t len)
{
	s->readers[reader].admitted = true;
	origin_set(&s->readers[reader].origin, origin, len);
	sink_apply(s);
}

int
sink_find(const struct sink *s, unsigned id)
{
	for (int i = 0; i < SINK_READERS_MAX; i++)
		if (s->readers[i].added && s->readers[i].id == id)
			return i;
	return -ENODEV;
}

int
sink_card(struct sink *s, unsigned reader, unsigned *out_number)
{
	struct sink_reader *r = &s->readers[reader];
	int rc = -ENOMEDIUM;

	pthread_mutex_lock(&s->lock);
	if (r->inserted && r->reader && !r->new_reader && r->card &&
	    !r->new_card) {
		*out_number = r->card_number;
		rc = 0;
	}
	pthread_mutex_unlock(&s->lock);
	return rc;
}

void
sink_forget(struct sink *s, unsigned id)
{
	int i = sink_find(s, id);

	if (i < 0)
		return;
	s->readers[i].added = false;
	s->readers[i].inserted = false;
}
