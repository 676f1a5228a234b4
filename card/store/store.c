/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/store/store.h"

#include <stdlib.h>
#include <string.h>

#include "card/crypto/secret.h"
#include "card/store/store_self.h"
#include "util/bytes.h"

enum { PLACE_BYTES = 8, MANIFEST = SET_TAG + 4 };

/* Application 0 is the store's own. */
static bool
place_is_sound(struct place place)
{
	return place.app != 0;
}

static uint64_t
place_key(struct place place)
{
	return (uint64_t)place.app << 40 | (uint64_t)place.kind << 32 |
	       place.id;
}

static struct place
place_of(uint64_t key)
{
	return (struct place){.app = (uint8_t)(key >> 40),
	    .kind = (uint8_t)(key >> 32),
	    .id = (uint32_t)key};
}

static void
key_bytes(uint64_t key, uint8_t *out)
{
	struct wr w;

	wr_init(&w, out, PLACE_BYTES);
	wr_be32(&w, key >> 32);
	wr_be32(&w, key & UINT32_MAX);
}

/* --- keys ------------------------------------------------------------------ */

static int
derive(const uint8_t *file_key, const char *use, uint8_t *out)
{
	return secret_hmac_sha256(file_key, KEYSLOT_KEY, use, strlen(use), out);
}

int
store_keys_set(struct store_keys *keys, const uint8_t *file_key)
{
	int rc = derive(file_key, "vscard key file: records", keys->seal);

	return rc == 0 ? derive(file_key, "vscard key file: set", keys->set)
		       : rc;
}

/* --- tags and the manifest ---------------------------------------------------- */

int
store_tag(const struct store *s, uint64_t key, const uint8_t *sealed,
    size_t len, uint8_t *out)
{
	uint8_t text[PLACE_BYTES + SECRET_SHA256];
	int rc;

	key_bytes(key, text);
	rc = secret_sha256(sealed, len, text + PLACE_BYTES);
	if (rc == 0)
		rc = secret_hmac_sha256(
		    s->keys.set, sizeof(s->keys.set), text, sizeof(text), out);
	return rc;
}

/* What the set is now, as the manifest has it. */
static void
manifest_bytes(const struct store *s, uint8_t *out)
{
	struct wr w;

	wr_init(&w, out, MANIFEST);
	wr_bytes(&w, s->set.now.sum, SET_TAG);
	wr_be32(&w, s->set.now.count);
}

static int
manifest_write(struct store *s)
{
	uint8_t sealed[MANIFEST + SECRET_SEAL_EXTRA], plain[MANIFEST];
	uint8_t place[PLACE_BYTES];
	int rc;

	manifest_bytes(s, plain);
	key_bytes(STORE_MANIFEST, place);
	rc = secret_seal(
	    s->keys.seal, place, sizeof(place), plain, sizeof(plain), sealed);
	return rc == 0 ? db_put(&s->db, STORE_MANIFEST, sealed, sizeof(sealed))
		       : rc;
}

int
store_check_manifest(struct store *s)
{
	uint8_t found[MANIFEST], wanted[MANIFEST], place[PLACE_BYTES];
	const uint8_t *sealed = NULL;
	size_t len = 0;
	int rc;

	manifest_bytes(s, wanted);
	key_bytes(STORE_MANIFEST, place);
	rc = db_get(&s->db, STORE_MANIFEST, &sealed, &len);
	if (rc == -ENOENT || (rc == 0 && len != MANIFEST + SECRET_SEAL_EXTRA))
		rc = -EBADMSG;
	if (rc == 0)
		rc = secret_open(
		    s->keys.seal, place, sizeof(place), sealed, len, found);
	if (rc == 0 && !secret_is_equal(found, wanted, sizeof(found)))
		rc = -EBADMSG;
	return rc;
}

/* --- transactions ------------------------------------------------------------------ */

int
store_scrub(void)
{
	return db_scrub();
}

int
store_begin(struct store *s)
{
	int rc;

	if (s->broken < 0)
		return s->broken;
	if (s->set.marked)
		return -EINVAL;
	rc = set_mark(&s->set);
	if (rc < 0)
		return rc;
	rc = db_begin(&s->db);
	if (rc < 0)
		set_keep(&s->set);
	s->failed = 0;
	s->keys_before = s->keys;
	return rc;
}

/*
 * Whether the disk did what it said it did not cannot be known from what it
 * said. If the old state is not there, nothing is done any more.
 */
void
store_rollback(struct store *s)
{
	if (!s->set.marked)
		return;
	db_rollback(&s->db);
	set_restore(&s->set);
	s->keys = s->keys_before;
	if (s->failed < 0 && store_check_manifest(s) < 0)
		s->broken = -EIO;
	db_settle(&s->db);
}

int
store_commit(struct store *s)
{
	if (!s->set.marked)
		return -EINVAL;
	if (s->failed == 0)
		s->failed = manifest_write(s);
	if (s->failed == 0)
		s->failed = db_commit(&s->db);
	if (s->failed < 0) {
		store_rollback(s);
		return s->failed;
	}
	set_keep(&s->set);
	db_settle(&s->db);
	return 0;
}

/* A change of its own, or a part of the caller's transaction. */
static int
change_begin(struct store *s, bool *out_own)
{
	if (s->broken < 0)
		return s->broken;
	*out_own = !s->set.marked;
	return *out_own ? store_begin(s) : s->failed;
}

