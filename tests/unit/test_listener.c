/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/address.h"
#include "net/dial.h"
#include "net/listener.h"
#include "tests/unit/fault.h"
#include "tests/unit/net.h"

FAULT_CALL(
    socket, (int domain, int type, int protocol), (domain, type, protocol))
FAULT_CALL(
    bind, (int fd, const struct sockaddr *addr, socklen_t len), (fd, addr, len))
FAULT_CALL(connect, (int fd, const struct sockaddr *addr, socklen_t len),
    (fd, addr, len))
FAULT_CALL(listen, (int fd, int backlog), (fd, backlog))
FAULT_CALL(fchmod, (int fd, mode_t mode), (fd, mode))
FAULT_CALL(lstat, (const char *path, struct stat *st), (path, st))
FAULT_CALL(unlink, (const char *path), (path))
FAULT_CALL(getpeername, (int fd, struct sockaddr *addr, socklen_t *len),
    (fd, addr, len))
FAULT_CALL(setsockopt,
    (int fd, int level, int name, const void *value, socklen_t len),
    (fd, level, name, value, len))
FAULT_CALL(accept4, (int fd, struct sockaddr *addr, socklen_t *len, int flags),
    (fd, addr, len, flags))

/* A peer that runs as somebody else. */
static uid_t peer_uid_plus;

int __real_getsockopt(int, int, int, void *, socklen_t *);
int __wrap_getsockopt(int, int, int, void *, socklen_t *);
int
__wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	int rc = __real_getsockopt(fd, level, name, value, len);

	if (rc == 0 && level == SOL_SOCKET && name == SO_PEERCRED)
		((struct ucred *)value)->uid += peer_uid_plus;
	return rc;
}

/* A directory with the path of a socket in it. */
struct place {
	char dir[32];
	struct endpoint ep;
};

static void
place_make(struct place *p)
{
	char path[64];

	net_dir_make(p->dir);
	snprintf(path, sizeof(path), "%s/socket", p->dir);
	p->ep = net_endpoint(ENDPOINT_UNIX, 0, path);
}

static void
place_remove(struct place *p)
{
	net_dir_remove(p->dir);
}

static bool
exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static struct listener
open_ok(const struct endpoint *ep)
{
	struct listener l;

	ck_assert_int_eq(listener_open(ep, false, &l), 0);
	ck_assert(net_is_cloexec(l.fd));
	ck_assert(!net_is_blocking(l.fd));
	return l;
}

/* A connection made, accepted and used. */
static void
check_serves(struct listener *l, const struct endpoint *ep)
{
	struct peer peer;
	char room[4];
	int fd, us;
	bool done;

	ck_assert_int_eq(dial_start(ep, &us, &done), 0);
	ck_assert(net_wait(l->fd, POLLIN));
	ck_assert_int_eq(listener_accept(l, &fd, &peer), 0);
	ck_assert(net_is_cloexec(fd));
	ck_assert(net_is_blocking(fd));
	ck_assert_int_eq(peer.local, ep->kind == ENDPOINT_UNIX);
	ck_assert_uint_gt(strlen(peer.name), 0);
	ck_assert(net_wait(us, POLLOUT));
	ck_assert_int_eq(write(us, "card", 4), 4);
	ck_assert_int_eq(read(fd, room, 4), 4);
	close(fd); /* before the other end: TIME_WAIT is ours */
	ck_assert_int_eq(read(us, room, 4), 0);
	close(us);
	ck_assert_int_eq(listener_accept(l, &fd, &peer), -EAGAIN);
}

static void
check_refused(const struct endpoint *ep, int expected)
{
	struct listener l, before;

	memset(&l, 0x5a, sizeof(l));
	before = l;
	ck_assert_int_eq(listener_open(ep, false, &l), expected);
	ck_assert_mem_eq(&l, &before, sizeof(l));
}

/* --- TCP ------------------------------------------------------------------ */

