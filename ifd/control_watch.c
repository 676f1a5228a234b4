/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events for those who watch. They happen on threads that have better to do:
 * what has no room is left out, and counted.
 */
#include <stdlib.h>
#include <string.h>

#include "ifd/control_client.h"
#include "trace/mask.h"

/* Longer than any APDU that the protocol carries. */
enum { ROOM_MAX = VSCARD_PAYLOAD_MAX };

/* What one who watches knows of a card. */
struct watched {
	const void *source;
	unsigned slot;
	struct dialog dialog;
	struct watched *next;
};

/* The tap calls one observer at a time; so this and what it needs is its. */
struct watch_state {
	struct watched *cards;
	uint8_t room[ROOM_MAX];
};

static struct dialog *
dialog_get(struct watch_state *state, const struct trace_event *event)
{
	struct watched *card = state->cards;

	while (card != NULL &&
	       (card->source != event->source || card->slot != event->slot))
		card = card->next;
	if (card != NULL)
		return &card->dialog;
	card = calloc(1, sizeof(*card));
	if (card == NULL)
		return NULL;
	card->source = event->source;
	card->slot = event->slot;
	dialog_init(&card->dialog);
	card->next = state->cards;
	state->cards = card;
	return &card->dialog;
}

/*
 * The APDU without what is secret in it; false: better not shown at all. Who
 * has no memory to remember what was said cannot tell what is secret.
 */
static bool
apdu_mask(struct watch_state *state, const struct trace_event *event,
    bool *out_masked)
{
	struct dialog *dialog = dialog_get(state, event);

	if (dialog == NULL || event->len > ROOM_MAX)
		return false;
	if (event->kind == TRACE_COMMAND) {
		dialog_command(dialog, event->data, event->len);
		*out_masked =
		    mask_command(dialog, event->data, event->len, state->room);
	} else {
		dialog_response(dialog, event->data, event->len);
		*out_masked =
		    mask_response(dialog, event->data, event->len, state->room);
	}
	return true;
}

/* What does not fit is cut; the whole length is told. */
static void
line_bytes(struct record_line *line, const void *data, size_t len)
{
	if (len > CONTROL_DATA_MAX)
		len = CONTROL_DATA_MAX;
	record_bytes(line, "data", data, len);
}

static void
line_data(struct record_line *line, struct watch_state *state,
    const struct trace_event *event)
{
	struct dialog *dialog;
	bool masked;

	record_number(line, "len", event->len);
	switch (event->kind) {
	case TRACE_COMMAND:
	case TRACE_RESPONSE:
		if (!apdu_mask(state, event, &masked))
			break;
		if (masked)
			record_text(line, "masked", "yes");
		if (event->kind == TRACE_RESPONSE && event->len >= 2)
			record_bytes(
			    line, "sw", state->room + event->len - 2, 2);
		line_bytes(line, state->room, event->len);
		break;
	case TRACE_ATTACH:
	case TRACE_INSERT:
	case TRACE_CONTROL:
		dialog = dialog_get(state, event);
		if (dialog != NULL)
			dialog_init(dialog);
		line_bytes(line, event->data, event->len);
		break;
	case TRACE_NAME:
	case TRACE_DETACH:
	case TRACE_EJECT:
	case TRACE_FAILURE:
		break;
	}
}

static void
line_event(struct record_line *line, struct watch_state *state,
    const struct trace_event *event)
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
		line_data(line, state, event);
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

	line_event(&line, client->watch_state, event);
	lock_take(&client->lock);
	if (buf_len(&client->out) > CONTROL_WATCH_MAX || put_lost(client) < 0 ||
	    control_put(client, &line) < 0)
		client->lost++;
	lock_release(&client->lock);
	loop_defer(hub_loop(client->control->hub), &client->send);
}

int
control_watch(struct control_client *client)
{
	client->watch_state = calloc(1, sizeof(*client->watch_state));
	if (client->watch_state == NULL)
		return -ENOMEM;
	client->observer.on_event = on_event;
	client->observer.arg = client;
	tap_add(hub_tap(client->control->hub), &client->observer);
	return 0;
}

void
control_unwatch(struct control_client *client)
{
	struct watch_state *state = client->watch_state;
	struct watched *card;

	if (state == NULL)
		return;
	tap_remove(hub_tap(client->control->hub), &client->observer);
	while ((card = state->cards) != NULL) {
		state->cards = card->next;
		free(card);
	}
	explicit_bzero(state, sizeof(*state));
	free(state);
	client->watch_state = NULL;
}
