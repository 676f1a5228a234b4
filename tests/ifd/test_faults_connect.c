/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The n-th call fails of a driver that dials (connect =), from opening the
 * channel to closing it, with a peer that hangs up once: it calls again until
 * it has its card, and no deadline, descriptor or thread is lost.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/backoff.h"
#include "tests/ifd/card_peer.h"
#include "tests/ifd/host.h"
#include "tests/unit/fault.h"
#include "util/log.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Nobody waits here before the next try. */
unsigned __wrap_backoff_next(struct backoff *);

unsigned
__wrap_backoff_next(struct backoff *b)
{
	(void)b;
	return 1;
}

static struct {
	char path[32];
	int door; /* where the driver calls */
	struct card_peer *peer;
	unsigned reader;
	unsigned failures;
} scene;

static void
hush(enum log_level level, const char *line)
{
	(void)level;
	(void)line;
}

static void
scene_setup(void)
{
	int port = host_port();
	FILE *file;

	log_set_sink(hush);
	scene.door = host_listen(port);
	strcpy(scene.path, "/tmp/vscard-test-XXXXXX");
	file = fdopen(mkstemp(scene.path), "w");
	ck_assert_ptr_nonnull(file);
	fprintf(file,
	    "connect = tcp:127.0.0.1:%d\nslots = 1\napdu_timeout = 2\n"
	    "handshake_timeout = 2\nwrite_timeout = 2\n",
	    port);
	ck_assert_int_eq(fclose(file), 0);
}

static void
scene_teardown(void)
{
	close(scene.door);
	unlink(scene.path);
	host_ports_free();
}

/* --- the peer ----------------------------------------------------------- */

static void
peer_go(void)
{
	card_peer_free(scene.peer);
	scene.peer = NULL;
}

/* Once the driver has called. */
static struct card_peer *
peer_come(void)
{
	struct pollfd pfd = {.fd = scene.door, .events = POLLIN};
	struct card_peer *peer;
	int fd, on = 1;

	if (poll(&pfd, 1, 100) != 1)
		return NULL;
	fd = accept4(scene.door, NULL, NULL, SOCK_CLOEXEC);
	ck_assert_int_eq(
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), 0);
	peer = card_peer_adopt(fd, false);
	ck_assert_ptr_nonnull(peer);
	return peer;
}

/* --- the scene ---------------------------------------------------------- */

static bool
is_answered(void)
{
	static const uint8_t command[] = {CARD_ECHO, 1, 2, 3, 4};
	uint8_t out[16];
	DWORD len = sizeof(out);

	card_peer_await(&scene.peer, peer_come, &scene.reader);
	if (host_transmit(HOST_LUN, command, sizeof(command), out, &len) !=
	    IFD_SUCCESS)
		return false;
	ck_assert_uint_eq(len, sizeof(command) + 2);
	ck_assert_mem_eq(out, command, sizeof(command));
	return true;
}

static void
do_transmit(void)
{
	while (!is_answered())
		ck_assert_uint_eq(scene.failures++, 0);
}

static void
do_lose(void)
{
	peer_go();
	ck_assert_int_ne(
	    host_await(HOST_LUN, IFD_COMMUNICATION_ERROR), IFD_ICC_PRESENT);
}

/* Whoever called when the channel was closed has gone. */
static void
empty_door(void)
{
	struct pollfd fd = {.fd = scene.door, .events = POLLIN};

	while (poll(&fd, 1, 0) == 1)
		close(accept4(scene.door, NULL, NULL, SOCK_CLOEXEC));
}

static void
scene_run(void *arg)
{
	(void)arg;
	scene.failures = 0;
	while (FAULT_IN(IFDHCreateChannelByName(HOST_LUN, scene.path)) !=
	       IFD_SUCCESS)
		ck_assert_uint_eq(scene.failures++, 0);
	do_transmit();
	do_lose();
	do_transmit();
	ck_assert_int_eq(FAULT_IN(IFDHCloseChannel(HOST_LUN)), IFD_SUCCESS);
	peer_go();
	empty_door();
}

/* --- what fails --------------------------------------------------------- */

START_TEST(it_calls_again)
{
	static const struct fault_way ways[] = {
	    {"malloc", ENOMEM},
	    {"pthread_create", EAGAIN},
	    {"pthread_mutex_init", ENOMEM},
	    {"pthread_cond_init", ENOMEM},
	    {"socket", EMFILE},
	    {"connect", ECONNREFUSED},
	    {"connect", EINTR},
	    {"connect", EADDRNOTAVAIL},
	    {"getpeername", ENOTCONN},
	    {"getsockname", ENOBUFS},
	    {"getsockopt", ENOBUFS},
	    {"setsockopt", ENOMEM},
	    {"fcntl", EINVAL},
	    {"open", EMFILE},
	    {"sendto", ENOBUFS},
	    {"recvfrom", EINTR},
	    {"recvfrom", ENOBUFS},
	};

	ck_assert_uint_gt(
	    fault_sweep(ways, COUNT(ways), 1, scene_run, NULL), 12);
}
END_TEST

START_TEST(the_hub_goes_on)
{
	ck_assert_uint_gt(
	    fault_sweep(fault_talk_ways, FAULT_TALK_WAYS, 1, scene_run, NULL),
	    40);
}
END_TEST

Suite *
unit_suite(void)
{
	const TTest *const tests[] = {it_calls_again, the_hub_goes_on, NULL};
	Suite *suite = suite_create("connect faults");

	fault_case_add(
	    suite, "connect faults", scene_setup, scene_teardown, tests);
	return suite;
}
