/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "vscclient/emul.h"
#include "vscclient/nss_args.h"

static void
must(bool so)
{
	if (!so)
		abort();
}

/* The same token and certificates, in the same order. */
static void
check_soft(const struct cardspec_soft *a, const struct cardspec_soft *b)
{
	must(strcmp(a->slot, b->slot) == 0);
	must(a->cert_count == b->cert_count && a->cert_count > 0);
	for (size_t i = 0; i < a->cert_count; i++)
		must(strcmp(a->certs[i], b->certs[i]) == 0);
}

/* What libcacard is given means what was read. */
static void
check_args(const struct cardspec_nss *nss)
{
	char why[REFUSE_MAX] = "";
	struct cardspec again;
	char *args;

	if (nss_args_new(nss, &args, why) < 0) {
		must(why[0] != '\0');
		return;
	}
	must(emul_init(&again, args, NULL, 0, why) == 0);
	must(again.kind == CARDSPEC_NSS && again.nss.hw == nss->hw);
	must(strcmp(again.nss.db, nss->db) == 0);
	must(again.nss.soft_count == nss->soft_count);
	for (size_t i = 0; i < nss->soft_count; i++)
		check_soft(&again.nss.soft[i], &nss->soft[i]);
	cardspec_clear(&again);
	free(args);
}

/* A string is taken with all that a card needs, or refused with one line. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[REFUSE_MAX] = "";
	struct cardspec spec;
	char *text = malloc(size + 1);

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (emul_init(&spec, text, NULL, 0, why) < 0) {
		must(why[0] != '\0' && strchr(why, '\n') == NULL);
	} else {
		if (spec.kind == CARDSPEC_NSS) {
			must(spec.nss.hw != CARDSPEC_HW_NO ||
			    spec.nss.soft_count > 0);
			check_args(&spec.nss);
		}
		cardspec_clear(&spec);
	}
	free(text);
	return 0;
}
