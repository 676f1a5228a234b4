/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be said at the prompt, and what it does. */
#ifndef VSCCLIENT_COMMANDS_H
#define VSCCLIENT_COMMANDS_H

#include <stdio.h>

#include "util/log.h"
#include "vscclient/relay.h"

struct commands {
	struct relay *relay;
	FILE *out;
	void (*on_exit)(void *arg);
	void *arg;
	enum log_level quiet; /* the level of "debug 0" */
	unsigned selected;    /* the reader that is meant without an id */
	unsigned debug;
};

/* The words, for completion; NULL behind the last. */
const char *const *commands_words(void);
/* Carries a line out and writes what there is to say; cuts the line up. */
void commands_run(struct commands *, char *line);

#endif
