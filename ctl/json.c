/* SPDX-License-Identifier: BSD-2-Clause */
#include "ctl/json.h"

#include <stdio.h>

#include "util/log.h"

int
json_print(json_t *value, size_t flags)
{
	int rc = -ENOMEM;

	if (value != NULL && json_dumpf(value, stdout, flags) == 0) {
		putchar('\n');
		rc = fflush(stdout) == 0 ? 0 : -EIO;
	}
	json_decref(value);
	if (rc < 0)
		log_error("cannot print JSON: %s", err_text(rc));
	return rc;
}
