/* SPDX-License-Identifier: BSD-2-Clause */
/* Who gets in, who does not, and the driver that dials. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <reader.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <winscard.h>

#include "ifd/door.h"
#include "tests/ifd/card_peer.h"
#include "tests/ifd/host.h"
#include "tests/ifd/raw_peer.h"
#include "util/clock.h"
#include "util/log.h"

enum { OTHER = 4711, DAEMON = 1, BIN = 2 };

/* Nobody waits longer to be refused. */
enum { LATE_MS = 10000 };

/* --- what the driver hears and says ----------------------------------- */

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uid_t owner;        /* of the peer's socket, if not 0 */
	int no_descriptors; /* so many times */
	int aborted;        /* so many that could not be set up */
	in_addr_t address;  /* of the peer, if not 0 */
	bool is_slow;       /* the name service */
	bool is_asked;      /* it */
	unsigned refused, paused, full, connected;
} world = {
    .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* Also those that wait for world.lock to be counted. */
static atomic_uint lines;

static void
on_line(enum log_level level, const char *line)
{
	(void)level;
	atomic_fetch_add(&lines, 1);
	pthread_mutex_lock(&world.lock);
	if (strstr(line, "refused") != NULL)
		world.refused++;
	if (strstr(line, "cannot accept") != NULL)
		world.paused++;
	if (strstr(line, "too many connections") != NULL)
		world.full++;
	if (strstr(line, "connected to") != NULL)
		world.connected++;
	pthread_cond_broadcast(&world.changed);
	pthread_mutex_unlock(&world.lock);
}

static void
set_owner(uid_t uid)
{
	pthread_mutex_lock(&world.lock);
	world.owner = uid;
	pthread_mutex_unlock(&world.lock);
}

static uid_t
get_owner(void)
{
	uid_t uid;

	pthread_mutex_lock(&world.lock);
	uid = world.owner;
	pthread_mutex_unlock(&world.lock);
	return uid;
}

static void
await_count(const unsigned *count, unsigned want)
{
	pthread_mutex_lock(&world.lock);
	while (*count < want)
		pthread_cond_wait(&world.changed, &world.lock);
	pthread_mutex_unlock(&world.lock);
}

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
	uid_t owner = get_owner();

	if (owner != 0 && n >= (ssize_t)NLMSG_LENGTH(sizeof(*m)))
		m->idiag_uid = owner;
	return n;
}

int __real_getsockopt(int, int, int, void *, socklen_t *);
int __wrap_getsockopt(int, int, int, void *, socklen_t *);
int
__wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	int rc = __real_getsockopt(fd, level, name, value, len);
	struct ucred *cred = value;
	uid_t owner = get_owner();

	if (rc == 0 && name == SO_PEERCRED && owner != 0)
		cred->uid = cred->gid = owner;
	return rc;
}

/* Of another machine, whatever the peer is. */
int __real_getpeername(int, struct sockaddr *, socklen_t *);
int __wrap_getpeername(int, struct sockaddr *, socklen_t *);
int
__wrap_getpeername(int fd, struct sockaddr *address, socklen_t *len)
{
	int rc = __real_getpeername(fd, address, len);
	struct sockaddr_in *in = (void *)address;

	pthread_mutex_lock(&world.lock);
	if (rc == 0 && world.address != 0)
		in->sin_addr.s_addr = htonl(world.address);
	if (world.aborted > 0 && world.aborted-- > 0) {
		errno = ENOBUFS;
		rc = -1;
	}
	pthread_mutex_unlock(&world.lock);
	return rc;
}

int __real_accept4(int, struct sockaddr *, socklen_t *, int);
int __wrap_accept4(int, struct sockaddr *, socklen_t *, int);
int
__wrap_accept4(int fd, struct sockaddr *address, socklen_t *len, int flags)
{
	bool fail;

	pthread_mutex_lock(&world.lock);
	fail = world.no_descriptors > 0 && world.no_descriptors-- > 0;
	pthread_mutex_unlock(&world.lock);
	if (fail) {
		errno = EMFILE;
		return -1;
	}
	return __real_accept4(fd, address, len, flags);
}

