/* SPDX-License-Identifier: BSD-2-Clause */
/* The processes that hold cards or the network leave no core behind. */
#include "tests/system/system.h"

#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fakes/child.h"
#include "tests/fakes/stock_host.h"

/* With all that it may have, in its own directory. */
static void
allow_cores(void)
{
	struct rlimit core;

	ck_assert_int_eq(getrlimit(RLIMIT_CORE, &core), 0);
	core.rlim_cur = core.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_CORE, &core), 0);
	ck_assert_int_eq(chdir(system_dir()), 0);
}

static size_t
count_cores(void)
{
	glob_t found;
	size_t n;

	ck_assert(glob("*core*", 0, NULL, &found) != GLOB_NOSPACE);
	n = found.gl_pathc;
	for (size_t i = 0; i < n; i++)
		(void)unlink(found.gl_pathv[i]);
	globfree(&found);
	return n;
}

/* Cores may go to a program, or be forbidden to all; then this says nothing. */
static bool
cores_are_files(void)
{
	char pattern[256] = "";
	struct rlimit core;
	FILE *f = fopen("/proc/sys/kernel/core_pattern", "re");

	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(pattern, sizeof(pattern), f));
	fclose(f);
	return pattern[0] != '|' && strchr(pattern, '/') == NULL &&
	       getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur > 0;
}

static void
check_cores(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		abort();
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	if (cores_are_files())
		ck_assert_uint_eq(count_cores(), 1);
}

static void
abort_it(pid_t pid)
{
	struct pollfd end = {
	    .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};

	ck_assert_int_ge(end.fd, 0);
	ck_assert_int_eq(kill(pid, SIGABRT), 0);
	ck_assert_int_eq(poll(&end, 1, SCRIPT_DEADLINE), 1);
	close(end.fd);
}

/* The last that it started. */
static pid_t
card_process(const struct child *client)
{
	const char *path = system_text(
	    "/proc/%d/task/%d/children", (int)client->pid, (int)client->pid);
	FILE *f = fopen(path, "re");
	int pid, card = 0;

	ck_assert_ptr_nonnull(f);
	while (fscanf(f, "%d", &pid) == 1)
		card = pid;
	fclose(f);
	ck_assert_int_gt(card, 0);
	return card;
}

static void
check_client(const char *sandbox, const char *spec)
{
	int listener = script_listen(system_socket("host"));
	struct child client;
	int fd, status;

	child_start(&client, system_program("vscclient/vscclient"), sandbox,
	    "--connect", system_socket("host"), "--card", spec);
	fd = stock_host_open(listener);
	stock_host_clear(fd);
	script_hear(fd, SAY_READER_ADD, 0, "");
	abort_it(card_process(&client));
	ck_assert_uint_eq(count_cores(), 0);
	child_kill(&client, SIGABRT);
	status = child_wait(&client);
	ck_assert(WIFSIGNALED(status));
	close(fd);
	close(listener);
	unlink(system_socket("host") + strlen("unix:"));
}

START_TEST(no_core_is_left)
{
	const char *key = system_text("key:%s/a.key", system_dir());

	allow_cores();
	check_cores();
	check_client("-v", key);
	ck_assert_uint_eq(count_cores(), 0);
	check_client("-v", system_nss_card());
	ck_assert_uint_eq(count_cores(), 0);
	/* Whoever has a key keeps it, whatever else he may. */
	check_client("--no-sandbox", key);
}
END_TEST

SYSTEM_SUITE("core", 0, NULL, false, no_core_is_left)
