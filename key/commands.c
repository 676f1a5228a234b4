/* SPDX-License-Identifier: BSD-2-Clause */
#include "key/commands.h"

#include <stdio.h>
#include <unistd.h>

#include "card/core/identity.h"
#include "key/info.h"
#include "key/inventory.h"
#include "key/open.h"
#include "util/log.h"

/* --- create ------------------------------------------------------------- */

static enum status
create(const struct options *o, const char *passphrase)
{
	const struct keyfile_setup setup = {.passphrase = NULL};
	struct keyfile *key;
	struct identity id;
	struct store_why why = {""};
	int rc;

	rc = keyfile_create(o->file, &setup, passphrase, o->name, &key, &why);
	if (rc < 0)
		return status_why(rc, &why);
	rc = identity_get(&key->env, &id);
	/* Or the next try would find it in the way. */
	if (rc < 0)
		(void)unlink(o->file);
	keyfile_free(key);
	if (rc < 0)
		return status_say(o->file, rc);
	if (printf("%s: serial number %u\n", o->file, (unsigned)id.serial) <
		0 ||
	    fflush(stdout) == EOF)
		return status_say("standard output", -EIO);
	return STATUS_OK;
}

static bool
is_given(const struct options_source *source)
{
	return source->file != NULL || source->fd >= 0;
}

enum status
command_create(const struct options *o)
{
	struct buf secret;
	enum status status;

	if (!identity_is_name(o->name)) {
		log_error("--name %s: at most %d bytes of UTF-8, without"
			  " control characters",
		    o->name, IDENTITY_NAME_MAX);
		return STATUS_USAGE;
	}
	if (!o->with_passphrase && !is_given(&o->passphrase))
		return create(o, NULL);
	buf_init(&secret, PASSPHRASE_MAX + 1);
	status = secret_get(&o->passphrase, o->file, true, &secret);
	if (status == STATUS_OK)
		status = create(o, (const char *)buf_get(&secret));
	buf_clear(&secret);
	return status;
}

/* --- info --------------------------------------------------------------- */

enum status
command_info(const struct options *o)
{
	struct inventory inv;
	struct keyfile *key;
	enum status status;
	int rc;

	status = key_open(o->file, o, &key);
	if (status != STATUS_OK)
		return status;
	rc = inventory_init(&inv, key);
	keyfile_free(key);
	if (rc < 0)
		status = status_say(o->file, rc);
	else if ((o->json ? info_print_json(&inv, o->file)
			  : info_print(&inv, o->file)) < 0)
		status = status_say("standard output", -EIO);
	inventory_clear(&inv);
	return status;
}

/* --- reset -------------------------------------------------------------- */

static enum status
reset(const struct options *o, struct keyfile *key)
{
	char question[400];
	struct identity id;
	enum status status;
	int rc;

	rc = identity_get(&key->env, &id);
	if (rc < 0)
		return status_say(o->file, rc);
	snprintf(question, sizeof(question),
	    "All that the key %.200s (serial"
	    " number %u) holds is destroyed. Go on? [y/N] ",
	    o->file, (unsigned)id.serial);
	status = ask_yes(o, question);
	if (status != STATUS_OK)
		return status;
	rc = keyfile_format(key);
	return rc < 0 ? status_say(o->file, rc) : STATUS_OK;
}

enum status
command_reset(const struct options *o)
{
	struct keyfile *key;
	enum status status = key_open(o->file, o, &key);

	if (status != STATUS_OK)
		return status;
	status = reset(o, key);
	keyfile_free(key);
	return status;
}

/* --- passphrase --------------------------------------------------------- */

static enum status
set_passphrase(const struct options *o, struct keyfile *key)
{
	struct buf secret;
	enum status status = STATUS_OK;
	int rc = 0;

	buf_init(&secret, PASSPHRASE_MAX + 1);
	if (!o->without)
		status = secret_get(&o->new_passphrase, o->file, true, &secret);
	if (status == STATUS_OK)
		rc = store_set_passphrase(key->store,
		    o->without ? NULL : (const char *)buf_get(&secret));
	buf_clear(&secret);
	return rc < 0 ? status_say(o->file, rc) : status;
}

enum status
command_passphrase(const struct options *o)
{
	struct keyfile *key;
	enum status status = key_open(o->file, o, &key);

	if (status != STATUS_OK)
		return status;
	if (o->without && !store_has_passphrase(key->store))
		log_warning("%s: has no passphrase", o->file);
	else
		status = set_passphrase(o, key);
	keyfile_free(key);
	return status;
}
