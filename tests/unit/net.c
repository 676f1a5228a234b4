/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/net.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/address.h"
#include "tests/unit/unit.h"

void
net_tcp_pair(int family, int out_fd[2])
{
	struct endpoint ep = net_endpoint(
	    family == AF_INET ? ENDPOINT_TCP : ENDPOINT_TCP6, 0, NULL);
	struct address a;
	int listener = socket(family, SOCK_STREAM, 0);

	ck_assert_int_ge(listener, 0);
	ck_assert_int_eq(address_get(&ep, &a), 0);
	ck_assert_int_eq(bind(listener, &a.at.any, a.len), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(getsockname(listener, &a.at.any, &a.len), 0);
	out_fd[0] = socket(family, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(out_fd[0], &a.at.any, a.len), 0);
	out_fd[1] = accept(listener, NULL, NULL);
	ck_assert_int_ge(out_fd[1], 0);
	close(listener);
}

void
net_unix_pair(int out_fd[2])
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, out_fd), 0);
}

uint16_t
net_port(int fd)
{
	struct address a = {.len = sizeof(a.at)};

	ck_assert_int_eq(getsockname(fd, &a.at.any, &a.len), 0);
	if (a.at.any.sa_family == AF_INET6)
		return ntohs(a.at.in6.sin6_port);
	return ntohs(a.at.in.sin_port);
}

struct endpoint
net_endpoint(enum endpoint_kind kind, uint16_t port, const char *path)
{
	struct endpoint ep = {.kind = kind, .port = port, .fd = -1};

	if (kind == ENDPOINT_TCP || kind == ENDPOINT_TCP6)
		strcpy(ep.host, kind == ENDPOINT_TCP ? "127.0.0.1" : "::1");
	if (path != NULL)
		snprintf(ep.path, sizeof(ep.path), "%s", path);
	return ep;
}

bool
net_wait(int fd, short events)
{
	struct pollfd pfd = {.fd = fd, .events = events};

	return poll(&pfd, 1, 10000) == 1;
}

void
net_read_all(int fd, char *text, size_t cap)
{
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, text + len, cap - 1 - len)) > 0)
		len += (size_t)n;
	ck_assert_int_eq(n, 0);
	text[len] = '\0';
	close(fd);
}

bool
net_is_cloexec(int fd)
{
	return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}

bool
net_is_blocking(int fd)
{
	return (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;
}

void
net_dir_make(char out_path[32])
{
	strcpy(out_path, "/tmp/vscard-net.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(out_path));
}

void
net_dir_remove(const char *path)
{
	ck_assert_int_eq(rmdir(path), 0);
}
