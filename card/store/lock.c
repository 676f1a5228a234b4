/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "card/store/why.h"

enum {
	LOCK_HOST = 64,
	LOCK_LINE = 256,
	LOCK_ATTEMPTS = 100,
	LOCK_PAUSE_US = 1000
};

void
lock_init(struct lock *l)
{
	l->fd = -1;
	l->path = NULL;
}

void
lock_clear(struct lock *l)
{
	if (l->fd >= 0) {
		unlink(l->path);
		close(l->fd);
	}
	free(l->path);
	lock_init(l);
}

/* 0, or -EBUSY. */
static int
lock_try(int fd)
{
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fcntl(fd, F_OFD_SETLK, &fl) == 0)
		return 0;
	return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
}

/* Whoever held it before us may have removed it in the meantime. */
static bool
is_still_there(int fd, const char *path)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && lstat(path, &there) == 0 &&
	       ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

static void
lock_sign(int fd)
{
	char host[LOCK_HOST] = "", line[LOCK_LINE];
	int len;

	gethostname(host, sizeof(host) - 1);
	len = snprintf(line, sizeof(line), "%ld %s %s\n", (long)getpid(), host,
	    program_invocation_short_name);
	/* It is for people; the lock holds without. */
	if (len < 0 || len >= (int)sizeof(line) || ftruncate(fd, 0) < 0 ||
	    pwrite(fd, line, (size_t)len, 0) < 0)
		return;
}

/* Who has just taken the lock is about to sign. */
static ssize_t
line_read(int fd, char *line, size_t cap)
{
	ssize_t len = 0;

	for (int i = 0; i < LOCK_ATTEMPTS && len <= 0; i++) {
		if (i > 0)
			usleep(LOCK_PAUSE_US);
		len = pread(fd, line, cap, 0);
	}
	return len;
}

/* The owner's line is somebody else's text. */
static int
lock_busy(int fd, const char *path, struct store_why *why)
{
	char line[LOCK_LINE] = "", host[LOCK_HOST] = "", name[LOCK_HOST] = "";
	ssize_t len = line_read(fd, line, sizeof(line) - 1);
	long pid = 0;

	for (ssize_t i = 0; i < len; i++)
		if (line[i] < ' ' || line[i] > '~')
			line[i] = ' ';
	if (sscanf(line, "%ld %63s %63s", &pid, host, name) == 3)
		return why_set(why, -EBUSY,
		    "%s: in use by process %ld (%s) on %s", path, pid, name,
		    host);
	return why_set(why, -EBUSY, "%s: in use by another process", path);
}

/* 0, -EAGAIN: it was removed under our hands, or another error. */
static int
lock_attempt(struct lock *l, const char *path, struct store_why *why)
{
	int fd = open(l->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0) {
		rc = -errno;
		return why_set(why, rc,
		    "%s: %s; a key file needs a lock and a "
		    "journal in its directory",
		    l->path, err_text(rc));
	}
	rc = lock_try(fd);
	if (rc == 0 && !is_still_there(fd, l->path))
		rc = -EAGAIN;
	if (rc == 0) {
		lock_sign(fd);
		l->fd = fd;
		return 0;
	}
	if (rc == -EBUSY)
		rc = lock_busy(fd, path, why);
	else
		why_set(why, rc, "%s: %s", l->path, err_text(rc));
	close(fd);
	return rc;
}

int
lock_take(struct lock *l, const char *path, struct store_why *out_why)
{
	int rc = -EAGAIN;

	if (asprintf(&l->path, "%s.lock", path) < 0) {
		l->path = NULL;
		return why_set(out_why, -ENOMEM, "%s: no memory", path);
	}
	for (int i = 0; i < LOCK_ATTEMPTS && rc == -EAGAIN; i++)
		rc = lock_attempt(l, path, out_why);
	if (rc < 0)
		lock_clear(l);
	return rc == -EAGAIN ? -EBUSY : rc;
}
