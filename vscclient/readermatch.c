/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/readermatch.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

static const char own_word[] = "vscard";

static bool
is_own(const char *name)
{
	return strncasecmp(name, own_word, strlen(own_word)) == 0;
}

bool
readermatch_is_meant(const char *name, const char *pattern)
{
	return pattern != NULL && (strcasestr(pattern, own_word) != NULL ||
	    strcasecmp(pattern, name) == 0);
}

bool
readermatch(const char *name, const char *pattern)
{
	if (is_own(name) && !readermatch_is_meant(name, pattern))
		return false;
	if (pattern == NULL)
		return true;
	return strcasestr(name, pattern) != NULL ||
	    fnmatch(pattern, name, FNM_CASEFOLD) == 0;
}
