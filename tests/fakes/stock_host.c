/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fakes/stock_host.h"

#include <string.h>

void
stock_host_greet_at(const char *here, int fd)
{
	static const uint8_t start[] = {'V', 'S', 'C', 'D', 0, 0, 0, 2};
	struct script_message init;

	script_take_at(here, fd, &init);
	if (init.type != SAY_INIT || init.id != 0 || init.len != 12 ||
	    memcmp(init.payload, start, sizeof(start)) != 0)
		script_fail(here, "no Init but type %u of %u bytes", init.type,
		    init.len);
	/* The low half of the capability word belongs to the protocol. */
	if (init.payload[10] != 0 || init.payload[11] != 0)
		script_fail(here, "capability bits of the protocol's own");
	script_say_at(here, fd, SAY_INIT, SCRIPT_NOBODY, SCRIPT_INIT);
}

int
stock_host_open_at(const char *here, int listener)
{
	int fd = script_accept_at(here, listener);

	stock_host_greet_at(here, fd);
	return fd;
}

void
stock_host_clear_at(const char *here, int fd)
{
	script_hear_at(here, fd, SAY_READER_REMOVE, 0, "");
	script_say_at(here, fd, SAY_ERROR, 0, SCRIPT_OK);
}

void
stock_host_add_at(const char *here, int fd, uint32_t id)
{
	struct script_message add;

	/* What id it carries is the client's affair: none is given yet. */
	script_take_at(here, fd, &add);
	if (add.type != SAY_READER_ADD || add.len != 0)
		script_fail(here, "no bare ReaderAdd but type %u of %u bytes",
		    add.type, add.len);
	script_say_at(here, fd, SAY_ERROR, id, SCRIPT_OK);
}

void
stock_host_atr_at(const char *here, int fd, uint32_t id, const char *atr)
{
	script_hear_at(here, fd, SAY_ATR, id, atr);
	script_say_at(here, fd, SAY_ERROR, id, SCRIPT_OK);
}

void
stock_host_ask_at(const char *here, int fd, uint32_t id, const char *command,
    const char *response)
{
	script_say_at(here, fd, SAY_APDU, id, command);
	script_hear_at(here, fd, SAY_APDU, id, response);
}

void
stock_host_leave_at(const char *here, int fd, uint32_t id)
{
	script_hear_at(here, fd, SAY_CARD_REMOVE, id, "");
	script_say_at(here, fd, SAY_ERROR, id, SCRIPT_OK);
	script_hear_at(here, fd, SAY_READER_REMOVE, id, "");
	script_say_at(here, fd, SAY_ERROR, id, SCRIPT_OK);
}
