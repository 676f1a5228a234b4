/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/sandbox_card.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "vscclient/sandbox.h"

/* A token of another module may have its files anywhere, and its helpers. */
static bool
has_tokens(const struct cardspec_nss *nss)
{
	for (size_t i = 0; i < nss->soft_count; i++)
		if (*nss->soft[i].slot != '\0')
			return true;
	return nss->hw != CARDSPEC_HW_NO;
}

/* Where the file is, or will be made: its journal lies beside it. */
static int
enter_key(const char *file)
{
	char *path;
	int rc = -ENOMEM;

	if (file == NULL)
		return sandbox_enter(SANDBOX_KEY, NULL);
	path = realpath(file, NULL);
	if (path == NULL)
		path = strdup(file);
	if (path != NULL)
		rc = sandbox_enter(SANDBOX_KEY, dirname(path));
	free(path);
	return rc;
}

int
sandbox_card_enter(const struct cardspec *spec)
{
	switch (spec->kind) {
	case CARDSPEC_PCSC:
		return sandbox_enter(getenv("PCSCLITE_CSOCK_NAME") != NULL
					 ? SANDBOX_PCSC_ELSEWHERE
					 : SANDBOX_PCSC,
		    NULL);
	case CARDSPEC_NSS:
		return sandbox_enter(
		    SANDBOX_NSS, has_tokens(&spec->nss) ? NULL : spec->nss.db);
	case CARDSPEC_KEY:
		return enter_key(spec->key.file);
	case CARDSPEC_EXEC:
		return sandbox_enter(SANDBOX_EXEC, NULL);
	}
	return 0;
}
