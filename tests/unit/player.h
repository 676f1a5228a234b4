/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replays a recorded conversation: one of our sessions takes one part, gets
 * the other side's bytes and must send its own, to the byte. Its program does
 * what the recording shows.
 */
#ifndef TESTS_UNIT_PLAYER_H
#define TESTS_UNIT_PLAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vscard/vscard.h"
#include "vscard/wire.h"

enum { TAPE_LINES = 128, TAPE_BYTES = 8192 };

struct tape_line {
	bool to_host;
	unsigned number; /* in the file */
	const uint8_t *bytes;
	size_t len;
	struct wire_message m;
};

struct tape {
	char name[256];
	bool for_host, for_client;
	struct tape_line lines[TAPE_LINES];
	unsigned count;
	uint8_t bytes[TAPE_BYTES];
	size_t used;
};

/* path: below the top of the source. Only lines with < and > are messages. */
void tape_load(struct tape *, const char *path);
/* What one side sends, joined. */
size_t tape_join(const struct tape *, bool to_host, uint8_t *out, size_t cap);
/*
 * Plays it as `role`; cut: 0 for whole messages, else the seed of the pieces.
 * Returns a hash of the events.
 */
uint64_t tape_play(const struct tape *, enum vscard_role, uint32_t cut);

#endif
