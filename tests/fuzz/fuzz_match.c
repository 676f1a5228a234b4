/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reader's name and the user's pattern, with a newline between. Nothing but
 * the pattern decides about a reader of this project; neither does the case of
 * letters.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "vscclient/readermatch.h"

static void
upper(char *text)
{
	for (; *text != '\0'; text++)
		*text = (char)toupper((unsigned char)*text);
}

static void
check(char *name, char *pattern)
{
	bool match = readermatch(name, pattern);
	bool own = strncasecmp(name, "vscard", 6) == 0;

	MUST(readermatch(name, NULL) == !own);
	MUST(!match || !own || readermatch_is_meant(name, pattern));
	MUST(readermatch(name, name) && readermatch_is_meant(name, name));
	upper(name);
	/* Within brackets a range need not have the same letters. */
	MUST(strchr(pattern, '[') != NULL ||
	     readermatch(name, pattern) == match);
	if (own || strpbrk(pattern, "*?[\\") != NULL)
		return;
	upper(pattern);
	MUST(match == (strstr(name, pattern) != NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name = strndup((const char *)data, size), *pattern;

	MUST(name != NULL);
	pattern = strchr(name, '\n');
	if (pattern != NULL) {
		*pattern++ = '\0';
		check(name, pattern);
	}
	free(name);
	return 0;
}
