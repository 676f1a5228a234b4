/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "vscard/vscard.h"
#include "vscclient/nss_args.h"

/* The string must be one that libcacard reads as it was meant. */
static void
check_args(const struct cardspec_nss *nss)
{
	static const char *const words[] = {"no", "yes", "removable"};
	char between[40], why[REFUSE_MAX] = "";
	size_t separators = 0;
	const char *soft;
	char *args;
	int rc;

	rc = nss_args_new(nss, &args, why);
	if (rc < 0) {
		if (why[0] == '\0')
			abort();
		return;
	}
	/* The path ends where it should; one bracket, at the very end. */
	snprintf(between, sizeof(between), "\" use_hw=%s soft=(,",
	    words[nss->hw]);
	soft = strchr(args + strlen("db=\""), '"');
	if (soft == NULL || strncmp(soft, between, strlen(between)) != 0 ||
	    strchr(soft, ')') != soft + strlen(soft) - 1)
		abort();
	for (; *soft != '\0'; soft++)
		separators += *soft == ',';
	if (separators != (nss->soft_count > 0 ? 3 +
	    nss->soft[0].cert_count : 0))
		abort();
	free(args);
}

static void
check_key(const struct cardspec_key *key)
{
	bool command = key->touch == CARDSPEC_TOUCH_COMMAND;

	if ((key->touch_argv[0] != NULL) != command ||
	    key->touch_argv[CARDSPEC_WORDS_MAX] != NULL ||
	    (key->file == NULL && key->passphrase_file != NULL) ||
	    (key->name != NULL && (*key->name == '\0' ||
	    strlen(key->name) > VSCARD_NAME_MAX ||
	    cardspec_is_reserved(key->name))))
		abort();
}

/* A SPEC is taken with all that its kind needs, or refused with words. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cardspec spec;
	char why[REFUSE_MAX] = "";
	char *text = malloc(size + 1);

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (cardspec_init(&spec, text, why) < 0) {
		if (why[0] == '\0')
			abort();
	} else {
		if (spec.kind == CARDSPEC_KEY)
			check_key(&spec.key);
		/* Hardware has no certificates to name. */
		if (spec.kind == CARDSPEC_NSS && spec.nss.soft_count > 0)
			check_args(&spec.nss);
		cardspec_clear(&spec);
	}
	free(text);
	return 0;
}
