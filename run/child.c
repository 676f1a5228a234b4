/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/child.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/programs.h"
#include "util/clock.h"
#include "util/log.h"

enum { EXIT_CANNOT_RUN = 126, EXIT_NOT_FOUND = 127 };

/* Between two looks for children that the kernel did not announce. */
enum { LOOK_MS = 100 };

int
child_fork(pid_t *out_pid)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid > 0) {
		*out_pid = pid;
		return 1;
	}
	/* The parent may have died before the kernel was told. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(EXIT_CANNOT_RUN);
	return 0;
}

static void
child_part(void)
{
	int null = open("/dev/null", O_RDONLY);

	setsid();
	for (int sig = 1; sig <= SIGRTMAX; sig++)
		signal(sig, SIG_DFL);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		close(STDIN_FILENO);
}

static _Noreturn void
child_exec(const struct child_plan *plan)
{
	int err;

	if (plan->out >= 0 && (dup2(plan->out, STDOUT_FILENO) < 0 ||
				  dup2(plan->out, STDERR_FILENO) < 0))
		_exit(EXIT_CANNOT_RUN);
	if (plan->apart) {
		child_part();
		close_range(STDERR_FILENO + 1, ~0U, 0);
	}
	/* The group may be gone with its last process: then stay. */
	if (plan->group != 0)
		(void)setpgid(0, plan->group);
	if (plan->env != NULL && putenv((char *)(uintptr_t)plan->env) != 0)
		_exit(EXIT_CANNOT_RUN);
	sigprocmask(SIG_SETMASK, plan->mask, NULL);
	execvp(plan->argv[0], plan->argv);
	err = errno;
	/* A directory in PATH that cannot be searched is no answer. */
	if (err == EACCES && strchr(plan->argv[0], '/') == NULL &&
	    !programs_has(plan->argv[0]))
		err = ENOENT;
	log_error("cannot run %s: %s", plan->argv[0], err_text(err));
	_exit(err == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN);
}

int
child_start(const struct child_plan *plan, pid_t *out_pid)
{
	int r = child_fork(out_pid);

	if (r == 0)
		child_exec(plan);
	return r < 0 ? r : 0;
}

/* Sleeps until a child changes, at most until the deadline. */
static int
child_sleep(int64_t deadline)
{
	int left = clock_left(deadline);
	struct timespec ts = {
	    .tv_sec = left / 1000, .tv_nsec = (long)(left % 1000) * 1000000};
	sigset_t set;

	if (left == 0)
		return -ETIMEDOUT;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	(void)sigtimedwait(&set, NULL, left < 0 ? NULL : &ts);
	return 0;
}

int
child_wait(pid_t pid, int64_t deadline, int *out_status)
{
	int r = 0, status;
	pid_t got;

	for (;;) {
		got = waitpid(pid, &status, WNOHANG);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == pid)
			break;
		if ((r = child_sleep(deadline)) < 0)
			return r;
	}
	*out_status = status;
	return 0;
}

int
child_exit_status(int status)
{
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}

/* The parent in a line of /proc/PID/stat; the name may hold anything. */
static pid_t
stat_parent(const char *line)
{
	const char *p = strrchr(line, ')');
	int parent;

	if (p == NULL || sscanf(p + 1, " %*c %d", &parent) != 1)
		return -1;
	return parent;
}

static pid_t
proc_parent(const char *pid)
{
	char path[64], line[512];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return -1;
	n = read(fd, line, sizeof(line) - 1);
	close(fd);
	if (n < 0)
		return -1;
	line[n] = '\0';
	return stat_parent(line);
}

/* In a /proc of another PID namespace the numbers are somebody else's. */
static bool
proc_is_ours(void)
{
	char self[24];
	ssize_t n = readlink("/proc/self", self, sizeof(self) - 1);

	if (n < 0)
		return false;
	self[n] = '\0';
	return atol(self) == getpid();
}

/*
 * A child's number cannot be given to another process before it is waited
 * for, which only this thread does: no stranger is hit.
 */
static void
kill_children(void)
{
	struct dirent *entry;
	DIR *dir;

	if (!proc_is_ours() || (dir = opendir("/proc")) == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		long pid = strtol(entry->d_name, NULL, 10);

		if (pid > 0 && proc_parent(entry->d_name) == getpid())
			kill((pid_t)pid, SIGKILL);
	}
	closedir(dir);
}

int
child_kill_all(int64_t deadline)
{
	int64_t look;
	pid_t got;

	for (;;) {
		kill_children();
		while ((got = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (got < 0 && errno == ECHILD)
			return 0;
		if (clock_left(deadline) == 0)
			return -ETIMEDOUT;
		look = clock_after(LOOK_MS);
		if (child_sleep(look < deadline ? look : deadline) < 0)
			continue;
	}
}
