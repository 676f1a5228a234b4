/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client with cards, on a thread of its own in the test's process. It
 * answers an APDU with its bytes and 90 00, except for those named below.
 */
#ifndef TESTS_IFD_CARD_PEER_H
#define TESTS_IFD_CARD_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct card_peer;

/* Commands by their first byte (CLA). */
enum {
	CARD_ECHO = 0x00,
	CARD_SILENT = 0x80, /* no answer, ever */
	CARD_LEAVE = 0x81,  /* the card goes instead of answering */
	CARD_HANG_UP = 0x82, /* the connection goes instead */
	CARD_STATUS = 0x83, /* answers how many resets and protocol requests
	                     * there were so far, 90 00 */
	CARD_GROW = 0x84    /* answers what P1 P2 say, 256 times, 90 00 */
};

/* A TCP port on loopback; -1 if nobody listens there. */
int card_peer_dial(int port);
/*
 * Connects to such a port; NULL if nobody listens there. stock:
 * offers no extension.
 */
struct card_peer *card_peer_new(int port, bool stock);
/* The same on a connection that is there. */
struct card_peer *card_peer_adopt(int fd, bool stock);
/* Ends the connection at once and joins the thread. NULL is allowed. */
void card_peer_free(struct card_peer *);
/*
 * Until HOST_LUN has a card, from such a peer: come() makes another one each
 * time that the driver has hung up on it, or gives NULL if it cannot yet.
 * *peer may be NULL before. Its reader's number is in *out_reader.
 */
void card_peer_await(struct card_peer **peer, struct card_peer *(*come)(void),
    unsigned *out_reader);
/* The driver has hung up. */
bool card_peer_is_dead(struct card_peer *);

/* Each returns once the host has acknowledged it (or the line is dead). */
int card_peer_add(struct card_peer *, const char *name, unsigned *out_reader);
void card_peer_remove(struct card_peer *, unsigned reader);
void card_peer_insert(struct card_peer *, unsigned reader, uint8_t flavour);
void card_peer_eject(struct card_peer *, unsigned reader);
/* A removal and an insertion that reach the host in one breath. */
void card_peer_swap(struct card_peer *, unsigned reader, uint8_t flavour);

/* 3B 02 14 <flavour>; returns its length. */
size_t card_peer_atr(uint8_t flavour, uint8_t out[4]);

#endif
