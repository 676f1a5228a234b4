/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which records there are, in memory: a tag of each and the sum of all tags. A
 * record that is not in the set, or has another tag, was not written by us. A
 * tag is a keyed hash, so nobody else can make records whose sum is the same.
 */
#ifndef VSCARD_CARD_STORE_SET_H
#define VSCARD_CARD_STORE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

enum { SET_TAG = 32 };

struct set_item {
	uint64_t key;
	uint8_t tag[SET_TAG];
};

struct set_state {
	struct set_item *items; /* in the order of their keys */
	size_t count;
	size_t room;
	uint8_t sum[SET_TAG];
};

struct set {
	struct set_state now;
	struct set_state before; /* if marked */
	bool marked;
};

void set_init(struct set *);
void set_clear(struct set *);
/* NULL: it is not there. Lent until the next change. */
const struct set_item *set_get(const struct set *, uint64_t key);
/* The first with this key or a greater one; NULL at the end. */
const struct set_item *set_get_from(const struct set *, uint64_t key);
/* Enters it, or replaces its tag. -ENOMEM: nothing changed. */
int set_put(struct set *, uint64_t key, const uint8_t *tag) MUST_CHECK;
/* Nothing happens if it is not there. */
void set_remove(struct set *, uint64_t key);
/* Remembers the state; then exactly one of the two follows. -ENOMEM. */
int set_mark(struct set *) MUST_CHECK;
void set_keep(struct set *);
void set_restore(struct set *);

#endif
