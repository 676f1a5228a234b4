/* SPDX-License-Identifier: BSD-2-Clause */
/* A question to the driver, over its control socket. */
#ifndef CTL_ASK_H
#define CTL_ASK_H

#include <stddef.h>
#include <sys/types.h>

#include "util/record.h"

enum { ASK_VERSION_MAX = 32, ASK_WHY_MAX = 256 };

struct ask {
	int fd;                        /* -1: closed */
	unsigned long pid;             /* of pcscd, as it says itself */
	char version[ASK_VERSION_MAX]; /* of the driver */
	char why[ASK_WHY_MAX];         /* what went wrong, for the user */
	/* private */
	size_t head, tail;
	char room[2 * RECORD_MAX];
};

/*
 * Connects and says the request; ask_close afterwards, on failure too.
 * -ENOENT, -ECONNREFUSED: no driver; -EACCES; -ETIMEDOUT; -EPROTO: it is no
 * driver, or one of another time. out->why tells it all.
 */
int
ask_open(struct ask *out, const char *socket, struct record_line *) MUST_CHECK;
/* The same for a request of one word. */
int
ask_open_word(struct ask *out, const char *socket, const char *word) MUST_CHECK;
/*
 * The next record of the answer, lent until the next call: 1; 0: that was all;
 * the driver's error (its code), or as above.
 */
int ask_next(struct ask *, struct record *out) MUST_CHECK;
/* From now on it may take as long as it likes. */
void ask_be_patient(struct ask *);
void ask_close(struct ask *);

#endif
