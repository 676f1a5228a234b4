/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/keyfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "card/core/identity.h"
#include "card/crypto/secret.h"
#include "card/registry.h"
#include "util/clock.h"
#include "util/guard.h"

/* --- what a card gets from the system ----------------------------------- */

static int
system_random(void *ctx, void *out, size_t len)
{
	(void)ctx;
	return secret_random(out, len);
}

static int64_t
system_now(void *ctx)
{
	(void)ctx;
	return clock_now();
}

static int64_t
system_wall(void *ctx)
{
	(void)ctx;
	return (int64_t)time(NULL);
}

static int
system_touch(void *ctx, const char *what)
{
	const struct keyfile_setup *setup = ctx;

	return setup->touch != NULL ? setup->touch(setup->ctx, what) : 1;
}

static const struct env_ops system_ops = {
    .random = system_random,
    .now = system_now,
    .wall = system_wall,
    .touch = system_touch,
};

int
keyfile_guard(void)
{
	int rc = guard_memory();

	if (rc == 0)
		rc = secret_scrub();
	return rc == 0 ? store_scrub() : rc;
}

/* --- life --------------------------------------------------------------- */

static struct keyfile *
keyfile_alloc(const struct keyfile_setup *setup)
{
	struct keyfile *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	k->setup = *setup;
	k->env.ops = &system_ops;
	k->env.ctx = &k->setup;
	return k;
}

/* Over what the store has; name NULL: leave it, if it is a card already. */
static int
keyfile_make_card(struct keyfile *k, const char *name)
{
	struct identity id;
	int rc = -ENOENT;

	k->env.store = k->store;
	if (name == NULL)
		rc = identity_get(&k->env, &id);
	if (rc == -ENOENT)
		rc = registry_format(&k->env, name != NULL ? name : "");
	return rc < 0 ? rc : registry_card(&k->env, &k->card);
}

/* The store has said why, where it is at fault. */
static int
keyfile_say(struct store_why *why, const char *path, int rc)
{
	snprintf(why->text, sizeof(why->text), "%s: %s", path,
	    rc == -EBADMSG ? "the card's records are damaged" : err_text(rc));
	return rc;
}

int
keyfile_open(const char *path, const struct keyfile_setup *setup,
    struct keyfile **out, struct store_why *out_why)
{
	struct keyfile *k = keyfile_alloc(setup);
	struct store_options options = {
	    .passphrase = setup->passphrase, .ctx = setup->ctx};
	int rc;

	if (k == NULL)
		return keyfile_say(out_why, path, -ENOMEM);
	rc = store_open(path, &options, &k->store, out_why);
	if (rc == 0) {
		rc = keyfile_make_card(k, NULL);
		if (rc < 0)
			keyfile_say(out_why, path, rc);
	}
	if (rc < 0)
		keyfile_free(k);
	else
		*out = k;
	return rc;
}

int
keyfile_create(const char *path, const struct keyfile_setup *setup,
    const char *passphrase, const char *name, struct keyfile **out,
    struct store_why *out_why)
{
	struct keyfile *k = keyfile_alloc(setup);
	const struct store_options options = {.passphrase = NULL};
	int rc;

	if (k == NULL)
		return keyfile_say(out_why, path, -ENOMEM);
	rc = store_create(path, &options, passphrase, &k->store, out_why);
	if (rc == 0) {
		rc = keyfile_make_card(k, name);
		if (rc < 0) {
			keyfile_say(out_why, path, rc);
			(void)unlink(path);
		}
	}
	if (rc < 0)
		keyfile_free(k);
	else
		*out = k;
	return rc;
}

int
keyfile_new(
    const struct keyfile_setup *setup, const char *name, struct keyfile **out)
{
	struct keyfile *k = keyfile_alloc(setup);
	int rc;

	if (k == NULL)
		return -ENOMEM;
	rc = store_new_memory(&k->store);
	if (rc == 0)
		rc = keyfile_make_card(k, name);
	if (rc < 0)
		keyfile_free(k);
	else
		*out = k;
	return rc;
}

int
keyfile_format(struct keyfile *k)
{
	struct identity id;
	int rc;

	rc = identity_get(&k->env, &id);
	if (rc < 0)
		return rc;
	card_free(k->card);
	k->card = NULL;
	rc = registry_format(&k->env, id.name);
	return rc < 0 ? rc : registry_card(&k->env, &k->card);
}

void
keyfile_free(struct keyfile *k)
{
	if (k == NULL)
		return;
	card_free(k->card);
	store_free(k->store);
	free(k);
}
