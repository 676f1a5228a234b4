/* SPDX-License-Identifier: BSD-2-Clause */
#include "key/commands.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "card/crypto/x509.h"
#include "key/inventory.h"
#include "key/open.h"
#include "util/log.h"
#include "util/newfile.h"

/* A PEM is a third longer than DER, with its newlines. */
enum { PEM_MAX = 2 * INVENTORY_CERT_MAX };

static int
path_make(char *out, const char *dir, unsigned slot)
{
	int len = snprintf(out, PATH_MAX, "%s/%02x.pem", dir, slot);

	return len < 0 || len >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/* A certificate is no secret. */
static mode_t
mode_get(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

static int
file_write(const char *path, const struct buf *pem, bool replace)
{
	return newfile_make(
	    path, mode_get(), buf_get(pem), buf_len(pem), replace);
}

static enum status
export_file(const struct options *o, const char *path, const struct buf *pem)
{
	char question[PATH_MAX + 40];
	enum status status;
	int rc;

	rc = file_write(path, pem, false);
	if (rc == -EEXIST) {
		snprintf(question, sizeof(question),
		    "%s is there. Overwrite it? [y/N] ", path);
		status = ask_yes(o, question);
		if (status != STATUS_OK)
			return status;
		rc = file_write(path, pem, true);
	}
	if (rc < 0)
		return status_say(path, rc);
	if (printf("%s\n", path) < 0)
		return status_say("standard output", -EIO);
	return STATUS_OK;
}

static enum status
export_slot(const struct options *o, const struct inventory_slot *slot)
{
	char path[PATH_MAX];
	enum status status;
	struct buf pem;
	int rc;

	rc = path_make(path, o->other != NULL ? o->other : ".", slot->number);
	if (rc < 0)
		return status_say(o->other, rc);
	buf_init(&pem, PEM_MAX);
	rc = x509_pem(buf_get(&slot->cert), buf_len(&slot->cert), &pem);
	status = rc < 0 ? status_say(path, rc) : export_file(o, path, &pem);
	buf_clear(&pem);
	return status;
}

static enum status
export_all(const struct options *o, const struct inventory *inv)
{
	enum status status = STATUS_OK;
	size_t count = 0;

	for (size_t i = 0; status == STATUS_OK && i < inv->slot_count; i++) {
		const struct inventory_slot *slot = &inv->slots[i];

		if (slot->subject != NULL) {
			status = export_slot(o, slot);
			count++;
		} else if (slot->has_cert) {
			log_warning("%s: what is in slot %02X is no"
				    " certificate",
			    o->file, slot->number);
		}
	}
	if (status == STATUS_OK && count == 0)
		log_warning("%s: holds no certificate", o->file);
	if (status == STATUS_OK && fflush(stdout) == EOF)
		return status_say("standard output", -EIO);
	return status;
}

enum status
command_export(const struct options *o)
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
	status = rc < 0 ? status_say(o->file, rc) : export_all(o, &inv);
	inventory_clear(&inv);
	return status;
}
