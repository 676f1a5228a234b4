/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "ifd/hub.h"
#include "ifd/link.h"
#include "util/log.h"

/* --- the list of connections ------------------------------------------ */

void
reader_list(struct link *link)
{
	struct reader *reader = link->reader;

	link->next = reader->links;
	link->prev = &reader->links;
	if (link->next != NULL)
		link->next->prev = &link->next;
	reader->links = link;
	reader->links_len++;
	link->listed = true;
}

void
reader_unlist(struct link *link)
{
	*link->prev = link->next;
	if (link->next != NULL)
		link->next->prev = link->prev;
	link->reader->links_len--;
	link->listed = false;
	door_left(&link->reader->door, link);
	cards_unlisted(&link->reader->cards, link);
}

struct link *
reader_link_before(struct reader *reader, const struct link *link)
{
	struct link *before = NULL;

	for (struct link *at = reader->links; at != link; at = at->next)
		before = at;
	return before;
}

/* --- life ------------------------------------------------------------- */

static const char *const ways[] = {
    [CONFIG_NOWHERE] = "for cards of its own",
    [CONFIG_LISTEN] = "listening",
    [CONFIG_CONNECT] = "connecting",
};

static int
reader_start(void *arg)
{
	struct reader *reader = arg;
	int rc = door_open(&reader->door);

	if (rc == 0)
		cards_start(&reader->cards);
	return rc;
}

static int
reader_stop(void *arg)
{
	struct reader *reader = arg;

	door_shut(&reader->door);
	cards_stop(&reader->cards);
	for (struct link *link = reader->links; link != NULL; link = link->next)
		link_end(link);
	return 0;
}

static int
reader_settle(void *arg)
{
	(void)arg;
	return 0;
}

static void
reader_clear(struct reader *reader, unsigned slots)
{
	door_clear(&reader->door);
	reader_trace_stop(reader);
	cards_clear(&reader->cards);
	while (slots-- > 0)
		slot_clear(&reader->slots[slots]);
	free(reader);
}

static void
reader_name(struct reader *reader)
{
	const struct config *config = &reader->config;

	if (config->way == CONFIG_NOWHERE)
		snprintf(
		    reader->text, sizeof(reader->text), "%s", config->name);
	else
		endpoint_text(
		    &config->endpoint, reader->text, sizeof(reader->text));
}

static int
reader_setup(struct reader *reader, unsigned *out_slots)
{
	int rc;

	vscard_limits_init(&reader->limits);
	reader->limits.max_readers = reader->config.slots;
	if (getrandom(reader->limits.instance, VSCARD_INSTANCE_LEN, 0) !=
	    VSCARD_INSTANCE_LEN)
		return -EIO;
	for (*out_slots = 0; *out_slots < reader->config.slots; ++*out_slots) {
		rc = slot_init(&reader->slots[*out_slots], reader, *out_slots);
		if (rc < 0)
			return rc;
	}
	reader_trace_start(reader);
	rc = cards_init(&reader->cards, reader);
	return rc < 0 ? rc : door_init(&reader->door, reader);
}

int
reader_new(
    struct hub *hub, const struct config *config, struct reader **out_reader)
{
	struct reader *reader;
	unsigned slots = 0;
	int rc;

	reader =
	    calloc(1, sizeof(*reader) + config->slots * sizeof(*reader->slots));
	if (reader == NULL)
		return -ENOMEM;
	reader->config = *config;
	reader->hub = hub;
	reader->tap = hub_tap(hub);
	reader->door.listener.fd = -1;
	reader_name(reader);
	rc = reader_setup(reader, &slots);
	if (rc == 0)
		rc = hub_call(hub, reader_start, reader);
	if (rc < 0) {
		reader_clear(reader, slots);
		return rc;
	}
	log_info("%s: %s, %u slots", reader->text, ways[config->way], slots);
	*out_reader = reader;
	return 0;
}

void
reader_free(struct reader **reader)
{
	hub_call((*reader)->hub, reader_stop, *reader);
	/* The burials that reader_stop deferred come before this. */
	hub_call((*reader)->hub, reader_settle, NULL);
	reader_clear(*reader, (*reader)->config.slots);
	*reader = NULL;
}

/* The best, and of equals the lowest; NULL if none is worth as much. */
static struct slot *
reader_fit(
    struct reader *reader, const struct tenant *tenant, unsigned least)
{
	struct slot *best = NULL;
	unsigned fit;

	for (unsigned i = reader->config.slots; i-- > 0;) {
		fit = slot_fit(&reader->slots[i], tenant);
		if (fit >= least) {
			best = &reader->slots[i];
			least = fit;
		}
	}
	return best;
}

static struct slot *
reader_claim_least(struct reader *reader, struct link *link,
    const struct tenant *tenant, unsigned least)
{
	struct slot *slot;

	/* Another link may be faster. */
	do
		slot = reader_fit(reader, tenant, least);
	while (slot != NULL && !slot_claim(slot, link, tenant));
	return slot;
}

struct slot *
reader_claim(
    struct reader *reader, struct link *link, const struct tenant *tenant)
{
	return reader_claim_least(reader, link, tenant, 1);
}

struct slot *
reader_reclaim(struct reader *reader, struct link *link, struct slot *slot,
    const void *name, size_t len)
{
	struct tenant tenant;
	struct slot *had = NULL;

	if (slot_is_movable(slot, name, len, &tenant))
		had = reader_claim_least(reader, link, &tenant, 2);
	if (had == NULL)
		return slot;
	slot_move(slot, had);
	return had;
}
