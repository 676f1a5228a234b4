/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A secret with a counter of tries: PIN, PUK, administrator's PIN. It is kept
 * in the store as a salted hash. A try is committed before the comparison, so
 * cutting the power gains none.
 */
#ifndef VSCARD_CARD_CORE_PIN_H
#define VSCARD_CARD_CORE_PIN_H

#include "card/core/env.h"
#include "card/iso/sw.h"

struct pin_state {
	uint8_t total; /* tries */
	uint8_t left;
	bool is_default;
};

/* Writes it anew, with all tries left, in the caller's transaction if any. */
int pin_set(struct env *, struct place, const uint8_t *value, size_t len,
    uint8_t tries, bool is_default) MUST_CHECK;
/* -ENOENT: there is none. -EBADMSG. */
int pin_get_state(struct env *, struct place, struct pin_state *out) MUST_CHECK;
/*
 * 9000 and the counter is full again; 63Cx (63C0 with the last try); 6983
 * without a comparison; 6A88 if there is none; 6581 if the try could not be
 * written down; 6F00 if the record is damaged. Not within a transaction.
 */
sw_t pin_verify(struct env *, struct place, const uint8_t *value, size_t len);
/*
 * The new value; tries are full. The old one was verified before. 6A88, 6581,
 * 6F00.
 */
sw_t pin_change(struct env *, struct place, const uint8_t *value, size_t len);

#endif
