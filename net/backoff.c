/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/backoff.h"

#include <sys/random.h>

#include "util/clock.h"

void
backoff_init(struct backoff *b, uint32_t seed)
{
	b->random = seed != 0 ? seed : 1;
	b->base = BACKOFF_FIRST_MS;
}

void
backoff_init_random(struct backoff *b)
{
	uint32_t seed;

	/* Nothing depends on it being secret, so the clock will do. */
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = (uint32_t)clock_now();
	backoff_init(b, seed);
}

/* Marsaglia's xorshift. */
static uint32_t
backoff_random(struct backoff *b)
{
	b->random ^= b->random << 13;
	b->random ^= b->random >> 17;
	b->random ^= b->random << 5;
	return b->random;
}

unsigned
backoff_next(struct backoff *b)
{
	unsigned base = b->base;

	b->base = base > BACKOFF_LAST_MS / 2 ? BACKOFF_LAST_MS : 2 * base;
	return base - backoff_random(b) % (base / 4 + 1);
}

void
backoff_reset(struct backoff *b)
{
	b->base = BACKOFF_FIRST_MS;
}
