/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "net/stream.h"
#include "tests/unit/fault.h"
#include "tests/unit/net.h"
#include "util/clock.h"

FAULT_CALL(getsockopt,
    (int fd, int level, int name, void *value, socklen_t *len),
    (fd, level, name, value, len))
FAULT_CALL(setsockopt,
    (int fd, int level, int name, const void *value, socklen_t len),
    (fd, level, name, value, len))
FAULT_CALL(fcntl, (int fd, int command, long arg), (fd, command, arg))
FAULT_COUNT_CALL(
    recv, (int fd, void *room, size_t len, int flags), (fd, room, len, flags))
FAULT_COUNT_CALL(send, (int fd, const void *data, size_t len, int flags),
    (fd, data, len, flags))

static int
option_get(int fd, int level, int name)
{
	socklen_t len;
	int value;

	len = sizeof(value);
	ck_assert_int_eq(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static void
check_tcp_setup(int family)
{
	int fd[2], idle, interval, probes, user;

	net_tcp_pair(family, fd);
	ck_assert_int_eq(fcntl(fd[0], F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_eq(stream_setup(fd[0]), 0);
	ck_assert(net_is_cloexec(fd[0]));
	ck_assert(net_is_blocking(fd[0]));
	ck_assert_int_ne(option_get(fd[0], IPPROTO_TCP, TCP_NODELAY), 0);
	ck_assert_int_ne(option_get(fd[0], SOL_SOCKET, SO_KEEPALIVE), 0);
	idle = option_get(fd[0], IPPROTO_TCP, TCP_KEEPIDLE);
	interval = option_get(fd[0], IPPROTO_TCP, TCP_KEEPINTVL);
	probes = option_get(fd[0], IPPROTO_TCP, TCP_KEEPCNT);
	user = option_get(fd[0], IPPROTO_TCP, TCP_USER_TIMEOUT);
	ck_assert_int_gt(user, 1000 * (idle + interval * (probes - 1)));
	/* Data sent just before the probes would have given up. */
	ck_assert_int_lt(1000 * (idle + interval * probes) + user, 30000);
	close(fd[0]);
	close(fd[1]);
}

START_TEST(stream_setup_tcp)
{
	check_tcp_setup(AF_INET);
	check_tcp_setup(AF_INET6);
}
END_TEST

START_TEST(stream_setup_unix)
{
	int fd[2];

	net_unix_pair(fd);
	ck_assert_int_eq(fcntl(fd[0], F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_eq(stream_setup(fd[0]), 0);
	ck_assert(net_is_cloexec(fd[0]));
	ck_assert(net_is_blocking(fd[0]));
	close(fd[0]);
	close(fd[1]);
}
END_TEST

START_TEST(stream_setup_refuses_what_is_no_stream)
{
	int fd[2];

	ck_assert_int_eq(stream_setup(-1), -EBADF);
	ck_assert_int_eq(pipe(fd), 0);
	ck_assert_int_eq(stream_setup(fd[0]), -ENOTSOCK);
	ck_assert(!net_is_cloexec(fd[0]));
	close(fd[0]);
	close(fd[1]);
	fd[0] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(stream_setup(fd[0]), -EPROTOTYPE);
	ck_assert(!net_is_blocking(fd[0]));
	close(fd[0]);
}
END_TEST

static void
check_setup_fault(int fd, const char *call, int count)
{
	for (int nth = 1; nth <= count; nth++) {
		fault_set(call, nth, ENOBUFS);
		ck_assert_int_eq(stream_setup(fd), -ENOBUFS);
		ck_assert(fault_take());
	}
	fault_set(call, count + 1, ENOBUFS);
	ck_assert_int_eq(stream_setup(fd), 0);
	ck_assert(!fault_take());
}

START_TEST(stream_setup_can_fail)
{
	int fd[2];

	net_tcp_pair(AF_INET, fd);
	check_setup_fault(fd[0], "getsockopt", 2);
	check_setup_fault(fd[0], "fcntl", 4);
	check_setup_fault(fd[0], "setsockopt", 6);
	close(fd[0]);
	close(fd[1]);
}
END_TEST

START_TEST(stream_set_aside_moves)
{
	int fd[2], old, high;

	net_unix_pair(fd);
	old = high = fd[0];
	stream_set_aside(&high);
	ck_assert_int_ge(high, STREAM_ASIDE);
	ck_assert(net_is_cloexec(high));
	ck_assert_int_eq(fcntl(old, F_GETFD), -1);
	ck_assert_int_eq(write(fd[1], "x", 1), 1);
	ck_assert_int_eq(stream_recv(high, &(char){0}, 1, false), 1);
	close(high);
	close(fd[1]);
}
END_TEST

/* There it stays, and works as before. */
START_TEST(stream_set_aside_where_there_is_no_room)
{
	struct rlimit few;
	int fd[2], moved;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &few), 0);
	few.rlim_cur = STREAM_ASIDE;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	net_unix_pair(fd);
	moved = fd[0];
	stream_set_aside(&moved);
	ck_assert_int_eq(moved, fd[0]);
	ck_assert_int_ge(fcntl(moved, F_GETFD), 0);
	close(fd[0]);
	close(fd[1]);
}
END_TEST

START_TEST(stream_recv_does_not_wait)
{
	char room[8];
	int fd[2];

	net_unix_pair(fd);
	ck_assert_int_eq(stream_setup(fd[0]), 0);
	ck_assert_int_eq(stream_recv(fd[0], room, 8, false), -EAGAIN);
	ck_assert_int_eq(write(fd[1], "card", 4), 4);
	ck_assert_int_eq(stream_recv(fd[0], room, 8, false), 4);
	ck_assert_mem_eq(room, "card", 4);
	ck_assert_int_eq(stream_recv(fd[0], room, 0, false), -EINVAL);
	close(fd[1]);
	ck_assert_int_eq(stream_recv(fd[0], room, 8, false), -ECONNRESET);
	close(fd[0]);
}
END_TEST

START_TEST(stream_recv_sees_a_reset)
{
	const struct linger now = {.l_onoff = 1};
	char room[8];
	int fd[2];

	net_tcp_pair(AF_INET, fd);
	ck_assert_int_eq(
	    setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &now, sizeof(now)), 0);
	close(fd[1]);
	ck_assert_int_eq(stream_recv(fd[0], room, 8, true), -ECONNRESET);
	ck_assert_int_eq(stream_send(fd[0], "x", 1), -ECONNRESET);
	close(fd[0]);
}
END_TEST

START_TEST(stream_recv_waits_till_the_deadline)
{
	int64_t start = clock_now();
	char room[8];
	int fd[2];

	net_unix_pair(fd);
	ck_assert_int_eq(stream_set_deadline(fd[0], 30), 0);
	ck_assert_int_eq(stream_recv(fd[0], room, 8, true), -EAGAIN);
	ck_assert_int_ge(clock_now() - start, 29);
	ck_assert_int_eq(stream_recv(fd[0], room, 8, false), -EAGAIN);
	close(fd[0]);
	close(fd[1]);
}
END_TEST

START_TEST(stream_deadline_is_checked)
{
	int fd[2];

	net_unix_pair(fd);
	ck_assert_int_eq(stream_set_deadline(fd[0], 0), -EINVAL);
	ck_assert_int_eq(stream_set_deadline(fd[0], -1), -EINVAL);
	ck_assert_int_eq(stream_set_deadline(fd[0], INT32_MAX), 0);
	ck_assert_int_eq(stream_set_deadline(-1, 1), -EBADF);
	close(fd[0]);
	close(fd[1]);
}
END_TEST

static atomic_int signals;

static void
on_signal(int sig)
{
	(void)sig;
	signals++;
}

/* SIGALRM every few milliseconds, with a handler that interrupts calls. */
static void
signals_start(void)
{
	const struct itimerval often = {{0, 3000}, {0, 3000}};
	struct sigaction sa = {.sa_handler = on_signal};

	signals = 0;
	ck_assert_int_eq(sigaction(SIGALRM, &sa, NULL), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
}

static void
signals_stop(void)
{
	const struct itimerval never = {{0, 0}, {0, 0}};

	setitimer(ITIMER_REAL, &never, NULL);
}

START_TEST(stream_deadline_holds_under_signals)
{
	char room[8];
	int64_t start;
	int fd[2];

	net_unix_pair(fd);
	ck_assert_int_eq(stream_set_deadline(fd[0], 100), 0);
	start = clock_now();
	signals_start();
	ck_assert_int_eq(stream_recv(fd[0], room, 8, true), -EAGAIN);
	signals_stop();
	ck_assert_int_ge(signals, 2);
	ck_assert_int_ge(clock_now() - start, 99);
	ck_assert_int_lt(clock_now() - start, 5000);
	close(fd[0]);
	close(fd[1]);
}
END_TEST

static void *
send_after_signals(void *arg)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	while (signals < 5)
		sched_yield();
	ck_assert_int_eq(write(*(const int *)arg, "late", 4), 4);
	return NULL;
}

START_TEST(stream_recv_goes_on_after_signals)
{
	pthread_t thread;
	char room[8];
	int fd[2];

	net_unix_pair(fd);
	signals_start();
	ck_assert_int_eq(
	    pthread_create(&thread, NULL, send_after_signals, &fd[1]), 0);
	ck_assert_int_eq(stream_recv(fd[0], room, 8, true), 4);
	signals_stop();
	ck_assert_mem_eq(room, "late", 4);
	pthread_join(thread, NULL);
	close(fd[0]);
	close(fd[1]);
}
END_TEST

static void *
shut_down(void *arg)
{
	stream_shutdown(*(const int *)arg);
	return NULL;
}

static void
check_shutdown(int fd[2])
{
	pthread_t thread;
	char room[8];

	ck_assert_int_eq(pthread_create(&thread, NULL, shut_down, &fd[0]), 0);
	ck_assert_int_eq(stream_recv(fd[0], room, 8, true), -ECONNRESET);
	pthread_join(thread, NULL);
	ck_assert_int_eq(stream_send(fd[0], "x", 1), -ECONNRESET);
	ck_assert_int_eq(stream_recv(fd[1], room, 8, true), -ECONNRESET);
	close(fd[0]);
	close(fd[1]);
}

START_TEST(stream_shutdown_wakes_a_sleeper)
{
	int fd[2];

	net_unix_pair(fd);
	check_shutdown(fd);
	net_tcp_pair(AF_INET, fd);
	check_shutdown(fd);
	stream_shutdown(-1); /* harmless */
}
END_TEST

START_TEST(stream_send_never_waits)
{
	char block[4096] = "";
	size_t sent = 0, got = 0;
	ssize_t n;
	int fd[2];

	net_unix_pair(fd);
	while ((n = stream_send(fd[0], block, sizeof(block))) > 0)
		sent += (size_t)n;
	ck_assert_int_eq(n, -EAGAIN);
	while ((n = stream_recv(fd[1], block, sizeof(block), false)) > 0)
		got += (size_t)n;
	ck_assert_int_eq(n, -EAGAIN);
	ck_assert_uint_gt(sent, 0);
	ck_assert_uint_eq(got, sent);
	ck_assert_int_eq(stream_send(fd[0], block, 1), 1);
	close(fd[1]);
	/* By default SIGPIPE would end this test. */
	ck_assert_int_eq(stream_send(fd[0], block, 1), -ECONNRESET);
	close(fd[0]);
}
END_TEST

/* What the kernel says, and what the caller hears. */
static const struct {
	int err;
	int rc;
} errors[] = {
    {EAGAIN, -EAGAIN},
    {ECONNRESET, -ECONNRESET},
    {EPIPE, -ECONNRESET},
    {ETIMEDOUT, -ECONNRESET},
    {EHOSTUNREACH, -ECONNRESET},
    {ENETUNREACH, -ECONNRESET},
    {ENETDOWN, -ECONNRESET},
    {ENOTCONN, -ECONNRESET},
    {EBADF, -EBADF},
    {ENOTSOCK, -ENOTSOCK},
    {EFAULT, -EFAULT},
    {ENOMEM, -ENOMEM},
    {ENOBUFS, -ENOBUFS},
};

START_TEST(stream_errors_are_sorted)
{
	char room[8];
	int fd[2];

	net_unix_pair(fd);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		fault_set("recv", 1, errors[i].err);
		ck_assert_int_eq(
		    stream_recv(fd[0], room, 8, true), errors[i].rc);
		fault_set("send", 1, errors[i].err);
		ck_assert_int_eq(stream_send(fd[0], "x", 1), errors[i].rc);
	}
	close(fd[0]);
	close(fd[1]);
}
END_TEST

START_TEST(stream_tries_again_after_eintr)
{
	char room[8];
	int fd[2];

	net_unix_pair(fd);
	fault_set("send", 1, EINTR);
	ck_assert_int_eq(stream_send(fd[0], "x", 1), 1);
	ck_assert(fault_take());
	fault_set("recv", 1, EINTR);
	ck_assert_int_eq(stream_recv(fd[1], room, 8, false), 1);
	ck_assert(fault_take());
	fault_set("recv", 1, EINTR);
	ck_assert_int_eq(stream_recv(fd[1], room, 8, false), -EAGAIN);
	ck_assert(fault_take());
	close(fd[0]);
	close(fd[1]);
}
END_TEST

UNIT_SUITE("stream", stream_setup_tcp, stream_setup_unix,
    stream_setup_refuses_what_is_no_stream, stream_setup_can_fail,
    stream_set_aside_moves, stream_set_aside_where_there_is_no_room,
    stream_recv_does_not_wait, stream_recv_sees_a_reset,
    stream_recv_waits_till_the_deadline, stream_deadline_is_checked,
    stream_deadline_holds_under_signals, stream_recv_goes_on_after_signals,
    stream_shutdown_wakes_a_sleeper, stream_send_never_waits,
    stream_errors_are_sorted, stream_tries_again_after_eintr)
