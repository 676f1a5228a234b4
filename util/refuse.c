/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/refuse.h"

#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { WORDS = 0x100 };

int
refuse(char *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, REFUSE_MAX, fmt, ap);
	va_end(ap);
	for (char *c = why; *c != '\0'; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
	return -EINVAL;
}

/*
 * getopt tells a wrong letter by its code, and a long option by its place; the
 * code of a letter that there is means its long word with a value too many.
 */
int
refuse_option(char *why, int c, const char *letters, char *argv[])
{
	const char *word = argv[optind - 1];
	bool is_code = optopt > 0;

	if (is_code && optopt < WORDS && strchr(letters, optopt) == NULL)
		return refuse(why, "unknown option '-%c'", optopt);
	if (c == ':')
		return refuse(why, "option '%s' needs a value", word);
	if (is_code)
		return refuse(why, "option '%s' takes no value", word);
	return refuse(why, "unknown option '%s'", word);
}

void
refuse_show(const char *program, int err, const char *why)
{
	fprintf(stderr,
	    "%s: %s\n"
	    "Try '%s --help' for more information.\n",
	    program, err == -EINVAL ? why : err_text(err), program);
}
