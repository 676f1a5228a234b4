/* SPDX-License-Identifier: BSD-2-Clause */
/* vscard-ctl eject and insert */
#include <stdio.h>
#include <string.h>

#include "ctl/commands.h"
#include "ctl/state.h"
#include "ctl/status.h"
#include "util/log.h"

static void
candidates_tell(const struct state *state)
{
	for (size_t i = 0; i < state->readers_len; i++)
		if (state->readers[i].name != NULL)
			log_info("there is '%s'", state->readers[i].name);
}

/* The reader's LUN: an enum status. */
static int
reader_get(const struct options *opt, unsigned long *out_lun)
{
	const struct state_reader *reader;
	struct state state;
	struct ask ask;
	int rc = state_get(&state, opt->socket, &ask), status = STATUS_OK;

	if (rc < 0) {
		log_error("%s", ask.why);
		state_clear(&state);
		return STATUS_NO_DRIVER;
	}
	rc = state_find(&state, opt->reader, &reader);
	if (rc == 0) {
		*out_lun = reader->lun;
	} else {
		log_error(rc == -ENOENT ? "there is no reader '%s'"
					: "several readers have '%s' in "
					  "their name",
		    opt->reader);
		candidates_tell(&state);
		status = STATUS_USAGE;
	}
	state_clear(&state);
	return status;
}

static int
hold(const struct options *opt, const char *word)
{
	struct record_line request;
	struct record record = {.word = ""};
	struct ask ask;
	unsigned long lun;
	int rc, status = reader_get(opt, &lun);

	if (status != STATUS_OK)
		return status;
	record_begin(&request, word);
	record_number(&request, "lun", lun);
	if (opt->force)
		record_text(&request, "force", "yes");
	rc = ask_open(&ask, opt->socket, &request);
	if (rc == 0)
		rc = ask_next(&ask, &record);
	if (rc < 0)
		log_error("%s: %s", opt->reader, ask.why);
	else if (rc > 0 && strcmp(record.word, "pending") == 0)
		log_info("%s: as soon as the command in flight has ended; "
			 "--force does not wait",
		    opt->reader);
	ask_close(&ask);
	return rc < 0 ? STATUS_FAILED : STATUS_OK;
}

int
command_eject(const struct options *opt)
{
	return hold(opt, "eject");
}

int
command_insert(const struct options *opt)
{
	return hold(opt, "insert");
}
