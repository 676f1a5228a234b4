/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/cardspec.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vscard/vscard.h"
#include "vscclient/words.h"

#define CARDSPEC_ALLOWED \
	"pcsc, pcsc:PATTERN, nss, nss:db=DIR,certs=A:B:C, key, key:FILE,"      \
	" exec:PROGRAM"

/*
 * Cuts the next piece off *rest, up to sep, in place; a separator behind a
 * backslash is part of the piece. *rest becomes NULL after the last one.
 */
static char *
cut(char **rest, char sep)
{
	char *piece = *rest;
	char *in = piece;
	char *out = piece;

	while (*in != '\0' && *in != sep) {
		if (in[0] == '\\' && in[1] == sep)
			in++;
		*out++ = *in++;
	}
	*rest = *in == sep ? in + 1 : NULL;
	*out = '\0';
	return piece;
}

/* --- options with a value ---------------------------------------------- */

struct key {
	const char *word;
	/* What follows the equals sign. */
	int (*set)(struct cardspec *, char *value, char *why);
};

/* Options of one kind: takes names them all, seen has a bit for each. */
struct keys {
	const struct key *list;
	unsigned count;
	const char *takes;
	unsigned seen;
};

static int
keys_option(struct keys *keys, struct cardspec *spec, char *option, char *why)
{
	char *value = strchr(option, '=');
	unsigned i;

	if (value != NULL)
		*value++ = '\0';
	for (i = 0; i < keys->count; i++)
		if (strcmp(option, keys->list[i].word) == 0)
			break;
	if (i == keys->count)
		return refuse(why, "unknown option '%s' (%s)", option,
		    keys->takes);
	if (value == NULL)
		return refuse(why, "option '%s' needs a value: %s=…", option,
		    option);
	if ((keys->seen & 1u << i) != 0)
		return refuse(why, "option '%s' is given twice", option);
	keys->seen |= 1u << i;
	return keys->list[i].set(spec, value, why);
}

static int
keys_options(struct keys *keys, struct cardspec *spec, char *rest, char *why)
{
	int rc = 0;

	while (rc == 0 && rest != NULL)
		rc = keys_option(keys, spec, cut(&rest, ','), why);
	return rc;
}

/* The name of a reader. */
static int
take_name(const char **out, const char *value, char *why)
{
	if (*value == '\0')
		return refuse(why, "name= is empty");
	if (strlen(value) > VSCARD_NAME_MAX)
		return refuse(why, "name= is longer than %d bytes",
		    VSCARD_NAME_MAX);
	*out = value;
	return 0;
}

/* --- nss -------------------------------------------------------------- */

static int
nss_set_db(struct cardspec *spec, char *value, char *why)
{
	static const char *const gone[] = {"dbm:", "rdb:", "extern:",
	    "multiaccess:"};

	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		if (strncmp(value, gone[i], strlen(gone[i])) == 0)
			return refuse(why, "db=%s: only sql: databases are"
			    " supported", value);
	if (strncmp(value, "sql:", 4) == 0)
		value += 4;
	if (*value == '\0')
		return refuse(why, "db= names no directory");
	spec->nss.db = value;
	return 0;
}

static int
nss_set_hw(struct cardspec *spec, char *value, char *why)
{
	struct cardspec_nss *nss = &spec->nss;

	if (strcmp(value, "yes") == 0)
		nss->hw = CARDSPEC_HW_YES;
	else if (strcmp(value, "removable") == 0)
		nss->hw = CARDSPEC_HW_REMOVABLE;
	else if (strcmp(value, "no") != 0)
		return refuse(why, "hw=%s: yes, no or removable", value);
	return 0;
}

static int
nss_set_certs(struct cardspec *spec, char *value, char *why)
{
	struct cardspec_soft *soft = spec->nss.soft;
	char *rest = value;

	spec->nss.soft_count = 1;
	while (rest != NULL) {
		const char *cert = cut(&rest, ':');

		if (*cert == '\0')
			return refuse(why, "certs= has an empty name"
			    " (write certs=A:B:C)");
		if (soft->cert_count == CARDSPEC_CERTS_MAX)
			return refuse(why, "certs= names more than %d"
			    " certificates", CARDSPEC_CERTS_MAX);
		soft->certs[soft->cert_count++] = cert;
	}
	return 0;
}

