/* SPDX-License-Identifier: BSD-2-Clause */
/* How a store comes to be: in memory, from a file, in a new file. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "card/store/file.h"
#include "card/store/store_self.h"
#include "card/store/why.h"

enum { PASSPHRASE_MAX = 4096 };

static const struct store_options no_options = {.vfs = NULL};

static struct store *
store_new(const struct store_options *options)
{
	struct store *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	set_init(&s->set);
	lock_init(&s->lock);
	s->cost = options->cost;
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

/* --- in memory ------------------------------------------------------------------ */

/* The rows that every file has. */
static int
format(struct store *s, const uint8_t *file_key, const char *passphrase)
{
	int rc = store_begin(s);

	if (rc < 0)
		return rc;
	rc = store_put_slot(s, file_key, passphrase);
	if (rc == 0)
		return store_commit(s);
	store_rollback(s);
	return rc;
}

static int
new_memory(const struct store_options *options, const char *passphrase,
    struct store **out)
{
	uint8_t file_key[KEYSLOT_KEY];
	struct store *s = store_new(options);
	int rc;

	if (s == NULL)
		return -ENOMEM;
	rc = secret_random(file_key, sizeof(file_key));
	if (rc == 0)
		rc = store_keys_set(&s->keys, file_key);
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
	return new_memory(&no_options, NULL, out);
}

/* --- opening -------------------------------------------------------------------- */

/* What opening needs to know, and whom to tell. */
struct opening {
	const char *path;
	const struct store_options *options;
	const struct store *known; /* has the file's keys, or NULL */
	struct store_why *why;
};

static int
say_db(const struct opening *o, int rc, uint32_t version)
{
	switch (rc) {
	case -ENOTSUP:
		return why_set(o->why, rc,
		    "%s: made by a newer vscard "
		    "(format %u, this one knows %d)",
		    o->path, version, DB_VERSION);
	case -EBADMSG:
		return why_set(
		    o->why, rc, "%s: not a key file, or damaged", o->path);
	case -EBUSY:
		return why_set(
		    o->why, rc, "%s: open in another program", o->path);
	default:
		return why_set(o->why, rc, "%s: %s", o->path, err_text(rc));
	}
}

static int
say_altered(const struct opening *o, int rc)
{
	if (rc != -EBADMSG)
		return why_set(o->why, rc, "%s: %s", o->path, err_text(rc));
	return why_set(o->why, rc,
	    "%s: damaged, or altered by somebody else; "
	    "not used",
	    o->path);
}

static int
ask(const struct opening *o, const uint8_t *slot, size_t len, uint8_t *out_key)
{
	struct buf phrase;
	int rc;

	if (o->options->passphrase == NULL)
		return why_set(o->why, -EACCES,
		    "%s: has a passphrase, and nobody can be asked for it",
		    o->path);
	buf_init(&phrase, PASSPHRASE_MAX);
	rc = o->options->passphrase(o->options->ctx, &phrase);
	if (rc < 0)
		why_set(
		    o->why, rc, "%s: no passphrase: %s", o->path, err_text(rc));
	if (rc == 0) {
		rc = keyslot_open(
		    slot, len, buf_get(&phrase), buf_len(&phrase), out_key);
		why_set(o->why, rc, "%s: %s", o->path,
		    rc == -EACCES ? "wrong passphrase" : err_text(rc));
	}
	buf_clear(&phrase);
	return rc;
}

/* What SQLite read is given back when all of the file was. */
static int
unlock(struct store *s, const struct opening *o)
{
	uint8_t file_key[KEYSLOT_KEY];
	const uint8_t *slot = NULL;
	size_t len = 0;
	int rc = db_get(&s->db, STORE_SLOT, &slot, &len);

	if (rc == 0)
		rc = keyslot_check(slot, len, &s->has_passphrase);
	if (rc < 0)
		return say_altered(o, rc == -ENOENT ? -EBADMSG : rc);
	if (o->known != NULL) {
		s->keys = o->known->keys;
		return 0;
	}
	if (s->has_passphrase)
		rc = ask(o, slot, len, file_key);
	else
		rc = keyslot_open(slot, len, NULL, 0, file_key);
	if (rc == 0)
		rc = store_keys_set(&s->keys, file_key);
	secret_wipe(file_key, sizeof(file_key));
	return rc;
}

static int
load_row(void *ctx, uint64_t key, const uint8_t *sealed, size_t len)
{
	struct store *s = ctx;
	uint8_t tag[SET_TAG];
	int rc;

	if (key == STORE_MANIFEST)
		return 0;
	if (s->set.now.count > STORE_COUNT_MAX)
		return -EBADMSG;
	rc = store_tag(s, key, sealed, len, tag);
	return rc == 0 ? set_put(&s->set, key, tag) : rc;
}

static int
load(struct store *s, const struct opening *o)
{
	int rc = unlock(s, o);

	if (rc < 0)
		return rc;
	rc = db_scan(&s->db, load_row, s);
	if (rc == 0)
		rc = store_check_manifest(s);
	db_settle(&s->db);
	return say_altered(o, rc);
}

