/* SPDX-License-Identifier: BSD-2-Clause */
/* The key file as a file: its name, its permissions, how it comes to be. */
#ifndef VSCARD_CARD_STORE_FILE_H
#define VSCARD_CARD_STORE_FILE_H

#include "card/store/store.h"

/*
 * The one name of a file, to be freed: absolute, without symbolic links. The
 * file itself need not be there; its directory has to.
 */
int
file_name(const char *path, char **out, struct store_why *out_why) MUST_CHECK;
/*
 * A regular file of a size that a key file may have, and nobody else may read
 * or write it; and its journal is good. -ENOENT, -EACCES, -EBADMSG.
 */
int file_check(const char *path, struct store_why *out_why) MUST_CHECK;
/*
 * SQLite believes a journal that lies beside the file, before anything is
 * authenticated. There is none, or it is a file like the above, and it names no
 * other file that SQLite would remove. -EACCES, -EBADMSG.
 */
int file_check_journal(const char *path, struct store_why *out_why) MUST_CHECK;
/* There is nothing of this name; -EEXIST. */
int file_check_new(const char *path, struct store_why *out_why) MUST_CHECK;
/*
 * Makes the file, all of it or none, and it is on the disk. -EEXIST: there is
 * something of this name, and it is not to be replaced.
 */
int file_make(const char *path, const void *, size_t len, bool replace,
    struct store_why *out_why) MUST_CHECK;
/* Removes what SQLite may have left beside the file; gone on the disk too. */
int file_drop_journal(const char *path, struct store_why *out_why) MUST_CHECK;

#endif
