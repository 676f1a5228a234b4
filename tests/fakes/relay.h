/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A man in the middle: listens for one client, connects it to a host, passes
 * every byte on and keeps a list of the messages in both directions, so that
 * a test can wait for a message and compare what was said. When one side
 * closes, the other is closed.
 */
#ifndef TESTS_FAKES_RELAY_H
#define TESTS_FAKES_RELAY_H

#include <stddef.h>

#include "tests/fakes/script.h"

struct relay;

/*
 * Listens at once; connects to the host when a client comes, and closes if
 * there is none.
 */
struct relay *relay_new(const char *listen, const char *host);
/* Ends both connections and frees. */
void relay_free(struct relay **);

/*
 * Waits for the nth message (1, …) of this type and direction: '>' client to
 * host, '<' host to client. It has been passed on, or is about to be.
 */
void relay_wait_at(const char *here, struct relay *, char direction,
    uint32_t type, unsigned n);
/*
 * The list so far, one message a line as in "> 5 0 3B00"; payloads over 64
 * bytes are cut. Free it.
 */
char *relay_text(struct relay *);

/* The longest payload so far in that direction. */
size_t relay_longest(struct relay *, char direction);

#define relay_wait(relay, dir, type, n) relay_wait_at(HERE, relay, dir, type, n)

#endif
