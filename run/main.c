/* SPDX-License-Identifier: BSD-2-Clause */
/* vscard-run: a private pcscd with virtual readers around a command. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "run/front.h"
#include "run/options.h"
#include "run/programs.h"
#include "run/supervise.h"
#include "util/log.h"
#include "util/refuse.h"

static int
text_put(const char *text)
{
	if (fputs(text, stdout) >= 0 && fflush(stdout) == 0)
		return EXIT_SUCCESS;
	log_error("cannot write to stdout");
	return SUPERVISE_EXIT_FAILED;
}

static int
run(const struct options *opt)
{
	struct programs programs;
	int status;

	if (opt->verbose)
		log_set_level(LOG_LEVEL_DEBUG);
	if (programs_find(opt, &programs) < 0)
		return SUPERVISE_EXIT_FAILED;
	status = front_run(opt, &programs);
	programs_clear(&programs);
	return status;
}

int
main(int argc, char *argv[])
{
	struct options opt;
	char why[REFUSE_MAX];
	int status;
	int rc;

	log_set_prefix("vscard-run");
	rc = options_get(argc, argv, &opt, why);
	if (rc < 0) {
		refuse_show("vscard-run", rc, why);
		return SUPERVISE_EXIT_FAILED;
	}
	switch (opt.action) {
	case OPTIONS_HELP:
		status = text_put(options_usage());
		break;
	case OPTIONS_VERSION:
		status = text_put("vscard-run " PACKAGE_VERSION "\n");
		break;
	default:
		status = run(&opt);
	}
	options_clear(&opt);
	return status;
}