static void
check_tcp(enum endpoint_kind kind)
{
	struct endpoint ep = net_endpoint(kind, 0, NULL);
	struct listener l = open_ok(&ep);

	ep.port = net_port(l.fd);
	check_serves(&l, &ep);
	check_refused(&ep, -EADDRINUSE);
	check_serves(&l, &ep);
	listener_close(&l);
	ck_assert_int_eq(l.fd, -1);
	listener_close(&l); /* again: nothing */
	/* The connections above are in TIME_WAIT by now. */
	l = open_ok(&ep);
	listener_close(&l);
}

START_TEST(listener_tcp)
{
	check_tcp(ENDPOINT_TCP);
	check_tcp(ENDPOINT_TCP6);
}
END_TEST

START_TEST(listener_tcp6_leaves_tcp_alone)
{
	struct endpoint ep6 = net_endpoint(ENDPOINT_TCP6, 0, NULL);
	struct endpoint ep = net_endpoint(ENDPOINT_TCP, 0, NULL);
	struct listener l, l6;

	strcpy(ep6.host, "::");
	strcpy(ep.host, "0.0.0.0");
	l6 = open_ok(&ep6);
	ep.port = net_port(l6.fd);
	l = open_ok(&ep);
	listener_close(&l);
	listener_close(&l6);
}
END_TEST

START_TEST(listener_refuses_descriptors)
{
	struct endpoint ep = {.kind = ENDPOINT_FD, .fd = 0};

	check_refused(&ep, -EINVAL);
	ep.kind = (enum endpoint_kind)99;
	check_refused(&ep, -EINVAL);
}
END_TEST

START_TEST(listener_tcp_can_fail)
{
	static const char *const calls[] = {
	    "socket", "setsockopt", "bind", "listen"};
	struct endpoint ep = net_endpoint(ENDPOINT_TCP6, 0, NULL);

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		fault_set(calls[i], 1, EACCES);
		check_refused(&ep, -EACCES);
		ck_assert(fault_take());
	}
	fault_set("setsockopt", 2, EACCES); /* IPV6_V6ONLY */
	check_refused(&ep, -EACCES);
	ck_assert(fault_take());
	strcpy(ep.host, "no address");
	check_refused(&ep, -EINVAL);
}
END_TEST

/* --- Unix ----------------------------------------------------------------- */

START_TEST(listener_unix_is_private_and_goes)
{
	struct listener l;
	struct place p;
	struct stat st;
	mode_t mask = umask(0);

	place_make(&p);
	l = open_ok(&p.ep);
	ck_assert_int_eq(umask(mask), 0);
	ck_assert_int_eq(lstat(p.ep.path, &st), 0);
	ck_assert(S_ISSOCK(st.st_mode));
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	check_serves(&l, &p.ep);
	listener_close(&l);
	ck_assert(!exists(p.ep.path));
	place_remove(&p);
}
END_TEST

