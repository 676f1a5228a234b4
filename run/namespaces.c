/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/namespaces.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "util/log.h"

#define KNOB_MAX_USER "/proc/sys/user/max_user_namespaces"
#define KNOB_MAX_MNT "/proc/sys/user/max_mnt_namespaces"
#define KNOB_DEBIAN "/proc/sys/kernel/unprivileged_userns_clone"
#define KNOB_APPARMOR "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"

/* The number in the file, or -1. */
static long
knob_get(const char *path)
{
	char text[32];
	ssize_t n;
	int fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	return strtol(text, NULL, 10);
}

/* The switch that forbids user namespaces, as a cause and a remedy. */
static bool
explain_knob(void)
{
	if (knob_get(KNOB_MAX_USER) == 0)
		log_error("user namespaces are forbidden here "
			  "(user.max_user_namespaces is 0): set it higher "
			  "with sysctl, or run vscard-run as root");
	else if (knob_get(KNOB_DEBIAN) == 0)
		log_error("user namespaces are forbidden here "
			  "(kernel.unprivileged_userns_clone is 0): set it "
			  "to 1 with sysctl, or run vscard-run as root");
	else if (knob_get(KNOB_APPARMOR) > 0)
		log_error("user namespaces are forbidden here by AppArmor "
			  "(kernel.apparmor_restrict_unprivileged_userns is "
			  "1): give vscard-run a profile that allows userns, "
			  "set it to 0 with sysctl, or run vscard-run as root");
	else
		return false;
	return true;
}

static void
explain_user(int err)
{
	if ((err == EPERM || err == EACCES || err == ENOSPC) && explain_knob())
		return;
	switch (err) {
	case EPERM:
	case EACCES:
		log_error("user namespaces are forbidden here, as in a chroot "
			  "or by the filter of a container: allow the "
			  "container unshare and mount, or run vscard-run as "
			  "root%s",
		    geteuid() == 0 ? " with CAP_SYS_ADMIN" : " outside");
		break;
	case ENOSPC:
	case EUSERS:
		log_error("too many user namespaces: raise "
			  "user.max_user_namespaces and "
			  "user.max_mnt_namespaces with sysctl");
		break;
	case EINVAL:
	case ENOSYS:
		log_error("this kernel has no user namespaces: run vscard-run "
			  "as root");
		break;
	default:
		log_error("cannot make a user namespace: %s", err_text(err));
	}
}

void
namespaces_explain_mount(const char *where, int err)
{
	if (err == ENOSYS) {
		log_error("cannot mount %s: this kernel is too old (5.2 is "
			  "needed), or a filter in a container hides the "
			  "system call",
		    where);
		return;
	}
	if (err != EPERM && err != EACCES) {
		log_error("cannot mount %s: %s", where, err_text(err));
		return;
	}
	/* AppArmor lets the namespace be made, and forbids its use. */
	if (geteuid() != 0 && explain_knob())
		return;
	log_error("mounting %s is forbidden here, as by the AppArmor "
		  "profile or the filter of a container: start the container "
		  "without it",
	    where);
}

static int
text_write(const char *path, const char *text)
{
	ssize_t n;
	int fd, r;

	if ((fd = open(path, O_WRONLY | O_CLOEXEC)) < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	r = n < 0 ? -errno : 0;
	close(fd);
	return r;
}

static int
map_one(const char *path, unsigned id)
{
	char line[40];

	snprintf(line, sizeof(line), "%u %u 1\n", id, id);
	return text_write(path, line);
}

static int
map_caller(uid_t uid, gid_t gid)
{
	int r;

	/* Kernels before 3.19 have no setgroups file and need none. */
	r = text_write("/proc/self/setgroups", "deny");
	if (r < 0 && r != -ENOENT)
		return r;
	if ((r = map_one("/proc/self/uid_map", uid)) < 0)
		return r;
	return map_one("/proc/self/gid_map", gid);
}

static int
enter_user(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int r;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) {
		r = -errno;
		explain_user(-r);
		return r;
	}
	if ((r = map_caller(uid, gid)) == 0)
		return 0;
	if (r == -ENOENT)
		log_error("/proc is not mounted, and is needed to run as an "
			  "ordinary user");
	else
		explain_user(-r);
	return r;
}

/*
 * In a chroot "/" may be no mount point, which the kernel wants; and a mount
 * made before the others are private would be seen outside. Joining the
 * namespace that we are in leads to its real root.
 */
static int
private_from_root(void)
{
	int root, cwd, ns, r = 0;

	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ns = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (root < 0 || ns < 0 || setns(ns, CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    fchdir(root) < 0 || chroot(".") < 0)
		r = -errno;
	if (cwd >= 0 && fchdir(cwd) < 0 && r == 0)
		r = -errno;
	close(root);
	close(cwd);
	close(ns);
	return r;
}

static int
make_private(void)
{
	int r = 0;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		r = errno == EINVAL ? private_from_root() : -errno;
	if (r < 0)
		namespaces_explain_mount("/", -r);
	return r;
}

int
namespaces_enter(void)
{
	int r;

	if (unshare(CLONE_NEWNS) < 0) {
		if (errno == ENOSPC) {
			log_error("too many mount namespaces: raise "
				  "user.max_mnt_namespaces with sysctl");
			return -ENOSPC;
		}
		if ((r = enter_user()) < 0)
			return r;
	}
	return make_private();
}
