/* SPDX-License-Identifier: BSD-2-Clause */
/* How long to wait before the next try: 0.2 s, doubling to 30 s, scattered. */
#ifndef VSCARD_NET_BACKOFF_H
#define VSCARD_NET_BACKOFF_H

#include <stdint.h>

enum { BACKOFF_FIRST_MS = 200, BACKOFF_LAST_MS = 30000 };

struct backoff {
	uint32_t random; /* state of a small generator, never 0 */
	unsigned base;   /* ms; the next wait, before it is scattered */
};

/* seed: any value; the same seed gives the same waits. */
void backoff_init(struct backoff *, uint32_t seed);
/* Seeded by the kernel, so that many clients of one host scatter. */
void backoff_init_random(struct backoff *);
/* The wait before the next try, in ms: three quarters of the base or more. */
unsigned backoff_next(struct backoff *);
/* A try went well: the next wait is the first one again. */
void backoff_reset(struct backoff *);

#endif
