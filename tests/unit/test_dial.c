/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/address.h"
#include "net/dial.h"
#include "tests/unit/fault.h"
#include "tests/unit/net.h"

FAULT_CALL(
    socket, (int domain, int type, int protocol), (domain, type, protocol))
FAULT_CALL(connect, (int fd, const struct sockaddr *addr, socklen_t len),
    (fd, addr, len))
FAULT_CALL(getsockopt,
    (int fd, int level, int name, void *value, socklen_t *len),
    (fd, level, name, value, len))
FAULT_CALL(setsockopt,
    (int fd, int level, int name, const void *value, socklen_t len),
    (fd, level, name, value, len))
FAULT_CALL(getpeername, (int fd, struct sockaddr *addr, socklen_t *len),
    (fd, addr, len))
FAULT_CALL(getsockname, (int fd, struct sockaddr *addr, socklen_t *len),
    (fd, addr, len))

/* The resolver: every name is 127.0.0.1 unless `resolver_says` otherwise. */
static int resolver_says;
static int resolver_errno;
static int resolver_asked;

int __real_getaddrinfo(
    const char *, const char *, const struct addrinfo *, struct addrinfo **);
int __wrap_getaddrinfo(
    const char *, const char *, const struct addrinfo *, struct addrinfo **);
int
__wrap_getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **out)
{
	resolver_asked++;
	ck_assert_str_eq(host, "card.example.org");
	ck_assert_ptr_null(service);
	ck_assert_int_eq(hints->ai_family, AF_INET);
	errno = resolver_errno;
	if (resolver_says != 0)
		return resolver_says;
	return __real_getaddrinfo("127.0.0.1", NULL, hints, out);
}

static int
listen_at(struct endpoint *ep, int backlog)
{
	int fd;
	struct address a;

	ck_assert_int_eq(address_get(ep, &a), 0);
	fd = socket(a.at.any.sa_family, SOCK_STREAM, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, &a.at.any, a.len), 0);
	ck_assert_int_eq(listen(fd, backlog), 0);
	if (ep->kind != ENDPOINT_UNIX)
		ep->port = net_port(fd);
	return fd;
}

/* Dials as a program does; the descriptor when it is connected. */
static int
dial(const struct endpoint *ep)
{
	bool done;
	int fd;

	ck_assert_int_eq(dial_start(ep, &fd, &done), 0);
	ck_assert(net_is_cloexec(fd));
	if (!done) {
		ck_assert(net_wait(fd, POLLOUT));
		ck_assert_int_eq(dial_finish(fd), 0);
	}
	ck_assert(net_is_blocking(fd));
	return fd;
}

static void
check_fails(const struct endpoint *ep, int expected)
{
	int fd = -7, rc;
	bool done;

	rc = dial_start(ep, &fd, &done);
	if (rc == 0 && !done) {
		ck_assert(net_wait(fd, POLLOUT));
		rc = dial_finish(fd);
		close(fd);
		fd = -7;
	}
	ck_assert_int_eq(rc, expected);
	ck_assert_int_eq(fd, -7);
}

static void
check_dials(struct endpoint *ep)
{
	int listener = listen_at(ep, 1);
	int us = dial(ep);
	int peer = accept(listener, NULL, NULL);
	char room[4];

	ck_assert_int_ge(peer, 0);
	ck_assert_int_eq(write(us, "card", 4), 4);
	ck_assert_int_eq(read(peer, room, 4), 4);
	close(peer);
	close(us);
	close(listener);
}

START_TEST(dial_tcp)
{
	struct endpoint ep = net_endpoint(ENDPOINT_TCP, 0, NULL);

	check_dials(&ep);
	check_fails(&ep, -ECONNREFUSED); /* nobody listens there any more */
	ep = net_endpoint(ENDPOINT_TCP6, 0, NULL);
	check_dials(&ep);
	check_fails(&ep, -ECONNREFUSED);
	ck_assert_int_eq(resolver_asked, 0);
}
END_TEST

START_TEST(dial_unix)
{
	struct endpoint ep;
	char dir[32], path[64];

	net_dir_make(dir);
	snprintf(path, sizeof(path), "%s/socket", dir);
	ep = net_endpoint(ENDPOINT_UNIX, 0, path);
	check_fails(&ep, -ENOENT);
	check_dials(&ep);
	check_fails(&ep, -ECONNREFUSED);
	ck_assert_int_eq(unlink(path), 0);
	net_dir_remove(dir);
}
END_TEST

