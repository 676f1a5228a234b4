/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The connection to the card in one real reader. Its calls may block for as
 * long as the card takes, or a local program that has locked it, so they have
 * a PC/SC context of their own; one is made at a time, on any thread. The
 * monitor says from its thread which reader and which card it is.
 */
#ifndef VSCCLIENT_PCSC_CARD_H
#define VSCCLIENT_PCSC_CARD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <winscard.h>

#include "vscclient/cardspec.h"
#include "vscclient/sink.h"

enum { PCSC_NAME_MAX = 256 };

struct pcsc_card {
	const struct cardspec_pcsc *spec;
	struct sink *sink;
	unsigned reader; /* its number */
	/* Under the lock. */
	pthread_mutex_t lock;
	char name[PCSC_NAME_MAX]; /* of the reader; "": none */
	bool denied;              /* local programs kept us off */
	unsigned pulled;          /* cards, so far */
	/* Who carries out what is asked of the reader. */
	SCARDCONTEXT context;
	bool has_context;
	SCARDHANDLE card;
	bool connected;
	bool locked;     /* we have a transaction */
	unsigned number; /* of the connected card, see sink_card() */
	unsigned before; /* cards pulled before it was connected */
	DWORD protocol;
	DWORD chosen;    /* the protocol that the host wants, 0: any */
	size_t max_data; /* see pcsc_max_data() */
};

void pcsc_card_init(struct pcsc_card *, const struct cardspec_pcsc *,
    struct sink *, unsigned reader);
void pcsc_card_clear(struct pcsc_card *);

/* The monitor: another reader has this number now, or ("") none. */
void pcsc_card_set_name(struct pcsc_card *, const char *name);
/* The monitor: the card was pulled, alone or with its reader. */
void pcsc_card_pulled(struct pcsc_card *);
/* The monitor: the host could not have the card; forgets that. */
bool pcsc_card_take_denied(struct pcsc_card *);

/* What the backend does; see backend.h. */
int pcsc_card_admit(struct pcsc_card *, uint8_t *origin,
    size_t *out_len) MUST_CHECK;
int pcsc_card_transmit(struct pcsc_card *, const uint8_t *command, size_t len,
    uint8_t *response, size_t cap, size_t *out_len) MUST_CHECK;
enum vscard_status pcsc_card_power(struct pcsc_card *, enum vscard_power,
    uint8_t *atr, size_t *out_len);
enum vscard_status pcsc_card_protocol(struct pcsc_card *, unsigned protocol);

#endif
