/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/stream.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "util/clock.h"

/*
 * A dead peer is noticed in two ways: with nothing under way by probes, at
 * IDLE + PROBES * INTERVAL = 15 s; with data under way USER_TIMEOUT after it
 * was sent. The worst case is data sent just before the probes give up, so the
 * sum must stay below 30 s. The user timeout also bounds the probes and is
 * looked at when one is due, so it lies just below their sum.
 */
enum {
	KEEPALIVE_IDLE_S = 6,
	KEEPALIVE_INTERVAL_S = 3,
	KEEPALIVE_PROBES = 3,
	USER_TIMEOUT_MS = 14000
};

static int
option_get(int fd, int name, int *out)
{
	socklen_t len = sizeof(*out);

	return getsockopt(fd, SOL_SOCKET, name, out, &len) < 0 ? -errno : 0;
}

static int
option_set(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)) < 0)
		return -errno;
	return 0;
}

static const struct {
	int level;
	int name;
	int value;
} tcp_options[] = {
    {IPPROTO_TCP, TCP_NODELAY, 1},
    {IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S},
    {IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S},
    {IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES},
    {IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS},
    {SOL_SOCKET, SO_KEEPALIVE, 1},
};

enum { TCP_OPTION_COUNT = sizeof(tcp_options) / sizeof(tcp_options[0]) };

static int
setup_tcp(int fd)
{
	int rc = 0;

	for (int i = 0; rc == 0 && i < TCP_OPTION_COUNT; i++)
		rc = option_set(fd, tcp_options[i].level, tcp_options[i].name,
		    tcp_options[i].value);
	return rc;
}

static int
setup_flags(int fd)
{
	int flags;

	flags = fcntl(fd, F_GETFD);
	if (flags < 0 || fcntl(fd, F_SETFD, flags | FD_CLOEXEC) < 0)
		return -errno;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

int
stream_setup(int fd)
{
	int type, family = AF_UNSPEC, rc;

	rc = option_get(fd, SO_TYPE, &type);
	if (rc == 0 && type != SOCK_STREAM)
		rc = -EPROTOTYPE;
	if (rc == 0)
		rc = option_get(fd, SO_DOMAIN, &family);
	if (rc == 0)
		rc = setup_flags(fd);
	if (rc == 0 && (family == AF_INET || family == AF_INET6))
		rc = setup_tcp(fd);
	return rc;
}

void
stream_set_aside(int *fd)
{
	int high = fcntl(*fd, F_DUPFD_CLOEXEC, STREAM_ASIDE);

	if (high < 0)
		return;
	(void)close(*fd);
	*fd = high;
}

/*
 * A connection dies of many things (reset, time-out, no route …), and it is
 * all the same to the caller. What is not the peer's doing stays what it is.
 */
static int
stream_errno(int err)
{
	switch (err) {
	case EAGAIN:
	case EBADF:
	case EFAULT:
	case EINVAL:
	case ENOBUFS:
	case ENOMEM:
	case ENOTSOCK:
		return -err;
	default:
		return -ECONNRESET;
	}
}

static ssize_t
recv_once(int fd, void *room, size_t len, int flags)
{
	ssize_t n;

	if (len == 0)
		return -EINVAL;
	n = recv(fd, room, len, flags);
	if (n > 0)
		return n;
	if (n == 0)
		return -ECONNRESET;
	return errno == EINTR ? -EINTR : stream_errno(errno);
}

/* When a receive that began at `start` has to end. */
static int64_t
recv_deadline(int fd, int64_t start)
{
	struct timeval tv = {0};
	socklen_t len = sizeof(tv);

	if (getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, &len) < 0 ||
	    (tv.tv_sec == 0 && tv.tv_usec == 0))
		return CLOCK_NEVER;
	return start + (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000;
}

/*
 * The rest of a waiting receive that a signal cut short. Just calling recv
 * again would start its deadline anew, for ever if the signals keep coming.
 */
static ssize_t
recv_rest(int fd, void *room, size_t len, int64_t deadline)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	ssize_t n;
	int rc;

	for (;;) {
		rc = poll(&pfd, 1, clock_left(deadline));
		if (rc < 0 && errno != EINTR)
			return stream_errno(errno);
		n = recv_once(fd, room, len, MSG_DONTWAIT);
		if (n != -EAGAIN && n != -EINTR)
			return n;
		if (clock_left(deadline) == 0)
			return -EAGAIN;
	}
}

ssize_t
stream_recv(int fd, void *room, size_t len, bool wait)
{
	int64_t start = wait ? clock_now() : 0;
	ssize_t n;

	do
		n = recv_once(fd, room, len, wait ? 0 : MSG_DONTWAIT);
	while (n == -EINTR && !wait);
	if (n == -EINTR)
		n = recv_rest(fd, room, len, recv_deadline(fd, start));
	return n;
}

int
stream_set_deadline(int fd, int ms)
{
	const struct timeval tv = {
	    .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};

	if (ms <= 0)
		return -EINVAL;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) < 0)
		return -errno;
	return 0;
}

ssize_t
stream_send(int fd, const void *data, size_t len)
{
	ssize_t n;

	do
		n = send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n < 0 ? stream_errno(errno) : n;
}

ssize_t
stream_send_all(int fd, struct iovec *iov, size_t count)
{
	const struct msghdr msg = {.msg_iov = iov, .msg_iovlen = count};
	ssize_t n;

	do
		n = sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n < 0 ? stream_errno(errno) : n;
}

void
stream_finish(int fd)
{
	(void)shutdown(fd, SHUT_WR);
}

void
stream_shutdown(int fd)
{
	(void)shutdown(fd, SHUT_RDWR);
}