int __real_getpwuid_r(uid_t, struct passwd *, char *, size_t, struct passwd **);
int __wrap_getpwuid_r(uid_t, struct passwd *, char *, size_t, struct passwd **);
int
__wrap_getpwuid_r(uid_t uid, struct passwd *entry, char *room, size_t cap,
    struct passwd **found)
{
	pthread_mutex_lock(&world.lock);
	world.is_asked = true;
	pthread_cond_broadcast(&world.changed);
	while (world.is_slow)
		pthread_cond_wait(&world.changed, &world.lock);
	pthread_mutex_unlock(&world.lock);
	return __real_getpwuid_r(uid, entry, room, cap, found);
}

/* --- peers ------------------------------------------------------------ */

/* Says something, and gets nothing but the end. */
static void
check_refused(int fd)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	uint8_t room[64];
	struct wr wr;
	char byte;

	wr_init(&wr, room, sizeof(room));
	wire_put_init(&wr, 0, 0);
	(void)!send(fd, room, (size_t)wr_end(&wr), MSG_NOSIGNAL);
	ck_assert_msg(poll(&pfd, 1, LATE_MS) == 1, "not refused");
	ck_assert_int_le(recv(fd, &byte, 1, 0), 0);
	close(fd);
}

static void
check_welcome(int fd)
{
	raw_peer_card(fd, 0);
	raw_peer_await(fd, WIRE_ERROR);
	close(fd);
}

START_TEST(other_users_are_refused)
{
	int port = host_port();

	log_set_sink(on_line);
	host_open(port, 1, "allow_users = 4712\n");
	set_owner(OTHER);
	check_refused(raw_peer_new(port));
	await_count(&world.refused, 1);
	set_owner(OTHER + 1);
	check_welcome(raw_peer_new(port));
	set_owner(0);
	check_welcome(raw_peer_new(port));
	host_close(1);
	ck_assert_uint_eq(world.refused, 1);
}
END_TEST

static void
set_address(in_addr_t address)
{
	pthread_mutex_lock(&world.lock);
	world.address = address;
	pthread_mutex_unlock(&world.lock);
}

START_TEST(other_addresses_are_refused)
{
	int port = host_port();

	log_set_sink(on_line);
	host_open(port, 1, "allow_addresses = 203.0.113.0/29\n");
	set_address(0xcb007108); /* 203.0.113.8 */
	check_refused(raw_peer_new(port));
	await_count(&world.refused, 1);
	set_address(0xcb007107);
	check_welcome(raw_peer_new(port));
	host_close(1);
	ck_assert_uint_eq(world.refused, 1);
}
END_TEST

