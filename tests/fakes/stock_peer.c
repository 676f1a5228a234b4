/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fakes/stock_peer.h"

int
stock_peer_open_at(const char *here, const char *endpoint)
{
	int fd = script_dial_at(here, endpoint);

	script_say_at(here, fd, SAY_INIT, 0, SCRIPT_INIT);
	script_hear_at(here, fd, SAY_INIT, SCRIPT_NOBODY, SCRIPT_INIT);
	return fd;
}

void
stock_peer_add_at(const char *here, int fd)
{
	script_send_at(here, fd, "00000004 00000000 00000000"
	                         "00000003 00000000 00000000");
	script_hear_at(here, fd, SAY_ERROR, 0, SCRIPT_OK);
	script_hear_at(here, fd, SAY_ERROR, 0, SCRIPT_OK);
}

void
stock_peer_insert_at(const char *here, int fd, uint32_t id, const char *atr)
{
	script_say_at(here, fd, SAY_ATR, id, atr);
	script_hear_at(here, fd, SAY_ERROR, id, SCRIPT_OK);
}

int
stock_peer_start_at(const char *here, const char *endpoint, const char *atr)
{
	int fd = stock_peer_open_at(here, endpoint);

	stock_peer_add_at(here, fd);
	stock_peer_insert_at(here, fd, 0, atr);
	return fd;
}

void
stock_peer_serve_at(const char *here, int fd, uint32_t id, const char *command,
    const char *response)
{
	script_hear_at(here, fd, SAY_APDU, id, command);
	script_say_at(here, fd, SAY_APDU, id, response);
}
