/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver's words in pcscd's log; the test stands in for pcscd. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/ifd/host.h"
#include "tests/ifd/raw_peer.h"

enum { REFUSALS = 20 };

static struct {
	pthread_mutex_t lock;
	unsigned refusals;
} heard = {.lock = PTHREAD_MUTEX_INITIALIZER};

void log_msg(const int priority, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), visibility("default")));

void
log_msg(const int priority, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	(void)priority;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&heard.lock);
	if (strstr(line, "no slot left") != NULL)
		heard.refusals++;
	pthread_mutex_unlock(&heard.lock);
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

/* A peer that asks again and again does not fill the log. */
START_TEST(refusals_are_said_once)
{
	int port = host_port(), holder, fd;
	unsigned refusals;

	host_open(port, 1, NULL);
	holder = raw_peer_new(port);
	raw_peer_card(holder, 0);
	raw_peer_await(holder, WIRE_ERROR);
	fd = raw_peer_new(port);
	for (int i = 0; i < REFUSALS; i++) {
		raw_peer_add(fd);
		raw_peer_await(fd, WIRE_ERROR);
	}
	close(fd);
	close(holder);
	host_close(1);
	pthread_mutex_lock(&heard.lock);
	refusals = heard.refusals;
	pthread_mutex_unlock(&heard.lock);
	ck_assert_uint_eq(refusals, 1);
}
END_TEST

UNIT_SUITE("log_pcscd", slots_open_while_the_hub_talks,
    refusals_are_said_once)
