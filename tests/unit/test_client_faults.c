/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The n-th call of vscclient fails, in its network process or in the one that
 * starts others for it, from the start to the end, with a card process and a
 * host. It carries on, comes back, or ends with a status that says so, and is
 * started again; it never stays without its host or its card. One fault costs
 * one command, one connection or one process, and no process is left.
 */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/backoff.h"
#include "net/dial.h"
#include "net/listener.h"
#include "tests/unit/card_host.h"
#include "tests/unit/fault.h"
#include "tests/unit/net.h"
#include "util/clock.h"
#include "vscclient/netproc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Each scene starts four processes. */
enum { EVERY = 3 };

static struct {
	char dir[32], socket[64], at[80], trace[80], card[PATH_MAX];
	bool listens; /* vscclient does, and the host dials */
	bool tunnels; /* it dials by what is in ssh's place, and traces */
	struct endpoint endpoint;
	struct listener listener; /* fd -1: none */
	struct options options;
	struct card_host host;
	pthread_t thread;
	int ended; /* eventfd: vscclient has */
	enum status status;
	unsigned failures;
} scene;

/* --- what the program is given ------------------------------------------- */

/* A card's process is a program that needs no word of its command line. */
ssize_t __wrap_readlink(const char *, char *, size_t);
unsigned __wrap_backoff_next(struct backoff *);

ssize_t
__wrap_readlink(const char *path, char *out, size_t cap)
{
	(void)path;
	return snprintf(out, cap, "%s", scene.card);
}

/* Nobody waits here before the next try. */
unsigned
__wrap_backoff_next(struct backoff *b)
{
	(void)b;
	return 1;
}

static void
find_built(const char *name, char out[PATH_MAX])
{
	const char *top = getenv("top_builddir");
	char built[PATH_MAX];

	snprintf(built, sizeof(built), "%s/%s", top ? top : ".", name);
	ck_assert_ptr_nonnull(realpath(built, out));
}

/* They are borrowed. */
static void
read_options(void)
{
	static char program[] = "vscclient", sandbox[] = "--no-sandbox";
	static char prompt[] = "--no-prompt", card[] = "--card=exec:example";
	char *argv[] = {
	    program, sandbox, prompt, card, scene.at, scene.trace, NULL};
	char why[REFUSE_MAX];

	if (scene.tunnels)
		strcpy(scene.at, "--connect=ssh:host");
	else
		snprintf(scene.at, sizeof(scene.at), "--%s=unix:%s",
		    scene.listens ? "listen" : "connect", scene.socket);
	snprintf(scene.trace, sizeof(scene.trace), "--trace=%s/t", scene.dir);
	ck_assert_int_eq(
	    options_init(&scene.options, scene.tunnels ? 6 : 5, argv, why), 0);
}

static void
find_tunnel(void)
{
	char path[PATH_MAX];

	find_built("tests/fakes/tunnel", path);
	ck_assert_int_eq(setenv("VSCCLIENT_SSH", path, 1), 0);
	ck_assert_int_eq(setenv("VSCARD_TEST_TUNNEL", scene.socket, 1), 0);
}

/* Signals are taken by vscclient, whichever thread is asked. */
static void
signals_of(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGCHLD);
}

static void
scene_setup(bool listens, bool tunnels)
{
	sigset_t set;

	unit_hush();
	signals_of(&set);
	ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
	find_built("docs/example-card", scene.card);
	net_dir_make(scene.dir);
	snprintf(scene.socket, sizeof(scene.socket), "%s/s", scene.dir);
	scene.endpoint = net_endpoint(ENDPOINT_UNIX, 0, scene.socket);
	scene.listens = listens;
	scene.tunnels = tunnels;
	find_tunnel();
	scene.listener.fd = -1;
	if (!listens)
		ck_assert_int_eq(
		    listener_open(&scene.endpoint, false, &scene.listener), 0);
	read_options();
	scene.ended = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ck_assert_int_ge(scene.ended, 0);
}

static void
it_dials(void)
{
	scene_setup(false, false);
}

static void
it_listens(void)
{
	scene_setup(true, false);
}

static void
it_tunnels(void)
{
	scene_setup(false, true);
}

static void
scene_teardown(void)
{
	unlink(scene.trace + strlen("--trace="));
	close(scene.ended);
	options_clear(&scene.options);
	listener_close(&scene.listener);
	net_dir_remove(scene.dir);
}

/* --- the process ---------------------------------------------------------- */

static void *
run(void *arg)
{
	(void)arg;
	scene.status = netproc_run(&scene.options);
	fault_spare(true);
	ck_assert_int_eq(eventfd_write(scene.ended, 1), 0);
	return NULL;
}

static void
client_start(void)
{
	ck_assert_int_eq(pthread_create(&scene.thread, NULL, run, NULL), 0);
}

