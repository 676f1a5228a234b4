/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole peer of our own kind: libvscard's client side with all extensions
 * on a thread of this process, and behind it cards that are simple enough to
 * see through:
 *
 *	80 01 …          echo: the whole command comes back, then 9000
 *	80 02 00 00 + 4  that many bytes of a pattern (big-endian), then 9000
 *	80 03 …          held until fake_card_release(), then 9000
 *	80 04            9000 if the PIN is verified, else 6982
 *	00 20 …          verifies the PIN, whatever it is: 9000
 *	others           6D00
 *
 * A verified PIN does not survive power-down or reset. Everything that
 * happens is counted, and tests wait for counts.
 */
#ifndef TESTS_FAKES_FAKE_CARD_H
#define TESTS_FAKES_FAKE_CARD_H

#include <stddef.h>
#include <stdint.h>

#include "tests/fakes/script.h"
#include "vscard/vscard.h"

enum { FAKE_CARD_READERS = 8 };

enum fake_count {
	FAKE_OPEN,          /* Inits exchanged */
	FAKE_READY,         /* readers with a place */
	FAKE_REFUSED,       /* readers without */
	FAKE_CARD_READY,    /* ATRs taken */
	FAKE_COMMANDS,      /* commands that arrived */
	FAKE_HELD,          /* those of them that are held (80 03) */
	FAKE_CANCELLED,     /* requests made void */
	FAKE_POWER_DOWN,
	FAKE_POWER_UP,
	FAKE_POWER_RESET,
	FAKE_PROTOCOL_0,
	FAKE_PROTOCOL_1,
	FAKE_ENDED,         /* the host closed the connection */
	FAKE_MESSAGES,      /* of any kind that arrived */
	FAKE_COUNTS
};

struct fake_card;

/* Connects. limits NULL: everything this library can. */
struct fake_card *fake_card_new(const char *endpoint,
    const struct vscard_limits *);
/* Closes the connection without a word and frees. */
void fake_card_free(struct fake_card **);

/* Adds a reader; waits for its place. Returns its number, 0, 1, … */
unsigned fake_card_add(struct fake_card *);
/* Asks for one more and waits for nothing. */
void fake_card_try_add(struct fake_card *);
void fake_card_remove_reader(struct fake_card *, unsigned reader);
/* Waits until the host has taken the ATR. */
void fake_card_insert(struct fake_card *, unsigned reader, const char *atr);
/* The ATR that the card answers to resets and power-ups from now on. */
void fake_card_set_atr(struct fake_card *, unsigned reader, const char *atr);
void fake_card_remove(struct fake_card *, unsigned reader);
/* A connection, a reader and a card in one call. */
struct fake_card *fake_card_start(const char *endpoint, const char *atr);

/* Waits until the count is at least n. */
void fake_card_wait_at(const char *here, struct fake_card *, enum fake_count,
    unsigned n);
unsigned fake_card_count(struct fake_card *, enum fake_count);
/* Answers the held command of that reader. */
void fake_card_release(struct fake_card *, unsigned reader);
/* The last command, copied; its length. */
size_t fake_card_command(struct fake_card *, uint8_t *out, size_t cap);
/* The byte at i of the pattern of 80 02. */
uint8_t fake_card_pattern(size_t i);

#define fake_card_wait(card, what, n) fake_card_wait_at(HERE, card, what, n)

#endif
