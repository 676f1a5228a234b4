/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/nss_args.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A path ends at a quote or a newline. */
static int
check_db(const char *db, char *why)
{
	if (strpbrk(db, "\"\n") == NULL)
		return 0;
	snprintf(why, CARDSPEC_WHY_MAX,
	    "libcacard takes no directory with a quote in its name: %s", db);
	return -EINVAL;
}

/* A name ends at a comma or bracket; blanks before it are dropped. */
static int
check_cert(const char *cert, char *why)
{
	if (strpbrk(cert, ",)") == NULL && !isspace((unsigned char)cert[0]))
		return 0;
	snprintf(why, CARDSPEC_WHY_MAX,
	    "libcacard takes no certificate name with a comma or bracket in"
	    " it or a blank before it: '%s'", cert);
	return -EINVAL;
}

static int
check(const struct cardspec_nss *nss, char *why)
{
	int rc = check_db(nss->db, why);

	for (size_t i = 0; rc == 0 && i < nss->cert_count; i++)
		rc = check_cert(nss->certs[i], why);
	return rc;
}

/*
 * The blank before soft= matters: "use_hw=no," would swallow what follows.
 * The reader's name is ours to announce, so libcacard gets a plain one.
 */
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
	fprintf(f, "db=\"sql:%s\" use_hw=no soft=(,vscard,CAC,", nss->db);
	for (size_t i = 0; i < nss->cert_count; i++)
		fprintf(f, ",%s", nss->certs[i]);
	fputc(')', f);
	if (fclose(f) != 0) {
		free(args);
		return -ENOMEM;
	}
	*out_args = args;
	return 0;
}
