/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/store/set.h"

#include <stdlib.h>
#include <string.h>

enum { SET_FIRST = 16 };

void
set_init(struct set *s)
{
	memset(s, 0, sizeof(*s));
}

void
set_clear(struct set *s)
{
	free(s->now.items);
	free(s->before.items);
	set_init(s);
}

/* Where the key is, or has to be. */
static size_t
set_index(const struct set *s, uint64_t key)
{
	size_t low = 0, high = s->now.count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->now.items[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct set_item *
set_get_from(const struct set *s, uint64_t key)
{
	size_t i = set_index(s, key);

	return i < s->now.count ? &s->now.items[i] : NULL;
}

const struct set_item *
set_get(const struct set *s, uint64_t key)
{
	const struct set_item *item = set_get_from(s, key);

	return item != NULL && item->key == key ? item : NULL;
}

/* A tag enters the sum as it leaves it. */
static void
set_add(struct set *s, const uint8_t *tag)
{
	for (unsigned i = 0; i < SET_TAG; i++)
		s->now.sum[i] ^= tag[i];
}

static int
set_grow(struct set *s)
{
	size_t room = s->now.room == 0 ? SET_FIRST : s->now.room * 2;
	struct set_item *items;

	if (s->now.count < s->now.room)
		return 0;
	items = realloc(s->now.items, room * sizeof(*items));
	if (items == NULL)
		return -ENOMEM;
	s->now.items = items;
	s->now.room = room;
	return 0;
}

int
set_put(struct set *s, uint64_t key, const uint8_t *tag)
{
	size_t i = set_index(s, key);
	bool is_new = i == s->now.count || s->now.items[i].key != key;
	int rc = is_new ? set_grow(s) : 0;
	struct set_item *item;

	if (rc < 0)
		return rc;
	item = &s->now.items[i];
	if (is_new) {
		memmove(item + 1, item, (s->now.count - i) * sizeof(*item));
		s->now.count++;
		item->key = key;
	} else {
		set_add(s, item->tag);
	}
	memcpy(item->tag, tag, SET_TAG);
	set_add(s, tag);
	return 0;
}

void
set_remove(struct set *s, uint64_t key)
{
	size_t i = set_index(s, key);
	struct set_item *item;

	if (set_get(s, key) == NULL)
		return;
	item = &s->now.items[i];
	set_add(s, item->tag);
	s->now.count--;
	memmove(item, item + 1, (s->now.count - i) * sizeof(*item));
}

int
set_mark(struct set *s)
{
	s->before = s->now;
	s->before.items = malloc(s->now.room * sizeof(*s->now.items) + 1);
	if (s->before.items == NULL)
		return -ENOMEM;
	if (s->now.count > 0)
		memcpy(s->before.items, s->now.items,
		    s->now.count * sizeof(*s->now.items));
	s->marked = true;
	return 0;
}

void
set_keep(struct set *s)
{
	free(s->before.items);
	s->before.items = NULL;
	s->marked = false;
}

void
set_restore(struct set *s)
{
	struct set_state now = s->now;

	s->now = s->before;
	s->before = now;
	set_keep(s);
}
