/* SPDX-License-Identifier: BSD-2-Clause */
#include "ctl/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/pcscd.h"
#include "ctl/text.h"

/* Nothing of a driver that is in order reaches it. */
enum { STATE_MAX = 100000, TEXT_MAX = 512 };

static char *
clean_copy(const struct record *record, const char *key)
{
	const char *text = record_get(record, key);
	char clean[TEXT_MAX];

	return text != NULL ? strdup(text_clean(clean, sizeof(clean), text))
			    : NULL;
}

static bool
is_yes(const struct record *record, const char *key)
{
	const char *text = record_get(record, key);

	return text != NULL && strcmp(text, "yes") == 0;
}

/* Room for one more, all zeros, at the end of the array. */
static void *
more(void *array, size_t *len, size_t size)
{
	void **at = array;
	char *room;

	if (*len == STATE_MAX)
		return NULL;
	room = realloc(*at, (*len + 1) * size);
	if (room == NULL)
		return NULL;
	*at = room;
	room += *len * size;
	memset(room, 0, size);
	++*len;
	return room;
}

static int
add_endpoint(struct state *state, const struct record *r)
{
	struct state_endpoint *e =
	    more(&state->endpoints, &state->endpoints_len, sizeof(*e));

	if (e == NULL)
		return -ENOMEM;
	e->id = (unsigned)record_get_number(r, "id", 0);
	e->at = clean_copy(r, "at");
	e->device = clean_copy(r, "device");
	e->slots = (unsigned)record_get_number(r, "slots", 0);
	e->peers = (unsigned)record_get_number(r, "peers", 0);
	e->accepted = record_get_number(r, "accepted", 0);
	e->refused = record_get_number(r, "refused", 0);
	return e->at != NULL && e->device != NULL ? 0 : -EPROTO;
}

static int
add_peer(struct state *state, const struct record *r)
{
	struct state_peer *p =
	    more(&state->peers, &state->peers_len, sizeof(*p));

	if (p == NULL)
		return -ENOMEM;
	p->endpoint = (unsigned)record_get_number(r, "endpoint", 0);
	p->id = (unsigned)record_get_number(r, "id", 0);
	p->name = clean_copy(r, "name");
	p->stock = is_yes(r, "stock");
	p->age = record_get_number(r, "age", 0);
	return p->name != NULL ? 0 : -EPROTO;
}

static void
reader_counts(struct state_reader *reader, const struct record *r)
{
	reader->commands = record_get_number(r, "commands", 0);
	reader->failures = record_get_number(r, "failures", 0);
	reader->sent = record_get_number(r, "sent", 0);
	reader->received = record_get_number(r, "received", 0);
	reader->cards = record_get_number(r, "cards", 0);
	reader->powers = record_get_number(r, "powers", 0);
}

/* Endpoint and peer are numbers still: the arrays may yet move. */
static int
add_reader(struct state *state, const struct record *r)
{
	struct state_reader *reader =
	    more(&state->readers, &state->readers_len, sizeof(*reader));

	if (reader == NULL)
		return -ENOMEM;
	reader->endpoint_id = (unsigned)record_get_number(r, "endpoint", 0);
	reader->peer_id = record_get_number(r, "peer", 0);
	reader->slot = (unsigned)record_get_number(r, "slot", 0);
	reader->has_lun = record_get(r, "lun") != NULL;
	reader->lun = record_get_number(r, "lun", 0);
	reader->state = clean_copy(r, "state");
	reader->ejected = is_yes(r, "ejected");
	reader->remote_name = clean_copy(r, "name");
	reader->atr = clean_copy(r, "atr");
	reader_counts(reader, r);
	return reader->state != NULL ? 0 : -EPROTO;
}

static const struct {
	const char *word;
	int (*add)(struct state *, const struct record *);
} words[] = {
    {"endpoint", add_endpoint},
    {"peer", add_peer},
    {"slot", add_reader},
};

static int
add(struct state *state, const struct record *record)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(record->word, words[i].word) == 0)
			return words[i].add(state, record);
	return 0; /* of a newer driver */
}

