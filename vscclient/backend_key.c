/* SPDX-License-Identifier: BSD-2-Clause */
/* A security key of our own, in a file, or thrown away at the end. */
#include "vscclient/backend.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card/core/identity.h"
#include "card/keyfile.h"
#include "util/log.h"
#include "util/passphrase.h"
#include "vscclient/touch.h"

enum { KEY_READER = 0 }; /* there is one */

struct key {
	const struct cardspec_key *spec;
	struct sink *sink;
	struct passphrase passphrase;
	struct touch touch;
	/* The crew's, one at a time, from when the reader is told of. */
	struct keyfile *file;
	bool up;
};

static void
key_free(struct key *k)
{
	passphrase_clear(&k->passphrase);
	touch_clear(&k->touch);
	keyfile_free(k->file);
	free(k);
}

/* --- what a key asks for ------------------------------------------------ */

static int
key_on_passphrase(void *ctx, struct buf *out)
{
	struct key *k = ctx;

	return passphrase_get(&k->passphrase, out);
}

static int
key_on_touch(void *ctx, const char *what)
{
	struct key *k = ctx;

	return touch_ask(&k->touch, what);
}

static int
key_prepare(const struct cardspec *spec, int host, void **out_backend)
{
	struct key *k = calloc(1, sizeof(*k));
	int rc;

	if (k == NULL)
		return -ENOMEM;
	k->spec = &spec->key;
	passphrase_init_fd(&k->passphrase, -1, NULL);
	rc = keyfile_guard();
	if (rc < 0) {
		log_error("key: memory cannot be protected: %s", err_text(rc));
		key_free(k);
		return rc;
	}
	rc = touch_init(&k->touch, k->spec);
	if (rc < 0)
		log_error("key: no process to run %s: %s",
		    k->spec->touch_argv[0], err_text(rc));
	if (rc == 0 && k->spec->file != NULL) {
		rc = passphrase_init(&k->passphrase, k->spec->passphrase_file,
		    k->spec->file, host);
		if (rc < 0)
			log_error("key: passphrase-file=%s: %s",
			    k->spec->passphrase_file, passphrase_why(rc));
	}
	if (rc < 0)
		key_free(k);
	else
		*out_backend = k;
	return rc;
}

/* --- opening ------------------------------------------------------------ */

/* NULL: a new file gets none, because none was named. */
static int
key_new_passphrase(struct key *k, struct buf *buf, const char **out)
{
	int rc;

	*out = NULL;
	if (k->spec->passphrase_file == NULL)
		return 0;
	rc = passphrase_get_new(&k->passphrase, buf);
	if (rc == 0)
		rc = buf_put(buf, "", 1);
	if (rc == 0)
		*out = (const char *)buf_get(buf);
	return rc;
}

static int
key_create(
    struct key *k, const struct keyfile_setup *setup, struct store_why *why)
{
	struct buf buf;
	const char *passphrase;
	int rc;

	buf_init(&buf, PASSPHRASE_MAX + 1);
	rc = key_new_passphrase(k, &buf, &passphrase);
	if (rc < 0)
		snprintf(why->text, sizeof(why->text),
		    "passphrase-file=%s:"
		    " %s",
		    k->spec->passphrase_file, passphrase_why(rc));
	else
		rc = keyfile_create(
		    k->spec->file, setup, passphrase, "", &k->file, why);
	buf_clear(&buf);
	if (rc == 0)
		log_info("key: %s is new", k->spec->file);
	return rc;
}

/* With one in the clear somebody may have taken its place. */
static int
key_check_passphrase(const struct key *k)
{
	if (k->spec->passphrase_file == NULL ||
	    store_has_passphrase(k->file->store))
		return 0;
	log_error("key: %s has no passphrase, but passphrase-file= was given;"
		  " `vscard-key passphrase %s` sets one",
	    k->spec->file, k->spec->file);
	return -EACCES;
}

/* Another process may make it in between, once. */
static int
key_open_file(struct key *k, const struct keyfile_setup *setup)
{
	struct store_why why = {""};
	int rc;

	rc = keyfile_open(k->spec->file, setup, &k->file, &why);
	if (rc == -ENOENT)
		rc = key_create(k, setup, &why);
	if (rc == -EEXIST)
		rc = keyfile_open(k->spec->file, setup, &k->file, &why);
	if (rc < 0) {
		log_error("key: %s", why.text);
		return rc;
	}
	return key_check_passphrase(k);
}

