/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any text is an endpoint that is written as it was read, or is refused with a
 * reason. The first byte chooses between one text and two words.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "net/endpoint.h"
#include "tests/fuzz/fuzz.h"

static void
check_that(bool holds)
{
	if (!holds)
		abort();
}

/* What was taken is within its limits and survives being written. */
static void
check_taken(const struct endpoint *ep)
{
	char text[ENDPOINT_TEXT_MAX], again[ENDPOINT_TEXT_MAX];
	struct endpoint copy;

	endpoint_text(ep, text, sizeof(text));
	check_that(strlen(text) < sizeof(text) - 1);
	check_that(endpoint_get(text, &copy, NULL) == 0);
	check_that(copy.kind == ep->kind);
	check_that(copy.port == ep->port && copy.fd == ep->fd);
	check_that(strcmp(copy.host, ep->host) == 0);
	check_that(strcmp(copy.path, ep->path) == 0);
	endpoint_text(&copy, again, sizeof(again));
	check_that(strcmp(text, again) == 0);
}

static void
check_refused(const struct endpoint *ep, const char *why)
{
	static const struct endpoint zero;

	check_that(why != NULL && why[0] != '\0');
	check_that(memcmp(ep, &zero, sizeof(zero)) == 0);
}

static void
check_text(const char *text)
{
	char written[ENDPOINT_TEXT_MAX];
	const char *why = NULL;
	struct endpoint ep;

	memset(&ep, 0, sizeof(ep));
	if (endpoint_get(text, &ep, &why) < 0) {
		check_refused(&ep, why);
		return;
	}
	check_taken(&ep);
	endpoint_text(&ep, written, sizeof(written));
	check_that(strcmp(text, written) == 0);
}

static void
check_words(char *text)
{
	char *port = strchr(text, ' ');
	const char *why = NULL;
	struct endpoint ep;

	if (port != NULL)
		*port++ = '\0';
	memset(&ep, 0, sizeof(ep));
	if (endpoint_from_words(text, port, &ep, &why) < 0) {
		check_refused(&ep, why);
		return;
	}
	check_taken(&ep);
	check_that(strcmp(text, ep.host) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text;

	if (len == 0)
		return 0;
	text = strndup((const char *)data + 1, len - 1);
	if (text == NULL)
		return 0;
	if ((data[0] & 1) != 0)
		check_words(text);
	else
		check_text(text);
	free(text);
	return 0;
}
