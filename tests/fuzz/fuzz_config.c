/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "ifd/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file is accepted with all its values in range, or refused with words. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config config = {.slots = 0};
	struct config_why why = {""};
	char *text = malloc(size + 1);
	int rc;

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	rc = config_parse("fuzz", text, &config, &why);
	if (rc == 0 &&
	    (config.slots < 1 || config.slots > CONFIG_SLOTS_MAX ||
	        config.apdu_timeout < 1 ||
	        config.apdu_timeout > CONFIG_APDU_TIMEOUT_MAX))
		abort();
	if (rc < 0 && why.text[0] == '\0')
		abort();
	free(text);
	return 0;
}
