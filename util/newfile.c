/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/newfile.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The directory that the file is in, or is going to be. */
static int
open_directory(const char *path)
{
	char *dir = strdup(path);
	int fd;

	if (dir == NULL)
		return -ENOMEM;
	strrchr(dir, '/')[1] = '\0';
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	return fd < 0 ? -errno : fd;
}

int
newfile_sync_dir(const char *path)
{
	int fd = open_directory(path);
	int rc;

	if (fd < 0)
		return fd;
	rc = fsync(fd) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

/* Some file systems know only one of the two ways not to overwrite. */
static int
give_name(const char *temporary, const char *path, bool replace)
{
	if (replace)
		return rename(temporary, path) < 0 ? -errno : 0;
	if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) ==
	    0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	if (link(temporary, path) < 0)
		return -errno;
	unlink(temporary);
	return 0;
}

/*
 * The directory is opened first, so that little can fail once the file has its
 * name: a new one that may not outlive a power cut goes again.
 */
static int
publish(const char *temporary, const char *path, bool replace)
{
	int dir = open_directory(path);
	int rc = dir < 0 ? dir : give_name(temporary, path, replace);

	if (rc < 0) {
		unlink(temporary);
	} else if (fsync(dir) < 0) {
		rc = -errno;
		/* In place of another one there is no way back. */
		if (!replace)
			unlink(path);
	}
	if (dir >= 0)
		close(dir);
	return rc;
}

static int
make_under(char *temporary, const char *path, mode_t mode, const void *bytes,
    size_t len, bool replace)
{
	int fd = mkostemp(temporary, O_CLOEXEC);
	int rc;

	if (fd < 0)
		return -errno;
	rc = write_all(fd, bytes, len);
	if (rc == 0 && fchmod(fd, mode) < 0)
		rc = -errno;
	if (rc == 0 && fsync(fd) < 0)
		rc = -errno;
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	if (rc == 0)
		return publish(temporary, path, replace);
	unlink(temporary);
	return rc;
}

int
newfile_make(
    const char *path, mode_t mode, const void *bytes, size_t len, bool replace)
{
	char *temporary = NULL;
	int rc;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	rc = make_under(temporary, path, mode, bytes, len, replace);
	free(temporary);
	return rc;
}
