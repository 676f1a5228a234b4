/* SPDX-License-Identifier: BSD-2-Clause */
/* Who can open a file, and everything sealed anew when that changes. */
#include <string.h>

#include "card/store/store_self.h"

bool
store_has_passphrase(const struct store *s)
{
	return s->has_passphrase;
}

int
store_put_slot(struct store *s, const uint8_t *file_key, const char *passphrase)
{
	uint8_t slot[KEYSLOT_MAX];
	size_t len = 0;
	int rc = keyslot_make(file_key, passphrase, s->cost, slot, &len);

	if (rc == 0)
		rc = store_put_sealed(s, STORE_SLOT, slot, len);
	if (rc == 0)
		s->has_passphrase = passphrase != NULL;
	secret_wipe(slot, sizeof(slot));
	return rc;
}

/* Reads with the keys that the transaction began with. */
static int
reseal(struct store *s, uint64_t key, const struct store_keys *new_keys)
{
	struct buf plain;
	int rc;

	buf_init(&plain, STORE_RECORD_MAX);
	s->keys = s->keys_before;
	rc = store_read(s, key, &plain);
	s->keys = *new_keys;
	if (rc == 0)
		rc = store_seal(s, key, buf_get(&plain), buf_len(&plain));
	buf_clear(&plain);
	return rc;
}

static int
reseal_all(struct store *s, const struct store_keys *new_keys)
{
	const struct set_item *item;
	uint64_t key = STORE_FIRST;
	int rc = 0;

	while (rc == 0 && (item = set_get_from(&s->set, key)) != NULL) {
		key = item->key;
		rc = reseal(s, key, new_keys);
		key++;
	}
	return rc;
}

/*
 * With a new file key: who had the old one, or the old passphrase and an older
 * copy, reads nothing that comes from now on.
 */
int
store_set_passphrase(struct store *s, const char *passphrase)
{
	uint8_t file_key[KEYSLOT_KEY];
	struct store_keys new_keys;
	bool had = s->has_passphrase;
	int rc = store_begin(s);

	if (rc < 0)
		return rc;
	rc = secret_random(file_key, sizeof(file_key));
	if (rc == 0)
		rc = store_keys_set(&new_keys, file_key);
	if (rc == 0)
		rc = reseal_all(s, &new_keys);
	if (rc == 0) {
		s->keys = new_keys;
		rc = store_put_slot(s, file_key, passphrase);
	}
	if (rc == 0) {
		rc = store_commit(s);
	} else {
		s->failed = rc;
		store_rollback(s);
	}
	if (rc < 0)
		s->has_passphrase = had;
	secret_wipe(file_key, sizeof(file_key));
	secret_wipe(&new_keys, sizeof(new_keys));
	return rc;
}