START_TEST(dial_unix_does_not_wait_in_a_queue)
{
	struct endpoint ep;
	char dir[32], path[64];
	int listener, fd[8];
	int n = 0, rc;
	bool done;

	net_dir_make(dir);
	snprintf(path, sizeof(path), "%s/socket", dir);
	ep = net_endpoint(ENDPOINT_UNIX, 0, path);
	listener = listen_at(&ep, 1);
	while ((rc = dial_start(&ep, &fd[n], &done)) == 0)
		ck_assert_int_lt(++n, 8);
	ck_assert_int_eq(rc, -EAGAIN);
	ck_assert_int_gt(n, 0);
	while (n > 0)
		close(fd[--n]);
	close(listener);
	ck_assert_int_eq(unlink(path), 0);
	net_dir_remove(dir);
}
END_TEST

START_TEST(dial_names)
{
	struct endpoint ep = net_endpoint(ENDPOINT_TCP, 0, NULL);

	close(listen_at(&ep, 1)); /* a port that is free */
	strcpy(ep.host, "card.example.org");
	check_dials(&ep);
	ck_assert_int_ge(resolver_asked, 1);
	resolver_says = EAI_NONAME;
	check_fails(&ep, -ENOENT);
	resolver_says = EAI_AGAIN;
	check_fails(&ep, -ENOENT);
	resolver_says = EAI_MEMORY;
	check_fails(&ep, -ENOMEM);
	resolver_says = EAI_SYSTEM;
	resolver_errno = EMFILE;
	check_fails(&ep, -EMFILE);
	resolver_errno = 0;
	check_fails(&ep, -ENOENT);
}
END_TEST

START_TEST(dial_takes_a_descriptor)
{
	struct endpoint ep = {.kind = ENDPOINT_FD};
	int fd[2];

	net_unix_pair(fd);
	ep.fd = fd[0];
	ck_assert_int_eq(dial(&ep), fd[0]);
	close(fd[0]);
	close(fd[1]);

	/* Adopted: closed when it is no good. */
	ck_assert_int_eq(pipe(fd), 0);
	ep.fd = fd[0];
	check_fails(&ep, -ENOTSOCK);
	ck_assert_int_eq(close(fd[0]), -1);
	check_fails(&ep, -EBADF);
	close(fd[1]);
	ep.fd = socket(AF_INET, SOCK_STREAM, 0);
	check_fails(&ep, -ENOTCONN);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, fd), 0);
	ep.fd = fd[0];
	check_fails(&ep, -EPROTOTYPE);
	close(fd[1]);
}
END_TEST

/* A socket connected to its own port, as happens by chance now and then. */
START_TEST(dial_notices_itself)
{
	struct endpoint ep = net_endpoint(ENDPOINT_TCP, 0, NULL);
	struct address a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(address_get(&ep, &a), 0);
	ck_assert_int_eq(bind(fd, &a.at.any, a.len), 0);
	ck_assert_int_eq(getsockname(fd, &a.at.any, &a.len), 0);
	ck_assert_int_eq(connect(fd, &a.at.any, a.len), 0);
	ck_assert_int_eq(dial_finish(fd), -ECONNREFUSED);
	close(fd);
}
END_TEST

static const char *const calls[] = {"socket", "connect", "getsockopt",
    "getpeername", "getsockname", "setsockopt"};

START_TEST(dial_can_fail)
{
	struct endpoint ep = net_endpoint(ENDPOINT_TCP, 0, NULL);
	int listener = listen_at(&ep, 16);

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		fault_set(calls[i], 1, ENOBUFS);
		check_fails(&ep, -ENOBUFS);
		ck_assert(fault_take());
	}
	close(listener);
	strcpy(ep.host, "no address");
	ep.kind = ENDPOINT_TCP6;
	check_fails(&ep, -EINVAL);
}
END_TEST

UNIT_SUITE("dial", dial_tcp, dial_unix, dial_unix_does_not_wait_in_a_queue,
    dial_names, dial_takes_a_descriptor, dial_notices_itself, dial_can_fail)
