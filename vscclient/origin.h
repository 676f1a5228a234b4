/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a reader comes from: the instance ids of the hosts that it has gone
 * through, none for a reader that is plugged in.
 */
#ifndef VSCCLIENT_ORIGIN_H
#define VSCCLIENT_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vscard/vscard.h"

struct origin {
	uint8_t ids[VSCARD_ORIGIN_MAX];
	size_t len;
};

/* Copies, as far as there is room. */
void origin_set(struct origin *, const uint8_t *ids, size_t len);
/* The reader has come through the host with this id. */
bool origin_has(const struct origin *, const uint8_t id[VSCARD_INSTANCE_LEN]);

#endif
