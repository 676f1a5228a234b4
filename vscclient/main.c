/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vscclient: supplies smart cards to a VSCard host. One program, two kinds of
 * process: the one that speaks to the network holds no card, and the one that
 * holds a card (--connect fd:N) speaks to no network.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "util/log.h"
#include "vscclient/cardproc.h"
#include "vscclient/netproc.h"
#include "vscclient/options.h"
#include "vscclient/status.h"
#include "vscclient/stderr.h"

static void
say_nothing(enum log_level level, const char *line)
{
	(void)level;
	(void)line;
}

static void
set_volume(enum options_volume volume)
{
	static const enum log_level levels[] = {
	    [OPTIONS_ERRORS - OPTIONS_SILENT] = LOG_LEVEL_ERROR,
	    [OPTIONS_WARNINGS - OPTIONS_SILENT] = LOG_LEVEL_WARNING,
	    [OPTIONS_INFO - OPTIONS_SILENT] = LOG_LEVEL_INFO,
	    [OPTIONS_DEBUG - OPTIONS_SILENT] = LOG_LEVEL_DEBUG,
	};

	log_set_prefix("vscclient");
	log_set_style(stderr_style());
	log_set_ration();
	if (volume == OPTIONS_SILENT)
		log_set_sink(say_nothing);
	else
		log_set_level(levels[volume - OPTIONS_SILENT]);
}

/* A service's journal has no use for where to read more. */
static enum status
usage_fail(int err, const char *why)
{
	if (stderr_style() == LOG_STYLE_JOURNAL) {
		log_set_style(LOG_STYLE_JOURNAL);
		log_error("%s", err == -EINVAL ? why : err_text(err));
	} else
		refuse_show("vscclient", err, why);
	return STATUS_USAGE;
}

static enum status
say(const char *text)
{
	return fputs(text, stdout) == EOF || fflush(stdout) == EOF ?
	    STATUS_FAILED : STATUS_OK;
}

static enum status
run(const struct options *options)
{
	set_volume(options->volume);
	if (options->endpoint.kind == ENDPOINT_FD)
		return cardproc_run(&options->cards[0].spec,
		    options->endpoint.fd, options->sandbox);
	return netproc_run(options);
}

int
main(int argc, char *argv[])
{
	struct options options;
	char why[REFUSE_MAX];
	enum status status;
	int rc;

	rc = options_init(&options, argc, argv, why);
	if (rc < 0)
		return (int)usage_fail(rc, why);
	switch (options.action) {
	case OPTIONS_HELP:
		status = say(options_help());
		break;
	case OPTIONS_VERSION:
		status = say("vscclient " PACKAGE_VERSION "\n");
		break;
	default:
		status = run(&options);
		break;
	}
	options_clear(&options);
	return (int)status;
}
