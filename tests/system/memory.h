/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What another process has in its memory: secrets are looked for in pieces, as
 * they are and with their bytes in the opposite order, which is how big numbers
 * lie in memory.
 */
#ifndef TESTS_SYSTEM_MEMORY_H
#define TESTS_SYSTEM_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { MEMORY_PIECE = 16, MEMORY_PIECES_MAX = 4096, MEMORY_FOUND_MAX = 2048 };

struct memory_piece {
	const char *name;
	uint8_t bytes[MEMORY_PIECE];
	size_t len;
	int next; /* one with the same two bytes in front, or -1 */
};

struct memory {
	struct memory_piece pieces[MEMORY_PIECES_MAX];
	int first[65536]; /* by two bytes */
	size_t count;
	char found[MEMORY_FOUND_MAX];
};

void memory_init(struct memory *);
/*
 * Every piece of it; name is borrowed. At least 8 bytes. A value that is no
 * secret, as all zeros, would be found everywhere.
 */
void
memory_add(struct memory *, const char *name, const void *secret, size_t len);
/*
 * Looks through all that the process can write to: "" or a line for each
 * secret and mapping, lent until the next call. The process must be stopped
 * in its work, and the caller allowed to trace it, dumpable or not; see
 * memory_enter.
 */
const char *memory_find(struct memory *, pid_t);
/*
 * Makes the caller root of a user namespace of its own. Processes that it
 * starts from now on it may look into, whoever it was outside.
 */
void memory_enter(void);

#endif
