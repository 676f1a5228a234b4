/* SPDX-License-Identifier: BSD-2-Clause */
/* A child with a terminal of its own, at which the test sits. */
#ifndef TESTS_DESK_H
#define TESTS_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct desk {
	int tty;      /* our side */
	int host;     /* the other end of what the child has as its host */
	pid_t pid;
	size_t len;
	char seen[8192]; /* what was shown, a string */
};

/* The child runs child(arg, host) and ends with what that returns. */
void desk_init(struct desk *, int (*child)(void *arg, int host), void *arg);
/* Closes our end of host. */
void desk_leave(struct desk *);
/* Reads on until the terminal has shown it, after what was awaited before. */
void desk_await(struct desk *, const char *text);
void desk_type(const struct desk *, const char *text);
bool desk_echoes(const struct desk *);
/*
 * Waits for its end, with the terminal as it was, and reads what is left to be
 * read: its status, as of wait.
 */
int desk_end(struct desk *);

#endif
