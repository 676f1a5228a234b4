/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread of another process that has been taken over: it makes the system
 * calls that it is told to, under its own name and its own filters, and then
 * goes on as if nothing had been. Nothing is written into its program: the
 * instruction is one that it has. The caller must be allowed to trace it; see
 * memory_enter in memory.h.
 */
#ifndef TESTS_SYSTEM_CAPTIVE_H
#define TESTS_SYSTEM_CAPTIVE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* How that is done differs from processor to processor. */
#if defined(__x86_64__) && !defined(__ILP32__)
#include <sys/user.h>
#define CAPTIVE_IS_POSSIBLE 1
#else
#define CAPTIVE_IS_POSSIBLE 0
struct user_regs_struct;
#endif

enum { CAPTIVE_ARGS = 6, CAPTIVE_ROOM = 4096 };

#if CAPTIVE_IS_POSSIBLE
struct captive {
	pid_t thread;
	struct user_regs_struct was; /* what it goes on with */
	uint64_t instruction;        /* where it has one that calls */
	uint64_t room;               /* memory of its own, for texts */
	size_t used;
};

/* Stops this thread of the process. */
void captive_take(struct captive *, pid_t process, pid_t thread);
/* What the call returns: a negative errno if it fails. */
long
captive_call(struct captive *, long number, const uint64_t args[CAPTIVE_ARGS]);
/* Where its copy is in the process, until captive_forget. */
uint64_t captive_put(struct captive *, const void *, size_t len);
void captive_forget(struct captive *);
/* Lets it go on with what it was doing. */
void captive_release(struct captive *);
#endif

#endif
