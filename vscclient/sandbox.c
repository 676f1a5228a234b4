/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/sandbox.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/guard.h"
#include "util/log.h"
#include "vscclient/sandbox_calls.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANDBOX_IS_POSSIBLE false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANDBOX_IS_POSSIBLE false
#endif
#endif
#ifndef SANDBOX_IS_POSSIBLE
#define SANDBOX_IS_POSSIBLE true
#endif

/* --- files -------------------------------------------------------------- */

/* The first version's rights, which every kernel with landlock knows. */
#define FILES_READ                                              \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | \
	    LANDLOCK_ACCESS_FS_READ_DIR)
#define FILES_WRITE                                                       \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	    LANDLOCK_ACCESS_FS_MAKE_REG)
#define FILES_SOCKET                                                     \
	(LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_SOCK | \
	    LANDLOCK_ACCESS_FS_READ_DIR)
#define FILES_ALL ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

/* The third's: before, whoever may read a file may empty it as he opens it. */
#define FILES_TRUNCATE (1ULL << 14)
enum { FILES_TRUNCATE_SINCE = 3 };

/* Libraries and configuration, wherever distributions have them. */
static const char *const system_dirs[] = {"/usr", "/lib", "/lib32", "/lib64",
    "/etc", "/opt", "/nix", "/gnu", "/proc", "/sys", "/dev", "/run",
    "/var/run"};

enum { SYSTEM_DIRS = sizeof(system_dirs) / sizeof(system_dirs[0]) };

/* What is not there need not be allowed. */
static int
files_allow(int ruleset, const char *dir, uint64_t access)
{
	struct landlock_path_beneath_attr attr = {.allowed_access = access};
	int rc = 0;

	attr.parent_fd = open(dir, O_PATH | O_CLOEXEC);
	if (attr.parent_fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		&attr, 0) < 0)
		rc = -errno;
	close(attr.parent_fd);
	return rc;
}

static int
files_fill(
    int ruleset, enum sandbox_kind kind, const char *dir, uint64_t truncate)
{
	int rc = 0;

	for (int i = 0; rc == 0 && i < SYSTEM_DIRS; i++)
		rc = files_allow(ruleset, system_dirs[i], FILES_READ);
	if (rc == 0)
		rc = files_allow(ruleset, "/dev/null",
		    truncate | LANDLOCK_ACCESS_FS_WRITE_FILE |
			LANDLOCK_ACCESS_FS_READ_FILE);
	if (rc == 0 && dir != NULL)
		rc = files_allow(ruleset, dir,
		    kind == SANDBOX_NETWORK
			? FILES_SOCKET
			: FILES_READ | FILES_WRITE | truncate);
	if (rc == 0 &&
	    syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		rc = -errno;
	return rc;
}

static int
files_restrict(enum sandbox_kind kind, const char *dir)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	uint64_t truncate =
	    version >= FILES_TRUNCATE_SINCE ? FILES_TRUNCATE : 0;
	const struct landlock_ruleset_attr attr = {
	    .handled_access_fs = FILES_ALL | truncate};
	int ruleset, rc;

	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr,
	    sizeof(attr), 0);
	if (ruleset < 0 && (errno == ENOSYS || errno == EOPNOTSUPP)) {
		log_debug("this kernel has no landlock");
		return 0;
	}
	if (ruleset < 0)
		return -errno;
	rc = files_fill(ruleset, kind, dir, truncate);
	close(ruleset);
	return rc;
}

/* --- calls -------------------------------------------------------------- */

/* Which argument of clone has the flags. */
#ifdef __s390__
enum { CLONE_FLAGS = 1 };
#else
enum { CLONE_FLAGS = 0 };
#endif

static int
calls_add(scmp_filter_ctx filter, uint32_t action, const int *calls)
{
	int rc = 0;

	for (; rc == 0 && *calls != SANDBOX_CALLS_END; calls++)
		rc = seccomp_rule_add(filter, action, *calls, 0);
	return rc;
}

