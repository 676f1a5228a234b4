/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program under test: started with its output in a pipe, ended for certain
 * (Check kills a test's whole process group). The calls fail the running test
 * as script.h says.
 */
#ifndef TESTS_FAKES_CHILD_H
#define TESTS_FAKES_CHILD_H

#include <sys/types.h>

#include "tests/fakes/script.h"

enum { CHILD_OUTPUT_MAX = 16384 };

struct child {
	pid_t pid;
	int pidfd;
	int out; /* its stdout and stderr, together */
	char text[CHILD_OUTPUT_MAX]; /* read and not dropped */
	size_t len;
};

/* argv[0] is looked for in PATH if it has no slash. */
void child_start_at(const char *here, struct child *, const char *const argv[]);
/* Waits until the output holds this text; what comes before it is dropped. */
void child_says_at(const char *here, struct child *, const char *text);
void child_kill_at(const char *here, struct child *, int sig);
/* Waits for the end; returns the wait status. The output is complete then. */
int child_wait_at(const char *here, struct child *);

#define child_start(child, ...)                                                \
	child_start_at(HERE, child, (const char *const[]){__VA_ARGS__, NULL})
#define child_says(child, text) child_says_at(HERE, child, text)
#define child_kill(child, sig) child_kill_at(HERE, child, sig)
#define child_wait(child) child_wait_at(HERE, child)

#endif
