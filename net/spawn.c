/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/spawn.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/stream.h"
#include "util/clock.h"

/* What the child needs; all of it is made before the fork. */
struct plan {
	char path[PATH_MAX];
	char *const *argv;
	pid_t parent;
	int sock;         /* its end of the socketpair */
	bool stdio;       /* which becomes its stdin and stdout, not SPAWN_FD */
	int err;          /* what becomes its stderr; -1: as it is */
	bool sibling;     /* of this process, not its child */
	int status;       /* where it writes why it could not execute */
	char *const *env; /* NULL: as it is */
	const struct spawn_user *user; /* NULL: stay who we are */
	int patience; /* for its exec, in ms; 0: SPAWN_EXEC_MS */
};

/* Numbers of 32 bits, wherever there were once such of 16. */
#ifdef SYS_setresuid32
enum {
	CALL_SETGROUPS = SYS_setgroups32,
	CALL_SETRESGID = SYS_setresgid32,
	CALL_SETRESUID = SYS_setresuid32
};
#else
enum {
	CALL_SETGROUPS = SYS_setgroups,
	CALL_SETRESGID = SYS_setresgid,
	CALL_SETRESUID = SYS_setresuid
};
#endif

/* --- the child ------------------------------------------------------------
 *
 * It is a copy of one thread of a process that may have many: the others' locks
 * stay as they were for ever. So only async-signal-safe calls up to the exec.
 */

/*
 * By the kernel's own calls: the C library's would look after threads that are
 * not in this copy. With the user id all capabilities go.
 */
static int
child_become(const struct spawn_user *user)
{
	if (user == NULL)
		return 0;
	if (syscall(CALL_SETGROUPS, user->groups_len, user->groups) < 0 ||
	    syscall(CALL_SETRESGID, user->gid, user->gid, user->gid) < 0 ||
	    syscall(CALL_SETRESUID, user->uid, user->uid, user->uid) < 0)
		return -errno;
	return 0;
}

static int
child_follow_parent(const struct plan *plan)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	/* It may have died before that. */
	return getppid() == plan->parent ? 0 : -ESRCH;
}