/* Numbers become pointers. */
static int
reader_tie(const struct state *state, struct state_reader *reader)
{
	for (size_t i = 0; i < state->endpoints_len; i++)
		if (state->endpoints[i].id == reader->endpoint_id)
			reader->endpoint = &state->endpoints[i];
	for (size_t i = 0; i < state->peers_len; i++)
		if (state->peers[i].endpoint == reader->endpoint_id &&
		    state->peers[i].id == reader->peer_id)
			reader->peer = &state->peers[i];
	return reader->endpoint != NULL ? 0 : -EPROTO;
}

/* pcscd appends to FRIENDLYNAME the two halves of the LUN. */
static void
reader_name(struct state_reader *reader, const struct readerconf *conf)
{
	const struct readerconf_entry *entry;
	char name[READERCONF_VALUE_MAX + 32];
	char clean[TEXT_MAX];

	for (size_t i = 0; reader->has_lun && i < conf->entries_len; i++) {
		entry = &conf->entries[i];
		if (!readerconf_is_ours(entry) ||
		    strcmp(entry->device, reader->endpoint->device) != 0)
			continue;
		snprintf(name, sizeof(name), "%s %02lX %02lX", entry->name,
		    reader->lun >> 16, reader->lun & 0xffff);
		reader->name = strdup(text_clean(clean, sizeof(clean), name));
		return;
	}
}

static int
state_tie(struct state *state)
{
	struct readerconf conf = {.entries = NULL};
	struct pcscd pcscd;
	int rc = 0;

	/* Without a name a reader is told of all the same. */
	pcscd_get_process((pid_t)state->pid, &pcscd);
	if (readerconf_load(&conf, pcscd.config) < 0)
		readerconf_clear(&conf);
	for (size_t i = 0; rc == 0 && i < state->readers_len; i++) {
		rc = reader_tie(state, &state->readers[i]);
		if (rc == 0)
			reader_name(&state->readers[i], &conf);
	}
	readerconf_clear(&conf);
	return rc;
}

int
state_get(struct state *out, const char *socket, struct ask *ask)
{
	struct record record;
	int rc;

	memset(out, 0, sizeof(*out));
	rc = ask_open_word(ask, socket, "list");
	memcpy(out->version, ask->version, sizeof(out->version));
	out->pid = ask->pid;
	while (rc >= 0 && (rc = ask_next(ask, &record)) > 0)
		rc = add(out, &record);
	ask_close(ask);
	if (rc == 0)
		rc = state_tie(out);
	if (rc < 0 && ask->why[0] == '\0')
		snprintf(ask->why, sizeof(ask->why), "%s", err_text(rc));
	return rc;
}

void
state_clear(struct state *state)
{
	for (size_t i = 0; i < state->endpoints_len; i++) {
		free(state->endpoints[i].at);
		free(state->endpoints[i].device);
	}
	for (size_t i = 0; i < state->peers_len; i++)
		free(state->peers[i].name);
	for (size_t i = 0; i < state->readers_len; i++) {
		free(state->readers[i].name);
		free(state->readers[i].state);
		free(state->readers[i].remote_name);
		free(state->readers[i].atr);
	}
	free(state->endpoints);
	free(state->peers);
	free(state->readers);
	memset(state, 0, sizeof(*state));
}

/* --- finding ---------------------------------------------------------- */

static bool
is_it(const struct state_reader *reader, const char *name)
{
	return (reader->name != NULL && strcmp(reader->name, name) == 0) ||
	       (reader->remote_name != NULL &&
		   strcmp(reader->remote_name, name) == 0);
}

static bool
has_it(const struct state_reader *reader, const char *name)
{
	return (reader->name != NULL && strstr(reader->name, name) != NULL) ||
	       (reader->remote_name != NULL &&
		   strstr(reader->remote_name, name) != NULL);
}

static size_t
find(const struct state *state, const char *name,
    bool (*fits)(const struct state_reader *, const char *),
    const struct state_reader **out)
{
	size_t n = 0;

	for (size_t i = 0; i < state->readers_len; i++)
		if (state->readers[i].has_lun &&
		    fits(&state->readers[i], name)) {
			*out = &state->readers[i];
			n++;
		}
	return n;
}

int
state_find(const struct state *state, const char *name,
    const struct state_reader **out)
{
	const struct state_reader *reader;
	size_t n = find(state, name, is_it, &reader);

	if (n == 0)
		n = find(state, name, has_it, &reader);
	if (n != 1)
		return n == 0 ? -ENOENT : -EINVAL;
	*out = reader;
	return 0;
}
