/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "net/wakeup.h"
#include "tests/unit/fault.h"
#include "tests/unit/net.h"

FAULT_CALL(eventfd, (unsigned count, int flags), (count, flags))

static bool
is_readable(int fd)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	return poll(&pfd, 1, 0) == 1;
}

START_TEST(wakeup_is_readable_until_taken)
{
	int fd = wakeup_new();

	ck_assert_int_ge(fd, 0);
	ck_assert(net_is_cloexec(fd));
	ck_assert(!is_readable(fd));
	wakeup_take(fd); /* nothing there: must not wait */
	wakeup_signal(fd);
	wakeup_signal(fd);
	ck_assert(is_readable(fd));
	wakeup_take(fd);
	ck_assert(!is_readable(fd));
	close(fd);
}
END_TEST

START_TEST(wakeup_full_does_not_wait)
{
	int fd = wakeup_new();

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(eventfd_write(fd, UINT64_MAX - 1), 0);
	wakeup_signal(fd);
	ck_assert(is_readable(fd));
	wakeup_take(fd);
	ck_assert(!is_readable(fd));
	close(fd);
}
END_TEST

static void *
signal_it(void *arg)
{
	wakeup_signal(*(const int *)arg);
	return NULL;
}

START_TEST(wakeup_wakes_another_thread)
{
	int fd = wakeup_new();
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, signal_it, &fd), 0);
	ck_assert(net_wait(fd, POLLIN));
	pthread_join(thread, NULL);
	close(fd);
}
END_TEST

START_TEST(wakeup_new_can_fail)
{
	fault_set("eventfd", 1, EMFILE);
	ck_assert_int_eq(wakeup_new(), -EMFILE);
	ck_assert(fault_take());
}
END_TEST

UNIT_SUITE("wakeup", wakeup_is_readable_until_taken, wakeup_full_does_not_wait,
    wakeup_wakes_another_thread, wakeup_new_can_fail)
