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
#include "util/newfile.h"

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

int
file_make(const char *path, const void *bytes, size_t len, bool replace,
    struct store_why *out_why)
{
	int rc = newfile_make(path, 0600, bytes, len, replace);

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
		rc = newfile_sync_dir(journal);
	else if (errno != ENOENT)
		rc = -errno;
	why_set(out_why, rc, "%s: %s", journal, err_text(rc));
	free(journal);
	return rc;
}
