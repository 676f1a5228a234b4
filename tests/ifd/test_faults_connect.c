/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The n-th call fails of a driver that dials (connect =), from opening the
 * channel to closing it, with a peer that hangs up once: it calls again until
 * it has its card, and no deadline, descriptor or thread is lost.
 */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
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
#include "util/clock.h"
#include "util/log.h"

enum { SCENE_MS = 8000 };

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

static int
listen_at(int port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	ck_assert_int_eq(
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(fd, 4), 0);
	return fd;
}

static void
scene_setup(void)
{
	int port = host_port();
	FILE *file;

	log_set_sink(hush);
	scene.door = listen_at(port);
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

/* With a card in it, once the driver has called. */
static void
peer_come(void)
{
	struct pollfd pfd = {.fd = scene.door, .events = POLLIN};
	int fd, on = 1;

	if (poll(&pfd, 1, 100) != 1)
		return;
	fd = accept4(scene.door, NULL, NULL, SOCK_CLOEXEC);
	ck_assert_int_eq(
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), 0);
	scene.peer = card_peer_adopt(fd, false);
	ck_assert_ptr_nonnull(scene.peer);
	if (card_peer_add(scene.peer, "peer", &scene.reader) == 0)
		card_peer_insert(scene.peer, scene.reader, 1);
}

/* Again and again until there is its card. */
static void
peer_await(void)
{
	int64_t deadline = clock_after(SCENE_MS);

	/* What has changed is only seen after the polling function. */
	while (host_poll(HOST_LUN, 0),
	    IFDHICCPresence(HOST_LUN) != IFD_ICC_PRESENT) {
		ck_assert_int_gt(clock_left(deadline), 0);
		if (scene.peer == NULL || card_peer_is_dead(scene.peer)) {
			peer_go();
			peer_come();
		} else {
			host_poll(HOST_LUN, 100);
		}
	}
}

/* --- the scene ---------------------------------------------------------- */

static bool
is_answered(void)
{
	static const uint8_t command[] = {CARD_ECHO, 1, 2, 3, 4};
	uint8_t out[16];
	DWORD len = sizeof(out);

	peer_await();
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
	static const struct fault_way ways[] = {
	    {"epoll_ctl", ENOMEM},
	    {"epoll_wait", EINTR},
	    {"epoll_wait", ENOMEM},
	    {"eventfd_read", EAGAIN},
	    {"recv", EINTR},
	    {"recv", EAGAIN},
	    {"recv", ECONNRESET},
	    {"send", EAGAIN},
	    {"send", EPIPE},
	};

	ck_assert_uint_gt(
	    fault_sweep(ways, COUNT(ways), 1, scene_run, NULL), 40);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("connect faults");
	TCase *each = tcase_create("connect faults");

	tcase_set_timeout(each, 120);
	tcase_add_checked_fixture(each, scene_setup, scene_teardown);
	tcase_add_test(each, it_calls_again);
	tcase_add_test(each, the_hub_goes_on);
	suite_add_tcase(suite, each);
	return suite;
}
