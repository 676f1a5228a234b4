/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads a pcapng back, block by block, knowing nothing of how it is written. */
#ifndef TESTS_BLOCKS_H
#define TESTS_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BLOCK_SECTION = 0x0a0d0d0a, BLOCK_INTERFACE = 1, BLOCK_PACKET = 6 };

struct block {
	uint32_t type;
	const uint8_t *body;
	size_t len; /* of the body, without both lengths */
};

struct block_packet {
	uint32_t interface;
	uint64_t time;
	char dissector[32];
	int direction;       /* 0 sent, 1 received, -1 none */
	const uint8_t *data; /* of the PDU */
	size_t len;
};

/*
 * The next block: true, and *p and *len move on. False at the end; whatever is
 * no block aborts, with a line on stderr.
 */
bool block_next(const uint8_t **p, size_t *len, struct block *out);
/* The packet in a block of that type; aborts if it is none. */
void block_packet(const struct block *, struct block_packet *out);
/*
 * An option's text of a section, interface or packet, cut to cap; "" if there
 * is none.
 */
const char *
block_option(const struct block *, unsigned code, char *out, size_t cap);

#endif
