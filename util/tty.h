/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Questions to the person at the terminal, wherever stdin and stdout lead. One
 * process of a terminal asks at a time, the others wait for their turn.
 */
#ifndef VSCARD_UTIL_TTY_H
#define VSCARD_UTIL_TTY_H

#include <stdbool.h>

#include "util/buf.h"

enum { TTY_LINE_MAX = 1024 };

struct tty {
	int fd;
	int host; /* its end is a reason to give up; -1: none */
};

/* -ENOTTY: there is none, or this process is not in its foreground. */
int tty_init(struct tty *, int host) MUST_CHECK;
void tty_clear(struct tty *);

/*
 * Appends the line that is typed as the answer, without its end; it is not
 * shown. -ECANCELED: end of input, a signal, or the host's end. -EMSGSIZE: over
 * TTY_LINE_MAX.
 *
 * Signals that would end the process stay blocked, here and below, so that it
 * can clean up: the caller then gives the mask back as it was.
 */
int
tty_ask_secret(struct tty *, const char *question, struct buf *out) MUST_CHECK;
/* 1 for yes, 0 for anything else; errors as above. */
int tty_confirm(struct tty *, const char *question) MUST_CHECK;

#endif