/* s has the lock. */
static int
open_locked(struct store *s, const struct opening *o)
{
	uint32_t version = 0;
	int rc = file_check(o->path, o->why);

	if (rc < 0)
		return rc;
	rc = db_open(&s->db, o->path, o->options->vfs, &version);
	return rc < 0 ? say_db(o, rc, version) : load(s, o);
}

int
store_open(const char *path, const struct store_options *options,
    struct store **out, struct store_why *out_why)
{
	struct opening o = {
	    .options = options != NULL ? options : &no_options, .why = out_why};
	struct store *s = store_new(o.options);
	char *name = NULL;
	int rc;

	if (s == NULL)
		return why_set(out_why, -ENOMEM, "%s: no memory", path);
	rc = file_name(path, &name, out_why);
	o.path = name;
	/* Before there is a lock file beside nothing. */
	if (rc == 0)
		rc = file_check(name, out_why);
	if (rc == 0)
		rc = lock_take(&s->lock, name, out_why);
	if (rc == 0)
		rc = open_locked(s, &o);
	free(name);
	if (rc < 0)
		store_free(s);
	else
		*out = s;
	return rc;
}

/* --- making ---------------------------------------------------------------------- */

static int
copy_to(
    struct store *s, const char *name, bool replace, struct store_why *out_why)
{
	uint8_t *bytes = NULL;
	size_t len = 0;
	int rc;

	if (s->broken < 0 || s->set.marked)
		return why_set(out_why, s->broken < 0 ? s->broken : -EINVAL,
		    "%s: not now", name);
	rc = db_copy(&s->db, &bytes, &len);
	if (rc < 0)
		why_set(out_why, rc, "%s: %s", name, err_text(rc));
	else
		rc = file_make(name, bytes, len, replace, out_why);
	sqlite3_free(bytes);
	return rc;
}

/*
 * With the lock of the name. A journal that has outlived its file would be
 * played into the one that has its name next.
 */
static int
copy_to_new(struct store *s, const char *name, struct store_why *out_why)
{
	int rc = file_check_new(name, out_why);

	if (rc == 0)
		rc = file_check_no_log(name, out_why);
	if (rc == 0)
		rc = file_drop_journal(name, out_why);
	return rc == 0 ? copy_to(s, name, false, out_why) : rc;
}

/* The file is first made in memory: it is there whole, or not at all. */
static int
make_locked(struct store *s, struct opening *o, const char *passphrase)
{
	struct store *model = NULL;
	int rc = new_memory(o->options, passphrase, &model);

	if (rc < 0)
		return why_set(o->why, rc, "%s: %s", o->path, err_text(rc));
	rc = copy_to_new(model, o->path, o->why);
	o->known = model;
	if (rc == 0) {
		rc = open_locked(s, o);
		if (rc < 0)
			(void)unlink(o->path);
	}
	store_free(model);
	return rc;
}

int
store_create(const char *path, const struct store_options *options,
    const char *passphrase, struct store **out, struct store_why *out_why)
{
	struct opening o = {
	    .options = options != NULL ? options : &no_options, .why = out_why};
	struct store *s = store_new(o.options);
	char *name = NULL;
	int rc;

	if (s == NULL)
		return why_set(out_why, -ENOMEM, "%s: no memory", path);
	rc = file_name(path, &name, out_why);
	o.path = name;
	if (rc == 0)
		rc = lock_take(&s->lock, name, out_why);
	if (rc == 0)
		rc = make_locked(s, &o, passphrase);
	free(name);
	if (rc < 0)
		store_free(s);
	else
		*out = s;
	return rc;
}

int
store_backup(struct store *s, const char *path, struct store_why *out_why)
{
	struct lock lock;
	char *name = NULL;
	int rc;

	lock_init(&lock);
	rc = file_name(path, &name, out_why);
	/* What is there is there, whoever has it. */
	if (rc == 0)
		rc = file_check_new(name, out_why);
	if (rc == 0)
		rc = lock_take(&lock, name, out_why);
	if (rc == 0)
		rc = copy_to_new(s, name, out_why);
	lock_clear(&lock);
	free(name);
	return rc;
}

/*
 * What a crash has left in the old one's journal must not be taken for the new
 * one's: SQLite mends the old one, and one that it cannot mend needs none.
 */
static int
drop_journal(const char *name, struct store_why *out_why)
{
	struct db db;
	uint32_t version;
	int rc = file_check_journal(name, out_why);

	if (rc < 0)
		return rc;
	rc = db_open(&db, name, NULL, &version);
	if (rc == -EBUSY)
		return why_set(
		    out_why, rc, "%s: open in another program", name);
	if (rc == 0)
		db_close(&db);
	return file_drop_journal(name, out_why);
}

int
store_replace(struct store *s, const char *path, struct store_why *out_why)
{
	struct lock lock;
	char *name = NULL;
	int rc;

	lock_init(&lock);
	rc = file_name(path, &name, out_why);
	if (rc == 0)
		rc = lock_take(&lock, name, out_why);
	if (rc == 0)
		rc = drop_journal(name, out_why);
	if (rc == 0)
		rc = copy_to(s, name, true, out_why);
	lock_clear(&lock);
	free(name);
	return rc;
}
