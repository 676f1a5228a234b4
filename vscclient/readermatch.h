/* SPDX-License-Identifier: BSD-2-Clause */
/* Which reader does the user mean? */
#ifndef VSCCLIENT_READERMATCH_H
#define VSCCLIENT_READERMATCH_H

#include <stdbool.h>

/*
 * A name matches a pattern that occurs in it, or that as a shell glob covers
 * all of it, in either case of letters; NULL matches every name. A reader of
 * this project ("vscard…") matches only a pattern with that word in it:
 * forwarding one by accident would go round in a circle.
 */
bool readermatch(const char *name, const char *pattern);
/*
 * Does the pattern mean a reader of this project, whatever that is called? It
 * does if it has the word in it, or is the very name.
 */
bool readermatch_is_meant(const char *name, const char *pattern);

#endif