/* What fchmod before bind is for: not even at birth is it open to others. */
START_TEST(listener_unix_is_private_from_birth)
{
	struct stat st;
	struct place p;
	mode_t mask = umask(0);

	place_make(&p);
	fault_set("lstat", 1, EIO); /* the step right after bind */
	check_refused(&p.ep, -EIO);
	ck_assert(fault_take());
	umask(mask);
	ck_assert_int_eq(lstat(p.ep.path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(unlink(p.ep.path), 0);
	place_remove(&p);
}
END_TEST

/* A socket file of that type whose owner is gone. */
static void
make_stale(const struct endpoint *ep, int type)
{
	int fd = socket(AF_UNIX, type, 0);
	struct address a;

	ck_assert_int_eq(address_get(ep, &a), 0);
	ck_assert_int_eq(bind(fd, &a.at.any, a.len), 0);
	close(fd);
	ck_assert(exists(ep->path));
}

START_TEST(listener_unix_replaces_a_stale_socket)
{
	struct listener l;
	struct place p;

	place_make(&p);
	make_stale(&p.ep, SOCK_STREAM);
	l = open_ok(&p.ep);
	check_serves(&l, &p.ep);
	listener_close(&l);
	ck_assert(!exists(p.ep.path));
	place_remove(&p);
}
END_TEST

START_TEST(listener_unix_leaves_a_live_socket)
{
	struct listener l;
	struct place p;
	struct peer peer;
	int fd;

	place_make(&p);
	l = open_ok(&p.ep);
	check_refused(&p.ep, -EADDRINUSE);
	ck_assert(exists(p.ep.path));
	/* The look at it has left a connection behind, ended already. */
	ck_assert_int_eq(listener_accept(&l, &fd, &peer), 0);
	close(fd);
	check_serves(&l, &p.ep);
	listener_close(&l);
	place_remove(&p);
}
END_TEST

START_TEST(listener_unix_leaves_other_files)
{
	char target[64];
	struct place p;
	int fd;

	place_make(&p);
	fd = open(p.ep.path, O_CREAT | O_EXCL | O_WRONLY, 0644);
	ck_assert_int_eq(write(fd, "precious", 8), 8);
	close(fd);
	check_refused(&p.ep, -EADDRINUSE);
	ck_assert(exists(p.ep.path));
	snprintf(target, sizeof(target), "%s/target", p.dir);
	ck_assert_int_eq(rename(p.ep.path, target), 0);

	ck_assert_int_eq(symlink(target, p.ep.path), 0);
	check_refused(&p.ep, -EADDRINUSE);
	ck_assert_int_eq(unlink(p.ep.path), 0);
	ck_assert_int_eq(unlink(target), 0);

	ck_assert_int_eq(mkdir(p.ep.path, 0700), 0);
	check_refused(&p.ep, -EADDRINUSE);
	ck_assert_int_eq(rmdir(p.ep.path), 0);
	place_remove(&p);
}
END_TEST

START_TEST(listener_unix_leaves_a_link_to_a_stale_socket)
{
	struct place p;
	char target[64];

	place_make(&p);
	make_stale(&p.ep, SOCK_STREAM);
	snprintf(target, sizeof(target), "%s/target", p.dir);
	ck_assert_int_eq(rename(p.ep.path, target), 0);
	ck_assert_int_eq(symlink(target, p.ep.path), 0);
	check_refused(&p.ep, -EADDRINUSE);
	ck_assert(exists(target));
	ck_assert_int_eq(unlink(p.ep.path), 0);
	ck_assert_int_eq(unlink(target), 0);
	place_remove(&p);
}
END_TEST

START_TEST(listener_unix_leaves_another_ones_socket)
{
	struct listener l, other;
	struct place p;

	place_make(&p);
	l = open_ok(&p.ep);
	ck_assert_int_eq(unlink(p.ep.path), 0);
	other = open_ok(&p.ep);
	listener_close(&l);
	check_serves(&other, &p.ep);
	listener_close(&other);
	place_remove(&p);
}
END_TEST

START_TEST(listener_unix_wants_its_directory)
{
	struct endpoint ep =
	    net_endpoint(ENDPOINT_UNIX, 0, "/nonexistent/socket");

	check_refused(&ep, -ENOENT);
}
END_TEST

START_TEST(listener_unix_can_fail)
{
	static const char *const calls[] = {
	    "socket", "fchmod", "bind", "listen"};
	struct place p;

	place_make(&p);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		fault_set(calls[i], 1, EPERM);
		check_refused(&p.ep, -EPERM);
		ck_assert(fault_take());
		ck_assert(!exists(p.ep.path));
	}
	make_stale(&p.ep, SOCK_STREAM);
	fault_set("socket", 2, EMFILE); /* the one that looks */
	check_refused(&p.ep, -EMFILE);
	fault_set("connect", 1, EACCES);
	check_refused(&p.ep, -EADDRINUSE);
	fault_set("lstat", 1, EACCES);
	check_refused(&p.ep, -EADDRINUSE);
	fault_set("unlink", 1, EROFS);
	check_refused(&p.ep, -EROFS);
	ck_assert(exists(p.ep.path));
	fault_set("bind", 2, EADDRINUSE); /* somebody was faster */
	check_refused(&p.ep, -EADDRINUSE);
	ck_assert(fault_take());
	place_remove(&p);
}
END_TEST

/* Whatever the umask is. */
START_TEST(listener_unix_is_shared)
{
	struct listener l;
	struct place p;
	struct peer peer;
	struct stat st;
	int fd, us;
	bool done;

	place_make(&p);
	umask(S_IRWXG | S_IRWXO);
	ck_assert_int_eq(listener_open(&p.ep, true, &l), 0);
	ck_assert_int_eq(stat(p.ep.path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0666);
	ck_assert_int_eq(dial_start(&p.ep, &us, &done), 0);
	peer_uid_plus = 1;
	ck_assert_int_eq(listener_accept(&l, &fd, &peer), 0);
	peer_uid_plus = 0;
	ck_assert_uint_eq(peer.uid, geteuid() + 1);
	close(fd);
	close(us);
	listener_close(&l);
	place_remove(&p);
}
END_TEST

/* --- accept --------------------------------------------------------------- */

START_TEST(listener_accept_refuses_another_user)
{
	struct listener l;
	struct place p;
	struct peer peer;
	int fd = -7, us;
	bool done;

	place_make(&p);
	l = open_ok(&p.ep);
	ck_assert_int_eq(dial_start(&p.ep, &us, &done), 0);
	peer_uid_plus = 1;
	ck_assert_int_eq(listener_accept(&l, &fd, &peer), -EACCES);
	peer_uid_plus = 0;
	ck_assert_int_eq(fd, -7);
	ck_assert_uint_eq(peer.uid, geteuid() + 1);
	ck_assert_int_eq(peer.pid, getpid());
	ck_assert(net_wait(us, POLLHUP)); /* closed already */
	close(us);
	listener_close(&l);
	place_remove(&p);
}
END_TEST

static const struct {
	const char *call;
	int err;
	int rc;
} accept_faults[] = {
    {"accept4", ECONNABORTED, -EAGAIN},
    {"accept4", EPROTO, -EAGAIN},
    {"accept4", ENETDOWN, -EAGAIN},
    {"accept4", EHOSTUNREACH, -EAGAIN},
    {"accept4", EMFILE, -EMFILE},
    {"accept4", ENFILE, -ENFILE},
    {"accept4", ENOMEM, -ENOMEM},
    {"accept4", EINTR, 0},
    {"getpeername", ENOTCONN, -EAGAIN},
    {"getpeername", ENOBUFS, -ECONNABORTED},
    {"setsockopt", ENOMEM, -ECONNABORTED},
};

START_TEST(listener_accept_can_fail)
{
	struct endpoint ep = net_endpoint(ENDPOINT_TCP, 0, NULL);
	struct listener l = open_ok(&ep);
	struct peer peer;
	int fd, us;
	bool done;

	ep.port = net_port(l.fd);
	for (size_t i = 0; i < sizeof(accept_faults) / sizeof(*accept_faults);
	     i++) {
		ck_assert_int_eq(dial_start(&ep, &us, &done), 0);
		ck_assert(net_wait(l.fd, POLLIN));
		fault_set(accept_faults[i].call, 1, accept_faults[i].err);
		ck_assert_int_eq(
		    listener_accept(&l, &fd, &peer), accept_faults[i].rc);
		ck_assert(fault_take());
		if (accept_faults[i].rc == 0)
			close(fd);
		while (listener_accept(&l, &fd, &peer) == 0)
			close(fd);
		close(us);
	}
	listener_close(&l);
}
END_TEST

UNIT_SUITE("listener", listener_tcp, listener_tcp6_leaves_tcp_alone,
    listener_refuses_descriptors, listener_tcp_can_fail,
    listener_unix_is_private_and_goes, listener_unix_is_private_from_birth,
    listener_unix_replaces_a_stale_socket, listener_unix_leaves_a_live_socket,
    listener_unix_leaves_other_files,
    listener_unix_leaves_a_link_to_a_stale_socket,
    listener_unix_leaves_another_ones_socket, listener_unix_wants_its_directory,
    listener_unix_can_fail, listener_unix_is_shared,
    listener_accept_refuses_another_user,
    listener_accept_can_fail)
