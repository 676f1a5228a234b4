/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each process really cannot do what it must not. What is tried is tried by a
 * child that has entered the sandbox, and by one that has not: what nobody can
 * do here would prove nothing.
 */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/net.h"
#include "vscclient/sandbox.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

static char dir[32];  /* the card's own */
static char file[64]; /* within it */
static char home[32]; /* somebody's, with a key */
static char key[64];

/* Things to try: 0 if it could be done. */

static int
try_socket(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? errno : close(fd);
}

static int
try_inet(void)
{
	return try_socket(AF_INET);
}

static int
try_inet6(void)
{
	return try_socket(AF_INET6);
}

static int
try_unix(void)
{
	return try_socket(AF_UNIX);
}

static int
try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	return fd < 0 ? errno : close(fd);
}

static int
try_read_key(void)
{
	return try_open(key, O_RDONLY);
}

static int
try_write_key(void)
{
	return try_open(key, O_WRONLY);
}

static int
try_write_own(void)
{
	return try_open(file, O_RDWR | O_CREAT);
}

static int
try_read_system(void)
{
	return try_open("/etc/passwd", O_RDONLY);
}

static int
try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid < 0 ? errno : waitpid(pid, NULL, 0) != pid;
}

static void *
do_nothing(void *arg)
{
	return arg;
}

static int
try_thread(void)
{
	pthread_t thread;
	int rc = pthread_create(&thread, NULL, do_nothing, NULL);

	return rc != 0 ? rc : pthread_join(thread, NULL);
}

static int
try_exec(void)
{
	char name[] = "/bin/true";
	char *argv[] = {name, NULL};

	execv(name, argv);
	return errno;
}

static int
try_ptrace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 ? errno : 0;
}

/* Its own memory, the way that leads into another's. */
static int
try_look(void)
{
	char from = 'x', to = 0;
	struct iovec remote = {&from, 1}, local = {&to, 1};

	return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == 1
		   ? 0
		   : errno;
}

/* What a database does beside its journal. */
static int
try_keep(void)
{
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return errno;
	rc = pwrite(fd, "x", 1, 0) == 1 && fsync(fd) == 0 &&
		ftruncate(fd, 0) == 0 && fchmod(fd, 0600) == 0 &&
		unlink(file) == 0 ? 0 : errno;
	close(fd);
	return rc;
}

/* A pipe understands few; what counts is whether it was asked. */
static int
try_ioctl(unsigned long request)
{
	char room[256] = "";
	int fds[2];
	long rc;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return errno;
	rc = syscall(SYS_ioctl, fds[0], request, room) < 0 ? errno : 0;
	close(fds[0]);
	close(fds[1]);
	return rc == EPERM ? EPERM : 0;
}

static int
try_type(void)
{
	return try_ioctl(TIOCSTI);
}

static int
try_paste(void)
{
	return try_ioctl(TIOCLINUX);
}

/* The kernel takes it for the same. */
static int
try_type_disguised(void)
{
	return try_ioctl((unsigned long)TIOCSTI | ~(~0UL >> 1));
}

static int
try_ask_terminal(void)
{
	const unsigned long requests[] = {
	    TCGETS, TCSETSF, TIOCGPGRP, TIOCGWINSZ, FIONREAD};
	int rc = 0;

	for (size_t i = 0;
	     rc == 0 && i < sizeof(requests) / sizeof(requests[0]); i++)
		rc = try_ioctl(requests[i]);
	return rc;
}

static int
try_signal_own(void)
{
	return signal(SIGUSR1, SIG_IGN) == SIG_ERR || raise(SIGUSR1) != 0 ?
	    errno : 0;
}

static int
try_signal_thread(void)
{
	pid_t pid = getppid();

	return syscall(SYS_tgkill, pid, pid, 0) < 0 ? errno : 0;
}

static int
try_signal_group(void)
{
	return kill(-getpgrp(), 0) < 0 ? errno : 0;
}

/* No such process, which the kernel was asked for. */
static int
try_kill(void)
{
	return kill(0x7fffffff, SIGKILL) < 0 && errno == ESRCH ? 0 : EPERM;
}

static int
try_nothing(void)
{
	return 0;
}

/* --- */

static int
result_of(int (*attempt)(void), bool inside, enum sandbox_kind kind,
    const char *own)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (inside && sandbox_enter(kind, own) < 0)
			_exit(99);
		_exit(attempt());
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "status %d", status);
	ck_assert_int_ne(WEXITSTATUS(status), 99);
	return WEXITSTATUS(status);
}

struct row {
	const char *name;
	int (*attempt)(void);
	bool network, pcsc, away, nss, key, anywhere, exec; /* who may */
	bool files; /* it is landlock that is in the way */
};

