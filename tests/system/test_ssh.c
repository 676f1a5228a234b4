/* SPDX-License-Identifier: BSD-2-Clause */
/* vscclient reaches a host through ssh and a real sshd of the test's own. */
#include "tests/system/system.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fakes/child.h"
#include "tests/fakes/stock_host.h"
#include "tests/fakes/stock_peer.h"

#define ATR STOCK_ATR
#define SELECT "00A4040007A000000079010000"
#define FCI "6F0B8407A0000000790100A5009000"

struct far {
	int listener; /* on the far machine's loopback, which is ours */
	char dir[SYSTEM_PATH_MAX];
	char endpoint[64];
	struct child client;
};

/* What ssh is run as by vscclient: with a configuration of ours. */
static void
far_configure(struct far *f)
{
	char line[SYSTEM_PATH_MAX], command[2 * SYSTEM_PATH_MAX];
	const char *src = getenv("top_srcdir");
	FILE *pipe;

	snprintf(f->dir, sizeof(f->dir), "%s/ssh", system_dir());
	snprintf(command, sizeof(command), "%s/tests/system/sshd.sh %s",
	    src != NULL ? src : ".", f->dir);
	pipe = popen(command, "re");
	if (pipe == NULL || fgets(line, sizeof(line), pipe) == NULL ||
	    pclose(pipe) != 0)
		script_fail(HERE, "%s failed", command);
	line[strcspn(line, "\n")] = '\0';
	snprintf(command, sizeof(command), "ssh -F %s", line);
	ck_assert_int_eq(setenv("VSCCLIENT_SSH", command, 1), 0);
}

static void
far_init(struct far *f, const char *name)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);

	memset(f, 0, sizeof(*f));
	far_configure(f);
	f->listener = script_listen("tcp:127.0.0.1:0");
	ck_assert_int_eq(getsockname(f->listener, (struct sockaddr *)&at,
	    &len), 0);
	snprintf(f->endpoint, sizeof(f->endpoint), "ssh:%s:%u", name,
	    ntohs(at.sin_port));
}

static void
far_call(struct far *f)
{
	child_start(&f->client, system_program("vscclient/vscclient"), "-v",
	    "--connect", f->endpoint, "--card", system_nss_card());
}

static int
far_answer(struct far *f)
{
	int fd = stock_host_open(f->listener);

	stock_host_clear(fd);
	stock_host_add(fd, 0);
	stock_host_atr(fd, 0, ATR);
	stock_host_ask(fd, 0, SELECT, FCI);
	return fd;
}

static int
exit_status(struct child *client)
{
	int status = child_wait(client);

	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool
is_ssh(int pid)
{
	char path[64], name[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	if (fscanf(f, "%31s", name) != 1)
		name[0] = '\0';
	fclose(f);
	return strcmp(name, "ssh") == 0;
}

/* The ssh that the client has started. */
static pid_t
ssh_of(pid_t client)
{
	char path[64];
	int pid, ssh = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)client,
	    (int)client);
	f = fopen(path, "re");
	ck_assert_ptr_nonnull(f);
	while (fscanf(f, "%d", &pid) == 1)
		if (is_ssh(pid))
			ssh = pid;
	fclose(f);
	return ssh;
}

START_TEST(card_reaches_the_far_host)
{
	struct far f;
	int fd;

	far_init(&f, "far");
	far_call(&f);
	fd = far_answer(&f);
	child_says(&f.client, "connected to ssh:far:");
	/* Ctrl-C reaches ssh too, and it stays for the good-bye. */
	ck_assert_int_eq(kill(ssh_of(f.client.pid), SIGINT), 0);
	child_kill(&f.client, SIGINT);
	stock_host_leave(fd, 0);
	script_end(fd);
	ck_assert_int_eq(exit_status(&f.client), 0);
	ck_assert_ptr_nonnull(strstr(f.client.text, "readers removed"));
	ck_assert_ptr_null(strstr(f.client.text, "warning"));
	(void)close(fd);
	(void)close(f.listener);
}
END_TEST

START_TEST(lost_ssh_is_replaced)
{
	struct far f;
	pid_t ssh;
	int fd;

	far_init(&f, "far");
	far_call(&f);
	fd = far_answer(&f);
	ssh = ssh_of(f.client.pid);
	ck_assert_int_gt(ssh, 0);
	ck_assert_int_eq(kill(ssh, SIGKILL), 0);
	child_says(&f.client, "lost the connection to ssh:far:");
	script_drain(fd);
	(void)close(fd);
	fd = far_answer(&f);
	ck_assert_int_ne(ssh_of(f.client.pid), ssh);
	/* The host's end is noticed as well. */
	(void)close(fd);
	fd = far_answer(&f);
	child_kill(&f.client, SIGTERM);
	stock_host_leave(fd, 0);
	ck_assert_int_eq(exit_status(&f.client), 0);
	(void)close(fd);
	(void)close(f.listener);
}
END_TEST

/* Its words are in the log once, and then it is tried in silence. */
static void
check_said_once(struct far *f, const char *words)
{
	child_says(&f->client, words);
	child_says(&f->client, "warning: cannot connect to ssh:");
	for (int i = 0; i < 2; i++) {
		child_says(&f->client, "debug: ssh:");
		child_says(&f->client, "waiting to dialing");
	}
	ck_assert_ptr_null(strstr(f->client.text, "warning"));
}

static void
far_end(struct far *f)
{
	child_kill(&f->client, SIGTERM);
	ck_assert_int_eq(exit_status(&f->client), 0);
	ck_assert_ptr_null(strstr(f->client.text, "warning"));
}

START_TEST(nobody_listens_there)
{
	struct far f;

	far_init(&f, "far");
	(void)close(f.listener);
	far_call(&f);
	check_said_once(&f, "warning: ssh: channel 0: open failed");
	far_end(&f);
}
END_TEST

START_TEST(ssh_comes_back_with_its_server)
{
	char up[SYSTEM_PATH_MAX + 8];
	struct far f;
	int fd;

	far_init(&f, "far");
	snprintf(up, sizeof(up), "%s/up", f.dir);
	ck_assert_int_eq(unlink(up), 0);
	far_call(&f);
	check_said_once(&f, "warning: ssh: ");
	(void)fclose(fopen(up, "we"));
	fd = far_answer(&f);
	child_says(&f.client, "connected to ssh:far:");
	child_kill(&f.client, SIGTERM);
	stock_host_leave(fd, 0);
	ck_assert_int_eq(exit_status(&f.client), 0);
	(void)close(fd);
	(void)close(f.listener);
}
END_TEST

START_TEST(key_of_a_stranger_is_refused)
{
	struct far f;

	far_init(&f, "stranger");
	far_call(&f);
	check_said_once(&f, "Host key verification failed");
	far_end(&f);
	(void)close(f.listener);
}
END_TEST

START_TEST(no_ssh_is_one_line)
{
	struct far f;

	far_init(&f, "far");
	ck_assert_int_eq(setenv("VSCCLIENT_SSH", "/no/such/ssh -v", 1), 0);
	far_call(&f);
	child_says(&f.client, "error: ssh cannot be run: No such file");
	child_says(&f.client, "waiting to dialing");
	child_says(&f.client, "waiting to dialing");
	ck_assert_ptr_null(strstr(f.client.text, "cannot be run"));
	far_end(&f);
	(void)close(f.listener);
}
END_TEST

SYSTEM_SUITE("ssh", 0, NULL, false, card_reaches_the_far_host,
    lost_ssh_is_replaced, nobody_listens_there,
    ssh_comes_back_with_its_server, key_of_a_stranger_is_refused,
    no_ssh_is_one_line)
