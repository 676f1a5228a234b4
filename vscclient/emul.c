/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/emul.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "vscard/vscard.h"

#define SOFT_FORM "soft=(SLOT,NAME,CAC,PARAMS,CERT,…)"
#define SOFT_NAME "Virtual Reader"

static const char blanks[] = " \t\r\n\f\v";
static const char separators[] = " \t\r\n\f\v,";

struct emul {
	char *at; /* the cursor, in the text that is cut up */
	struct cardspec_nss *nss;
	bool passthru;
	bool has_params;
	char *why;
};

/* --- pieces ----------------------------------------------------------- */

/* The text up to one of the set, which is overwritten and passed. */
static char *
take_until(struct emul *e, const char *set)
{
	char *piece = e->at;

	e->at += strcspn(e->at, set);
	if (*e->at != '\0')
		*e->at++ = '\0';
	return piece;
}

/* Without the blanks around it; in place. */
static char *
strip(char *text)
{
	size_t len;

	text += strspn(text, blanks);
	len = strlen(text);
	while (len > 0 && strchr(blanks, text[len - 1]) != NULL)
		len--;
	text[len] = '\0';
	return text;
}

/* Nothing sticks to what has just ended. */
static int
check_end(struct emul *e, const char *what)
{
	if (*e->at == '\0' || strchr(separators, *e->at) != NULL)
		return 0;
	return refuse(e->why, "'%.20s' follows %s without a blank", e->at, what);
}

/* --- items ------------------------------------------------------------ */

static int
take_db(struct emul *e)
{
	static const char *const gone[] = {"dbm:", "rdb:", "extern:",
	    "multiaccess:"};
	char *path;

	if (e->nss->db != NULL)
		return refuse(e->why, "db= is given twice");
	if (*e->at != '"')
		return refuse(e->why, "the path must be quoted: db=\"%s\"",
		    take_until(e, separators));
	if (strchr(++e->at, '"') == NULL)
		return refuse(e->why, "the quote of db=\" is not closed");
	path = take_until(e, "\"");
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		if (strncmp(path, gone[i], strlen(gone[i])) == 0)
			return refuse(e->why, "db=\"%s\": only sql: databases are"
			    " supported", path);
	if (strncmp(path, "sql:", 4) == 0)
		path += 4;
	if (*path == '\0')
		return refuse(e->why, "db=\"\" names no directory");
	e->nss->db = path;
	return check_end(e, "db=\"…\"");
}

static const struct {
	const char *word;
	enum cardspec_hw hw;
} hw_words[] = {
    {"yes", CARDSPEC_HW_YES},
    {"y", CARDSPEC_HW_YES},
    {"true", CARDSPEC_HW_YES},
    {"on", CARDSPEC_HW_YES},
    {"1", CARDSPEC_HW_YES},
    {"removable", CARDSPEC_HW_REMOVABLE},
    {"no", CARDSPEC_HW_NO},
    {"n", CARDSPEC_HW_NO},
    {"never", CARDSPEC_HW_NO},
    {"none", CARDSPEC_HW_NO},
    {"false", CARDSPEC_HW_NO},
    {"f", CARDSPEC_HW_NO},
    {"off", CARDSPEC_HW_NO},
    {"0", CARDSPEC_HW_NO},
};

static int
take_use_hw(struct emul *e)
{
	const char *word = take_until(e, separators);

	for (size_t i = 0; i < sizeof(hw_words) / sizeof(hw_words[0]); i++)
		if (strcasecmp(word, hw_words[i].word) == 0) {
			e->nss->hw = hw_words[i].hw;
			return 0;
		}
	return refuse(e->why, "use_hw=%s: yes, no or removable", word);
}

static int
take_hw_type(struct emul *e)
{
	const char *word = take_until(e, separators);

	e->passthru = strcasecmp(word, "PASSTHRU") == 0;
	if (e->passthru || strcasecmp(word, "CAC") == 0)
		return 0;
	return refuse(e->why, "hw_type=%s: CAC or PASSTHRU", word);
}

/* No type of card has any. */
static int
take_hw_params(struct emul *e)
{
	(void)take_until(e, separators);
	if (e->has_params)
		return refuse(e->why, "hw_params= is given twice");
	e->has_params = true;
	return 0;
}

static int
take_nssemul(struct emul *e)
{
	e->nss->hw = CARDSPEC_HW_YES;
	e->passthru = false;
	return 0;
}

static int
take_passthru(struct emul *e)
{
	e->nss->hw = CARDSPEC_HW_YES;
	e->passthru = true;
	return 0;
}

/* --- soft ------------------------------------------------------------- */

static int
soft_new(struct emul *e, struct cardspec_soft **out_soft)
{
	if (e->nss->soft_count == CARDSPEC_SOFT_MAX)
		return refuse(e->why, "more than %d soft readers",
		    CARDSPEC_SOFT_MAX);
	*out_soft = &e->nss->soft[e->nss->soft_count++];
	(*out_soft)->slot = "";
	(*out_soft)->name = SOFT_NAME;
	return 0;
}

static int
soft_add_cert(struct emul *e, struct cardspec_soft *soft, const char *cert)
{
	if (*cert == '\0')
		return refuse(e->why, "a certificate's name is empty");
	if (soft->cert_count == CARDSPEC_CERTS_MAX)
		return refuse(e->why, "a card has at most %d certificates",
		    CARDSPEC_CERTS_MAX);
	soft->certs[soft->cert_count++] = cert;
	return 0;
}

/* The next field within the brackets, NULL behind the last. */
static char *
soft_field(char **rest)
{
	char *field = strsep(rest, ",");

	return field != NULL ? strip(field) : NULL;
}

