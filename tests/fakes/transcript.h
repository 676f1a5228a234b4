/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must be true of every conversation of our client with a stock host, as
 * relay_text() has it: one Init from us and it is the first thing we say; then
 * ReaderRemove(0), because QEMU keeps the card of the client before; and no
 * ReaderAdd, ReaderRemove, ATR or CardRemove before the last one of them is
 * acknowledged. The list may hold several conversations, one after another.
 */
#ifndef TESTS_FAKES_TRANSCRIPT_H
#define TESTS_FAKES_TRANSCRIPT_H

#include <stdbool.h>

#include "tests/fakes/script.h"

struct transcript {
	unsigned conversations;
	unsigned host_inits; /* in all of them */
	bool left;           /* the last one ended with CardRemove and
	                      * ReaderRemove, both acknowledged */
};

/* ours: '>' if our client dialed, '<' if it was dialed. */
struct transcript transcript_check_at(const char *here, const char *list,
    char ours);

#define transcript_check(list, ours) transcript_check_at(HERE, list, ours)

#endif
