/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/owner.h"
#include "tests/unit/fault.h"
#include "tests/unit/net.h"

FAULT_CALL(
    socket, (int domain, int type, int protocol), (domain, type, protocol))
FAULT_COUNT_CALL(sendto,
    (int fd, const void *data, size_t len, int flags, const struct sockaddr *to,
	socklen_t to_len),
    (fd, data, len, flags, to, to_len))

/* The peer's address, if it has a port. */
static struct sockaddr_in remote;

int __real_getpeername(int, struct sockaddr *, socklen_t *);
int __wrap_getpeername(int, struct sockaddr *, socklen_t *);
int
__wrap_getpeername(int fd, struct sockaddr *address, socklen_t *len)
{
	int rc = __real_getpeername(fd, address, len);

	if (rc == 0 && remote.sin_port != 0)
		memcpy(address, &remote, sizeof(remote));
	return rc;
}

static void
check_pair(int family)
{
	uid_t uid = geteuid() + 1;
	int fd[2];

	net_tcp_pair(family, fd);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(owner_get(fd[i], &uid), 0);
		ck_assert_uint_eq(uid, geteuid());
	}
	/* Half closed it still is somebody's. */
	ck_assert_int_eq(shutdown(fd[0], SHUT_WR), 0);
	ck_assert_int_eq(owner_get(fd[1], &uid), 0);
	/* Of a socket that has been closed the kernel says that it is root's. */
	close(fd[0]);
	ck_assert_int_eq(owner_get(fd[1], &uid), -ENOENT);
	close(fd[1]);
}

START_TEST(owner_tcp)
{
	check_pair(AF_INET);
}
END_TEST

START_TEST(owner_tcp6)
{
	check_pair(AF_INET6);
}
END_TEST

/* A socket for both families. */
static int
listen_any(struct sockaddr_in6 *at)
{
	socklen_t len = sizeof(*at);
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), off = 0;

	memset(at, 0, sizeof(*at));
	at->sin6_family = AF_INET6;
	ck_assert_int_eq(
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)), 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)at, len), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)at, &len), 0);
	return fd;
}

/* IPv4 within IPv6, and not accepted at first. */
START_TEST(owner_mapped_and_not_accepted)
{
	struct sockaddr_in6 at;
	struct sockaddr_in to = {.sin_family = AF_INET};
	int listener = listen_any(&at), us, them;
	uid_t uid = geteuid() + 1;

	to.sin_port = at.sin6_port;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	us = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(connect(us, (struct sockaddr *)&to, sizeof(to)), 0);
	ck_assert_int_eq(owner_get(us, &uid), -ENOENT);
	them = accept(listener, NULL, NULL);
	ck_assert_int_eq(owner_get(us, &uid), 0);
	ck_assert_uint_eq(uid, geteuid());
	uid++;
	ck_assert_int_eq(owner_get(them, &uid), 0);
	ck_assert_uint_eq(uid, geteuid());
	close(them);
	close(us);
	close(listener);
}
END_TEST

/*
 * A peer of another machine, whose port is one that somebody listens on here:
 * for want of the connection the kernel offers that one.
 */
START_TEST(owner_is_not_who_listens)
{
	struct sockaddr_in6 at;
	int listener = listen_any(&at), fd[2];
	uid_t uid;

	net_tcp_pair(AF_INET, fd);
	remote = (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = at.sin6_port,
	    .sin_addr.s_addr = htonl(0xc0000207)};
	ck_assert_int_eq(owner_get(fd[1], &uid), -ENOENT);
	remote.sin_port = 0;
	ck_assert_int_eq(owner_get(fd[1], &uid), 0);
	close(listener);
	close(fd[0]);
	close(fd[1]);
}
END_TEST

START_TEST(owner_can_fail)
{
	uid_t uid = 4711;
	int fd[2];

	ck_assert_int_eq(owner_get(-1, &uid), -EBADF);
	net_unix_pair(fd);
	ck_assert_int_eq(owner_get(fd[0], &uid), -ENOENT);
	close(fd[0]);
	close(fd[1]);
	net_tcp_pair(AF_INET, fd);
	fault_set("socket", 1, EAFNOSUPPORT);
	ck_assert_int_eq(owner_get(fd[0], &uid), -EAFNOSUPPORT);
	ck_assert(fault_take());
	fault_set("sendto", 1, ECONNREFUSED);
	ck_assert_int_eq(owner_get(fd[0], &uid), -ECONNREFUSED);
	ck_assert(fault_take());
	close(fd[0]);
	close(fd[1]);
	ck_assert_uint_eq(uid, 4711);
}
END_TEST

UNIT_SUITE("owner", owner_tcp, owner_tcp6, owner_mapped_and_not_accepted,
    owner_is_not_who_listens, owner_can_fail)
