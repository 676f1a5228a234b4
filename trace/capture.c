/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace/capture.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/pcapng.h"
#include "util/bytes.h"

enum { CAPTURE_MODE = 0600, BLOCK_MIN = 12 };

static bool
read_u32(int fd, off_t at, uint32_t *out)
{
	uint8_t bytes[4];
	struct rd rd;

	if (at < 0 || pread(fd, bytes, sizeof(bytes), at) != sizeof(bytes))
		return false;
	rd_init(&rd, bytes, sizeof(bytes));
	*out = rd_be32(&rd);
	return true;
}

/* A block's length stands at its end, and where the block begins once more. */
static bool
is_block_end(int fd, off_t end, uint32_t len)
{
	uint32_t head;

	return len >= BLOCK_MIN && len % 4 == 0 && len <= end &&
	       read_u32(fd, end - len + 4, &head) &&
	       (head == len || head == __builtin_bswap32(len));
}

/* A new section after half a block could not be read. */
static const char *
content_why(int fd, off_t size)
{
	uint32_t word;

	if (!read_u32(fd, 0, &word) || word != PCAPNG_MAGIC)
		return "it exists and is no pcapng file";
	if (!read_u32(fd, size - 4, &word) ||
	    (!is_block_end(fd, size, word) &&
		!is_block_end(fd, size, __builtin_bswap32(word))))
		return "it exists and does not end with a whole block";
	return NULL;
}

/*
 * In a folder that others may write to, somebody might have put a file of his
 * own there to read along.
 */
static const char *
file_why(int fd, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "it is not a regular file";
	if (st->st_uid != geteuid())
		return "it exists and belongs to another user";
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return "somebody else writes to it";
	return NULL;
}

/* NULL: nothing is wrong with it, and it is locked. */
static const char *
capture_why(int fd, struct stat *out)
{
	const char *why;

	if (fstat(fd, out) < 0)
		return err_text(-errno);
	why = file_why(fd, out);
	if (why != NULL)
		return why;
	/* Its length may have changed until it was locked. */
	if (fstat(fd, out) < 0)
		return err_text(-errno);
	if (out->st_size > 0)
		why = content_why(fd, out->st_size);
	if (why == NULL && (out->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		why = "others may read it; chmod 600 mends that";
	return why;
}

int
capture_open(struct capture *capture, const char *path, const char **out_why)
{
	struct stat st;
	int rc;
	int fd;

	fd = open(path,
	    O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY |
		O_NONBLOCK,
	    CAPTURE_MODE);
	if (fd < 0) {
		rc = -errno;
		*out_why =
		    rc == -ELOOP ? "it is a symbolic link" : err_text(rc);
		return rc;
	}
	*out_why = capture_why(fd, &st);
	if (*out_why != NULL) {
		close(fd);
		return -EINVAL;
	}
	capture->fd = fd;
	capture->end = st.st_size;
	return 0;
}

int
capture_write(struct capture *capture, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t left = len;
	ssize_t n;
	int rc;

	while (left > 0) {
		n = write(capture->fd, p, left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			rc = n < 0 ? -errno : -EIO;
			/* What is cut off would spoil what comes later. */
			(void)!ftruncate(capture->fd, capture->end);
			return rc;
		}
		p += n;
		left -= (size_t)n;
	}
	capture->end += (off_t)len;
	return 0;
}

void
capture_close(struct capture *capture)
{
	if (capture->fd >= 0)
		close(capture->fd);
	capture->fd = -1;
}
