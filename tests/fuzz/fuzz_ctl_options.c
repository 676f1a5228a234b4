/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vscard-ctl's command line, a word a line: it is taken with all that its
 * command needs and nothing that is another's, or refused with one line.
 */
#include <stdlib.h>
#include <string.h>

#include "ctl/commands.h"
#include "tests/fuzz/fuzz.h"
#include "util/log.h"

enum { WORDS_MAX = 40 };

static unsigned lines;

static void
count_line(enum log_level level, const char *line)
{
	MUST(level == LOG_LEVEL_ERROR && line[0] != '\0');
	lines++;
}

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
	char program[] = "vscard-ctl", *argv[WORDS_MAX + 2] = {program};
	struct options options;
	int argc = 1;

	MUST(text != NULL);
	log_set_sink(count_line);
	lines = 0;
	while (argc <= WORDS_MAX && rest != NULL && *rest != '\0')
		argv[argc++] = strsep(&rest, "\n");
	if (options_get(argc, argv, &options) == 0) {
		check_options(&options);
		MUST(lines == 0);
	} else
		MUST(lines == 1);
	free(text);
	return 0;
}