static int
key_open_any(struct key *k)
{
	const struct keyfile_setup setup = {
	    .passphrase =
		passphrase_is_none(&k->passphrase) ? NULL : key_on_passphrase,
	    .touch = key_on_touch,
	    .ctx = k,
	};
	int rc;

	if (k->spec->file != NULL)
		return key_open_file(k, &setup);
	rc = keyfile_new(&setup, "", &k->file);
	if (rc < 0)
		log_error("key: no throw-away key: %s", err_text(rc));
	return rc;
}

static const char *
key_name(const struct key *k, const struct identity *id)
{
	if (k->spec->name != NULL)
		return k->spec->name;
	return id->name[0] != '\0' && !cardspec_is_reserved(id->name)
		   ? id->name
		   : CARDSPEC_KEY_NAME;
}

static int
key_open(const struct cardspec *spec, struct sink *sink, void **backend)
{
	struct key *k = *backend;
	struct identity id;
	const uint8_t *atr;
	sigset_t mask;
	size_t len;
	int rc;

	(void)spec;
	sigprocmask(SIG_SETMASK, NULL, &mask);
	rc = key_open_any(k);
	/* A passphrase is not needed any more, and nobody to ask for one. */
	passphrase_clear(&k->passphrase);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (rc < 0)
		return rc;
	rc = identity_get(&k->file->env, &id);
	if (rc < 0) {
		log_error("key: no serial number: %s", err_text(rc));
		return rc;
	}
	k->sink = sink;
	card_reset(k->file->card, &atr, &len);
	card_power_down(k->file->card);
	sink_reader_add(sink, KEY_READER, key_name(k, &id));
	sink_card_insert(sink, KEY_READER, atr, len);
	return 0;
}

static void
key_close(void *backend)
{
	key_free(backend);
}

/* --- what the host asks ------------------------------------------------- */

/* Its card is not there for anybody any more, once and for all. */
static int
key_stopped(struct key *k)
{
	log_error("key: %s has stopped, because random numbers or cryptography"
		  " failed",
	    k->spec->file != NULL ? k->spec->file : "a throw-away key");
	sink_card_remove(k->sink, KEY_READER);
	return -ENOMEDIUM;
}

static int
key_transmit(void *backend, unsigned reader, const uint8_t *command, size_t len,
    uint8_t *response, size_t cap, size_t *out_len)
{
	struct key *k = backend;
	const uint8_t *atr;
	size_t atr_len;
	int rc;

	(void)reader;
	if (!k->up)
		card_reset(k->file->card, &atr, &atr_len);
	k->up = true;
	rc = card_transmit(k->file->card, command, len, response, cap, out_len);
	return rc == -EIO && k->file->env.stopped ? key_stopped(k) : rc;
}

static enum vscard_status
key_power(void *backend, unsigned reader, enum vscard_power power,
    uint8_t *out_atr, size_t *out_len)
{
	struct key *k = backend;
	const uint8_t *atr;
	size_t len;

	(void)reader;
	k->up = power != VSCARD_POWER_DOWN;
	if (!k->up) {
		card_power_down(k->file->card);
		return VSCARD_STATUS_OK;
	}
	if (k->file->env.stopped)
		return VSCARD_STATUS_NO_CARD;
	card_reset(k->file->card, &atr, &len);
	if (len > VSCARD_ATR_MAX)
		return VSCARD_STATUS_FAILED;
	memcpy(out_atr, atr, len);
	*out_len = len;
	return VSCARD_STATUS_OK;
}

/* Its ATR says T=1. */
static enum vscard_status
key_protocol(void *backend, unsigned reader, unsigned protocol)
{
	(void)backend;
	(void)reader;
	return protocol == 1 ? VSCARD_STATUS_OK : VSCARD_STATUS_UNSUPPORTED;
}

const struct backend_ops backend_key = {
    .prepare = key_prepare,
    .open = key_open,
    .close = key_close,
    .transmit = key_transmit,
    .power = key_power,
    .protocol = key_protocol,
};
