/* SPDX-License-Identifier: BSD-2-Clause */
/* What a driver has: its endpoints, and each one's peers and slots. */
#include "ifd/control_client.h"
#include "ifd/link.h"
#include "ifd/luns.h"
#include "util/clock.h"

static uint32_t
link_get_capabilities(struct link *link)
{
	uint32_t caps;

	lock_take(&link->lock);
	caps = vscard_session_capabilities(link->conn.session);
	lock_release(&link->lock);
	return caps;
}

static int
put_endpoint(struct control_client *client, const struct control_reader *entry)
{
	const struct reader *reader = entry->reader;
	struct record_line line;

	record_begin(&line, "endpoint");
	record_number(&line, "id", entry->id);
	record_text(&line, "at", reader->text);
	record_text(&line, "device", reader->config.name);
	record_number(&line, "slots", reader->config.slots);
	record_number(&line, "peers", reader->links_len);
	record_number(&line, "accepted", reader->links_made);
	record_number(&line, "refused", reader->refused);
	return control_put(client, &line);
}

static int
put_peer(struct control_client *client, unsigned endpoint, struct link *link)
{
	struct record_line line;

	record_begin(&line, "peer");
	record_number(&line, "endpoint", endpoint);
	record_number(&line, "id", link->serial);
	record_text(&line, "name", link->peer.name);
	record_text(
	    &line, "stock", link_get_capabilities(link) == 0 ? "yes" : "no");
	record_number(
	    &line, "age", (uint64_t)(clock_now() - link->since) / 1000);
	return control_put(client, &line);
}

static void
line_counts(struct record_line *line, const struct slot_counts *counts)
{
	record_number(line, "commands", counts->commands);
	record_number(line, "failures", counts->failures);
	record_number(line, "sent", counts->sent);
	record_number(line, "received", counts->received);
	record_number(line, "cards", counts->cards);
	record_number(line, "powers", counts->powers);
}

static int
put_slot(struct control_client *client, unsigned endpoint, struct slot *slot)
{
	struct record_line line;
	struct slot_view view;
	unsigned long lun;

	slot_get_view(slot, &view);
	record_begin(&line, "slot");
	record_number(&line, "endpoint", endpoint);
	record_number(&line, "slot", slot->index);
	if (luns_find_lun(slot, &lun))
		record_number(&line, "lun", lun);
	record_text(&line, "state", slot_mode_name(view.mode));
	if (view.hold != SLOT_HOLD_NONE)
		record_text(&line, "ejected", "yes");
	if (view.link != NULL) {
		record_number(&line, "peer", view.link->serial);
		record_number(&line, "reader", view.id);
		record_text(&line, "name", view.name);
		link_unref(view.link);
	}
	if (view.atr_len > 0)
		record_bytes(&line, "atr", view.atr, view.atr_len);
	line_counts(&line, &view.counts);
	return control_put(client, &line);
}

static int
put_reader(struct control_client *client, const struct control_reader *entry)
{
	struct reader *reader = entry->reader;
	int rc = put_endpoint(client, entry);

	for (struct link *link = reader->links; rc == 0 && link != NULL;
	     link = link->next)
		rc = put_peer(client, entry->id, link);
	for (unsigned i = 0; rc == 0 && i < reader->config.slots; i++)
		rc = put_slot(client, entry->id, &reader->slots[i]);
	return rc;
}

int
control_list(struct control_client *client)
{
	struct control_reader *entry = client->control->readers;
	struct record_line line;
	int rc = 0;

	for (; rc == 0 && entry != NULL; entry = entry->next)
		rc = put_reader(client, entry);
	if (rc < 0)
		return rc;
	record_begin(&line, "end");
	return control_put(client, &line);
}