/* The kernel sees the lower half of a request only. */
static int
ioctls_add(scmp_filter_ctx filter, uint32_t action, const unsigned *requests)
{
	int rc = 0;

	for (; rc == 0 && *requests != SANDBOX_IOCTLS_END; requests++)
		rc = seccomp_rule_add(filter, action, SCMP_SYS(ioctl), 1,
		    SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, *requests));
	return rc;
}

static int
fcntls_add(scmp_filter_ctx filter, uint32_t action, const int *commands)
{
	const int calls[] = {SCMP_SYS(fcntl), SCMP_SYS(fcntl64)};
	int rc = 0;

	for (; *commands != SANDBOX_CALLS_END; commands++)
		for (int i = 0; rc == 0 && i < 2; i++)
			rc = seccomp_rule_add(filter, action, calls[i], 1,
			    SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX,
				(unsigned)*commands));
	return rc;
}

/*
 * What may be asked of a resolver, a network, a terminal or a database is
 * known, so the rest is refused; softly, for another C library may know a new
 * way and have an old one to fall back to.
 */
static int
calls_only(scmp_filter_ctx filter, const int *calls)
{
	int rc;

	rc = calls_add(filter, SCMP_ACT_ALLOW, sandbox_calls_plain);
	if (rc == 0)
		rc = calls_add(filter, SCMP_ACT_ALLOW, calls);
	if (rc == 0)
		rc = ioctls_add(filter, SCMP_ACT_ALLOW, sandbox_ioctls_plain);
	if (rc == 0)
		rc = fcntls_add(filter, SCMP_ACT_ALLOW, sandbox_fcntls_plain);
	/* A thread of this process; others the starter ends. */
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill),
		    1,
		    SCMP_A0(
			SCMP_CMP_MASKED_EQ, UINT32_MAX, (unsigned)getpid()));
	/* Threads. What clone3 is asked for cannot be seen. */
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone),
		    1, SCMP_CMP(CLONE_FLAGS, SCMP_CMP_MASKED_EQ, CLONE_THREAD,
		    CLONE_THREAD));
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
		    SCMP_SYS(clone3), 0);
	return rc;
}

/* Any socket that leads to a network. */
static int
sockets_refuse(scmp_filter_ctx filter)
{
	const uint32_t action = SCMP_ACT_ERRNO(EAFNOSUPPORT);
	int rc;

	/* Its arguments cannot be seen. */
	rc = seccomp_rule_add(
	    filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socketcall), 0);
	for (unsigned f = 0; rc == 0 && f < SANDBOX_FAMILIES; f++)
		if (f != SANDBOX_UNIX && f != SANDBOX_NETLINK)
			rc = seccomp_rule_add(filter, action, SCMP_SYS(socket),
			    1, SCMP_A0(SCMP_CMP_MASKED_EQ, UINT32_MAX, f));
	if (rc == 0)
		rc = seccomp_rule_add(filter, action, SCMP_SYS(socket), 1,
		    SCMP_A0(SCMP_CMP_GE, SANDBOX_FAMILIES, 0));
	return rc;
}

/* Being root in a world of one's own, which opens much of the kernel. */
static int
namespaces_refuse(scmp_filter_ctx filter)
{
	const unsigned worlds[] = {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID,
	    CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(worlds) / sizeof(worlds[0]);
	     i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM),
		    SCMP_SYS(clone), 1,
		    SCMP_CMP(
			CLONE_FLAGS, SCMP_CMP_MASKED_EQ, worlds[i], worlds[i]));
	if (rc == 0)
		rc = seccomp_rule_add(
		    filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return rc;
}

