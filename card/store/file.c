/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "card/store/db.h"
#include "card/store/why.h"

/* --- names ------------------------------------------------------------------- */

/* A file that is yet to be made: its directory's name, and its own. */
static char *
name_of_new(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash == NULL ? path : slash + 1;
	char *dir, *real, *name = NULL;

	if (*base == '\0') {
		errno = EISDIR;
		return NULL;
	}
	dir = slash == NULL ? strdup(".")
			    : strndup(path, (size_t)(slash - path) + 1);
	real = dir == NULL ? NULL : realpath(dir, NULL);
	if (real != NULL && asprintf(&name, "%s/%s",
				strcmp(real, "/") == 0 ? "" : real, base) < 0)
		name = NULL;
	free(dir);
	free(real);
	return name;
}

int
file_name(const char *path, char **out, struct store_why *out_why)
{
	char *name = realpath(path, NULL);
	int rc;

	if (name == NULL && errno == ENOENT)
		name = name_of_new(path);
	if (name == NULL) {
		rc = -errno;
		return why_set(out_why, rc, "%s: %s", path, err_text(rc));
	}
	*out = name;
	return 0;
}

/* --- permissions ---------------------------------------------------------------- */

static int
check_one(const char *path, struct store_why *out_why)
{
	struct stat st;
	int rc;

	if (lstat(path, &st) < 0) {
		rc = -errno;
		return why_set(out_why, rc, "%s: %s", path, err_text(rc));
	}
	if (!S_ISREG(st.st_mode))
		return why_set(out_why, -EBADMSG, "%s: not a file", path);
	if ((st.st_mode & 077) != 0)
		return why_set(out_why, -EACCES,
		    "%s: others have access to it; chmod 600 '%s'", path, path);
	if (st.st_size > DB_SIZE_MAX)
		return why_set(
		    out_why, -EBADMSG, "%s: too large for a key file", path);
	return 0;
}

/*
 * A journal that ends like this names a super-journal, and SQLite removes what
 * it names. Ours spans one file, and never has that.
 */
static int
check_end(const char *journal, struct store_why *out_why)
{
	static const uint8_t super[] = {
	    0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7};
	uint8_t end[sizeof(super)];
	int fd = open(journal, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int rc = 0;

	if (fd < 0 || lseek(fd, -(off_t)sizeof(end), SEEK_END) < 0)
		/* Shorter than that. */
		rc = fd >= 0 && errno == EINVAL ? 0 : -errno;
	else if (read(fd, end, sizeof(end)) != (ssize_t)sizeof(end))
		rc = -EIO;
	else if (memcmp(end, super, sizeof(end)) == 0)
		rc = -EBADMSG;
	if (fd >= 0)
		close(fd);
	return why_set(out_why, rc, "%s: %s", journal,
	    rc == -EBADMSG ? "names another file; not a key file's journal"
			   : err_text(rc));
}

int
file_check_no_log(const char *path, struct store_why *out_why)
{
	struct stat st;
	char *log = NULL;
	int rc;

	if (asprintf(&log, "%s-wal", path) < 0)
		return why_set(out_why, -ENOMEM, "%s: no memory", path);
	rc = lstat(log, &st) == 0 ? -EBADMSG : -errno;
	if (rc == -ENOENT)
		rc = 0;
	why_set(out_why, rc, "%s: %s", log,
	    rc == -EBADMSG ? "no key file has one; remove it" : err_text(rc));
	free(log);
	return rc;
}

int
file_check_journal(const char *path, struct store_why *out_why)
{
	struct store_why why;
	char *journal = NULL;
	int rc;

	if (asprintf(&journal, "%s-journal", path) < 0)
		return why_set(out_why, -ENOMEM, "%s: no memory", path);
	rc = check_one(journal, &why);
	if (rc == 0)
		rc = check_end(journal, &why);
	if (rc == -ENOENT)
		rc = 0;
	if (rc == 0)
		rc = file_check_no_log(path, &why);
	free(journal);
	return why_set(out_why, rc, "%s", why.text);
}

int
file_check(const char *path, struct store_why *out_why)
{
	int rc = check_one(path, out_why);

	return rc == 0 ? file_check_journal(path, out_why) : rc;
}

int
file_check_new(const char *path, struct store_why *out_why)
{
	struct stat st;
	int rc = lstat(path, &st) == 0 ? -EEXIST : -errno;

	if (rc == -ENOENT)
		rc = 0;
	return why_set(out_why, rc, "%s: %s", path, err_text(rc));
}

/* --- making ----------------------------------------------------------------------- */

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

static int
sync_directory(const char *path)
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
make_under(char *temporary, const char *path, const void *bytes, size_t len,
    bool replace)
{
	int fd = mkostemp(temporary, O_CLOEXEC);
	int rc;

	if (fd < 0)
		return -errno;
	rc = write_all(fd, bytes, len);
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
file_make(const char *path, const void *bytes, size_t len, bool replace,
    struct store_why *out_why)
{
	char *temporary = NULL;
	int rc;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return why_set(out_why, -ENOMEM, "%s: no memory", path);
	rc = make_under(temporary, path, bytes, len, replace);
	free(temporary);
	return why_set(out_why, rc, "%s: %s", path, err_text(rc));
}

int
file_drop_journal(const char *path, struct store_why *out_why)
{
	char *journal = NULL;
	int rc = 0;

	if (asprintf(&journal, "%s-journal", path) < 0)
		return why_set(out_why, -ENOMEM, "%s: no memory", path);
	if (unlink(journal) == 0)
		rc = sync_directory(journal);
	else if (errno != ENOENT)
		rc = -errno;
	why_set(out_why, rc, "%s: %s", journal, err_text(rc));
	free(journal);
	return rc;
}
