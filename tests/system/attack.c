/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/system/attack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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

#include "tests/system/captive.h"
#include "tests/system/system.h"
#include "tests/system/usage.h"

static void complain(struct attack *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
complain(struct attack *a, const char *fmt, ...)
{
	size_t len = strlen(a->wrong);
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(a->wrong + len, sizeof(a->wrong) - len, fmt, args);
	va_end(args);
}

static void
check_status(struct attack *a, const char *name, pid_t pid, pid_t thread)
{
	const char *status = system_text("task/%d/status", (int)thread);

	if (usage_field(pid, status, "Seccomp:") != (a->sandbox ? 2 : 0) ||
	    usage_field(pid, status, "NoNewPrivs:") != a->sandbox)
		complain(a, "%s: thread %d: not as it should be\n", name,
		    (int)thread);
}

#if CAPTIVE_IS_POSSIBLE

/* For the table: who is denied it. */
enum {
	NETWORK = ATTACK_NETWORK,
	PCSC = ATTACK_PCSC,
	CERTS = ATTACK_CERTS,
	KEY = ATTACK_KEY,
	TOKEN = ATTACK_TOKEN,
	EXEC = ATTACK_EXEC,
	CARDS = PCSC | CERTS | KEY | TOKEN | EXEC,
	OURS = NETWORK | PCSC | CERTS | KEY, /* those that start no helper */
	ALL = NETWORK | CARDS
};

/* Arguments that are not known before. */
enum {
	NOBODY = INT_MAX, /* no process has this number */
	VICTIM = 0x51000000,
	GROUP, /* no process group, but one that might be */
	SECRET,
	SPARE,
	NEW,
	OWN,
	LOOSE, /* where everybody may read */
	MEMORY,
	SYSTEM,
	NOTHING,
	ROOM,  /* for a byte */
	THEIRS /* of the victim's */
};

struct row {
	const char *name;
	unsigned denied; /* to these */
	long number;
	int64_t args[5];
	int landlock; /* the version that is in the way; 0: it is seccomp */
};

/*
 * Most ask for what cannot be had, and what the kernel has to say about that
 * shows that the call came through.
 */
/* clang-format off */
static const struct row rows[] = {
    {"IPv4", CARDS & ~EXEC, SYS_socket, {AF_INET, SOCK_STREAM}, 0},
    {"Unix", KEY, SYS_socket, {AF_UNIX, SOCK_STREAM}, 0},
    {"connect", KEY, SYS_connect, {-1}, 0},
    {"read a secret", OURS, SYS_openat, {AT_FDCWD, SECRET, O_RDONLY}, 1},
    {"write a secret", OURS, SYS_openat, {AT_FDCWD, SECRET, O_WRONLY}, 1},
    {"make a file", OURS, SYS_openat,
        {AT_FDCWD, NEW, O_WRONLY | O_CREAT | O_EXCL, 0600}, 1},
    {"remove a file", OURS, SYS_unlinkat, {AT_FDCWD, SPARE}, 1},
    {"read another's memory", OURS, SYS_openat,
        {AT_FDCWD, MEMORY, O_RDONLY}, 1},
    {"write its own", NETWORK | PCSC, SYS_openat,
        {AT_FDCWD, OWN, O_RDWR | O_CREAT, 0600}, 1},
    {"read the system's", 0, SYS_openat, {AT_FDCWD, SYSTEM, O_RDONLY}, 0},
    {"nameless file", NETWORK | KEY, SYS_memfd_create, {NOTHING}, 0},
    {"empty a file", OURS, SYS_truncate, {SECRET, 0}, 0},
    {"empty another as it is opened", OURS, SYS_openat,
        {AT_FDCWD, LOOSE, O_RDONLY | O_TRUNC}, 3},
    {"change rights", OURS, SYS_fchmodat, {AT_FDCWD, SECRET, 0600}, 0},
    {"change rights anew", OURS, 452, {AT_FDCWD, SECRET, 0600}, 0},
    {"change attributes", OURS, SYS_setxattr,
        {SECRET, NOTHING, 0, 0, 99}, 0},
    {"clone", OURS, SYS_clone, {CLONE_SIGHAND}, 0},
    {"clone3", ALL, SYS_clone3, {0, 0}, 0},
    {"clone with a namespace", ALL, SYS_clone,
        {CLONE_SIGHAND | CLONE_NEWUSER}, 0},
    {"exec", OURS, SYS_execve, {NOTHING}, 0},
    {"ptrace", ALL, SYS_ptrace, {PTRACE_PEEKDATA, NOBODY}, 0},
    {"look", ALL, SYS_process_vm_readv,
        {VICTIM, ROOM, 1, THEIRS, 1}, 0},
    {"take a descriptor", ALL, SYS_pidfd_getfd, {-1, -1}, 0},
    {"signal a group", OURS, SYS_kill, {GROUP, SIGTERM}, 0},
    {"signal a thread", OURS, SYS_tgkill,
        {VICTIM, VICTIM, SIGURG}, 0},
    {"signal by descriptor", OURS, SYS_pidfd_send_signal,
        {-1, SIGTERM}, 0},
    {"signal with a word", OURS, SYS_rt_sigqueueinfo,
        {NOBODY, SIGTERM, 0}, 0},
    {"signal when there is input", OURS, SYS_fcntl,
        {-1, F_SETOWN, VICTIM}, 0},
    {"limit another", OURS, SYS_prlimit64,
        {VICTIM, RLIMIT_CORE, 0, 0}, 0},
    {"signal", OURS, SYS_kill, {VICTIM, SIGTERM}, 0},
    {"type", ALL, SYS_ioctl, {-1, TIOCSTI}, 0},
    {"mount", ALL, SYS_mount, {1, 1, 1}, 0},
    {"unmount", ALL, SYS_umount2, {NOTHING, -1}, 0},
    {"unshare", ALL, SYS_unshare, {1}, 0},
    {"another namespace", ALL, SYS_setns, {-1}, 0},
    {"bpf", ALL, SYS_bpf, {9999, 0, INT_MAX}, 0},
    {"io_uring", ALL, SYS_io_uring_enter, {-1}, 0},
    {"keys of the kernel", ALL, SYS_keyctl, {-1}, 0},
    {"personality", ALL, SYS_personality, {0xffffffff}, 0},
    {"prctl", NETWORK, SYS_prctl, {PR_GET_DUMPABLE}, 0},
};
/* clang-format on */

static int
landlock_version(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
}

static const char *
secret_path(const char *name)
{
	return system_text("%s/elsewhere/%s", system_dir(), name);
}

/* What a text among the arguments stands for, or NULL. */
static const char *
text_of(const struct attack *a, int64_t arg)
{
	switch (arg) {
	case SECRET:
		return secret_path("secret");
	case SPARE:
		return secret_path("spare");
	case NEW:
		return secret_path("new");
	case LOOSE:
		return "/run/pcscd/loose"; /* a file system of this test's */
	case OWN:
		return a->own != NULL ? a->own : secret_path("secret");
	case MEMORY:
		return system_text("/proc/%d/mem", (int)a->victim);
	case SYSTEM:
		return "/etc/passwd";
	case NOTHING:
		return "/nothing";
	default:
		return NULL;
	}
}

static uint64_t
value_of(const struct attack *a, struct captive *c, int64_t arg)
{
	const char *text = text_of(a, arg);
	struct iovec room = {(void *)(uintptr_t)c->room, 1};
	/* The victim is a copy of this process. */
	struct iovec byte = {(void *)(uintptr_t)a, 1};

	if (text != NULL)
		return captive_put(c, text, strlen(text) + 1);
	if (arg == VICTIM)
		return (uint64_t)a->victim;
	if (arg == GROUP)
		return (uint64_t)-a->victim;
	if (arg == ROOM)
		return captive_put(c, &room, sizeof(room));
	if (arg == THEIRS)
		return captive_put(c, &byte, sizeof(byte));
	return (uint64_t)arg;
}

static long
try(const struct attack *a, struct captive *c, const struct row *r)
{
	uint64_t args[CAPTIVE_ARGS] = {0};
	long rc;

	captive_forget(c);
	for (size_t i = 0; i < 5; i++)
		args[i] = value_of(a, c, r->args[i]);
	rc = captive_call(c, r->number, args);
	if (rc >= 0 && (r->number == SYS_socket || r->number == SYS_openat ||
			   r->number == SYS_memfd_create))
		(void)captive_call(
		    c, SYS_close, (const uint64_t[CAPTIVE_ARGS]){(uint64_t)rc});
	return rc;
}

static bool
is_denied(const struct row *r, long rc)
{
	return rc == -EPERM || rc == -EACCES || rc == -EAFNOSUPPORT ||
	       (rc == -ENOSYS && r->number == SYS_clone3);
}

static void
make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void
attack_thread(struct attack *a, const char *name, enum attack_who who,
    pid_t pid, pid_t thread)
{
	struct captive c;

	make_file(secret_path("secret"));
	make_file(secret_path("spare"));
	make_file("/run/pcscd/loose");
	(void)unlink(secret_path("new"));
	captive_take(&c, pid, thread);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		bool denied =
		    a->sandbox && (r->denied & who) != 0 &&
		    (r->landlock == 0 || landlock_version() >= r->landlock);
		long rc = try(a, &c, r);

		if (is_denied(r, rc) != denied)
			complain(a, "%s: %s: %s\n", name, r->name,
			    rc < 0 ? strerror((int)-rc) : "it can");
	}
	captive_release(&c);
}

