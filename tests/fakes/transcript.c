/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fakes/transcript.h"

#include <stdio.h>
#include <string.h>

struct reading {
	const char *here;
	const char *list;
	struct transcript result;
	unsigned said;     /* by us, in this conversation */
	unsigned removals; /* CardRemove, then ReaderRemove, as the last words */
	uint32_t last;     /* of our control messages */
	bool awaiting;     /* its acknowledgement */
};

static bool
is_control(uint32_t type)
{
	return type >= SAY_READER_ADD && type <= SAY_CARD_REMOVE;
}

static void
is_true(const struct reading *r, bool truth, const char *what)
{
	if (!truth)
		script_fail(r->here, "%s:\n%s", what, r->list);
}

static void
on_our_control(struct reading *r, uint32_t type, uint32_t id)
{
	is_true(r, !r->awaiting, "not awaited the acknowledgement");
	is_true(r, r->said != 1 || (type == SAY_READER_REMOVE && id == 0),
	    "the first is not ReaderRemove(0)");
	r->result.left = type == SAY_READER_REMOVE &&
	    r->last == SAY_CARD_REMOVE;
	r->last = type;
	r->awaiting = true;
}

static void
on_ours(struct reading *r, uint32_t type, uint32_t id)
{
	if (type == SAY_INIT) {
		r->result.conversations++;
		r->said = 0;
		r->awaiting = false;
		r->last = 0;
	}
	is_true(r, r->result.conversations > 0, "Init is not the first");
	is_true(r, type == SAY_INIT || is_control(type) || type == SAY_APDU ||
	    type == SAY_ERROR, "not for a stock host");
	if (type != SAY_INIT)
		r->result.left = false;
	if (is_control(type))
		on_our_control(r, type, id);
	r->said++;
}

static void
on_theirs(struct reading *r, uint32_t type)
{
	if (type == SAY_INIT)
		r->result.host_inits++;
	if (type != SAY_ERROR)
		return;
	is_true(r, r->awaiting, "acknowledged what was not said");
	r->awaiting = false;
}

struct transcript
transcript_check_at(const char *here, const char *list, char ours)
{
	struct reading r = {.here = here, .list = list};
	const char *line;
	uint32_t type, id;
	char mark;

	for (line = list; *line != '\0'; line = strchr(line, '\n') + 1) {
		if (sscanf(line, "%c %u %x", &mark, &type, &id) != 3)
			script_fail(here, "what is this: %s", line);
		if (mark == ours)
			on_ours(&r, type, id);
		else
			on_theirs(&r, type);
	}
	r.result.left = r.result.left && !r.awaiting;
	return r.result;
}
