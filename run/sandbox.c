/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/sandbox.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/namespaces.h"
#include "run/place.h"
#include "util/log.h"

/* A pcscd that talks for days must not eat the machine's memory. */
#define TMPFS_OPTIONS "mode=0755,size=16m"

static int
tmpfs_on(const char *path)
{
	int r = 0;

	if (mount("vscard-run", path, "tmpfs", MS_NOSUID | MS_NODEV,
		TMPFS_OPTIONS) < 0) {
		r = -errno;
		namespaces_explain_mount(path, -r);
	}
	return r;
}

/*
 * A copy of what is at the path, with all that is mounted below: in a user
 * namespace the kernel refuses to show what a mount had covered. It belongs
 * nowhere until it is put somewhere.
 */
static int
tree_copy(int dir, const char *path, int flags)
{
	int fd = open_tree(dir, path,
	    (unsigned)(OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE |
		       AT_NO_AUTOMOUNT | flags));

	return fd < 0 ? -errno : fd;
}

static int
tree_put(int tree, const char *to)
{
	return move_mount(tree, "", AT_FDCWD, to, MOVE_MOUNT_F_EMPTY_PATH) < 0
		   ? -errno
		   : 0;
}

static int
make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int
make_dir(const char *path)
{
	return mkdir(path, 0755) < 0 ? -errno : 0;
}

static int
copy_link(int dir, const char *name, const char *to)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	return symlink(target, to) < 0 ? -errno : 0;
}

static int
copy_tree(int dir, const char *name, const char *to)
{
	int r, tree = tree_copy(dir, name, AT_SYMLINK_NOFOLLOW);

	if (tree < 0)
		return tree;
	r = tree_put(tree, to);
	close(tree);
	return r;
}

/* One entry of the old PLACE_PARENT, at its old name. */
static int
parent_entry(int dir, const char *name)
{
	char to[sizeof(PLACE_PARENT) + 1 + NAME_MAX];
	struct stat st;
	int r;

	snprintf(to, sizeof(to), PLACE_PARENT "/%s", name);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return copy_link(dir, name, to);
	r = S_ISDIR(st.st_mode) ? make_dir(to) : make_file(to);
	return r < 0 ? r : copy_tree(dir, name, to);
}

static bool
is_skipped(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	       strcmp(name, PLACE_NAME) == 0; /* made this very moment */
}

/*
 * PLACE_DIR does not exist and cannot, or must not, be made: a new
 * PLACE_PARENT with all that the old one has, and room for it.
 */
static int
parent_rebuild(void)
{
	struct dirent *entry;
	DIR *dir;
	int r;

	if ((dir = opendir(PLACE_PARENT)) == NULL) {
		log_error("cannot read %s, where pcscd has its socket: %s",
		    PLACE_PARENT, err_text(errno));
		return -ENOENT;
	}
	if ((r = tmpfs_on(PLACE_PARENT)) < 0)
		goto out;
	while ((entry = readdir(dir)) != NULL) {
		if (is_skipped(entry->d_name))
			continue;
		/* What cannot be had is left out; pcscd needs none of it. */
		if ((r = parent_entry(dirfd(dir), entry->d_name)) < 0)
			log_debug("%s/%s is not visible: %s", PLACE_PARENT,
			    entry->d_name, err_text(r));
	}
	if ((r = make_dir(PLACE_DIR)) < 0)
		log_error("cannot make %s: %s", PLACE_DIR, err_text(r));
out:
	closedir(dir);
	return r;
}

/* An empty PLACE_DIR; what was there, if anything, goes inside. */
static int
place_cover(bool exists, int outside)
{
	int r;

	if (!exists && (r = parent_rebuild()) < 0)
		return r;
	if ((r = tmpfs_on(PLACE_DIR)) < 0 || outside < 0)
		return r;
	if ((r = make_dir(PLACE_OUTSIDE)) < 0 ||
	    (r = tree_put(outside, PLACE_OUTSIDE)) < 0)
		namespaces_explain_mount(PLACE_OUTSIDE, -r);
	return r;
}

static int
driver_put(int driver)
{
	int r;

	if ((r = make_file(PLACE_DRIVER)) < 0 ||
	    (r = tree_put(driver, PLACE_DRIVER)) < 0)
		namespaces_explain_mount(PLACE_DRIVER, -r);
	return r;
}

static int
readers_hide(void)
{
	if (access(USBDROPDIR, F_OK) < 0 && errno == ENOENT)
		return 0;
	return tmpfs_on(USBDROPDIR);
}

static int
mounts_make(int driver)
{
	bool exists = access(PLACE_DIR, F_OK) == 0;
	int outside = -1, r;

	if (exists && (outside = tree_copy(AT_FDCWD, PLACE_DIR, 0)) < 0)
		log_debug("the readers outside are not visible: %s",
		    err_text(outside));
	if ((r = place_cover(exists, outside)) == 0 &&
	    (r = driver_put(driver)) == 0)
		r = readers_hide();
	if (outside >= 0)
		close(outside);
	return r;
}

int
sandbox_enter(const char *driver)
{
	int fd, r;

	if ((r = namespaces_enter()) < 0)
		return r;
	if ((fd = tree_copy(AT_FDCWD, driver, 0)) < 0) {
		namespaces_explain_mount(driver, -fd);
		return fd;
	}
	r = mounts_make(fd);
	close(fd);
	return r;
}
