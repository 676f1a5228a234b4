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
#include "vscclient/sandbox.h"
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
	if (volume == OPTIONS_SILENT)
		log_set_sink(say_nothing);
	else
		log_set_level(levels[volume - OPTIONS_SILENT]);
}

/* A service's journal has no use for where to read more. */
static enum status
refuse(const char *why)
{
	if (stderr_style() == LOG_STYLE_JOURNAL) {
		log_set_style(LOG_STYLE_JOURNAL);
		log_error("%s", why);
		return STATUS_USAGE;
	}
	fprintf(stderr, "vscclient: %s\n"
	    "Try 'vscclient --help' for more information.\n", why);
	return STATUS_USAGE;
}

static enum status
say(const char *text)
{
	return fputs(text, stdout) == EOF || fflush(stdout) == EOF ?
	    STATUS_FAILED : STATUS_OK;
}

/* A token of another module may have its files anywhere, and its helpers. */
static bool
has_tokens(const struct cardspec_nss *nss)
{
	for (size_t i = 0; i < nss->soft_count; i++)
		if (*nss->soft[i].slot != '\0')
			return true;
	return nss->hw != CARDSPEC_HW_NO;
}

static int
enter_sandbox(const struct cardspec *spec)
{
	switch (spec->kind) {
	case CARDSPEC_PCSC:
		return sandbox_enter(getenv("PCSCLITE_CSOCK_NAME") != NULL ?
		    SANDBOX_PCSC_ELSEWHERE : SANDBOX_PCSC, NULL);
	case CARDSPEC_NSS:
		return sandbox_enter(SANDBOX_NSS, has_tokens(&spec->nss) ?
		    NULL : spec->nss.db);
	case CARDSPEC_EXEC:
		return sandbox_enter(SANDBOX_EXEC, NULL);
	}
	return 0;
}

static enum status
run_card(const struct options *options)
{
	const struct cardspec *spec = &options->cards[0].spec;
	int rc = options->sandbox ? enter_sandbox(spec) : 0;

	if (rc == 0)
		return cardproc_run(spec, options->endpoint.fd);
	log_error("rights cannot be given up: %s; see --no-sandbox",
	    err_text(rc));
	return STATUS_FAILED;
}

static enum status
run(const struct options *options)
{
	set_volume(options->volume);
	if (options->endpoint.kind == ENDPOINT_FD)
		return run_card(options);
	return netproc_run(options);
}

int
main(int argc, char *argv[])
{
	struct options options;
	char why[OPTIONS_WHY_MAX];
	enum status status;
	int rc;

	rc = options_init(&options, argc, argv, why);
	if (rc < 0)
		return (int)refuse(rc == -EINVAL ? why : err_text(rc));
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
