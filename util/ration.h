/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ration of what others may cause as often as they like, lines of the log
 * above all: so many at once, and then one more every so many milliseconds.
 */
#ifndef VSCARD_UTIL_RATION_H
#define VSCARD_UTIL_RATION_H

#include <stdbool.h>
#include <stdint.h>

/* What one peer or process may have the log say, if nothing else is said. */
enum { RATION_LINES = 10, RATION_MS = 1000 };

struct ration {
	unsigned most;
	unsigned every; /* ms */
	unsigned left;
	unsigned withheld; /* since the last one that was given */
	int64_t since;     /* what it has grown from */
};

/* Both above 0. It is full. */
void ration_init(struct ration *, unsigned most, unsigned every);
/*
 * Whether there is one for now (util/clock.h); *out_withheld: how often there
 * was none, since the last one that was given.
 */
bool ration_take(struct ration *, int64_t now, unsigned *out_withheld);
/* When the next one can be taken: now, or later. */
int64_t ration_next(struct ration *, int64_t now);

#endif