static int
nss_set_name(struct cardspec *spec, char *value, char *why)
{
	return take_name(&spec->nss.soft[0].name, value, why);
}

static const struct key nss_keys[] = {
    {"db", nss_set_db},
    {"certs", nss_set_certs},
    {"name", nss_set_name},
    {"hw", nss_set_hw},
};

static int
nss_check(struct cardspec_nss *nss, char *why)
{
	if (nss->hw == CARDSPEC_HW_NO && nss->db == NULL)
		return refuse(why, "nss needs db=DIR, the NSS database");
	if (nss->hw == CARDSPEC_HW_NO && nss->soft_count == 0)
		return refuse(why, "nss needs certs=A:B:C, the names of 1 to"
		    " %d certificates, or hw=yes", CARDSPEC_CERTS_MAX);
	if (nss->db == NULL)
		nss->db = CARDSPEC_NSS_DB;
	return 0;
}

static int
nss_get(struct cardspec *spec, char *rest, bool colon, char *why)
{
	struct cardspec_nss *nss = &spec->nss;
	struct keys keys = {nss_keys, sizeof(nss_keys) / sizeof(nss_keys[0]),
	    "nss takes db=, certs=, name= and hw=", 0};
	int rc;

	(void)colon;
	nss->soft[0].slot = "";
	nss->soft[0].name = CARDSPEC_NSS_NAME;
	if (rest == NULL)
		nss->hw = CARDSPEC_HW_YES;
	rc = keys_options(&keys, spec, rest, why);
	return rc < 0 ? rc : nss_check(nss, why);
}

/* --- pcsc ------------------------------------------------------------- */

static const struct pcsc_word {
	const char *word;
	size_t at; /* of its bool */
} pcsc_words[] = {
    {"exclusive", offsetof(struct cardspec_pcsc, exclusive)},
    {"no-transaction", offsetof(struct cardspec_pcsc, no_transaction)},
};

enum { PCSC_WORDS = sizeof(pcsc_words) / sizeof(pcsc_words[0]) };

static int
pcsc_option(struct cardspec_pcsc *pcsc, const char *word, char *why)
{
	bool *flag = NULL;

	for (unsigned i = 0; i < PCSC_WORDS; i++)
		if (strcmp(word, pcsc_words[i].word) == 0)
			flag = (bool *)((char *)pcsc + pcsc_words[i].at);
	if (flag == NULL)
		return refuse(why, "pcsc takes no option '%s', only exclusive"
		    " and no-transaction (a comma of the name is written"
		    " \\,)", word);
	if (*flag)
		return refuse(why, "option '%s' is given twice", word);
	*flag = true;
	return 0;
}

