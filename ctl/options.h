/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of vscard-ctl. */
#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

#include <stdbool.h>

#include "util/err.h"

struct options;

/* What a command does; returns an enum status. */
typedef int command_fn(const struct options *);

enum options_action { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION };

struct options {
	enum options_action action;
	command_fn *command;
	const char *reader; /* eject, insert */
	const char *socket; /* NULL: there is to be none */
	bool json;
	bool force;
	bool data; /* watch shows the bytes too */
};

/*
 * Borrows argv. -EINVAL writes one line into why, which holds REFUSE_MAX
 * bytes.
 */
int options_get(
    int argc, char *argv[], struct options *out, char *why) MUST_CHECK;
const char *options_usage(void);

#endif
