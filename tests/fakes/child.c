/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fakes/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/clock.h"

extern char **environ;

void
child_start_at(const char *here, struct child *child, const char *const argv[])
{
	posix_spawn_file_actions_t actions;
	int pipe_fd[2], rc;

	memset(child, 0, sizeof(*child));
	if (pipe2(pipe_fd, O_CLOEXEC) != 0)
		script_fail(here, "pipe: %m");
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null",
	    O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, pipe_fd[1], 1);
	(void)posix_spawn_file_actions_adddup2(&actions, pipe_fd[1], 2);
	/* posix_spawn does not write to argv, whatever its prototype says. */
	rc = posix_spawnp(&child->pid, argv[0], &actions, NULL,
	    (char *const *)(uintptr_t)argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(pipe_fd[1]);
	if (rc != 0)
		script_fail(here, "%s: %s", argv[0], strerror(rc));
	child->out = pipe_fd[0];
	child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	if (child->pidfd < 0)
		script_fail(here, "pidfd_open: %m");
}

/* Reads what there is within the deadline: bytes, 0 at the end, or -1. */
static ssize_t
more(struct child *child, int64_t deadline)
{
	struct pollfd poller = {.fd = child->out, .events = POLLIN};
	size_t room = sizeof(child->text) - 1 - child->len;
	ssize_t n;

	if (room == 0 || poll(&poller, 1, clock_left(deadline)) <= 0)
		return -1;
	n = read(child->out, child->text + child->len, room);
	child->len += n > 0 ? (size_t)n : 0;
	child->text[child->len] = '\0';
	return n;
}

void
child_says_at(const char *here, struct child *child, const char *text)
{
	int64_t deadline = clock_after(SCRIPT_DEADLINE);
	const char *found;

	while ((found = strstr(child->text, text)) == NULL)
		if (more(child, deadline) <= 0)
			script_fail(here, "expected \"%s\", it said \"%s\"",
			    text, child->text);
	found += strlen(text);
	child->len -= (size_t)(found - child->text);
	memmove(child->text, found, child->len + 1);
}

void
child_kill_at(const char *here, struct child *child, int sig)
{
	if (kill(child->pid, sig) != 0)
		script_fail(here, "kill: %m");
}

int
child_wait_at(const char *here, struct child *child)
{
	struct pollfd poller = {.fd = child->pidfd, .events = POLLIN};
	int status = 0;

	if (poll(&poller, 1, SCRIPT_DEADLINE) != 1)
		script_fail(here, "it does not end; it said \"%s\"",
		    child->text);
	if (waitpid(child->pid, &status, 0) != child->pid)
		script_fail(here, "waitpid: %m");
	while (more(child, clock_after(0)) > 0)
		;
	(void)close(child->out);
	(void)close(child->pidfd);
	return status;
}
