/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A host that uses the card at the other end of a socket, one call after the
 * other. Each waits for its answer: not to have one in time fails the test.
 * To be called by a thread whose calls are spared (tests/unit/fault.h).
 */
#ifndef TESTS_CARD_HOST_H
#define TESTS_CARD_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/conn.h"

enum { CARD_HOST_MS = 8000 };

struct card_host {
	struct conn conn;
	unsigned reader;
	bool has_card;
	bool dead; /* the other side has closed */
	/* The last answer. */
	enum vscard_event_type answer;
	unsigned code;
	uint8_t data[300];
	size_t len;
};

/* Adopts fd. */
void card_host_init(struct card_host *, int fd);
void card_host_clear(struct card_host *);

/* Each is false if it failed, or the other side has closed. */
bool card_host_await(struct card_host *);
bool card_host_reset(struct card_host *);
bool card_host_protocol(struct card_host *);
/* The response is in data. */
bool card_host_transmit(struct card_host *, const void *command, size_t len);
/* Until the card has gone, or the other side closes. */
void card_host_await_gone(struct card_host *);
/* Until the other side closes. */
void card_host_await_end(struct card_host *);

#endif