static int
unix_peer(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

START_TEST(other_users_are_refused_at_a_unix_socket)
{
	char dir[] = "/tmp/vscard-test-XXXXXX", path[64], keys[128];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	snprintf(
	    keys, sizeof(keys), "listen = unix:%s\nallow_users=4712\n", path);
	log_set_sink(on_line);
	host_open(0, 1, keys);
	set_owner(OTHER);
	check_refused(unix_peer(path));
	await_count(&world.refused, 1);
	set_owner(OTHER + 1);
	check_welcome(unix_peer(path));
	host_close(1);
	ck_assert_uint_eq(world.refused, 1);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(members_of_a_group_get_in)
{
	int port = host_port();

	log_set_sink(on_line);
	host_open(port, 1, "allow_groups = daemon\n");
	set_owner(DAEMON);
	check_welcome(raw_peer_new(port));
	set_owner(BIN);
	check_refused(raw_peer_new(port));
	await_count(&world.refused, 1);
	host_close(1);
}
END_TEST

static void *
close_main(void *arg)
{
	(void)arg;
	host_close(1);
	return NULL;
}

/* A directory server that does not answer keeps nobody else waiting. */
START_TEST(slow_names)
{
	int port = host_port(), fd, more[DOOR_VISITORS_MAX];
	pthread_t thread;
	char byte;

	log_set_sink(on_line);
	host_open(port, 1, "allow_groups = daemon\n");
	world.is_slow = true;
	set_owner(DAEMON);
	fd = raw_peer_new(port);
	raw_peer_card(fd, 0);
	pthread_mutex_lock(&world.lock);
	while (!world.is_asked)
		pthread_cond_wait(&world.changed, &world.lock);
	pthread_mutex_unlock(&world.lock);
	/* Of one user no more than so many wait, nor of all. */
	more[0] = fd;
	for (int i = 1; i < DOOR_VISITORS_MAX; i++) {
		if (i % DOOR_VISITORS_EACH == 0) {
			check_refused(raw_peer_new(port));
			set_owner(DAEMON + (uid_t)(i / DOOR_VISITORS_EACH));
		}
		more[i] = raw_peer_new(port);
	}
	check_refused(raw_peer_new(port));
	set_owner(DAEMON + DOOR_VISITORS_MAX);
	check_refused(raw_peer_new(port));
	set_owner(0);
	check_welcome(raw_peer_new(port));
	/* The end of the reader is their end. */
	ck_assert_int_eq(pthread_create(&thread, NULL, close_main, NULL), 0);
	ck_assert_int_le(recv(fd, &byte, 1, 0), 0);
	pthread_mutex_lock(&world.lock);
	world.is_slow = false;
	pthread_cond_broadcast(&world.changed);
	pthread_mutex_unlock(&world.lock);
	pthread_join(thread, NULL);
	for (int i = 0; i < DOOR_VISITORS_MAX; i++)
		close(more[i]);
}
END_TEST

/* --- too many --------------------------------------------------------- */

START_TEST(the_silent_make_room)
{
	int port = host_port(), fds[DOOR_SPARE_LINKS + 8], card;
	int n = sizeof(fds) / sizeof(*fds);
	char byte;

	log_set_sink(on_line);
	host_open(port, 2, NULL);
	card = raw_peer_new(port);
	raw_peer_card(card, 0);
	raw_peer_await(card, WIRE_ERROR);
	for (int i = 0; i < n; i++)
		fds[i] = raw_peer_new(port);
	/* The last one came, so the first has gone. */
	check_welcome(raw_peer_new(port));
	ck_assert_int_le(recv(fds[0], &byte, 1, 0), 0);
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_PRESENT), IFD_ICC_PRESENT);
	ck_assert_int_eq(recv(fds[n - 1], &byte, 1, MSG_DONTWAIT), -1);
	for (int i = 0; i < n; i++)
		close(fds[i]);
	close(card);
	host_close(2);
	ck_assert_uint_eq(world.full, 1);
}
END_TEST

/* They have hung up, but nobody has buried them when the next one comes. */
START_TEST(the_dead_take_no_room)
{
	int port = host_port(), fds[DOOR_SPARE_LINKS + 1], card, next;
	unsigned said;

	log_set_sink(on_line);
	host_open(port, 2, NULL);
	card = raw_peer_new(port);
	raw_peer_card(card, 0);
	raw_peer_await(card, WIRE_ERROR);
	for (int i = 0; i <= DOOR_SPARE_LINKS; i++)
		fds[i] = raw_peer_new(port);
	await_count(&world.connected, DOOR_SPARE_LINKS + 2);
	/* The hub stands still at what it says of this. */
	pthread_mutex_lock(&world.lock);
	said = atomic_load(&lines);
	raw_peer_put(card, WIRE_CARD_REMOVE, 0, NULL, 0);
	while (atomic_load(&lines) == said)
		sched_yield();
	for (int i = 0; i <= DOOR_SPARE_LINKS; i++)
		close(fds[i]);
	next = raw_peer_new(port);
	pthread_mutex_unlock(&world.lock);
	check_welcome(next);
	close(card);
	host_close(2);
	ck_assert_uint_eq(world.full, 0);
}
END_TEST

/* The hub has others to look after: a flood comes in by and by, but it does. */
START_TEST(a_flood_has_its_pace)
{
	enum { KNOCKS = 3000 };
	int port = host_port();
	int64_t since = clock_now();

	log_set_sink(on_line);
	host_open(port, 1, NULL);
	for (int i = 0; i < KNOCKS; i++)
		close(raw_peer_new(port));
	check_welcome(raw_peer_new(port));
	ck_assert_int_ge(
	    clock_now() - since, (KNOCKS - DOOR_BURST) / DOOR_BATCH - 1);
	host_close(1);
}
END_TEST

