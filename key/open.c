/* SPDX-License-Identifier: BSD-2-Clause */
#include "key/open.h"

#include <stdio.h>
#include <string.h>

#include "util/log.h"

/* --- what went wrong ---------------------------------------------------- */

static const struct {
	int rc;
	enum status status;
} statuses[] = {
    {-ENOENT, STATUS_FILE},
    {-EEXIST, STATUS_FILE},
    {-EISDIR, STATUS_FILE},
    {-EBADMSG, STATUS_FILE},
    {-EBUSY, STATUS_BUSY},
    {-ENOTTY, STATUS_SECRET},
    {-EKEYREJECTED, STATUS_SECRET},
    {-ECANCELED, STATUS_REFUSED},
};

static enum status
status_of(int rc)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].rc == rc)
			return statuses[i].status;
	return STATUS_FAILED;
}

enum status
status_say(const char *file, int rc)
{
	log_error("%s: %s", file, err_text(rc));
	return status_of(rc);
}

enum status
status_why(int rc, const struct store_why *why)
{
	log_error("%s", why->text);
	return status_of(rc);
}

/* --- passphrases -------------------------------------------------------- */

static int
source_init(
    struct passphrase *p, const struct options_source *source, const char *file)
{
	if (source->fd >= 0) {
		passphrase_init_fd(p, source->fd, file);
		return 0;
	}
	return passphrase_init(p, source->file, file, -1);
}

/* A descriptor that was given is read once. */
static const char *
source_name(const struct options_source *source)
{
	if (source->file != NULL)
		return source->file;
	return source->fd >= 0 ? "--passphrase-fd" : "passphrase";
}

/* It cannot be opened. */
static enum status
source_say(const struct options_source *source, int rc)
{
	log_error("%s: %s", source_name(source), passphrase_why(rc));
	return status_of(rc);
}

enum status
secret_get(const struct options_source *source, const char *file, bool is_new,
    struct buf *out)
{
	struct passphrase p;
	int rc;

	rc = source_init(&p, source, file);
	if (rc < 0)
		return source_say(source, rc);
	rc = is_new ? passphrase_get_new(&p, out) : passphrase_get(&p, out);
	passphrase_clear(&p);
	if (rc == 0)
		rc = buf_put(out, "", 1);
	if (rc == 0)
		return STATUS_OK;
	log_error("%s: %s%s", source_name(source), passphrase_why(rc),
	    rc == -ENOTTY ? "; see --passphrase-file" : "");
	return rc == -EINVAL || rc == -EMSGSIZE ? STATUS_SECRET : status_of(rc);
}

/* --- the file ----------------------------------------------------------- */

struct opening {
	struct passphrase passphrase;
	bool asked;
	int rc; /* of asking for it */
};

static int
on_passphrase(void *ctx, struct buf *out)
{
	struct opening *o = ctx;

	o->asked = true;
	o->rc = passphrase_get(&o->passphrase, out);
	return o->rc;
}

/* What the store cannot know: why there was no passphrase. */
static enum status
opening_say(const struct opening *o, const char *file, int rc,
    const struct store_why *why)
{
	enum status status;

	if (o->rc == 0) {
		status = status_why(rc, why);
		return o->asked && rc == -EACCES ? STATUS_SECRET : status;
	}
	log_error("%s: %s%s", file, passphrase_why(o->rc),
	    o->rc == -ENOTTY ? "; see --passphrase-file" : "");
	return o->rc == -ECANCELED ? STATUS_REFUSED : STATUS_SECRET;
}

/* With one in the clear somebody may have taken its place. */
static enum status
opening_check(
    const char *file, const struct options *options, struct keyfile *key)
{
	const struct options_source *source = &options->passphrase;

	if (options->action == OPTIONS_PASSPHRASE ||
	    (source->file == NULL && source->fd < 0) ||
	    store_has_passphrase(key->store))
		return STATUS_OK;
	log_error("%s has no passphrase, but --passphrase-%s was given;"
		  " `vscard-key passphrase %s` sets one",
	    file, source->file != NULL ? "file" : "fd", file);
	return STATUS_SECRET;
}

enum status
key_open(const char *file, const struct options *options, struct keyfile **out)
{
	struct opening o = {.rc = 0};
	const struct keyfile_setup setup = {
	    .passphrase = on_passphrase, .ctx = &o};
	struct store_why why = {""};
	struct keyfile *key;
	enum status status;
	int rc;

	rc = source_init(&o.passphrase, &options->passphrase, file);
	if (rc < 0)
		return source_say(&options->passphrase, rc);
	rc = keyfile_open(file, &setup, &key, &why);
	passphrase_clear(&o.passphrase);
	if (rc < 0)
		return opening_say(&o, file, rc, &why);
	status = opening_check(file, options, key);
	if (status == STATUS_OK)
		*out = key;
	else
		keyfile_free(key);
	return status;
}

/* --- questions ---------------------------------------------------------- */

enum status
ask_yes(const struct options *options, const char *question)
{
	struct tty tty;
	int rc;

	if (options->yes)
		return STATUS_OK;
	rc = tty_init(&tty, -1);
	if (rc < 0) {
		log_error("there is no terminal to ask at; --yes means that"
			  " nothing is asked");
		return STATUS_USAGE;
	}
	rc = tty_confirm(&tty, question);
	tty_clear(&tty);
	if (rc == 1)
		return STATUS_OK;
	if (rc < 0 && rc != -ECANCELED)
		return status_say("terminal", rc);
	log_error("nothing was changed");
	return STATUS_REFUSED;
}
