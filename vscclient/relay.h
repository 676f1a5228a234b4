/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between the card processes and the network host: which reader here is which
 * reader there, what each side has been told, and whose answer is whose. An
 * APDU goes from one session straight into the other.
 *
 * The host may come and go. A card that a host used before it went is powered
 * down before the next one sees it, so that no PIN stays verified.
 */
#ifndef VSCCLIENT_RELAY_H
#define VSCCLIENT_RELAY_H

#include <stdbool.h>

#include "vscclient/link.h"
#include "vscclient/origin.h"

enum { RELAY_READERS_MAX = 64 };

/*
 * A request that its host does not wait for any more may run for so long; then
 * the card process is given up.
 */
enum { RELAY_ORPHAN_MS = 60000 };

/* A name follows its reader at once, or there is none. */
enum { RELAY_NAME_MS = 500 };

enum relay_request { RELAY_NONE, RELAY_APDU, RELAY_POWER, RELAY_PROTOCOL };

struct relay;
struct trace_file;

struct relay_reader {
	struct relay *relay;
	struct link *card;   /* its card process; NULL: free place */
	unsigned card_id;
	char name[VSCARD_NAME_MAX + 1];
	bool named;          /* the name is known, or none will come */
	bool has_card;
	uint8_t atr[VSCARD_ATR_MAX];
	size_t atr_len;
	struct origin origin;
	enum relay_request request; /* at the card process */
	const char *asked;   /* the last but APDUs, for the trace */
	bool orphan;         /* nobody waits for its answer */
	bool settling;       /* it is our own power-down */
	bool used;           /* the host has asked something of this card */
	bool told;           /* the log, that it knows no reset */
	bool dirty;          /* a host that has gone used it */
	struct loop_timer timer; /* for the name, later for an orphan */
	/* What the network host knows. */
	bool on_net;
	bool taken;          /* it has acknowledged the reader */
	bool card_taken;     /* and this card */
	unsigned net_id;
	bool inserted;
	bool withheld;       /* the user has removed the card */
	bool refused;        /* it did not take the reader, or the ATR */
	bool circle;         /* the reader comes from that very host */
};

struct relay {
	struct loop *loop;
	struct link *net; /* NULL: no connection */
	bool has_host;    /* the host's instance id is known */
	uint8_t host[VSCARD_INSTANCE_LEN];
	struct trace_file *trace; /* NULL: none; borrowed */
	const char *trace_place;  /* whom the readers are for */
	struct relay_reader readers[RELAY_READERS_MAX];
};

void relay_init(struct relay *, struct loop *);

/* An event of a card process, other than OPEN; and its end. */
void relay_card_event(struct relay *, struct link *card,
    const struct vscard_event *);
void relay_card_lost(struct relay *, struct link *card);

/* The network host: connected (before the handshake is over), heard, lost. */
void relay_net_open(struct relay *, struct link *net);
/*
 * Right behind relay_net_open, for each card in the user's order: its readers.
 * The link is to be kicked behind the last one.
 */
void relay_net_show(struct relay *, const struct link *card);
void relay_net_event(struct relay *, const struct vscard_event *);
void relay_net_lost(struct relay *);

/*
 * The user's hand, while the card process knows of nothing. A card removed
 * stays so until it is inserted, whatever is put into its reader meanwhile.
 * -ENODEV; -ENOMEDIUM: no card, or removed already; -EBUSY: not removed.
 */
int relay_remove(struct relay *, unsigned id) MUST_CHECK;
int relay_insert(struct relay *, unsigned id) MUST_CHECK;
/* id: below RELAY_READERS_MAX; NULL: no reader has it. */
const struct relay_reader *relay_reader_get(const struct relay *, unsigned id);
/* The host has it. */
bool relay_reader_is_active(const struct relay_reader *);

#endif
