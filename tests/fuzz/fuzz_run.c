/* SPDX-License-Identifier: BSD-2-Clause */
/* vscard-run's command line, a word a line. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "run/options.h"
#include "tests/fuzz/fuzz.h"
#include "util/refuse.h"

enum { WORDS_MAX = 260 };

/* What goes into a file of lines is one line. */
static void
check_lines(const char *const *words, size_t len)
{
	for (size_t i = 0; i < len; i++)
		MUST(words[i][0] != '\0' && strchr(words[i], '\n') == NULL);
}

static void
check_options(const struct options *o)
{
	check_lines(o->cards, o->n_cards);
	check_lines(o->sets, o->n_sets);
	MUST(o->timeout_ms > 0);
	MUST(o->trace == NULL || o->trace[0] == '/');
	if (o->action != OPTIONS_RUN)
		return;
	MUST(o->slots >= 1 && o->slots <= OPTIONS_SLOTS_MAX);
	MUST(o->n_cards <= o->slots && o->command[0] != NULL);
	MUST(!o->trace_secrets || o->trace != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *rest = text;
	char program[] = "vscard-run", why[REFUSE_MAX] = "";
	char *argv[WORDS_MAX + 2] = {program};
	struct options options;
	int argc = 1;

	MUST(text != NULL);
	opterr = 0;
	while (argc <= WORDS_MAX && rest != NULL && *rest != '\0')
		argv[argc++] = strsep(&rest, "\n");
	if (options_get(argc, argv, &options, why) == 0) {
		check_options(&options);
		options_clear(&options);
	} else
		MUST(why[0] != '\0' && strchr(why, '\n') == NULL);
	free(text);
	return 0;
}
