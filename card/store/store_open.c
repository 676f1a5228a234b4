/* SPDX-License-Identifier: BSD-2-Clause */
/* How a store comes to be: in memory, from a file, in a new file. */
#include <stdlib.h>
#include <string.h>

#include "card/store/file.h"
#include "card/store/store_self.h"
#include "card/store/why.h"

enum { PASSPHRASE_MAX = 4096 };

static struct store *
store_new(unsigned cost)
{
	struct store *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	set_init(&s->set);
	lock_init(&s->lock);
	s->cost = cost;
	return s;
}

void
store_free(struct store *s)
{
	if (s == NULL)
		return;
	db_close(&s->db);
	set_clear(&s->set);
	lock_clear(&s->lock);
	secret_wipe(s, sizeof(*s));
	free(s);
}

/* --- a new one ----------------------------------------------------------------- */

static int
put_slot(struct store *s, const uint8_t *file_key, const char *passphrase)
{
	uint8_t slot[KEYSLOT_MAX];
	size_t len = 0;
	int rc = keyslot_make(file_key, passphrase, s->cost, slot, &len);

	if (rc == 0)
		rc = store_put_sealed(s, STORE_SLOT, slot, len);
	secret_wipe(slot, sizeof(slot));
	return rc;
}

/* The rows that every file has. */
static int
format(struct store *s, const uint8_t *file_key, const char *passphrase)
{
	int rc = store_begin(s);

	if (rc < 0)
		return rc;
	rc = put_slot(s, file_key, passphrase);
	if (rc == 0)
		rc = store_commit(s);
	else
		store_rollback(s);
	s->has_passphrase = passphrase != NULL;
	return rc;
}

static int
new_memory(const char *passphrase, unsigned cost, struct store **out)
{
	uint8_t file_key[KEYSLOT_KEY];
	struct store *s = store_new(cost);
	int rc;

	if (s == NULL)
		return -ENOMEM;
	rc = secret_random(file_key, sizeof(file_key));
	if (rc == 0)
		rc = store_take_key(s, file_key);
	if (rc == 0)
		rc = db_open_memory(&s->db);
	if (rc == 0)
		rc = format(s, file_key, passphrase);
	secret_wipe(file_key, sizeof(file_key));
	if (rc < 0)
		store_free(s);
	else
		*out = s;
	return rc;
}

int
store_new_memory(struct store **out)
{
	return new_memory(NULL, 0, out);
}

bool
store_has_passphrase(const struct store *s)
{
	return s->has_passphrase;
}
