/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The n-th call of a card process fails, from its start to its end, with a
 * card that has nothing to fail. It carries on, or ends with a status that
 * says so, and never stays without its card; the next one that is started
 * serves it. One fault costs one command or one process.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/card_host.h"
#include "tests/unit/fault.h"
#include "vscclient/backend.h"
#include "vscclient/cardproc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct {
	struct card_host host;
	pthread_t thread;
	struct cardspec spec;
	int fd;
	enum status status;
	unsigned failures;
} scene;

/* --- the card, in place of a key ---------------------------------------- */

static const uint8_t atr[] = {0x3b, 0x02, 0x14, 0x50};

static int
echo_open(const struct cardspec *spec, struct sink *sink, void **backend)
{
	(void)spec;
	(void)backend;
	sink_reader_add(sink, 0, "echo");
	sink_card_insert(sink, 0, atr, sizeof(atr));
	return 0;
}

static int
echo_transmit(void *backend, unsigned reader, const uint8_t *command,
    size_t len, uint8_t *response, size_t cap, size_t *out_len)
{
	(void)backend;
	(void)reader;
	(void)cap;
	memcpy(response, command, len);
	memcpy(response + len, "\x90", 2);
	*out_len = len + 2;
	return 0;
}

static enum vscard_status
echo_power(void *backend, unsigned reader, enum vscard_power power,
    uint8_t *out_atr, size_t *out_len)
{
	(void)backend;
	(void)reader;
	*out_len = power == VSCARD_POWER_DOWN ? 0 : sizeof(atr);
	memcpy(out_atr, atr, *out_len);
	return VSCARD_STATUS_OK;
}

static enum vscard_status
echo_protocol(void *backend, unsigned reader, unsigned protocol)
{
	(void)backend;
	(void)reader;
	(void)protocol;
	return VSCARD_STATUS_OK;
}

/* The library's own is not linked then. */
const struct backend_ops backend_key = {
    .open = echo_open,
    .transmit = echo_transmit,
    .power = echo_power,
    .protocol = echo_protocol,
};

/* --- the process ---------------------------------------------------------- */

static void *
run(void *arg)
{
	(void)arg;
	scene.status = cardproc_run(&scene.spec, scene.fd, false);
	return NULL;
}

static void
proc_start(void)
{
	int fd[2];

	ck_assert_int_eq(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
	scene.fd = fd[1];
	card_host_init(&scene.host, fd[0]);
	ck_assert_int_eq(pthread_create(&scene.thread, NULL, run, NULL), 0);
}

/* It ends because its host does, or has ended already. */
static void
proc_end(void)
{
	bool dead = scene.host.dead;

	card_host_clear(&scene.host);
	ck_assert_int_eq(pthread_join(scene.thread, NULL), 0);
	scene.failures += dead || scene.status != STATUS_OK;
}

/* --- what the host does ------------------------------------------------- */

static bool
do_transmit(void)
{
	static const uint8_t command[] = {0x00, 0xb0, 0x12, 0x34, 0x05};

	if (!card_host_transmit(&scene.host, command, sizeof(command)))
		return false;
	ck_assert_uint_eq(scene.host.len, sizeof(command) + 2);
	ck_assert_mem_eq(scene.host.data, command, sizeof(command));
	return true;
}

static bool
do_reset(void)
{
	return card_host_reset(&scene.host);
}

static bool
do_protocol(void)
{
	return card_host_protocol(&scene.host);
}

/* Until it goes well; false: with this process it never will. */
static bool
step(bool (*what)(void))
{
	while (card_host_await(&scene.host)) {
		if (what())
			return true;
		if (!scene.host.dead)
			ck_assert_uint_eq(scene.failures++, 0);
	}
	return false;
}

static bool
is_served(void)
{
	return step(do_reset) && step(do_protocol) && step(do_transmit) &&
	       step(do_transmit);
}

static void
scene_run(void *arg)
{
	bool served;

	(void)arg;
	scene.failures = 0;
	do {
		ck_assert_uint_le(scene.failures, 1);
		proc_start();
		served = is_served();
		proc_end();
	} while (!served);
	ck_assert_uint_le(scene.failures, 1);
	unit_no_child();
}

static void
scene_setup(void)
{
	char why[REFUSE_MAX];

	unit_hush();
	ck_assert_int_eq(cardspec_init(&scene.spec, "key", why), 0);
}

static void
scene_teardown(void)
{
	cardspec_clear(&scene.spec);
}

/* --- what fails ----------------------------------------------------------- */

START_TEST(its_start)
{
	static const struct fault_way ways[] = {
	    {"malloc", ENOMEM},
	    {"epoll_create1", EMFILE},
	    {"eventfd", EMFILE},
	    {"signalfd", EMFILE},
	    {"pthread_create", EAGAIN},
	    {"getrandom", EINTR},
	    {"getrandom", FAULT_SHORT},
	    {"fcntl", EINVAL},
	    {"getsockopt", ENOBUFS},
	    {"setsockopt", ENOMEM},
	};

	ck_assert_uint_gt(
	    fault_sweep(ways, COUNT(ways), 1, scene_run, NULL), 12);
}
END_TEST

START_TEST(its_work)
{
	ck_assert_uint_gt(
	    fault_sweep(fault_talk_ways, FAULT_TALK_WAYS, 1, scene_run, NULL),
	    60);
}
END_TEST

Suite *
unit_suite(void)
{
	const TTest *const tests[] = {its_start, its_work, NULL};
	Suite *suite = suite_create("card process faults");

	fault_case_add(
	    suite, "card process faults", scene_setup, scene_teardown, tests);
	return suite;
}