/* A handler would be reset by exec, but what was ignored stays ignored. */
static void
child_reset_signals(const struct plan *plan)
{
	struct sigaction sa;
	sigset_t none;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_DFL;
	for (int sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &sa, NULL);
	if (plan->stdio) {
		sa.sa_handler = SIG_IGN;
		(void)sigaction(SIGINT, &sa, NULL);
		(void)sigaction(SIGHUP, &sa, NULL);
	}
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * Whether the exec would leave it open. In a parent without stdout or stderr
 * the number is free, or one of our own descriptors has it.
 */
static bool
child_inherits(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags >= 0 && (flags & FD_CLOEXEC) == 0;
}

static int
child_null(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	int null;

	if (fd < 0)
		return -errno;
	null = fcntl(fd, F_DUPFD_CLOEXEC, SPAWN_FD + 1);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		return -errno;
	for (fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (!child_inherits(fd) && dup2(null, fd) < 0)
			return -errno;
	return 0;
}

/* First all out of the way of 0 to 3, where some may be by chance. */
static int
child_lift(int *fd)
{
	int high = fcntl(*fd, F_DUPFD_CLOEXEC, SPAWN_FD + 1);

	if (high < 0)
		return -errno;
	close(*fd);
	*fd = high;
	return 0;
}

static int
child_place_sock(const struct plan *plan)
{
	int rc;

	if (plan->stdio) {
		if (dup2(plan->sock, STDIN_FILENO) < 0 ||
		    dup2(plan->sock, STDOUT_FILENO) < 0 ||
		    dup2(plan->err, STDERR_FILENO) < 0)
			return -errno;
		return 0;
	}
	rc = child_null();
	if (rc == 0 && plan->err >= 0 &&
	    (dup2(plan->err, STDOUT_FILENO) < 0 ||
		dup2(plan->err, STDERR_FILENO) < 0))
		rc = -errno;
	if (rc == 0 && dup2(plan->sock, SPAWN_FD) < 0)
		rc = -errno;
	return rc;
}

static int
child_place_fds(struct plan *plan)
{
	unsigned first = plan->stdio ? STDERR_FILENO + 1 : SPAWN_FD + 1;
	int rc;

	rc = child_lift(&plan->sock);
	if (rc == 0)
		rc = child_lift(&plan->status);
	if (rc == 0 && plan->err >= 0)
		rc = child_lift(&plan->err);
	if (rc == 0)
		rc = child_place_sock(plan);
	/* Closed by the exec, because the status must live until then. */
	if (rc == 0 && close_range(first, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		rc = -errno;
	return rc;
}

static _Noreturn void
child_run(struct plan *plan)
{
	int rc;

	/* Another user is to be followed too: becoming it ends that. */
	rc = child_become(plan->user);
	if (rc == 0)
		rc = child_follow_parent(plan);
	if (rc == 0)
		rc = child_place_fds(plan);
	if (rc == 0) {
		child_reset_signals(plan);
		execve(plan->path, plan->argv,
		    plan->env != NULL ? plan->env : environ);
		rc = -errno;
	}
	while (write(plan->status, &rc, sizeof(rc)) < 0 && errno == EINTR)
		;
	_exit(127);
}

/* --- the parent ----------------------------------------------------------- */

static int
try_path(const char *dir, size_t dir_len, const char *name, char *out)
{
	struct stat st;
	int len;

	len = snprintf(out, PATH_MAX, "%.*s/%s", (int)dir_len, dir, name);
	if (len < 0 || len >= PATH_MAX)
		return -ENOENT;
	if (stat(out, &st) < 0 || !S_ISREG(st.st_mode))
		return -ENOENT;
	return access(out, X_OK) < 0 ? -EACCES : 0;
}

/*
 * Done here, because execvp is not async-signal-safe. An empty entry of PATH
 * is no invitation to run what lies in the working directory.
 */
static int
search_path(const char *name, char *out)
{
	const char *dir = getenv("PATH");
	size_t len;
	int rc, result = -ENOENT;

	if (dir == NULL)
		dir = "/usr/bin:/bin";
	for (;; dir += len + 1) {
		len = strcspn(dir, ":");
		rc = len == 0 ? -ENOENT : try_path(dir, len, name, out);
		if (rc == 0)
			return 0;
		if (rc == -EACCES)
			result = rc;
		if (dir[len] == '\0')
			return result;
	}
}

static int
find_program(const char *name, char *out)
{
	size_t len = strlen(name);

	if (strchr(name, '/') == NULL)
		return len == 0 ? -ENOENT : search_path(name, out);
	if (len >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(out, name, len + 1);
	return 0;
}

/*
 * The kernel takes the exit signal from this process, which is a child too. Not
 * clone3, whose flags a filter cannot see, so that many forbid it.
 */
static pid_t
fork_sibling(void)
{
#ifdef __s390__
	return (pid_t)syscall(SYS_clone, 0, CLONE_PARENT, 0, 0, 0);
#else
	return (pid_t)syscall(SYS_clone, CLONE_PARENT, 0, 0, 0, 0);
#endif
}

/* Signals stay blocked until the child has no handler of ours any more. */
static pid_t
fork_blocked(struct plan *plan)
{
	sigset_t all, old;
	pid_t pid;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	plan->parent = plan->sibling ? getppid() : getpid();
	pid = plan->sibling ? fork_sibling() : fork();
	if (pid == 0)
		child_run(plan);
	err = errno;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return pid < 0 ? -err : pid;
}

static bool
is_ready(int fd, int64_t deadline)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	int rc;

	do
		rc = poll(&pfd, 1, clock_left(deadline));
	while (rc < 0 && errno == EINTR);
	return rc > 0;
}

/*
 * Nothing comes if the exec went well, for it closes the other end. Nor does
 * an end, if the user that it has become stops the child before that.
 */
static int
read_status(int fd, int64_t deadline)
{
	ssize_t n;
	int rc;

	if (!is_ready(fd, deadline))
		return -ETIMEDOUT;
	do
		n = read(fd, &rc, sizeof(rc));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(rc) ? rc : 0;
}

/*
 * It may be stopped, or another user's, whom this process may not kill: then
 * it is left to itself, without its socket.
 */
static void
reap(pid_t pid, int64_t deadline)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd >= 0) {
		(void)is_ready(fd, deadline);
		close(fd);
	}
	(void)waitpid(pid, NULL, WNOHANG);
}

/* Closes the child's ends of both pairs in any case. */
static int
start_child(struct plan *plan, int status, pid_t *out_pid)
{
	int patience = plan->patience > 0 ? plan->patience : SPAWN_EXEC_MS;
	pid_t pid = fork_blocked(plan);
	int rc;

	close(plan->sock);
	close(plan->status);
	if (pid < 0)
		return pid;
	rc = read_status(status, clock_after(patience));
	if (rc < 0)
		(void)kill(pid, SIGKILL);
	if (rc < 0 && !plan->sibling)
		reap(pid, clock_after(patience));
	if (rc == 0 || plan->sibling)
		*out_pid = pid;
	return rc;
}

static int
start_with_status(struct plan *plan, int sock, pid_t *out_pid)
{
	int status[2];
	int rc;

	rc = stream_setup(sock);
	if (rc == 0 && pipe2(status, O_CLOEXEC) < 0)
		rc = -errno;
	if (rc < 0) {
		close(plan->sock);
		return rc;
	}
	plan->status = status[1];
	rc = start_child(plan, status[0], out_pid);
	close(status[0]);
	return rc;
}

static int
spawn_plan(struct plan *plan, struct spawn *out)
{
	struct spawn s = {.fd = -1};
	int sock[2];
	int rc;

	rc = find_program(plan->argv[0], plan->path);
	if (rc < 0)
		return rc;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sock) < 0)
		return -errno;
	plan->sock = sock[1];
	s.fd = sock[0];
	rc = start_with_status(plan, sock[0], &s.pid);
	if (rc < 0) {
		close(sock[0]);
		s.fd = -1;
	}
	if (rc == 0 || plan->sibling)
		*out = s;
	return rc;
}

