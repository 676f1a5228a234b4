/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/stderr.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The variable is inherited by those whose stderr has been sent elsewhere, so
 * it names the file by its numbers.
 */
static bool
is_journal(void)
{
	const char *named = getenv("JOURNAL_STREAM");
	char text[64];
	struct stat st;

	if (named == NULL || fstat(STDERR_FILENO, &st) < 0)
		return false;
	snprintf(text, sizeof(text), "%" PRIuMAX ":%" PRIuMAX,
	    (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(named, text) == 0;
}

static bool
is_terminal(void)
{
	const char *kind = getenv("TERM");

	return kind != NULL && strcmp(kind, "dumb") != 0 &&
	    isatty(STDERR_FILENO) == 1;
}

enum log_style
stderr_style(void)
{
	if (is_journal())
		return LOG_STYLE_JOURNAL;
	return is_terminal() ? LOG_STYLE_TERMINAL : LOG_STYLE_PLAIN;
}
