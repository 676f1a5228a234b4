/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/peer.h"
#include "tests/unit/fault.h"
#include "tests/unit/net.h"

FAULT_CALL(getsockopt,
    (int fd, int level, int name, void *value, socklen_t *len),
    (fd, level, name, value, len))

START_TEST(peer_tcp_has_an_address)
{
	char expected[PEER_NAME_MAX];
	struct peer peer;
	int fd[2];

	net_tcp_pair(AF_INET, fd);
	ck_assert_int_eq(peer_get(fd[1], &peer), 0);
	snprintf(expected, sizeof(expected), "127.0.0.1:%u",
	    (unsigned)net_port(fd[0]));
	ck_assert_str_eq(peer.name, expected);
	ck_assert(!peer.local);
	ck_assert(peer_is_allowed(&peer));
	close(fd[0]);
	close(fd[1]);
}
END_TEST

START_TEST(peer_tcp6_has_an_address_in_brackets)
{
	char expected[PEER_NAME_MAX];
	struct peer peer;
	int fd[2];

	net_tcp_pair(AF_INET6, fd);
	ck_assert_int_eq(peer_get(fd[1], &peer), 0);
	snprintf(
	    expected, sizeof(expected), "[::1]:%u", (unsigned)net_port(fd[0]));
	ck_assert_str_eq(peer.name, expected);
	ck_assert(!peer.local);
	close(fd[0]);
	close(fd[1]);
}
END_TEST

START_TEST(peer_unix_has_credentials)
{
	char expected[PEER_NAME_MAX];
	struct peer peer;
	int fd[2];

	net_unix_pair(fd);
	ck_assert_int_eq(peer_get(fd[0], &peer), 0);
	ck_assert(peer.local);
	ck_assert_int_eq(peer.pid, getpid());
	ck_assert_uint_eq(peer.uid, geteuid());
	ck_assert_uint_eq(peer.gid, getegid());
	snprintf(
	    expected, sizeof(expected), "pid %d, user %u", getpid(), geteuid());
	ck_assert_str_eq(peer.name, expected);
	ck_assert(peer_is_allowed(&peer));
	close(fd[0]);
	close(fd[1]);
}
END_TEST

START_TEST(peer_of_another_family_has_a_name)
{
	struct peer peer;
	int fd = socket(AF_NETLINK, SOCK_RAW, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(peer_get(fd, &peer), 0);
	ck_assert_str_eq(peer.name, "address family 16");
	ck_assert(!peer.local);
	close(fd);
}
END_TEST

START_TEST(peer_allows_root_and_us)
{
	struct peer peer = {.local = true};

	peer.uid = 0;
	ck_assert(peer_is_allowed(&peer));
	peer.uid = geteuid();
	ck_assert(peer_is_allowed(&peer));
	peer.uid = geteuid() + 1;
	ck_assert(!peer_is_allowed(&peer));
	peer.local = false;
	ck_assert(peer_is_allowed(&peer));
}
END_TEST

START_TEST(peer_get_can_fail)
{
	struct peer peer, before;
	int fd[2];

	memset(&peer, 0x5a, sizeof(peer));
	before = peer;
	ck_assert_int_eq(peer_get(-1, &peer), -EBADF);
	ck_assert_int_eq(pipe(fd), 0);
	ck_assert_int_eq(peer_get(fd[0], &peer), -ENOTSOCK);
	close(fd[0]);
	close(fd[1]);
	net_unix_pair(fd);
	fault_set("getsockopt", 1, ENOPROTOOPT);
	ck_assert_int_eq(peer_get(fd[0], &peer), -ENOPROTOOPT);
	ck_assert(fault_take());
	close(fd[0]);
	close(fd[1]);
	fd[0] = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(peer_get(fd[0], &peer), -ENOTCONN);
	close(fd[0]);
	ck_assert_mem_eq(&peer, &before, sizeof(peer));
}
END_TEST

UNIT_SUITE("peer", peer_tcp_has_an_address,
    peer_tcp6_has_an_address_in_brackets, peer_unix_has_credentials,
    peer_of_another_family_has_a_name, peer_allows_root_and_us,
    peer_get_can_fail)
