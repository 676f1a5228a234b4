/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a passphrase comes from: the first line of a file or a descriptor, or
 * the person at the terminal.
 */
#ifndef VSCARD_UTIL_PASSPHRASE_H
#define VSCARD_UTIL_PASSPHRASE_H

#include "util/tty.h"

enum { PASSPHRASE_MAX = TTY_LINE_MAX };

struct passphrase {
	int fd;           /* read from there; -1: asked at the terminal */
	const char *what; /* the file it is for, in the question */
	struct tty tty;
	bool has_tty;
};

/*
 * path NULL: asked when it is wanted. Opens what will be needed, now, before
 * the process gives up the right to. Borrows what. An errno of open; -EPERM: a
 * file that others than its owner and group can read, or than its owner write.
 */
int passphrase_init(struct passphrase *, const char *path, const char *what,
    int host) MUST_CHECK;
/* Adopts a descriptor instead. */
void passphrase_init_fd(struct passphrase *, int fd, const char *what);
void passphrase_clear(struct passphrase *);

/* What is wrong, in words for errors of the calls below. */
const char *passphrase_why(int rc);

/* Nobody can be asked, and nothing be read. */
bool passphrase_is_none(const struct passphrase *);
/*
 * These leave signals blocked as tty_ask_secret does.
 *
 * Appends it, without a NUL. -ENOTTY: nobody can be asked. -EINVAL: it is
 * empty, or has a NUL. -EMSGSIZE: over PASSPHRASE_MAX. -ECANCELED.
 */
int passphrase_get(struct passphrase *, struct buf *out) MUST_CHECK;
/* The same for a new one, which a person types twice. -EKEYREJECTED: they differ. */
int passphrase_get_new(struct passphrase *, struct buf *out) MUST_CHECK;

#endif
