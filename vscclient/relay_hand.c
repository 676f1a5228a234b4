/* SPDX-License-Identifier: BSD-2-Clause */
/* The user's hand: cards taken out and put back without their leave. */
#include "vscclient/relay_reader.h"

const struct relay_reader *
relay_reader_get(const struct relay *relay, unsigned id)
{
	return id < RELAY_READERS_MAX && relay->readers[id].card != NULL ?
	    &relay->readers[id] : NULL;
}

bool
relay_reader_is_active(const struct relay_reader *r)
{
	return r->relay->net != NULL && r->on_net;
}

int
relay_remove(struct relay *relay, unsigned id)
{
	struct relay_reader *r;

	if (relay_reader_get(relay, id) == NULL)
		return -ENODEV;
	r = &relay->readers[id];
	if (!r->has_card || r->withheld)
		return -ENOMEDIUM;
	r->withheld = true;
	reader_hide_card(r);
	reader_leave(r);
	if (relay->net != NULL)
		link_kick(relay->net);
	return 0;
}

int
relay_insert(struct relay *relay, unsigned id)
{
	struct relay_reader *r;

	if (relay_reader_get(relay, id) == NULL)
		return -ENODEV;
	r = &relay->readers[id];
	if (!r->withheld)
		return -EBUSY;
	r->withheld = false;
	if (!r->has_card)
		return -ENOMEDIUM;
	reader_show(r);
	if (relay->net != NULL)
		link_kick(relay->net);
	return 0;
}
