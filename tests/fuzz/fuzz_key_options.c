/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vscard-key's command line, a word a line: it is taken with the files that
 * its command needs and nothing that is another's, or refused with one line.
 */
#include <stdlib.h>
#include <string.h>

#include "key/options.h"
#include "tests/fuzz/fuzz.h"
#include "util/refuse.h"

enum { WORDS_MAX = 40 };

static void
check_source(const struct options_source *source)
{
	MUST(source->file == NULL || source->fd < 0);
	MUST(source->file == NULL || source->file[0] != '\0');
	MUST(source->fd >= -1);
}

static void
check_options(const struct options *o)
{
	bool copies =
	    o->action == OPTIONS_BACKUP || o->action == OPTIONS_RESTORE;
	bool has_new =
	    o->new_passphrase.file != NULL || o->new_passphrase.fd >= 0;

	if (o->action == OPTIONS_HELP || o->action == OPTIONS_VERSION)
		return;
	MUST(o->file != NULL && o->file[0] != '\0');
	MUST(o->other == NULL || o->other[0] != '\0');
	MUST(!copies || o->other != NULL);
	MUST(copies || o->action == OPTIONS_EXPORT || o->other == NULL);
	check_source(&o->passphrase);
	check_source(&o->new_passphrase);
	MUST(!has_new || !o->without);
	MUST(!(has_new || o->without) || o->action == OPTIONS_PASSPHRASE);
	MUST(!o->json || o->action == OPTIONS_INFO);
	MUST(!(o->with_passphrase || o->name[0] != '\0') ||
	     o->action == OPTIONS_CREATE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *rest = text;
	char program[] = "vscard-key", why[REFUSE_MAX] = "";
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
