/* SPDX-License-Identifier: BSD-2-Clause */
/* A child program with one end of a socketpair as its descriptor 3. */
#ifndef VSCARD_NET_SPAWN_H
#define VSCARD_NET_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "util/err.h"

enum {
	SPAWN_FD = 3,
	SPAWN_EXEC_MS = 5000 /* so long may it take until it is executed */
};

struct spawn {
	pid_t pid;
	int fd; /* our end: a stream (stream_setup), the owner's to close */
};

/*
 * Runs argv (path in argv[0], no PATH search unless it has no slash) with
 * signals at their defaults, stdin from /dev/null, SPAWN_FD the other end and
 * every other descriptor but stdout and stderr closed. The kernel kills it
 * when the thread that called this ends, and so at the latest with the process:
 * call it on a thread that lives long enough. -ENOENT, -EACCES …: it could not
 * be executed; then nothing is left running. -ETIMEDOUT: not in time, as when
 * somebody stops it before; then it has been killed.
 */
int spawn_start(char *const argv[], struct spawn *out) MUST_CHECK;

/* Whom a child becomes, for good. */
struct spawn_user {
	uid_t uid;
	gid_t gid;
	const gid_t *groups; /* all that it is a member of */
	size_t groups_len;
};

/* How a child differs from this process. */
struct spawn_as {
	char *const *env; /* NULL: it has the same environment */
	int err; /* what becomes its stdout and stderr; the owner's to close */
	const struct spawn_user *user; /* NULL: it is the same user */
	int patience; /* instead of SPAWN_EXEC_MS, in ms; 0: that */
};

/* As spawn_start; -EPERM if this process may not become that user. */
int spawn_start_as(char *const argv[], const struct spawn_as *,
    struct spawn *out) MUST_CHECK;

/*
 * The process becomes that program, with fd, made blocking, as SPAWN_FD and
 * signals as they are. Found as above. Returns only on failure.
 */
int spawn_replace(char *const argv[], int fd) MUST_CHECK;

/*
 * The same for a program that passes on what comes at its stdin: the other end
 * is its stdin and stdout, and what it writes to stderr is read from *out_err,
 * a blocking pipe, the owner's to close. Ctrl-C and the end of the terminal do
 * not reach it, for what it carries is not over then.
 */
int spawn_filter(char *const argv[], struct spawn *out, int *out_err)
    MUST_CHECK;

/*
 * One of the two for the parent of this process, whose child it becomes: only
 * that one can wait for it. out->pid is set on failure too, if there is then
 * somebody to be waited for; what is not there is -1.
 */
int spawn_sibling(char *const argv[], bool filter, struct spawn *out,
    int *out_err) MUST_CHECK;

#endif
