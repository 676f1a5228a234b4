/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <ifaddrs.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/allow.h"
#include "tests/unit/net.h"

enum { OTHER = 4711, GROUP = 4712, UNSEEN = 65534 };

/* Who owns the peer's socket: this process, or whom the test says. */
static uid_t owner;
static bool has_owner;

ssize_t
__real_recvfrom(int, void *, size_t, int, struct sockaddr *, socklen_t *);
ssize_t
__wrap_recvfrom(int, void *, size_t, int, struct sockaddr *, socklen_t *);
ssize_t
__wrap_recvfrom(int fd, void *room, size_t len, int flags,
    struct sockaddr *from, socklen_t *from_len)
{
	ssize_t n = __real_recvfrom(fd, room, len, flags, from, from_len);
	struct inet_diag_msg *m = NLMSG_DATA(room);

	if (has_owner && n >= (ssize_t)NLMSG_LENGTH(sizeof(*m)))
		m->idiag_uid = owner;
	return n;
}

/* The addresses of this machine: these, and none of loopback's. */
static bool has_no_list;
static struct sockaddr packet = {.sa_family = AF_PACKET};
static struct sockaddr_in own = {.sin_family = AF_INET};
static struct sockaddr_in6 own6 = {.sin6_family = AF_INET6};
static struct sockaddr_in6 link6 = {
    .sin6_family = AF_INET6, .sin6_scope_id = 2};
static struct ifaddrs interfaces[] = {
    {.ifa_addr = NULL, .ifa_next = &interfaces[1]},
    {.ifa_addr = &packet, .ifa_next = &interfaces[2]},
    {.ifa_addr = (void *)&own, .ifa_next = &interfaces[3]},
    {.ifa_addr = (void *)&own6, .ifa_next = &interfaces[4]},
    {.ifa_addr = (void *)&link6},
};

int __wrap_getifaddrs(struct ifaddrs **);
void __wrap_freeifaddrs(struct ifaddrs *);
int
__wrap_getifaddrs(struct ifaddrs **out)
{
	if (has_no_list) {
		errno = ENOBUFS;
		return -1;
	}
	inet_pton(AF_INET, "203.0.113.9", &own.sin_addr);
	inet_pton(AF_INET6, "2001:db8:9::9", &own6.sin6_addr);
	inet_pton(AF_INET6, "fe80::9", &link6.sin6_addr);
	*out = interfaces;
	return 0;
}

void
__wrap_freeifaddrs(struct ifaddrs *list)
{
	ck_assert_ptr_eq(list, interfaces);
}

static void
add_user(struct allow *a, const char *word)
{
	const char *why;

	ck_assert_int_eq(allow_add_user(a, word, &why), 0);
}

static void
add_group(struct allow *a, const char *word)
{
	const char *why;

	ck_assert_int_eq(allow_add_group(a, word, &why), 0);
}

static void
add_address(struct allow *a, const char *word)
{
	const char *why;

	ck_assert_int_eq(allow_add_address(a, word, &why), 0);
}

static enum allow_verdict
judge_tcp(const struct allow *a, uid_t uid)
{
	enum allow_verdict verdict;
	struct peer peer;
	int fd[2];

	net_tcp_pair(AF_INET, fd);
	ck_assert_int_eq(peer_get(fd[1], &peer), 0);
	has_owner = true;
	owner = uid;
	verdict = allow_judge(a, fd[1], &peer);
	has_owner = false;
	ck_assert(peer.has_user);
	ck_assert_uint_eq(peer.uid, uid);
	ck_assert_ptr_nonnull(strstr(peer.name, ", user "));
	close(fd[0]);
	close(fd[1]);
	return verdict;
}

