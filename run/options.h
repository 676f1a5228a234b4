/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of vscard-run, checked. */
#ifndef VSCARD_RUN_OPTIONS_H
#define VSCARD_RUN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "util/err.h"

/* What the driver takes; a pcscd before 2.5 takes no more than 16. */
enum { OPTIONS_SLOTS_MAX = 200 };

enum options_action { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION };

/* Text is borrowed from argv, the environment or the program, but trace. */
struct options {
	enum options_action action;
	const char **cards; /* the SPECs */
	size_t n_cards;
	const char **sets; /* the KEY=VALUEs */
	size_t n_sets;
	unsigned slots;
	const char *listen;    /* an endpoint, unless it connects */
	bool connects;         /* one of the sets says where */
	const char *driver;    /* NULL: the installed one */
	const char *vscclient; /* NULL: the installed one, or PATH's */
	const char *pcscd;     /* NULL: PATH's */
	char *trace;           /* an absolute path; NULL: none */
	bool trace_secrets;
	int timeout_ms;
	bool verbose;
	char **command; /* NULL-terminated, at least one word */
};

/*
 * -EINVAL writes one line into why, which holds REFUSE_MAX bytes; nothing is
 * to be cleared after a failure.
 */
int options_get(
    int argc, char *argv[], struct options *out, char *why) MUST_CHECK;
void options_clear(struct options *);
/* "run", "help", "version". */
const char *options_action_name(enum options_action);
/* The text of --help. */
const char *options_usage(void);

#endif