/* clang-format off */
static const struct row rows[] = {
    {"IPv4", try_inet, true, false, false, false, false, false, true, false},
    {"IPv6", try_inet6, true, false, false, false, false, false, true, false},
    {"Unix", try_unix, true, true, true, true, false, true, true, false},
    {"read a key", try_read_key,
        false, false, true, false, false, true, true, true},
    {"write a key", try_write_key,
        false, false, true, false, false, true, true, true},
    {"write its own", try_write_own,
        false, false, true, true, true, true, true, true},
    {"keep its own", try_keep,
        false, false, true, true, true, true, true, true},
    {"read the system's", try_read_system,
        true, true, true, true, true, true, true, false},
    {"fork", try_fork, false, false, false, false, false, true, true, false},
    {"thread", try_thread, true, true, true, true, true, true, true, false},
    {"exec", try_exec, false, false, false, false, false, true, true, false},
    {"ptrace", try_ptrace,
        false, false, false, false, false, false, false, false},
    {"look into memory", try_look,
        false, false, false, false, false, false, false, false},
    {"type", try_type, false, false, false, false, false, false, false, false},
    {"type, disguised", try_type_disguised,
        false, false, false, false, false, false, false, false},
    {"paste", try_paste,
        false, false, false, false, false, false, false, false},
    {"ask a terminal", try_ask_terminal,
        true, true, true, true, true, true, true, false},
    {"signal itself", try_signal_own,
        true, true, true, true, true, true, true, false},
    {"signal another's thread", try_signal_thread,
        false, false, false, false, false, true, true, false},
    {"signal a group", try_signal_group,
        false, false, false, false, false, true, true, false},
    {"end another", try_kill,
        false, false, false, false, false, true, true, false},
    {"end", try_nothing, true, true, true, true, true, true, true, false},
};
/* clang-format on */

static bool
kernel_has_landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION) > 0;
}

static void
check(const struct row *r, const char *who, bool may, enum sandbox_kind kind,
    const char *own)
{
	int rc = result_of(r->attempt, true, kind, own);

	may = may || (r->files && !kernel_has_landlock() &&
	    !(kind == SANDBOX_NETWORK && r->attempt == try_keep));
	ck_assert_msg((rc == 0) == (may || SANITIZED), "%s: %s: %s", who,
	    r->name, rc == 0 ? "it can" : strerror(rc));
}

START_TEST(each_can_do_its_work_and_no_more)
{
	int fd;

	net_dir_make(dir);
	net_dir_make(home);
	snprintf(file, sizeof(file), "%s/cert9.db", dir);
	snprintf(key, sizeof(key), "%s/key", home);
	fd = open(key, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];

		ck_assert_msg(result_of(r->attempt, false, SANDBOX_NSS,
		    NULL) == 0, "%s: nobody can", r->name);
		check(r, "network", r->network, SANDBOX_NETWORK, NULL);
		check(r, "pcsc", r->pcsc, SANDBOX_PCSC, NULL);
		check(r, "pcsc elsewhere", r->away, SANDBOX_PCSC_ELSEWHERE,
		    NULL);
		check(r, "nss", r->nss, SANDBOX_NSS, dir);
		check(r, "key", r->key, SANDBOX_KEY, dir);
		check(r, "token", r->anywhere, SANDBOX_NSS, NULL);
		check(r, "exec", r->exec, SANDBOX_EXEC, NULL);
	}
	unlink(file);
	unlink(key);
	net_dir_remove(dir);
	net_dir_remove(home);
}
END_TEST

static int
has_no_core(void)
{
	struct rlimit core;

	return getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0 &&
	    prctl(PR_GET_DUMPABLE) == 0 ? 0 : 1;
}

static int
has_no_new_privileges(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 1;
}

START_TEST(each_is_closed_to_others)
{
	/* Some cannot even ask; /proc tells in a system test. */
	for (int kind = SANDBOX_PCSC; kind <= SANDBOX_EXEC; kind++) {
		if (kind == SANDBOX_KEY && !SANITIZED)
			continue;
		ck_assert_int_eq(result_of(has_no_core, true,
		    (enum sandbox_kind)kind, NULL), 0);
		if (!SANITIZED)
			ck_assert_int_eq(result_of(has_no_new_privileges, true,
			    (enum sandbox_kind)kind, NULL), 0);
	}
}
END_TEST

/* The name of the suite is in each line of the report. */
Suite *
unit_suite(void)
{
	const TTest *const tests[] = {each_can_do_its_work_and_no_more,
	    each_is_closed_to_others, NULL};

	return unit_suite_of(kernel_has_landlock() ? "sandbox" :
	    "sandbox, files open as this kernel has no landlock", tests);
}
