/* SPDX-License-Identifier: BSD-2-Clause */
#include "ctl/trial.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/clock.h"

/* Until the child has closed its end, or the room is full. */
static ssize_t
trial_read(int fd, char *room, size_t cap, int64_t deadline)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	size_t len = 0;
	ssize_t n = 1;
	int rc;

	while (n > 0 && len < cap) {
		rc = poll(&pfd, 1, clock_left(deadline));
		if (rc == 0)
			return -ETIMEDOUT;
		if (rc < 0)
			return -errno;
		n = read(fd, room + len, cap - len);
		if (n > 0)
			len += (size_t)n;
	}
	return n < 0 ? -errno : (ssize_t)len;
}

static _Noreturn void
trial_child(void (*fn)(int out, void *arg), void *arg, int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* What libraries print is nobody's. */
	if (null >= 0) {
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
	}
	fn(out, arg);
	_exit(EXIT_SUCCESS);
}

ssize_t
trial_run(
    void (*fn)(int out, void *arg), void *arg, void *room, size_t cap, int ms)
{
	int fds[2], status = 0;
	ssize_t n;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		trial_child(fn, arg, fds[1]);
	close(fds[1]);
	if (pid < 0) {
		n = -errno;
		close(fds[0]);
		return n;
	}
	n = trial_read(fds[0], room, cap, clock_after(ms));
	close(fds[0]);
	if (n < 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (n >= 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return -EIO;
	return n;
}
