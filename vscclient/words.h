/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line split into words, with a shell's quotes and nothing else of a shell:
 * blanks separate, '…' takes all as it is, "…" all but \" and \\, and
 * elsewhere a backslash takes the next character as it is.
 */
#ifndef VSCCLIENT_WORDS_H
#define VSCCLIENT_WORDS_H

#include "util/err.h"

/*
 * The next word of *rest, cut and unquoted in place: 1, 0 at the end, or
 * -EINVAL for a quote that is not closed or a backslash at the very end.
 * *rest moves on.
 */
int words_next(char **rest, char **out_word) MUST_CHECK;

#endif
