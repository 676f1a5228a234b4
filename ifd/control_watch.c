/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events for those who watch. They happen on threads that have better to do:
 * what has no room is left out, and counted.
 */
#include "ifd/control_client.h"

/* What does not fit is cut; the whole length is told. */
static void
line_data(struct record_line *line, const struct trace_event *event)
{
	size_t len = event->len;

	record_number(line, "len", len);
	if (len > CONTROL_DATA_MAX)
		len = CONTROL_DATA_MAX;
	record_bytes(line, "data", event->data, len);
}

static void
line_event(struct record_line *line, const struct trace_event *event)
{
	record_begin(line, trace_kind_name(event->kind));
	record_number(line, "time", event->time);
	record_text(line, "at", event->place);
	record_number(line, "slot", event->slot);
	record_text(line, "name", event->reader);
	record_text(line, "peer", event->peer);
	if (event->what != NULL)
		record_text(line, "what", event->what);
	if (event->result != 0)
		record_text(line, "error", err_text(event->result));
	if (event->len > 0)
		line_data(line, event);
}

/* How many were left out before this one; with the client locked. */
static int
put_lost(struct control_client *client)
{
	struct record_line line;
	int rc;

	if (client->lost == 0)
		return 0;
	record_begin(&line, "lost");
	record_number(&line, "events", client->lost);
	rc = control_put(client, &line);
	if (rc == 0)
		client->lost = 0;
	return rc;
}

static void
on_event(void *arg, const struct trace_event *event)
{
	struct control_client *client = arg;
	struct record_line line;

	line_event(&line, event);
	pthread_mutex_lock(&client->lock);
	if (buf_len(&client->out) > CONTROL_WATCH_MAX || put_lost(client) < 0 ||
	    control_put(client, &line) < 0)
		client->lost++;
	pthread_mutex_unlock(&client->lock);
	loop_defer(hub_loop(client->control->hub), &client->send);
}

void
control_watch(struct control_client *client)
{
	client->observer.on_event = on_event;
	client->observer.arg = client;
	tap_add(hub_tap(client->control->hub), &client->observer);
}

void
control_unwatch(struct control_client *client)
{
	if (client->watching)
		tap_remove(hub_tap(client->control->hub), &client->observer);
}
