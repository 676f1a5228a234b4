/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process of the supervisor's. The kernel kills it when the supervisor
 * dies. SIGCHLD must be blocked in the caller.
 */
#ifndef VSCARD_RUN_CHILD_H
#define VSCARD_RUN_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/err.h"

struct child_plan {
	char *const *argv;    /* PATH is searched if argv[0] has no slash */
	const char *env;      /* one more NAME=VALUE, or NULL */
	int out;              /* its stdout and stderr; -1: the caller's */
	bool apart;           /* a daemon: a session of its own, default
	                       * signals, no input, no other descriptor */
	pid_t group;          /* process group to join; 0: the caller's */
	const sigset_t *mask; /* its signal mask */
};

/*
 * Starts it. What cannot be executed says so on its stderr and exits with 126
 * or, if there is no such program, 127.
 */
int child_start(const struct child_plan *, pid_t *out_pid) MUST_CHECK;
/* A copy of this process: 0 in the copy, 1 here. */
int child_fork(pid_t *out_pid) MUST_CHECK;
/*
 * Waits for it to end. -ETIMEDOUT at the deadline, -ECHILD if it is none.
 */
int child_wait(pid_t, int64_t deadline, int *out_status) MUST_CHECK;
/* The exit status a shell would show: 128+N for signal N. */
int child_exit_status(int status);
/*
 * Kills all children, and theirs as they fall to this process (it must be
 * their subreaper), until none is left. -ETIMEDOUT if some are.
 */
int child_kill_all(int64_t deadline) MUST_CHECK;

#endif
