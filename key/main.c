/* SPDX-License-Identifier: BSD-2-Clause */
/* vscard-key: makes and administers security keys that are files. */
#include "config.h"

#include <signal.h>
#include <stdio.h>

#include "card/keyfile.h"
#include "key/commands.h"
#include "key/options.h"
#include "key/status.h"
#include "util/log.h"

static enum status
say(const char *text)
{
	if (fputs(text, stdout) != EOF && fflush(stdout) != EOF)
		return STATUS_OK;
	log_error("cannot write to standard output");
	return STATUS_FAILED;
}

static enum status
run(const struct options *options)
{
	switch (options->action) {
	case OPTIONS_HELP:
		return say(options_help());
	case OPTIONS_VERSION:
		return say("vscard-key " PACKAGE_VERSION "\n");
	case OPTIONS_CREATE:
		return command_create(options);
	case OPTIONS_INFO:
		return command_info(options);
	case OPTIONS_RESET:
		return command_reset(options);
	case OPTIONS_PASSPHRASE:
		return command_passphrase(options);
	case OPTIONS_EXPORT:
		return command_export(options);
	case OPTIONS_BACKUP:
		return command_backup(options);
	case OPTIONS_RESTORE:
		return command_restore(options);
	}
	return STATUS_USAGE;
}

int
main(int argc, char *argv[])
{
	struct options options;
	char why[REFUSE_MAX];
	enum status status;
	sigset_t mask;
	int rc;

	log_set_prefix("vscard-key");
	rc = options_get(argc, argv, &options, why);
	if (rc < 0) {
		refuse_show("vscard-key", rc, why);
		return (int)STATUS_USAGE;
	}
	rc = keyfile_guard();
	if (rc < 0) {
		log_error("memory cannot be protected: %s", err_text(rc));
		return (int)STATUS_FAILED;
	}
	sigprocmask(SIG_SETMASK, NULL, &mask);
	status = run(&options);
	/* Ctrl-C at a question takes effect now that all is closed. */
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return (int)status;
}