void
attack_from_outside(struct attack *a, const char *name, pid_t pid)
{
	const uint64_t args[CAPTIVE_ARGS] = {PR_GET_DUMPABLE};
	struct captive c;

	captive_take(&c, pid, pid);
	if (captive_call(&c, SYS_prctl, args) != 0)
		complain(a, "%s: lets itself be traced\n", name);
	captive_release(&c);
}

#else

void
attack_from_outside(struct attack *a, const char *name, pid_t pid)
{
	(void)a;
	(void)name;
	(void)pid;
}

static void
attack_thread(struct attack *a, const char *name, enum attack_who who,
    pid_t pid, pid_t thread)
{
	(void)a;
	(void)name;
	(void)who;
	(void)pid;
	(void)thread;
}

#endif

void
attack_process(
    struct attack *a, const char *name, enum attack_who who, pid_t pid)
{
	DIR *dir = opendir(system_text("/proc/%d/task", (int)pid));
	const struct dirent *entry;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		pid_t thread = (pid_t)atoi(entry->d_name);

		if (thread <= 0)
			continue;
		check_status(a, name, pid, thread);
		attack_thread(a, name, who, pid, thread);
	}
	closedir(dir);
}

static pid_t
start_victim(void)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGTERM, SIG_IGN);
	for (;;)
		(void)pause();
}

void
attack_init(struct attack *a, bool sandbox)
{
	memset(a, 0, sizeof(*a));
	a->sandbox = sandbox;
	ck_assert_int_eq(
	    mkdir(system_text("%s/elsewhere", system_dir()), 0700), 0);
	a->victim = start_victim();
	ck_assert_int_gt(a->victim, 0);
}

void
attack_clear(struct attack *a)
{
	ck_assert_int_eq(kill(a->victim, SIGKILL), 0);
	ck_assert_int_eq(waitpid(a->victim, NULL, 0), a->victim);
}
