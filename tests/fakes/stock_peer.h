/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stock client, scripted: what libcacard's vscclient says, in its order and
 * with its habits (ReaderRemove and ReaderAdd back to back, no capability).
 * The calls fail the running test as script.h says.
 */
#ifndef TESTS_FAKES_STOCK_PEER_H
#define TESTS_FAKES_STOCK_PEER_H

#include "tests/fakes/script.h"

/* The ATR of libcacard's CAC; a T=0 card. */
#define STOCK_ATR "3B7A18000073667465206364313434"
/* A T=1 card, and one that speaks both. */
#define STOCK_ATR_T1 "3B800181"
#define STOCK_ATR_T0_T1 "3B80800101"

/* Connects and exchanges Inits, byte for byte. Returns the descriptor. */
int stock_peer_open_at(const char *here, const char *endpoint);
/* After the Inits: removes and adds reader 0 in one go. */
void stock_peer_add_at(const char *here, int fd);
/* The card is in; the host has said so. */
void stock_peer_insert_at(const char *here, int fd, uint32_t id,
    const char *atr);
/* All of the above, for one reader with a card. */
int stock_peer_start_at(const char *here, const char *endpoint,
    const char *atr);
/* One command arrives, byte for byte, and is answered. */
void stock_peer_serve_at(const char *here, int fd, uint32_t id,
    const char *command, const char *response);

#define stock_peer_open(endpoint) stock_peer_open_at(HERE, endpoint)
#define stock_peer_add(fd) stock_peer_add_at(HERE, fd)
#define stock_peer_insert(fd, id, atr) stock_peer_insert_at(HERE, fd, id, atr)
#define stock_peer_start(endpoint, atr) stock_peer_start_at(HERE, endpoint, atr)
#define stock_peer_serve(fd, id, c, r) stock_peer_serve_at(HERE, fd, id, c, r)

#endif