/* A change that failed half-way spoils the transaction that it is in. */
static int
change_end(struct store *s, bool own, int rc)
{
	if (rc < 0)
		s->failed = rc;
	if (!own)
		return rc;
	if (rc == 0)
		return store_commit(s);
	store_rollback(s);
	return rc;
}

/* --- records -------------------------------------------------------------------------- */

/*
 * -ENOENT only if there ought to be none; what is there is compared with what
 * was there when the file was opened.
 */
static int
read_sealed(struct store *s, uint64_t key, const uint8_t **out, size_t *out_len)
{
	const struct set_item *item = set_get(&s->set, key);
	uint8_t tag[SET_TAG];
	int rc;

	if (s->broken < 0)
		return s->broken;
	if (item == NULL)
		return -ENOENT;
	rc = db_get(&s->db, key, out, out_len);
	if (rc < 0)
		return rc == -ENOENT ? -EBADMSG : rc;
	rc = store_tag(s, key, *out, *out_len, tag);
	if (rc == 0 && !secret_is_equal(tag, item->tag, sizeof(tag)))
		rc = -EBADMSG;
	return rc;
}

static int
unseal(struct store *s, uint64_t key, const uint8_t *sealed, size_t len,
    struct buf *out)
{
	uint8_t place[PLACE_BYTES], *room;
	size_t plain, got;
	int rc;

	if (len < SECRET_SEAL_EXTRA)
		return -EBADMSG;
	plain = len - SECRET_SEAL_EXTRA;
	key_bytes(key, place);
	buf_drop(out, buf_len(out));
	/* A byte more, because no room for nothing is not lent. */
	rc = buf_space(out, plain > 0 ? plain : 1, &room, &got);
	if (rc == 0)
		rc = secret_open(
		    s->keys.seal, place, sizeof(place), sealed, len, room);
	if (rc == 0)
		buf_filled(out, plain);
	return rc;
}

int
store_read(struct store *s, uint64_t key, struct buf *out)
{
	const uint8_t *sealed = NULL;
	size_t len = 0;
	int rc = read_sealed(s, key, &sealed, &len);

	if (rc == 0)
		rc = unseal(s, key, sealed, len, out);
	db_settle(&s->db);
	return rc;
}

int
store_get(struct store *s, struct place place, struct buf *out)
{
	return place_is_sound(place) ? store_read(s, place_key(place), out)
				     : -EINVAL;
}

int
store_put_sealed(
    struct store *s, uint64_t key, const uint8_t *sealed, size_t len)
{
	uint8_t tag[SET_TAG];
	int rc = 0;

	if (set_get(&s->set, key) == NULL && s->set.now.count > STORE_COUNT_MAX)
		rc = -ENOSPC;
	if (rc == 0)
		rc = store_tag(s, key, sealed, len, tag);
	if (rc == 0)
		rc = db_put(&s->db, key, sealed, len);
	return rc == 0 ? set_put(&s->set, key, tag) : rc;
}

int
store_seal(struct store *s, uint64_t key, const void *bytes, size_t len)
{
	size_t sealed_len = len + SECRET_SEAL_EXTRA;
	uint8_t place[PLACE_BYTES], *sealed = malloc(sealed_len);
	int rc;

	if (sealed == NULL)
		return -ENOMEM;
	key_bytes(key, place);
	rc =
	    secret_seal(s->keys.seal, place, sizeof(place), bytes, len, sealed);
	if (rc == 0)
		rc = store_put_sealed(s, key, sealed, sealed_len);
	free(sealed);
	return rc;
}

int
store_put(struct store *s, struct place place, const void *bytes, size_t len)
{
	bool own;
	int rc;

	if (!place_is_sound(place))
		return -EINVAL;
	if (len > STORE_RECORD_MAX)
		return -EMSGSIZE;
	rc = change_begin(s, &own);
	if (rc < 0)
		return rc;
	return change_end(s, own, store_seal(s, place_key(place), bytes, len));
}

static int
delete_key(struct store *s, uint64_t key)
{
	int rc = db_delete(&s->db, key);

	if (rc == 0)
		set_remove(&s->set, key);
	return rc;
}

int
store_delete(struct store *s, struct place place)
{
	bool own;
	int rc;

	if (!place_is_sound(place))
		return -EINVAL;
	if (s->broken == 0 && set_get(&s->set, place_key(place)) == NULL)
		return -ENOENT;
	rc = change_begin(s, &own);
	if (rc < 0)
		return rc;
	return change_end(s, own, delete_key(s, place_key(place)));
}

int
store_delete_app(struct store *s, uint8_t app)
{
	uint64_t from = place_key((struct place){.app = app});
	const struct set_item *item;
	bool own;
	int rc;

	if (app == 0)
		return -EINVAL;
	rc = change_begin(s, &own);
	if (rc < 0)
		return rc;
	while (rc == 0 && (item = set_get_from(&s->set, from)) != NULL &&
	       place_of(item->key).app == app)
		rc = delete_key(s, item->key);
	return change_end(s, own, rc);
}

int
store_next(struct store *s, struct place *inout, bool first)
{
	struct place from = *inout, found;
	const struct set_item *item;

	if (s->broken < 0)
		return s->broken;
	if (!place_is_sound(from))
		return -EINVAL;
	if (first)
		from.id = 0;
	item = set_get_from(&s->set, place_key(from) + (first ? 0 : 1));
	if (item == NULL)
		return 0;
	found = place_of(item->key);
	if (found.app != from.app || found.kind != from.kind)
		return 0;
	*inout = found;
	return 1;
}