START_TEST(users_of_this_machine)
{
	struct allow a = {0};

	ck_assert_int_eq(judge_tcp(&a, 0), ALLOW_YES);
	ck_assert_int_eq(judge_tcp(&a, geteuid()), ALLOW_YES);
	ck_assert_int_eq(judge_tcp(&a, OTHER), ALLOW_NO);
	/* Addresses are of no help to them. */
	add_address(&a, "127.0.0.0/8");
	ck_assert_int_eq(judge_tcp(&a, OTHER), ALLOW_NO);
	add_group(&a, "4712");
	ck_assert_int_eq(judge_tcp(&a, OTHER), ALLOW_ASK);
	add_user(&a, "4711");
	ck_assert_int_eq(judge_tcp(&a, OTHER), ALLOW_YES);
	ck_assert_int_eq(judge_tcp(&a, OTHER + 1), ALLOW_ASK);
	/* Who cannot be seen could be anybody. */
	add_user(&a, "65534");
	ck_assert_int_eq(judge_tcp(&a, UNSEEN), ALLOW_NO);
	add_user(&a, "*");
	ck_assert_int_eq(judge_tcp(&a, OTHER + 1), ALLOW_YES);
	ck_assert_int_eq(judge_tcp(&a, UNSEEN), ALLOW_YES);
}
END_TEST

START_TEST(who_has_hung_up_is_nobody)
{
	struct allow a = {0};
	struct peer peer;
	int fd[2];

	add_user(&a, "*");
	net_tcp_pair(AF_INET, fd);
	ck_assert_int_eq(peer_get(fd[1], &peer), 0);
	close(fd[0]);
	ck_assert_int_eq(allow_judge(&a, fd[1], &peer), ALLOW_NO);
	ck_assert(!peer.has_user);
	close(fd[1]);
}
END_TEST

static enum allow_verdict
judge_unix(const struct allow *a, uid_t uid, gid_t gid)
{
	enum allow_verdict verdict;
	struct peer peer;
	int fd[2];

	net_unix_pair(fd);
	ck_assert_int_eq(peer_get(fd[0], &peer), 0);
	peer.uid = uid;
	peer.gid = gid;
	verdict = allow_judge(a, fd[0], &peer);
	close(fd[0]);
	close(fd[1]);
	return verdict;
}

START_TEST(unix_sockets)
{
	struct allow a = {0};
	gid_t groups[64];
	int n = getgroups(64, groups);

	ck_assert_int_eq(judge_unix(&a, 0, GROUP), ALLOW_YES);
	ck_assert_int_eq(judge_unix(&a, geteuid(), GROUP), ALLOW_YES);
	ck_assert_int_eq(judge_unix(&a, OTHER, GROUP), ALLOW_NO);
	add_group(&a, "4712");
	ck_assert_int_eq(judge_unix(&a, OTHER, GROUP), ALLOW_YES);
	ck_assert_int_eq(judge_unix(&a, OTHER, GROUP + 1), ALLOW_NO);
	/* The other groups of this process, which the kernel tells. */
	for (int i = 0; i < n; i++) {
		a.groups[0] = groups[i];
		ck_assert_int_eq(judge_unix(&a, OTHER, GROUP + 1),
		    groups[i] == UNSEEN ? ALLOW_NO : ALLOW_YES);
	}
	add_user(&a, "4711");
	ck_assert_int_eq(judge_unix(&a, OTHER, GROUP + 1), ALLOW_YES);
}
END_TEST

/* 192.0.2.7 as far as the peer's name goes; nobody here has that socket. */
static enum allow_verdict
judge_remote(const struct allow *a, const char *address)
{
	enum allow_verdict verdict;
	struct allow one = {0};
	struct peer peer = {.has_address = true};
	int fd[2];

	add_address(&one, address);
	memcpy(peer.address, one.prefixes[0].address, sizeof(peer.address));
	net_tcp_pair(AF_INET, fd);
	close(fd[0]);
	verdict = allow_judge(a, fd[1], &peer);
	close(fd[1]);
	return verdict;
}

