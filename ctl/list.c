/* SPDX-License-Identifier: BSD-2-Clause */
/* vscard-ctl list */
#include <jansson.h>
#include <stdio.h>

#include "ctl/commands.h"
#include "ctl/json.h"
#include "ctl/state.h"
#include "ctl/status.h"
#include "ctl/table.h"
#include "ctl/text.h"
#include "util/log.h"

/* --- for people ------------------------------------------------------- */

static void
endpoint_print(const struct state_endpoint *e, bool coloured)
{
	printf("%s%s%s  %u %s, %u %s", text_colour(TEXT_BOLD, coloured), e->at,
	    text_colour(TEXT_PLAIN, coloured), e->slots,
	    e->slots == 1 ? "reader" : "readers", e->peers,
	    e->peers == 1 ? "peer" : "peers");
	if (e->refused > 0)
		printf(", %llu refused", (unsigned long long)e->refused);
	putchar('\n');
}

static const char *
reader_state(const struct state_reader *reader)
{
	if (!reader->has_lun)
		return "not opened";
	return reader->ejected ? "ejected" : reader->state;
}

static int
reader_row(struct table *table, const struct state_reader *reader)
{
	char slot[32], commands[24];
	const char *cells[] = {reader->name, reader_state(reader),
	    reader->peer != NULL ? reader->peer->name : NULL,
	    reader->remote_name, commands, reader->atr};

	snprintf(slot, sizeof(slot), "(slot %u)", reader->slot);
	snprintf(commands, sizeof(commands), "%llu",
	    (unsigned long long)reader->commands);
	if (reader->name == NULL)
		cells[0] = slot;
	return table_add(table, cells);
}

static int
endpoint_table(
    const struct state *state, const struct state_endpoint *e, bool coloured)
{
	const char *const head[] = {
	    "READER", "STATE", "PEER", "NAME THERE", "APDUS", "ATR"};
	struct table table;
	int rc;

	table_init(&table, sizeof(head) / sizeof(*head));
	rc = table_add(&table, head);
	for (size_t i = 0; rc == 0 && i < state->readers_len; i++)
		if (state->readers[i].endpoint == e)
			rc = reader_row(&table, &state->readers[i]);
	if (rc == 0)
		table_print(&table, coloured);
	table_clear(&table);
	return rc;
}

static int
state_print(const struct state *state)
{
	bool coloured = text_is_coloured();
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < state->endpoints_len; i++) {
		if (i > 0)
			putchar('\n');
		endpoint_print(&state->endpoints[i], coloured);
		rc = endpoint_table(state, &state->endpoints[i], coloured);
	}
	return rc;
}

/* --- for programs ----------------------------------------------------- */

static json_t *
peer_json(const struct state_peer *peer)
{
	return json_pack("{s:I, s:s, s:b, s:I}", "id", (json_int_t)peer->id,
	    "who", peer->name, "extensions", !peer->stock, "age",
	    (json_int_t)peer->age);
}

/* "s?" of a NULL is null. */
static json_t *
reader_json(const struct state_reader *r)
{
	return json_pack("{s:s?, s:o, s:I, s:s, s:b, s:o, s:s?, s:s?, "
			 "s:I, s:I, s:I, s:I, s:I, s:I}",
	    "name", r->name, "lun",
	    r->has_lun ? json_integer((json_int_t)r->lun) : json_null(), "slot",
	    (json_int_t)r->slot, "state", r->state, "ejected", r->ejected,
	    "peer", r->peer != NULL ? json_integer(r->peer->id) : json_null(),
	    "remote_name", r->remote_name, "atr", r->atr, "commands",
	    (json_int_t)r->commands, "failures", (json_int_t)r->failures,
	    "sent", (json_int_t)r->sent, "received", (json_int_t)r->received,
	    "cards", (json_int_t)r->cards, "powers", (json_int_t)r->powers);
}

static json_t *
endpoint_json(const struct state *state, const struct state_endpoint *e)
{
	json_t *peers = json_array(), *readers = json_array();

	for (size_t i = 0; i < state->peers_len; i++)
		if (state->peers[i].endpoint == e->id)
			json_array_append_new(
			    peers, peer_json(&state->peers[i]));
	for (size_t i = 0; i < state->readers_len; i++)
		if (state->readers[i].endpoint == e)
			json_array_append_new(
			    readers, reader_json(&state->readers[i]));
	return json_pack("{s:s, s:s, s:I, s:I, s:o, s:o}", "at", e->at,
	    "device", e->device, "accepted", (json_int_t)e->accepted, "refused",
	    (json_int_t)e->refused, "peers", peers, "readers", readers);
}

static json_t *
state_json(const struct state *state)
{
	json_t *endpoints = json_array();

	for (size_t i = 0; i < state->endpoints_len; i++)
		json_array_append_new(
		    endpoints, endpoint_json(state, &state->endpoints[i]));
	return json_pack("{s:s, s:I, s:o}", "version", state->version, "pid",
	    (json_int_t)state->pid, "endpoints", endpoints);
}

/* --- the command ------------------------------------------------------ */

int
command_list(const struct options *opt)
{
	struct state state;
	struct ask ask;
	int rc = state_get(&state, opt->socket, &ask);

	if (rc < 0) {
		log_error("%s", ask.why);
		state_clear(&state);
		return STATUS_NO_DRIVER;
	}
	rc = opt->json ? json_print(state_json(&state), JSON_INDENT(2))
		       : state_print(&state);
	state_clear(&state);
	return rc < 0 ? STATUS_FAILED : STATUS_OK;
}
