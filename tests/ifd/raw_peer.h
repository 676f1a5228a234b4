/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A peer without a mind of its own: it says what the test says, and reads when
 * the test reads. Everything that fails aborts.
 */
#ifndef TESTS_IFD_RAW_PEER_H
#define TESTS_IFD_RAW_PEER_H

#include <stddef.h>
#include <stdint.h>

#include "vscard/wire.h"

/* Connects to a TCP port on loopback, with little room to receive. */
int raw_peer_new(int port);
/* Init with these capabilities, a reader and a card in it. */
void raw_peer_card(int fd, uint32_t capabilities);
void raw_peer_add(int fd);
void raw_peer_put(int fd, enum wire_type, uint32_t reader, const void *,
    size_t len);
/* Reads up to the next message of that type. */
void raw_peer_await(int fd, enum wire_type);
/* Returns once all that was sent has reached the other end. */
void raw_peer_drain(int fd);

#endif
