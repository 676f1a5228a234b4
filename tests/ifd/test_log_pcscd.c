/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver's words in pcscd's log; the test stands in for pcscd. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

#include "tests/ifd/host.h"
#include "tests/ifd/raw_peer.h"

void log_msg(const int priority, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), visibility("default")));

void
log_msg(const int priority, const char *fmt, ...)
{
	(void)priority;
	(void)fmt;
}

/* pcscd opens a reader's other slots while the hub is at work already. */
START_TEST(slots_open_while_the_hub_talks)
{
	int port = host_port(), fd;
	char name[64];

	host_open(port, 1, NULL);
	fd = raw_peer_new(port);
	raw_peer_card(fd, 0);
	raw_peer_await(fd, WIRE_ERROR);
	snprintf(name, sizeof(name), "tcp:127.0.0.1:%d", port);
	/* Refused, but not before the driver has set up its log. */
	ck_assert_int_ne(
	    IFDHCreateChannelByName(HOST_LUN + 1, name), IFD_SUCCESS);
	close(fd);
	host_close(1);
}
END_TEST

UNIT_SUITE("log_pcscd", slots_open_while_the_hub_talks)