/* Each second it tries again, and says nothing. */
START_TEST(no_descriptors_are_said_once)
{
	int port = host_port();

	log_set_sink(on_line);
	host_open(port, 1, NULL);
	pthread_mutex_lock(&world.lock);
	world.no_descriptors = 3;
	pthread_mutex_unlock(&world.lock);
	check_welcome(raw_peer_new(port));
	ck_assert_uint_eq(world.paused, 1);
	pthread_mutex_lock(&world.lock);
	world.no_descriptors = 1;
	pthread_mutex_unlock(&world.lock);
	check_welcome(raw_peer_new(port));
	host_close(1);
	ck_assert_uint_eq(world.paused, 2);
}
END_TEST

/* It alone is closed, and nobody else waits for that. */
START_TEST(one_that_cannot_be_set_up_shuts_no_door)
{
	int port = host_port();

	log_set_sink(on_line);
	host_open(port, 1, NULL);
	pthread_mutex_lock(&world.lock);
	world.aborted = 1;
	pthread_mutex_unlock(&world.lock);
	check_refused(raw_peer_new(port));
	check_welcome(raw_peer_new(port));
	host_close(1);
	ck_assert_int_eq(world.aborted, 0);
	ck_assert_uint_eq(world.paused, 0);
}
END_TEST

/* --- the driver dials ------------------------------------------------- */

static int
accept_card(int listener)
{
	int fd = accept(listener, NULL, NULL);

	ck_assert_int_ge(fd, 0);
	raw_peer_card(fd, 0);
	return fd;
}

static void
open_connecting(int port, const char *more)
{
	char keys[128];

	snprintf(
	    keys, sizeof(keys), "connect = tcp:localhost:%d\n%s", port, more);
	host_open(0, 1, keys);
}

START_TEST(it_dials_again_and_again)
{
	int port = host_port(), listener = host_listen(port), fd;

	open_connecting(port, "");
	for (int i = 0; i < 3; i++) {
		fd = accept_card(listener);
		ck_assert_int_eq(
		    host_await(HOST_LUN, IFD_ICC_PRESENT), IFD_ICC_PRESENT);
		close(fd);
		ck_assert_int_eq(host_await(HOST_LUN, IFD_COMMUNICATION_ERROR),
		    IFD_COMMUNICATION_ERROR);
	}
	close(listener);
	host_close(1);
}
END_TEST

START_TEST(it_dials_until_somebody_is_there)
{
	int port = host_port(), listener, fd;

	open_connecting(port, "");
	/* Refused until now, most likely; it must not matter. */
	ck_assert_int_eq(host_await(HOST_LUN, IFD_COMMUNICATION_ERROR),
	    IFD_COMMUNICATION_ERROR);
	listener = host_listen(port);
	fd = accept_card(listener);
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_PRESENT), IFD_ICC_PRESENT);
	host_close(1);
	close(fd);
	close(listener);
}
END_TEST

START_TEST(it_gives_up_on_the_silent)
{
	int port = host_port(), listener = host_listen(port), fd, again;
	char byte;

	open_connecting(port, "handshake_timeout = 1\n");
	fd = accept(listener, NULL, NULL);
	ck_assert_int_le(recv(fd, &byte, 1, 0), 0);
	again = accept_card(listener);
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_PRESENT), IFD_ICC_PRESENT);
	close(fd);
	close(again);
	close(listener);
	host_close(1);
}
END_TEST

START_TEST(it_trusts_not_everybody_it_dials)
{
	int port = host_port(), listener = host_listen(port), fd;

	log_set_sink(on_line);
	set_owner(OTHER);
	open_connecting(port, "");
	check_refused(accept(listener, NULL, NULL));
	await_count(&world.refused, 1);
	set_owner(0);
	fd = accept_card(listener);
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_PRESENT), IFD_ICC_PRESENT);
	close(fd);
	close(listener);
	host_close(1);
}
END_TEST

UNIT_SUITE("door", other_users_are_refused, other_addresses_are_refused,
    other_users_are_refused_at_a_unix_socket, members_of_a_group_get_in,
    slow_names, the_silent_make_room, the_dead_take_no_room,
    a_flood_has_its_pace, no_descriptors_are_said_once,
    one_that_cannot_be_set_up_shuts_no_door, it_dials_again_and_again,
    it_dials_until_somebody_is_there, it_gives_up_on_the_silent,
    it_trusts_not_everybody_it_dials)
