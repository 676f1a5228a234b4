/* SPDX-License-Identifier: BSD-2-Clause */
/* What a driver has, as it tells it, with the names that pcscd gives. */
#ifndef CTL_STATE_H
#define CTL_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "ctl/ask.h"
#include "ctl/readerconf.h"

/* All texts are clean (text.h) and belong to the state. */
struct state_endpoint {
	unsigned id;
	char *at;
	char *device; /* as reader.conf names it */
	unsigned slots, peers;
	uint64_t accepted, refused;
};

struct state_peer {
	unsigned endpoint, id;
	char *name;
	bool stock;
	uint64_t age; /* seconds */
};

struct state_reader {
	unsigned endpoint_id;
	const struct state_endpoint *endpoint;
	unsigned slot;
	bool has_lun; /* pcscd has opened it */
	unsigned long lun;
	char *name;  /* pcscd's, or NULL if that is not known */
	char *state; /* "detached", "empty", "card" */
	bool ejected;
	uint64_t peer_id;              /* 0: none */
	const struct state_peer *peer; /* or NULL */
	char *remote_name;             /* often empty */
	char *atr;                     /* hex digits, or NULL */
	uint64_t commands, failures, sent, received, cards, powers;
};

struct state {
	char version[ASK_VERSION_MAX];
	unsigned long pid;
	size_t endpoints_len, peers_len, readers_len;
	struct state_endpoint *endpoints;
	struct state_peer *peers;
	struct state_reader *readers;
};

/*
 * Asks the driver at the socket. Errors of ask_open, or -ENOMEM; ask->why says
 * what it is. state_clear afterwards, on failure too.
 */
int state_get(struct state *out, const char *socket, struct ask *) MUST_CHECK;
void state_clear(struct state *);

/*
 * The reader of that name: pcscd's, the owner's, or a part that only one has.
 * -ENOENT, or -EINVAL if several have it.
 */
int state_find(const struct state *, const char *name,
    const struct state_reader **out) MUST_CHECK;

#endif
