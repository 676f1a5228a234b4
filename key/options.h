/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of vscard-key. */
#ifndef KEY_OPTIONS_H
#define KEY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "util/refuse.h"

enum options_action {
	OPTIONS_HELP,
	OPTIONS_VERSION,
	OPTIONS_CREATE,
	OPTIONS_INFO,
	OPTIONS_RESET,
	OPTIONS_PASSPHRASE,
	OPTIONS_EXPORT,
	OPTIONS_BACKUP,
	OPTIONS_RESTORE
};

/* Where a passphrase comes from: a person, unless one of them is set. */
struct options_source {
	const char *file; /* NULL: none */
	int fd;           /* -1: none */
};

struct options {
	enum options_action action;
	const char *file;                     /* the first */
	const char *other;                    /* the second, or NULL */
	const char *name;                     /* of a new key */
	struct options_source passphrase;     /* of the file that is opened */
	struct options_source new_passphrase; /* of the file from now on */
	bool with_passphrase;                 /* a new file gets one */
	bool without;                         /* the passphrase is taken away */
	bool json;
	bool yes;
};

/* Borrows argv's words. -EINVAL writes one line into why. */
int
options_get(int argc, char *argv[], struct options *out, char *why) MUST_CHECK;
/* The text of --help. */
const char *options_help(void);

#endif