static int
pcsc_get(struct cardspec *spec, char *rest, bool colon, char *why)
{
	int rc;

	if (colon) {
		spec->pcsc.pattern = cut(&rest, ',');
		if (*spec->pcsc.pattern == '\0')
			return refuse(why, "pcsc: names no reader (write pcsc"
			    " for all, pcsc:PATTERN for some)");
	}
	while (rest != NULL) {
		rc = pcsc_option(&spec->pcsc, cut(&rest, ','), why);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* --- exec ------------------------------------------------------------- */

/* argv holds CARDSPEC_WORDS_MAX + 1, of which the last stays NULL. */
static int
take_words(char **argv, char *rest, char *why)
{
	char *word;
	int count = 0;
	int rc;

	while ((rc = words_next(&rest, &word)) == 1) {
		if (count == CARDSPEC_WORDS_MAX)
			return refuse(why, "more than %d words",
			    CARDSPEC_WORDS_MAX);
		argv[count++] = word;
	}
	if (rc < 0)
		return refuse(why, "a quote is not closed, or a backslash is"
		    " the last character");
	return 0;
}

static int
exec_get(struct cardspec *spec, char *rest, bool colon, char *why)
{
	char **argv = spec->exec.argv;
	int rc;

	(void)colon; /* it is not bare */
	rc = take_words(argv, rest, why);
	if (rc == 0 && (argv[0] == NULL || *argv[0] == '\0'))
		rc = refuse(why, "exec: names no program (write"
		    " exec:PROGRAM)");
	return rc;
}

/* --- key -------------------------------------------------------------- */

bool
cardspec_is_reserved(const char *name)
{
	return strcasestr(name, "yubico yubikey") != NULL;
}

static int
key_set_passphrase_file(struct cardspec *spec, char *value, char *why)
{
	if (*value == '\0')
		return refuse(why, "passphrase-file= names no file");
	spec->key.passphrase_file = value;
	return 0;
}

static int
key_set_touch(struct cardspec *spec, char *value, char *why)
{
	struct cardspec_key *key = &spec->key;
	int rc;

	key->touch = CARDSPEC_TOUCH_YES;
	if (strcmp(value, "yes") == 0)
		return 0;
	key->touch = CARDSPEC_TOUCH_NO;
	if (strcmp(value, "no") == 0)
		return 0;
	key->touch = CARDSPEC_TOUCH_COMMAND;
	rc = take_words(key->touch_argv, value, why);
	if (rc == 0 && (key->touch_argv[0] == NULL ||
	    *key->touch_argv[0] == '\0'))
		rc = refuse(why, "touch= is empty: yes, no, or a command whose"
		    " success means yes");
	return rc;
}

static int
key_set_name(struct cardspec *spec, char *value, char *why)
{
	if (cardspec_is_reserved(value))
		return refuse(why, "name=%s: clients would take the reader for"
		    " a YubiKey at the USB", value);
	return take_name(&spec->key.name, value, why);
}

static const struct key key_keys[] = {
    {"passphrase-file", key_set_passphrase_file},
    {"touch", key_set_touch},
    {"name", key_set_name},
};

static int
key_get(struct cardspec *spec, char *rest, bool colon, char *why)
{
	struct keys keys = {key_keys, sizeof(key_keys) / sizeof(key_keys[0]),
	    "key takes passphrase-file=, touch= and name=", 0};
	int rc;

	if (colon) {
		spec->key.file = cut(&rest, ',');
		if (*spec->key.file == '\0')
			return refuse(why, "key: names no file (write key for"
			    " a throw-away key, key:FILE for a lasting one)");
	}
	rc = keys_options(&keys, spec, rest, why);
	if (rc == 0 && spec->key.file == NULL &&
	    spec->key.passphrase_file != NULL)
		rc = refuse(why, "a throw-away key has no passphrase");
	return rc;
}

/* --- all -------------------------------------------------------------- */

static const struct kind {
	const char *word;
	bool bare; /* may stand without a colon */
	/* rest: what follows the kind and its colon or comma, or NULL. */
	int (*get)(struct cardspec *, char *rest, bool colon, char *why);
} kinds[] = {
    [CARDSPEC_PCSC] = {"pcsc", true, pcsc_get},
    [CARDSPEC_NSS] = {"nss", true, nss_get},
    [CARDSPEC_KEY] = {"key", true, key_get},
    [CARDSPEC_EXEC] = {"exec", false, exec_get},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

const char *
cardspec_kind_name(enum cardspec_kind kind)
{
	return (unsigned)kind < KINDS ? kinds[kind].word : "?";
}

static int
spec_get(struct cardspec *spec, char *why)
{
	char *end = spec->mem + strcspn(spec->mem, ":,");
	bool colon = *end == ':';
	char *rest = *end != '\0' ? end + 1 : NULL;
	unsigned i;

	*end = '\0';
	for (i = 0; i < KINDS; i++)
		if (strcmp(spec->mem, kinds[i].word) == 0)
			break;
	if (i == KINDS)
		return refuse(why, "'%s' is no kind of card (allowed: %s)",
		    spec->mem, CARDSPEC_ALLOWED);
	if (!colon && !kinds[i].bare)
		return refuse(why, "'%s' alone says too little (allowed: %s)",
		    spec->mem, CARDSPEC_ALLOWED);
	spec->kind = (enum cardspec_kind)i;
	return kinds[i].get(spec, rest, colon, why);
}

int
cardspec_init(struct cardspec *spec, const char *text, char *why)
{
	int rc;

	memset(spec, 0, sizeof(*spec));
	spec->mem = strdup(text);
	if (spec->mem == NULL)
		return -ENOMEM;
	rc = spec_get(spec, why);
	if (rc < 0)
		cardspec_clear(spec);
	return rc;
}

void
cardspec_clear(struct cardspec *spec)
{
	free(spec->mem);
	memset(spec, 0, sizeof(*spec));
}
