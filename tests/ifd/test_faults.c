/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The n-th call of the driver fails, for every call and every n: from opening
 * the channel to closing it. The process lives, no deadline is exceeded, a
 * channel that cannot be opened leaves nothing behind, one fault costs one
 * failure at most (the next try goes well), and after the close no memory,
 * descriptor or thread is left.
 */
#include "tests/unit/unit.h"

#include <reader.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <winscard.h>

#include "tests/ifd/card_peer.h"
#include "tests/ifd/host.h"
#include "tests/unit/fault.h"
#include "util/clock.h"

enum { BIG = 64, SCENE_MS = 8000 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One slot, its file, and who has a card in it. */
static struct {
	char path[32];
	int port;
	struct card_peer *peer;
	unsigned reader;
	unsigned failures; /* that pcscd has seen */
	unsigned peers;    /* that had to come */
} scene;

static void
scene_setup(void)
{
	FILE *file;

	unit_hush();
	strcpy(scene.path, "/tmp/vscard-test-XXXXXX");
	scene.port = host_port();
	file = fdopen(mkstemp(scene.path), "w");
	ck_assert_ptr_nonnull(file);
	fprintf(file,
	    "listen = tcp:127.0.0.1:%d\nslots = 1\napdu_timeout = 2\n"
	    "handshake_timeout = 2\nwrite_timeout = 2\n",
	    scene.port);
	ck_assert_int_eq(fclose(file), 0);
}

static void
scene_teardown(void)
{
	unlink(scene.path);
	host_ports_free();
}

/* --- the peer ----------------------------------------------------------- */

static struct card_peer *
peer_come(void)
{
	struct card_peer *peer = card_peer_new(scene.port, false);

	ck_assert_ptr_nonnull(peer);
	scene.peers++;
	return peer;
}

/* --- what pcscd does ---------------------------------------------------- */

static RESPONSECODE
do_open(void)
{
	return FAULT_IN(IFDHCreateChannelByName(HOST_LUN, scene.path));
}

static RESPONSECODE
do_power(void)
{
	uint8_t atr[MAX_ATR_SIZE];
	DWORD len;
	RESPONSECODE code = host_power(HOST_LUN, IFD_POWER_UP, atr, &len);

	if (code == IFD_SUCCESS)
		ck_assert_uint_eq(len, 4);
	return code;
}

static RESPONSECODE
do_reset(void)
{
	uint8_t atr[MAX_ATR_SIZE];
	DWORD len;

	return host_power(HOST_LUN, IFD_RESET, atr, &len);
}

static RESPONSECODE
do_protocol(void)
{
	return FAULT_IN(
	    IFDHSetProtocolParameters(HOST_LUN, SCARD_PROTOCOL_T0, 0, 0, 0, 0));
}

static RESPONSECODE
do_transmit(void)
{
	static const uint8_t command[] = {CARD_ECHO, 1, 2, 3, 4};
	uint8_t out[16];
	DWORD len = sizeof(out);
	RESPONSECODE code =
	    host_transmit(HOST_LUN, command, sizeof(command), out, &len);

	if (code == IFD_SUCCESS) {
		ck_assert_uint_eq(len, sizeof(command) + 2);
		ck_assert_mem_eq(out, command, sizeof(command));
	}
	return code;
}

/* Command and answer are larger than what a session has room for at birth. */
static RESPONSECODE
do_transmit_big(void)
{
	static uint8_t command[20000] = {CARD_GROW, 0, 0, BIG}, out[66000];
	DWORD len = sizeof(out);
	RESPONSECODE code =
	    host_transmit(HOST_LUN, command, sizeof(command), out, &len);

	if (code == IFD_SUCCESS)
		ck_assert_uint_eq(len, BIG * 256 + 2);
	return code;
}

static RESPONSECODE
do_features(void)
{
	return host_max_apdu(HOST_LUN) == 0 ? IFD_COMMUNICATION_ERROR
					    : IFD_SUCCESS;
}

/* It fails once at most, and then only if a call of the driver's did. */
static void
step(RESPONSECODE (*run)(void), bool needs_card)
{
	int64_t deadline = clock_after(SCENE_MS);

	for (;;) {
		if (needs_card)
			card_peer_await(&scene.peer, peer_come, &scene.reader);
		if (run() == IFD_SUCCESS)
			break;
		ck_assert_uint_eq(scene.failures++, 0);
	}
	ck_assert_int_gt(clock_left(deadline), 0);
}

static void
scene_run(void *arg)
{
	(void)arg;
	scene.failures = scene.peers = 0;
	step(do_open, false);
	step(do_power, true);
	step(do_features, true);
	step(do_transmit, true);
	step(do_transmit_big, true);
	step(do_reset, true);
	step(do_protocol, true);
	step(do_transmit, true);
	card_peer_eject(scene.peer, scene.reader);
	ck_assert_int_ne(
	    host_await(HOST_LUN, IFD_ICC_NOT_PRESENT), IFD_ICC_PRESENT);
	card_peer_insert(scene.peer, scene.reader, 2);
	step(do_transmit, true);
	ck_assert_int_eq(FAULT_IN(IFDHCloseChannel(HOST_LUN)), IFD_SUCCESS);
	card_peer_free(scene.peer);
	scene.peer = NULL;
}

/* And nobody has noticed anything. */
static void
scene_run_unharmed(void *arg)
{
	scene_run(arg);
	ck_assert_uint_eq(scene.failures, 0);
	ck_assert_uint_eq(scene.peers, 1);
}

/* --- what fails --------------------------------------------------------- */

START_TEST(memory)
{
	static const struct fault_way ways[] = {{"malloc", ENOMEM}};

	ck_assert_uint_gt(
	    fault_sweep(ways, COUNT(ways), 1, scene_run, NULL), 10);
}
END_TEST

/* What the driver needs before and beside its peers. */
START_TEST(descriptors_and_threads)
{
	static const struct fault_way ways[] = {
	    {"open", EMFILE},
	    {"fstat", EIO},
	    {"read", EIO},
	    {"read", EINTR},
	    {"read", FAULT_SHORT},
	    {"epoll_create1", EMFILE},
	    {"eventfd", EMFILE},
	    {"pthread_create", EAGAIN},
	    {"pthread_mutex_init", ENOMEM},
	    {"pthread_cond_init", ENOMEM},
	    {"getrandom", EINTR},
	    {"socket", EMFILE},
	    {"bind", EADDRINUSE},
	    {"listen", EADDRINUSE},
	};

	ck_assert_uint_gt(
	    fault_sweep(ways, COUNT(ways), 1, scene_run, NULL), 12);
}
END_TEST

/* eventfd_write is not here: when it fails the loop is awake. */
START_TEST(the_hub)
{
	ck_assert_uint_gt(
	    fault_sweep(fault_talk_ways, FAULT_LOOP_WAYS, 1, scene_run, NULL),
	    20);
}
END_TEST

START_TEST(who_comes_in)
{
	static const struct fault_way ways[] = {
	    {"accept4", EINTR},
	    {"accept4", ECONNABORTED},
	    {"accept4", EMFILE},
	    {"getpeername", ENOTCONN},
	    {"getsockname", ENOBUFS},
	    {"getsockopt", ENOBUFS},
	    {"setsockopt", ENOMEM},
	    {"fcntl", EINVAL},
	    {"sendto", ENOBUFS},
	    {"recvfrom", EINTR},
	    {"recvfrom", ENOBUFS},
	};

	ck_assert_uint_gt(
	    fault_sweep(ways, COUNT(ways), 1, scene_run, NULL), 10);
}
END_TEST

START_TEST(bytes)
{
	static const struct fault_way ways[] = {
	    {"recv", EINTR},
	    {"recv", EAGAIN},
	    {"recv", FAULT_SHORT},
	    {"sendmsg", EINTR},
	    {"sendmsg", EAGAIN},
	    {"sendmsg", FAULT_SHORT},
	    {"send", EINTR},
	    {"send", EAGAIN},
	    {"send", FAULT_SHORT},
	    {"poll", EINTR},
	};

	ck_assert_uint_gt(
	    fault_sweep(ways, COUNT(ways), 1, scene_run_unharmed, NULL), 60);
}
END_TEST

START_TEST(connections)
{
	static const struct fault_way ways[] = {
	    {"recv", ECONNRESET},
	    {"recv", ENOMEM},
	    {"sendmsg", EPIPE},
	    {"send", EPIPE},
	    {"send", ENOBUFS},
	};

	ck_assert_uint_gt(
	    fault_sweep(ways, COUNT(ways), 1, scene_run, NULL), 30);
}
END_TEST

Suite *
unit_suite(void)
{
	const TTest *const tests[] = {memory, descriptors_and_threads, the_hub,
	    who_comes_in, bytes, connections, NULL};
	Suite *suite = suite_create("driver faults");

	fault_case_add(
	    suite, "driver faults", scene_setup, scene_teardown, tests);
	return suite;
}
