/* SPDX-License-Identifier: BSD-2-Clause */
/* What is wrong with a user's words, in one line for the user. */
#ifndef VSCARD_UTIL_REFUSE_H
#define VSCARD_UTIL_REFUSE_H

#include "util/err.h"

enum { REFUSE_MAX = 512 };

/*
 * Writes the line into why, which holds REFUSE_MAX bytes, and returns -EINVAL.
 * Control characters become '?'.
 */
int refuse(char *why, const char *fmt, ...) PRINTF_LIKE(2, 3);
/*
 * The same for an option that getopt_long(3), called with these letters, a
 * colon first, has answered with c, '?' or ':'. The codes of words without a
 * letter are from 0x100 on.
 */
int refuse_option(char *why, int c, const char *letters, char *argv[]);
/*
 * Tells the user on stderr why the command line of that program was not
 * taken, and where to read more; err is -EINVAL, or says why by itself.
 */
void refuse_show(const char *program, int err, const char *why);

#endif
