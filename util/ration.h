/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ration of log lines for what others may cause as often as they like: ten
 * in ten seconds.
 */
#ifndef VSCARD_UTIL_RATION_H
#define VSCARD_UTIL_RATION_H

#include <stdbool.h>
#include <stdint.h>

enum { RATION_LINES = 10, RATION_MS = 10000 };

/* Zeros to begin with. */
struct ration {
	int64_t until; /* when the next ration comes */
	unsigned left;
	unsigned withheld; /* lines since the last one that was said */
};

/*
 * Whether a line may be said at that time (util/clock.h); *out_withheld: how
 * many were not, since the last one.
 */
bool ration_take(struct ration *, int64_t now, unsigned *out_withheld);

#endif
