/* SPDX-License-Identifier: BSD-2-Clause */
/* What the relay and the user's hand on it share. */
#ifndef VSCCLIENT_RELAY_READER_H
#define VSCCLIENT_RELAY_READER_H

#include "vscclient/relay.h"

/* Brings the host up to date as far as it may know. */
void reader_show(struct relay_reader *);
void reader_hide_card(struct relay_reader *);
/* The host has lost the card: nobody waits, and what it did must not stay. */
void reader_leave(struct relay_reader *);

#endif