START_TEST(addresses)
{
	struct allow a = {0};

	ck_assert_int_eq(judge_remote(&a, "192.0.2.7"), ALLOW_YES);
	ck_assert_int_eq(judge_remote(&a, "127.0.0.1"), ALLOW_NO);
	ck_assert_int_eq(judge_remote(&a, "127.9.8.7"), ALLOW_NO);
	ck_assert_int_eq(judge_remote(&a, "::1"), ALLOW_NO);
	add_address(&a, "192.0.2.0/29");
	ck_assert_int_eq(judge_remote(&a, "192.0.2.7"), ALLOW_YES);
	ck_assert_int_eq(judge_remote(&a, "192.0.2.8"), ALLOW_NO);
	ck_assert_int_eq(judge_remote(&a, "2001:db8::1"), ALLOW_NO);
	add_address(&a, "2001:db8::/32");
	ck_assert_int_eq(judge_remote(&a, "2001:db8::1"), ALLOW_YES);
	ck_assert_int_eq(judge_remote(&a, "2001:db9::1"), ALLOW_NO);
	add_address(&a, "198.51.100.4");
	ck_assert_int_eq(judge_remote(&a, "198.51.100.4"), ALLOW_YES);
	ck_assert_int_eq(judge_remote(&a, "198.51.100.5"), ALLOW_NO);
	add_address(&a, "0.0.0.0/0");
	ck_assert_int_eq(judge_remote(&a, "198.51.100.5"), ALLOW_YES);
	ck_assert_int_eq(judge_remote(&a, "127.0.0.1"), ALLOW_NO);
	ck_assert_int_eq(judge_remote(&a, "2001:db9::1"), ALLOW_NO);
}
END_TEST

/*
 * Whose socket is not found though he is here: it is closed, bound to a device,
 * or the kernel has no inet_diag.
 */
START_TEST(own_addresses_are_no_other_machine)
{
	struct allow a = {0};

	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(judge_remote(&a, "203.0.113.9"), ALLOW_NO);
		ck_assert_int_eq(judge_remote(&a, "203.0.113.8"), ALLOW_YES);
		ck_assert_int_eq(judge_remote(&a, "2001:db8:9::9"), ALLOW_NO);
		ck_assert_int_eq(judge_remote(&a, "2001:db8:9::8"), ALLOW_YES);
		ck_assert_int_eq(judge_remote(&a, "fe80::9"), ALLOW_NO);
		ck_assert_int_eq(judge_remote(&a, "fe80::8"), ALLOW_YES);
		/* The same if the lists name them, and all users besides. */
		add_address(&a, "0.0.0.0/0");
		add_address(&a, "::/0");
		add_user(&a, "*");
	}
	has_no_list = true;
	ck_assert_int_eq(judge_remote(&a, "203.0.113.8"), ALLOW_NO);
	has_no_list = false;
}
END_TEST

START_TEST(groups_of_a_user)
{
	struct allow a = {0};

	add_group(&a, "4712");
	ck_assert(!allow_ask(&a, 0));
	add_group(&a, "root");
	ck_assert(allow_ask(&a, 0));
	ck_assert(!allow_ask(&a, OTHER)); /* no such user */
}
END_TEST

START_TEST(lists_have_an_end)
{
	struct allow a = {0};
	const char *why = NULL;

	for (int i = 0; i < ALLOW_MAX; i++) {
		add_user(&a, "1");
		add_group(&a, "1");
		add_address(&a, "::1");
	}
	ck_assert_int_eq(allow_add_user(&a, "1", &why), -ENOBUFS);
	ck_assert_str_eq(why, "at most 32 are allowed");
	ck_assert_int_eq(allow_add_group(&a, "1", &why), -ENOBUFS);
	ck_assert_int_eq(allow_add_address(&a, "::1", &why), -ENOBUFS);
}
END_TEST

UNIT_SUITE("allow", users_of_this_machine, who_has_hung_up_is_nobody,
    unix_sockets, addresses, own_addresses_are_no_other_machine,
    groups_of_a_user, lists_have_an_end)
