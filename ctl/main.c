/* SPDX-License-Identifier: BSD-2-Clause */
/* vscard-ctl: shows and steers the driver in a running pcscd. */
#include "config.h"

#include <stdio.h>

#include "ctl/options.h"
#include "ctl/status.h"
#include "util/log.h"
#include "util/refuse.h"

static int
text_put(const char *text)
{
	if (fputs(text, stdout) >= 0)
		return STATUS_OK;
	return STATUS_FAILED;
}

int
main(int argc, char *argv[])
{
	struct options opt;
	char why[REFUSE_MAX];
	int status;
	int rc;

	log_set_prefix("vscard-ctl");
	rc = options_get(argc, argv, &opt, why);
	if (rc < 0) {
		refuse_show("vscard-ctl", rc, why);
		return STATUS_USAGE;
	}
	switch (opt.action) {
	case OPTIONS_HELP:
		status = text_put(options_usage());
		break;
	case OPTIONS_VERSION:
		status = text_put("vscard-ctl " PACKAGE_VERSION "\n");
		break;
	default:
		status = opt.command(&opt);
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_error("cannot write to stdout");
		status = STATUS_FAILED;
	}
	return status;
}
