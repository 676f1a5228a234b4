/* SPDX-License-Identifier: BSD-2-Clause */
#include "key/commands.h"

#include <stdio.h>
#include <unistd.h>

#include "card/core/identity.h"
#include "key/open.h"
#include "util/log.h"

/*
 * Copies a file that could be opened, and is locked therefore, to a place where
 * there may be another one: then it is asked whether that may go.
 */
static enum status
copy(const struct options *o, struct keyfile *from, const char *to)
{
	char question[400];
	struct store_why why = {""};
	enum status status;
	int rc;

	rc = store_backup(from->store, to, &why);
	if (rc == -EEXIST) {
		snprintf(question, sizeof(question),
		    "%.200s is there, and"
		    " what it holds will be lost. Overwrite it? [y/N] ",
		    to);
		status = ask_yes(o, question);
		if (status != STATUS_OK)
			return status;
		rc = store_replace(from->store, to, &why);
	}
	return rc < 0 ? status_why(rc, &why) : STATUS_OK;
}

/* The serial number shows that the right one was taken. */
static enum status
say_copied(const struct options *o, const struct identity *id)
{
	if (printf("%s: serial number %u\n", o->other, (unsigned)id->serial) <
		0 ||
	    fflush(stdout) == EOF)
		return status_say("standard output", -EIO);
	return STATUS_OK;
}

static enum status
copy_key(const struct options *o, struct keyfile *key)
{
	struct identity id;
	enum status status;
	int rc;

	rc = identity_get(&key->env, &id);
	if (rc < 0)
		return status_say(o->file, rc);
	status = copy(o, key, o->other);
	return status == STATUS_OK ? say_copied(o, &id) : status;
}

/* Opening it is what validates it: each record is authenticated. */
static enum status
copy_file(const struct options *o)
{
	struct keyfile *key;
	enum status status = key_open(o->file, o, &key);

	if (status != STATUS_OK)
		return status;
	status = copy_key(o, key);
	keyfile_free(key);
	return status;
}

enum status
command_backup(const struct options *o)
{
	return copy_file(o);
}

enum status
command_restore(const struct options *o)
{
	return copy_file(o);
}