/* A comma behind the last one is nothing. */
static int
soft_certs(struct emul *e, struct cardspec_soft *soft, char *rest)
{
	char *cert = soft_field(&rest);
	int rc = 0;

	while (rc == 0 && cert != NULL && (*cert != '\0' || rest != NULL)) {
		rc = soft_add_cert(e, soft, cert);
		cert = soft_field(&rest);
	}
	if (rc == 0 && soft->cert_count == 0)
		return refuse(e->why, "soft=(…) names no certificate: " SOFT_FORM);
	return rc;
}

static int
soft_fields(struct emul *e, struct cardspec_soft *soft, char *rest)
{
	const char *slot = soft_field(&rest);
	const char *name = soft_field(&rest);
	const char *type = soft_field(&rest);
	const char *params = soft_field(&rest);

	if (params == NULL || rest == NULL)
		return refuse(e->why, "too few words in brackets: " SOFT_FORM);
	if (strcasecmp(type, "CAC") != 0)
		return refuse(e->why, "a soft card of type '%s': only CAC can be"
		    " made of certificates", type);
	if (strlen(name) > VSCARD_NAME_MAX)
		return refuse(e->why, "a reader's name is longer than %d bytes",
		    VSCARD_NAME_MAX);
	soft->slot = slot;
	if (*name != '\0')
		soft->name = name;
	return soft_certs(e, soft, rest);
}

static int
take_soft(struct emul *e)
{
	struct cardspec_soft *soft = NULL;
	size_t len;
	char *body;
	int rc;

	if (*e->at != '(')
		return refuse(e->why, "soft= needs brackets: " SOFT_FORM);
	body = ++e->at;
	len = strcspn(body, "()");
	if (body[len] != ')')
		return refuse(e->why, "the bracket of soft=( is not closed");
	(void)take_until(e, ")");
	rc = soft_new(e, &soft);
	if (rc == 0)
		rc = soft_fields(e, soft, body);
	return rc < 0 ? rc : check_end(e, "soft=(…)");
}

/* --- all -------------------------------------------------------------- */

static const struct item {
	const char *word;
	bool alone; /* without "=" and a value */
	int (*take)(struct emul *);
} items[] = {
    {"db", false, take_db},
    {"use_hw", false, take_use_hw},
    {"hw_type", false, take_hw_type},
    {"hw_params", false, take_hw_params},
    {"nssemul", true, take_nssemul},
    {"passthru", true, take_passthru},
    {"soft", false, take_soft},
};

enum { ITEMS = sizeof(items) / sizeof(items[0]) };

static int
take_item(struct emul *e)
{
	size_t len = strcspn(e->at, " \t\r\n\f\v,=");
	const char *word = e->at;
	size_t i;

	for (i = 0; i < ITEMS; i++)
		if (strlen(items[i].word) == len &&
		    memcmp(items[i].word, word, len) == 0)
			break;
	if (i == ITEMS)
		return refuse(e->why, "'%.*s' is unknown (known: db=, use_hw=,"
		    " hw_type=, hw_params=, nssemul, passthru, soft=)",
		    (int)(len < 40 ? len : 40), word);
	if ((word[len] == '=') == items[i].alone)
		return refuse(e->why, "'%s' %s", items[i].word, items[i].alone ?
		    "takes no value" : "needs a value");
	e->at += items[i].alone ? len : len + 1;
	return items[i].take(e);
}

static int
take_items(struct emul *e)
{
	int rc = 0;

	e->at += strspn(e->at, separators);
	if (*e->at == '\0')
		return refuse(e->why, "it is empty");
	while (rc == 0 && *e->at != '\0') {
		rc = take_item(e);
		if (rc == 0)
			e->at += strspn(e->at, separators);
	}
	return rc;
}

static int
add_names(struct emul *e, const char *const names[], size_t count)
{
	struct cardspec_soft *soft = NULL;
	int rc;

	rc = soft_new(e, &soft);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = soft_add_cert(e, soft, names[i]);
	return rc;
}

/* PASSTHRU is what we have another kind of card for. */
static int
settle(struct emul *e, struct cardspec *spec)
{
	if (e->nss->hw == CARDSPEC_HW_NO && e->nss->soft_count == 0)
		return refuse(e->why, "use_hw=no and no soft=(…): there is no card");
	if (e->nss->db == NULL)
		e->nss->db = CARDSPEC_NSS_DB;
	if (!e->passthru || e->nss->hw == CARDSPEC_HW_NO)
		return 0;
	if (e->nss->soft_count > 0)
		return refuse(e->why, "PASSTHRU and soft=(…) do not go together");
	memset(e->nss, 0, sizeof(*e->nss));
	spec->kind = CARDSPEC_PCSC;
	return 0;
}

int
emul_init(struct cardspec *spec, const char *args, const char *const names[],
    size_t name_count, char *why)
{
	struct emul e = {.nss = &spec->nss, .why = why};
	int rc = 0;

	memset(spec, 0, sizeof(*spec));
	spec->kind = CARDSPEC_NSS;
	spec->nss.hw = CARDSPEC_HW_YES;
	spec->mem = strdup(args != NULL ? args : "");
	if (spec->mem == NULL)
		return -ENOMEM;
	e.at = spec->mem;
	if (args != NULL)
		rc = take_items(&e);
	if (rc == 0 && name_count > 0)
		rc = add_names(&e, names, name_count);
	if (rc == 0)
		rc = settle(&e, spec);
	if (rc < 0)
		cardspec_clear(spec);
	return rc;
}
