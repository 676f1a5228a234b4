/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pcapng file on disk that grows at its end, by whole blocks. Nothing that
 * is there already is ever lost: an existing file has to be a pcapng file of
 * the same user, and gets a new section.
 */
#ifndef VSCARD_TRACE_CAPTURE_H
#define VSCARD_TRACE_CAPTURE_H

#include <sys/types.h>

#include "util/err.h"

struct capture {
	int fd;
	off_t end; /* of the last whole write */
};

/*
 * Opens or makes the regular file, with mode 0600, and locks it against
 * other writers. Otherwise a negative errno, and *out_why says what is wrong
 * (a static text).
 */
int capture_open(
    struct capture *, const char *path, const char **out_why) MUST_CHECK;
/* All of it or nothing, which is as far as the disk allows. */
int capture_write(struct capture *, const void *, size_t len) MUST_CHECK;
/* May be called twice. */
void capture_close(struct capture *);

#endif
