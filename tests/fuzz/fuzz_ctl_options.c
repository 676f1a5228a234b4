/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vscard-ctl's command line, a word a line: it is taken with all that its
 * command needs and nothing that is another's, or refused with one line.
 */
#include <stdlib.h>
#include <string.h>

#include "ctl/commands.h"
#include "tests/fuzz/fuzz.h"
#include "util/refuse.h"

enum { WORDS_MAX = 40 };

static void
check_options(const struct options *o)
{
	bool takes_reader =
	    o->command == command_eject || o->command == command_insert;

	if (o->action != OPTIONS_RUN)
		return;
	MUST(o->command != NULL);
	MUST((o->reader != NULL) == takes_reader);
	MUST(!o->force || o->command == command_eject);
	MUST(!o->data || o->command == command_watch);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *rest = text;
	char program[] = "vscard-ctl", why[REFUSE_MAX] = "";
	char *argv[WORDS_MAX + 2] = {program};
	struct options options;
	int argc = 1;

	MUST(text != NULL);
	while (argc <= WORDS_MAX && rest != NULL && *rest != '\0')
		argv[argc++] = strsep(&rest, "\n");
	if (options_get(argc, argv, &options, why) == 0) {
		check_options(&options);
		MUST(why[0] == '\0');
	} else
		MUST(why[0] != '\0' && strchr(why, '\n') == NULL);
	free(text);
	return 0;
}
