/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The network goes away without a word, in a network namespace of the test's
 * own: vscclient notices within 30 s, with nothing under way and with something
 * that is never acknowledged, and connects again when the network is back.
 */
#include "tests/system/system.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fakes/child.h"
#include "tests/fakes/stock_host.h"
#include "tests/fakes/stock_peer.h"

#define ATR STOCK_ATR
#define WHERE "tcp:127.0.0.1:2001"
#define SECOND INT64_C(1000000000)

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		script_fail(HERE, "%s: %m", path);
	(void)close(fd);
}

static void
network_set(bool up)
{
	struct ifreq request = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (ioctl(fd, SIOCGIFFLAGS, &request) != 0)
		script_fail(HERE, "lo: %m");
	request.ifr_flags = (short)(up ? request.ifr_flags | IFF_UP :
	    request.ifr_flags & ~IFF_UP);
	if (ioctl(fd, SIOCSIFFLAGS, &request) != 0)
		script_fail(HERE, "lo: %m");
	(void)close(fd);
}

/* For anybody: who is not root becomes it in a user namespace. */
static void
network_enter(void)
{
	char map[64];
	unsigned uid = geteuid();

	if (uid == 0) {
		if (unshare(CLONE_NEWNET) != 0)
			script_fail(HERE, "unshare: %m");
	} else {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
			script_fail(HERE, "unshare: %m");
		snprintf(map, sizeof(map), "0 %u 1", uid);
		write_file("/proc/self/uid_map", map);
	}
	network_set(true);
}

static int
host_begin(int listener)
{
	int fd = stock_host_open(listener);

	stock_host_clear(fd);
	stock_host_add(fd, 0);
	stock_host_atr(fd, 0, ATR);
	return fd;
}

/* What holds the card of that process. */
static void
kill_card(pid_t pid)
{
	char path[64];
	int card = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid,
	    (int)pid);
	f = fopen(path, "re");
	/* The first one starts it. */
	if (f == NULL || fscanf(f, "%*d %d", &card) != 1)
		script_fail(HERE, "no card process");
	fclose(f);
	ck_assert_int_eq(kill(card, SIGKILL), 0);
}

/* When it says so, as a time since then; at most 30 s. */
static int64_t
time_until(struct child *client, const char *text, int64_t start)
{
	struct pollfd poller = {.fd = client->out, .events = POLLIN};
	char line[8192] = "";
	size_t len = 0;
	ssize_t n;

	while (strstr(line, text) == NULL) {
		n = -1;
		if (script_ns() - start < 30 * SECOND &&
		    poll(&poller, 1, 30000) == 1)
			n = read(client->out, line + len,
			    sizeof(line) - 1 - len);
		if (n <= 0)
			script_fail(HERE, "no \"%s\" in \"%s\"", text, line);
		len += (size_t)n;
		line[len] = '\0';
	}
	return script_ns() - start;
}

static void
check_noticed(bool busy)
{
	struct child client;
	int64_t start, took;
	int listener, fd;

	network_enter();
	listener = script_listen(WHERE);
	child_start(&client, system_program("vscclient/vscclient"),
	    "--connect", WHERE, "--card", system_nss_card());
	fd = host_begin(listener);
	child_says(&client, "is the host's reader 0");
	network_set(false);
	start = script_ns();
	if (busy)
		kill_card(client.pid);
	took = time_until(&client, "lost the connection to " WHERE, start);
	ck_assert_int_lt(took, 30 * SECOND);
	ck_assert_int_gt(took, 3 * SECOND); /* it was not told */
	(void)close(fd);
	network_set(true);
	fd = host_begin(listener);
	child_kill(&client, SIGTERM);
	stock_host_leave(fd, 0);
	ck_assert_int_eq(child_wait(&client), 0);
	(void)close(fd);
	(void)close(listener);
}

START_TEST(with_nothing_under_way)
{
	check_noticed(false);
}
END_TEST

START_TEST(with_something_under_way)
{
	check_noticed(true);
}
END_TEST

SYSTEM_SUITE("dead_peer", 0, NULL, true, with_nothing_under_way,
    with_something_under_way)