/* O_NONBLOCK is the connection's, not the descriptor's: nobody expects it. */
static int
place_blocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
		return -errno;
	if (fd == SPAWN_FD)
		return fcntl(fd, F_SETFD, 0) < 0 ? -errno : 0;
	if (dup2(fd, SPAWN_FD) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	return 0;
}

int
spawn_replace(char *const argv[], int fd)
{
	char path[PATH_MAX];
	int rc;

	rc = find_program(argv[0], path);
	if (rc == 0)
		rc = place_blocking(fd);
	if (rc < 0)
		return rc;
	execve(path, argv, environ);
	return -errno;
}

int
spawn_start(char *const argv[], struct spawn *out)
{
	struct plan plan = {.argv = argv, .err = -1};

	return spawn_plan(&plan, out);
}

int
spawn_start_as(
    char *const argv[], const struct spawn_as *as, struct spawn *out)
{
	struct plan plan = {.argv = argv,
	    .err = as->err,
	    .env = as->env,
	    .user = as->user,
	    .patience = as->patience};

	return spawn_plan(&plan, out);
}

static int
plan_filter(struct plan *plan, struct spawn *out, int *out_err)
{
	int err[2];
	int rc;

	if (pipe2(err, O_CLOEXEC) < 0)
		return -errno;
	plan->stdio = true;
	plan->err = err[1];
	rc = spawn_plan(plan, out);
	close(err[1]);
	if (rc < 0)
		close(err[0]);
	else
		*out_err = err[0];
	return rc;
}

int
spawn_filter(char *const argv[], struct spawn *out, int *out_err)
{
	struct plan plan = {.argv = argv};

	return plan_filter(&plan, out, out_err);
}

int
spawn_sibling(char *const argv[], bool filter, struct spawn *out, int *out_err)
{
	struct plan plan = {.argv = argv, .err = -1, .sibling = true};

	*out = (struct spawn){.fd = -1};
	*out_err = -1;
	if (filter)
		return plan_filter(&plan, out, out_err);
	return spawn_plan(&plan, out);
}
