/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "ctl/readerconf.h"
#include "tests/fuzz/fuzz.h"

/* Whatever is in reader.conf, each entry's values are texts. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct readerconf conf = {.entries = NULL};
	char *text = malloc(size + 1);

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (readerconf_parse(&conf, "fuzz", text) < 0 &&
	    conf.entries_len != READERCONF_ENTRIES_MAX)
		abort();
	for (size_t i = 0; i < conf.entries_len; i++) {
		(void)readerconf_is_ours(&conf.entries[i]);
		if (memchr(conf.entries[i].name, '\0', READERCONF_VALUE_MAX) ==
		    NULL)
			abort();
	}
	readerconf_clear(&conf);
	free(text);
	return 0;
}