static bool
has_ended(void)
{
	struct pollfd fd = {.fd = scene.ended, .events = POLLIN};

	return poll(&fd, 1, 0) == 1;
}

/* Who has knocked and ended meanwhile is not of the next client's. */
static void
forget_knocks(void)
{
	struct peer peer;
	int fd;

	while (scene.listener.fd >= 0 &&
	       listener_accept(&scene.listener, &fd, &peer) == 0)
		close(fd);
}

static void
client_join(void)
{
	const struct timespec now = {0};
	eventfd_t count;
	sigset_t set;

	ck_assert_int_eq(pthread_join(scene.thread, NULL), 0);
	ck_assert_int_eq(eventfd_read(scene.ended, &count), 0);
	/* A lost answer is the starter's end: whom it killed nobody looks for. */
	if (scene.status != STATUS_OK)
		scene.failures++;
	else if (!fault_was("recvmsg"))
		unit_no_child();
	/* What it has started ends when it does, by itself. */
	unit_await_no_child(CARD_HOST_MS);
	forget_knocks();
	signals_of(&set);
	while (sigtimedwait(&set, NULL, &now) > 0)
		;
}

static bool
is_card(int pid)
{
	char path[64], comm[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	(void)!fgets(comm, sizeof(comm), file);
	fclose(file);
	return strcmp(comm, "example-card\n") == 0;
}

/* Among the children of a thread; 0: none. */
static pid_t
card_of(const char *thread)
{
	char path[64];
	int pid = 0, found = 0;
	FILE *list;

	snprintf(path, sizeof(path), "/proc/self/task/%.16s/children", thread);
	list = fopen(path, "re");
	if (list == NULL)
		return 0;
	while (found == 0 && fscanf(list, "%d", &pid) == 1)
		found = is_card(pid) ? pid : 0;
	fclose(list);
	return found;
}

static pid_t
card_find(void)
{
	DIR *threads = opendir("/proc/self/task");
	struct dirent *thread;
	pid_t found = 0;

	ck_assert_ptr_nonnull(threads);
	while (found == 0 && (thread = readdir(threads)) != NULL)
		found = card_of(thread->d_name);
	closedir(threads);
	return found;
}

/* --- its host --------------------------------------------------------------- */

/* -1: there is nobody yet. */
static int
host_dial(void)
{
	bool done;
	int fd;

	if (dial_start(&scene.endpoint, &fd, &done) == 0)
		return fd;
	poll(NULL, 0, 1);
	return -1;
}

static int
host_accept(void)
{
	struct pollfd fds[2] = {
	    {.fd = scene.listener.fd, .events = POLLIN},
	    {.fd = scene.ended, .events = POLLIN},
	};
	struct peer peer;
	int fd;

	poll(fds, 2, CARD_HOST_MS);
	return listener_accept(&scene.listener, &fd, &peer) == 0 ? fd : -1;
}

/* False: it has ended. */
static bool
host_meet(void)
{
	int64_t deadline = clock_after(CARD_HOST_MS);
	int fd = -1;

	while (fd < 0 && !has_ended()) {
		ck_assert_int_gt(clock_left(deadline), 0);
		fd = scene.listens ? host_dial() : host_accept();
	}
	if (fd >= 0)
		card_host_init(&scene.host, fd);
	return fd >= 0;
}

static bool
do_reset(void)
{
	return card_host_reset(&scene.host);
}

static bool
do_select(void)
{
	static const uint8_t select[] = {
	    0x00, 0xa4, 0x04, 0x00, 0x05, 0xf0, 'c', 'a', 'r', 'd'};

	return card_host_transmit(&scene.host, select, sizeof(select)) &&
	       scene.host.len == 2 && scene.host.data[0] == 0x90;
}

/* Until it goes well; false: not on this connection. */
static bool
step(bool (*what)(void))
{
	while (card_host_await(&scene.host)) {
		if (what())
			return true;
		if (!scene.host.dead)
			ck_assert_uint_eq(scene.failures++, 0);
	}
	return false;
}

/* The card's process dies, and another one comes; not if it goes itself. */
static void
do_kill(void)
{
	pid_t pid = card_find();

	if (pid > 0)
		kill(pid, SIGKILL);
	if (pid > 0)
		card_host_await_gone(&scene.host);
}

/* False: it has ended before that, which costs the connections to it too. */
static bool
is_served(void)
{
	unsigned failures = scene.failures;

	while (host_meet()) {
		if (step(do_reset) && step(do_select)) {
			do_kill();
			if (step(do_select))
				return true;
		}
		card_host_clear(&scene.host);
		scene.failures++;
		ck_assert(scene.failures <= 1 || has_ended());
	}
	scene.failures = failures;
	return false;
}

static void
scene_run(void *arg)
{
	bool served;

	(void)arg;
	scene.failures = 0;
	do {
		ck_assert_uint_le(scene.failures, 1);
		client_start();
		served = is_served();
		if (served) {
			ck_assert_int_eq(kill(getpid(), SIGTERM), 0);
			card_host_await_end(&scene.host);
			card_host_clear(&scene.host);
		}
		client_join();
	} while (!served);
}

/* And nobody has noticed anything. */
static void
scene_run_unharmed(void *arg)
{
	scene_run(arg);
	ck_assert_uint_eq(scene.failures, 0);
}

/* --- what fails ----------------------------------------------------------- */

START_TEST(memory_and_descriptors)
{
	static const struct fault_way ways[] = {
	    {"malloc", ENOMEM},
	    {"epoll_create1", EMFILE},
	    {"eventfd", EMFILE},
	    {"signalfd", EMFILE},
	    {"getrandom", EINTR},
	    {"getrandom", FAULT_SHORT},
	    {"fcntl", EINVAL},
	    {"getsockopt", ENOBUFS},
	    {"setsockopt", ENOMEM},
	    {"socket", EMFILE},
	    {"connect", ECONNREFUSED},
	    {"connect", EINTR},
	    {"connect", EAGAIN},
	};

	ck_assert_uint_gt(
	    fault_sweep(ways, COUNT(ways), 1, scene_run, NULL), 12);
}
END_TEST

/* The starter's, and of what it starts until that is another program. */
START_TEST(processes)
{
	static const struct fault_way ways[] = {
	    {"socketpair", EMFILE},
	    {"fork", EAGAIN},
	    {"clone", EAGAIN},
	    {"pipe2", EMFILE},
	    {"dup2", EMFILE},
	    {"close_range", EINVAL},
	    {"pidfd_open", EMFILE},
	    {"prctl", EINVAL},
	    {"execve", ENOMEM},
	    {"poll", ENOMEM},
	    {"read", EIO},
	    {"recvmsg", ENOMEM},
	    {"sendmsg", ENOBUFS},
	};

	ck_assert_uint_gt(
	    fault_sweep(ways, COUNT(ways), 1, scene_run, NULL), 12);
}
END_TEST

START_TEST(interrupted_processes)
{
	static const struct fault_way ways[] = {
	    {"poll", EINTR},
	    {"read", EINTR},
	    {"recvmsg", EINTR},
	    {"sendmsg", EINTR},
	    {"recv", EINTR},
	};

	ck_assert_uint_gt(
	    fault_sweep(ways, COUNT(ways), 1, scene_run_unharmed, NULL), 6);
}
END_TEST

START_TEST(its_work)
{
	ck_assert_uint_gt(fault_sweep(fault_talk_ways, FAULT_TALK_WAYS, EVERY,
			      scene_run, NULL),
	    60);
}
END_TEST

/* What it does only if the host dials; it takes a moment before the next. */
START_TEST(its_door)
{
	static const struct fault_way ways[] = {
	    {"socket", EMFILE},
	    {"bind", EADDRINUSE},
	    {"listen", EADDRINUSE},
	    {"getpeername", ENOTCONN},
	    {"getsockopt", ENOBUFS},
	    {"accept4", EINTR},
	    {"accept4", ECONNABORTED},
	    {"accept4", EMFILE},
	    {"epoll_ctl", ENOMEM},
	};

	ck_assert_uint_gt(
	    fault_sweep(ways, COUNT(ways), 1, scene_run, NULL), 12);
}
END_TEST

/* What it does only for what is in ssh's place, and for its trace. */
START_TEST(its_tunnel)
{
	static const struct fault_way ways[] = {
	    {"open", EMFILE},
	    {"fstat", EIO},
	    {"flock", ENOLCK},
	    {"write", ENOSPC},
	    {"clone", EAGAIN},
	    {"pidfd_open", EMFILE},
	    {"waitpid", EINTR},
	    {"recvmsg", ENOMEM},
	    {"read", EIO},
	    {"epoll_ctl", ENOMEM},
	};
	static const struct fault_way many[] = {
	    {"malloc", ENOMEM},
	    {"write", FAULT_SHORT},
	    {"poll", EINTR},
	};

	ck_assert_uint_gt(
	    fault_sweep(ways, COUNT(ways), 1, scene_run, NULL), 30);
	ck_assert_uint_gt(
	    fault_sweep(many, COUNT(many), EVERY, scene_run, NULL), 30);
}
END_TEST

Suite *
unit_suite(void)
{
	const TTest *const dials[] = {memory_and_descriptors, processes,
	    interrupted_processes, its_work, NULL};
	const TTest *const listens[] = {its_door, NULL};
	const TTest *const tunnels[] = {its_tunnel, NULL};
	Suite *suite = suite_create("client faults");

	fault_case_add(suite, "it dials", it_dials, scene_teardown, dials);
	fault_case_add(
	    suite, "it listens", it_listens, scene_teardown, listens);
	fault_case_add(
	    suite, "it tunnels", it_tunnels, scene_teardown, tunnels);
	return suite;
}