/* Other processes: making them, ending them, and limits that end them. */
static int
others_refuse(scmp_filter_ctx filter)
{
	const int calls[] = {SCMP_SYS(kill), SCMP_SYS(tgkill),
	    SCMP_SYS(rt_sigqueueinfo), SCMP_SYS(rt_tgsigqueueinfo)};
	const uint32_t action = SCMP_ACT_ERRNO(EPERM);
	int rc;

	rc = calls_add(filter, action, sandbox_calls_others);
	if (rc == 0)
		rc = seccomp_rule_add(filter, action, SCMP_SYS(clone), 1,
		    SCMP_CMP(CLONE_FLAGS, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
	for (size_t i = 0; rc == 0 && i < sizeof(calls) / sizeof(calls[0]); i++)
		rc = seccomp_rule_add(filter, action, calls[i], 1,
		    SCMP_A0(SCMP_CMP_NE, (unsigned)getpid(), 0));
	if (rc == 0)
		rc = seccomp_rule_add(filter, action, SCMP_SYS(prlimit64), 1,
		    SCMP_A0(SCMP_CMP_NE, 0, 0));
	if (rc == 0)
		rc = fcntls_add(filter, action, sandbox_fcntls_others);
	if (rc == 0)
		rc = ioctls_add(filter, action, sandbox_ioctls_others);
	return rc;
}

/* A program may be one of the processor's older kind. */
static int
calls_for_all(scmp_filter_ctx filter)
{
	int rc = 0;

#if defined(__x86_64__)
	rc = seccomp_arch_add(filter, SCMP_ARCH_X86);
#elif defined(__aarch64__)
	rc = seccomp_arch_add(filter, SCMP_ARCH_ARM);
#else
	(void)filter;
#endif
	return rc == -EEXIST ? 0 : rc;
}

/*
 * What a PKCS#11 module or somebody else's program needs nobody knows, so only
 * what no card needs is refused.
 */
static int
calls_card(scmp_filter_ctx filter, enum sandbox_kind kind, const char *dir)
{
	bool helpers =
	    kind == SANDBOX_EXEC || (kind == SANDBOX_NSS && dir == NULL);
	int rc = 0;

	if (helpers)
		rc = calls_for_all(filter);
	if (rc == 0)
		rc = calls_add(
		    filter, SCMP_ACT_ERRNO(EPERM), sandbox_calls_no_card);
	if (rc == 0)
		rc = ioctls_add(filter, SCMP_ACT_ERRNO(EPERM),
		    sandbox_ioctls_no_card);
	if (rc == 0)
		rc = namespaces_refuse(filter);
	if (rc == 0 && kind != SANDBOX_EXEC)
		rc = sockets_refuse(filter);
	if (rc == 0 && !helpers)
		rc = others_refuse(filter);
	/* Landlock looks at none of these. */
	if (rc == 0 && !helpers && kind != SANDBOX_PCSC_ELSEWHERE)
		rc = calls_add(
		    filter, SCMP_ACT_ERRNO(EPERM), sandbox_calls_paths);
	return rc;
}

static int
calls_fill(scmp_filter_ctx filter, enum sandbox_kind kind, const char *dir)
{
	if (kind == SANDBOX_NETWORK)
		return calls_only(filter, sandbox_calls_network);
	if (kind == SANDBOX_KEY)
		return calls_only(filter, sandbox_calls_key);
	return calls_card(filter, kind, dir);
}

static int
calls_restrict(enum sandbox_kind kind, const char *dir)
{
	bool only = kind == SANDBOX_NETWORK || kind == SANDBOX_KEY;
	scmp_filter_ctx filter = seccomp_init(only ? SCMP_ACT_ERRNO(EPERM) :
	    SCMP_ACT_ALLOW);
	int rc;

	if (filter == NULL)
		return -ENOMEM;
	rc = calls_fill(filter, kind, dir);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc;
}

/* --- all ---------------------------------------------------------------- */

int
sandbox_enter(enum sandbox_kind kind, const char *dir)
{
	bool anywhere = kind == SANDBOX_NSS && dir == NULL;
	int rc;

	rc = guard_memory();
	if (rc < 0 || !SANDBOX_IS_POSSIBLE)
		return rc;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (!anywhere && kind != SANDBOX_PCSC_ELSEWHERE && kind != SANDBOX_EXEC)
		rc = files_restrict(kind, dir);
	return rc < 0 ? rc : calls_restrict(kind, dir);
}
