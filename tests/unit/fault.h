/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that fail on order. A test program is linked with -Wl,--wrap=NAME for
 * each call that it names with FAULT_CALL; fault_calls.c and fault_memory.c
 * name all that the programs of vscard make (their flags are in local.mk).
 *
 * Orders and counts are shared with the processes that are forked afterwards.
 */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

#include <check.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

enum { FAULT_SHORT = 0 }; /* for an errno: a read or write of one byte */

/* The nth call of that name from now on fails, once (1: the next one). */
void fault_set(const char *call, int nth, int err);
/* Whether the fault has come; forgets it. */
bool fault_take(void);
/* In a sweep: whether it has come, and was a call of that name. */
bool fault_was(const char *call);
/* How many calls of that name there were since fault_set. */
unsigned fault_count(void);
/* For fault_set: only to be counted. */
enum { FAULT_NEVER = INT_MAX };
/* Whether this call has to fail; errno is set then, or FAULT_SHORT. */
bool fault_hits(const char *call);

/*
 * Whether what this thread calls is the test's own, and neither counts nor
 * fails. Returns what was so before.
 */
bool fault_spare(bool spare);

/* A call into what is tested, from a thread that is spared. */
#define FAULT_IN(call)                             \
	({                                         \
		bool spared_ = fault_spare(false); \
		__typeof__(call) in_ = (call);     \
		fault_spare(spared_);              \
		in_;                               \
	})

/* --- the n-th of all -------------------------------------------------- */

struct fault_way {
	const char *call;
	int err;
};

/*
 * The scene with the 1st, 2nd, … call failing in each of the ways, until it
 * runs without one; in quick mode, and where every is more than 1, not every
 * one. After each no descriptor and no thread is left. Returns how many such
 * calls there are, those left out as well.
 * VSCARD_TEST_FAULTS in the environment: says which one is next.
 */
unsigned fault_sweep(const struct fault_way *ways, size_t len, unsigned every,
    void (*scene)(void *arg), void *arg);
/*
 * What can befall who has a loop (net/loop.h) and talks on a stream. For some
 * of them: the loop's own come first.
 */
enum { FAULT_LOOP_WAYS = 4, FAULT_TALK_WAYS = 14 };
extern const struct fault_way fault_talk_ways[FAULT_TALK_WAYS];
/*
 * Adds a case with these tests, NULL behind the last, each in the fixture's
 * scene and with the time that a sweep may take.
 */
void fault_case_add(Suite *, const char *name, void (*setup)(void),
    void (*teardown)(void), const TTest *const tests[]);

/* How many threads this process has. */
int fault_threads(void);
/* After a failed test: says which fault it was, if there was one. */
void fault_tell(void);
/* In quick mode (valgrind) seven times n. */
unsigned fault_every(unsigned n);

/* --- the wrappers ----------------------------------------------------- */

/* NAME fails with -1 and the errno ordered, or does what it does. */
#define FAULT_CALL(name, params, args)                              \
	int __real_##name params;                                   \
	int __wrap_##name params;                                   \
	int __wrap_##name params                                    \
	{                                                           \
		return fault_hits(#name) ? -1 : __real_##name args; \
	}

/* The same for calls that return a count; len is the count's ceiling. */
#define FAULT_COUNT_CALL(name, params, args)                  \
	ssize_t __real_##name params;                         \
	ssize_t __wrap_##name params;                         \
	ssize_t __wrap_##name params                          \
	{                                                     \
		if (fault_hits(#name)) {                      \
			if (errno != FAULT_SHORT || len == 0) \
				return -1;                    \
			len = 1;                              \
		}                                             \
		return __real_##name args;                    \
	}

/* The same for calls that return the error. */
#define FAULT_CODE_CALL(name, params, args)                            \
	int __real_##name params;                                      \
	int __wrap_##name params;                                      \
	int __wrap_##name params                                       \
	{                                                              \
		return fault_hits(#name) ? errno : __real_##name args; \
	}

/* What takes memory counts as "malloc", whatever its name, and gives NULL. */
#define FAULT_MEMORY_CALL(name, params, args)                            \
	void *__real_##name params;                                      \
	void *__wrap_##name params;                                      \
	void *__wrap_##name params                                       \
	{                                                                \
		return fault_hits("malloc") ? NULL : __real_##name args; \
	}

#endif
