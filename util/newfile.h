/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that come to be as a whole or not at all. */
#ifndef VSCARD_UTIL_NEWFILE_H
#define VSCARD_UTIL_NEWFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "util/err.h"

/*
 * Makes the file, with this mode whatever the umask is; all of it or none, and
 * it is on the disk. path: with a slash in it. -EEXIST: there is something of
 * this name, and it is not to be replaced. If it was replaced and an error
 * comes all the same, the new one is there, but may not outlive a power cut.
 */
int newfile_make(const char *path, mode_t mode, const void *, size_t len,
    bool replace) MUST_CHECK;
/* Which names there are in the directory of path is on the disk. */
int newfile_sync_dir(const char *path) MUST_CHECK;

#endif
