/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/nss_args.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NSS_ARGS_NAME "vscard"

/* A path ends at a quote or a newline. */
static int
check_db(const char *db, char *why)
{
	if (strpbrk(db, "\"\n") == NULL)
		return 0;
	return refuse(why,
	    "libcacard takes no directory with a quote in its name: %s", db);
}

/* A name ends at a comma or bracket; blanks before it are dropped. */
static int
check_name(const char *what, const char *name, char *why)
{
	if (strpbrk(name, ",)") == NULL && !isspace((unsigned char)name[0]))
		return 0;
	return refuse(why,
	    "libcacard takes no %s name with a comma or bracket in it or a"
	    " blank before it: '%s'", what, name);
}

static int
check_soft(const struct cardspec_soft *soft, char *why)
{
	int rc = check_name("token", soft->slot, why);

	for (size_t i = 0; rc == 0 && i < soft->cert_count; i++)
		rc = check_name("certificate", soft->certs[i], why);
	return rc;
}

static int
check(const struct cardspec_nss *nss, char *why)
{
	int rc = check_db(nss->db, why);

	for (size_t i = 0; rc == 0 && i < nss->soft_count; i++)
		rc = check_soft(&nss->soft[i], why);
	return rc;
}

static const char *
hw_word(enum cardspec_hw hw)
{
	static const char *const words[] = {
	    [CARDSPEC_HW_NO] = "no",
	    [CARDSPEC_HW_YES] = "yes",
	    [CARDSPEC_HW_REMOVABLE] = "removable",
	};

	return words[hw];
}

/*
 * The blank before soft= matters: "use_hw=no," would swallow what follows; and
 * none may be at the end. The readers' names are ours to announce, so
 * libcacard gets plain ones.
 */
static void
put_args(FILE *f, const struct cardspec_nss *nss)
{
	fprintf(f, "db=\"sql:%s\" use_hw=%s", nss->db, hw_word(nss->hw));
	for (size_t i = 0; i < nss->soft_count; i++) {
		const struct cardspec_soft *soft = &nss->soft[i];

		fprintf(f, " soft=(%s," NSS_ARGS_NAME "%zu,CAC,", soft->slot,
		    i);
		for (size_t j = 0; j < soft->cert_count; j++)
			fprintf(f, ",%s", soft->certs[j]);
		fputc(')', f);
	}
}

int
nss_args_new(const struct cardspec_nss *nss, char **out_args, char *why)
{
	char *args = NULL;
	size_t len;
	FILE *f;
	int rc = check(nss, why);

	if (rc < 0)
		return rc;
	f = open_memstream(&args, &len);
	if (f == NULL)
		return -ENOMEM;
	put_args(f, nss);
	if (fclose(f) != 0) {
		free(args);
		return -ENOMEM;
	}
	*out_args = args;
	return 0;
}

int
nss_args_find(const struct cardspec_nss *nss, const char *name)
{
	char mine[sizeof(NSS_ARGS_NAME) + 20];

	for (size_t i = 0; i < nss->soft_count; i++) {
		snprintf(mine, sizeof(mine), NSS_ARGS_NAME "%zu", i);
		if (strcmp(mine, name) == 0)
			return (int)i;
	}
	return -ENOENT;
}
