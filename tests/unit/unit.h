/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every unit test file is one program: it defines unit_suite, and unit.c has
 * the main function, which runs it and prints TAP. A test that leaves a
 * descriptor open fails.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <check.h>

Suite *unit_suite(void);

Suite *unit_suite_of(const char *name, const TTest *const tests[]);

/* How many descriptors are open. */
int unit_fds(void);
/*
 * For a child that asserts something and will be killed: what it asserts is
 * told to nobody, so that no half a word stands in the file in which Check
 * keeps what the test has told. A failure still ends it.
 */
void unit_child(void);
/* Of this process no child is left, not even a dead one. */
void unit_no_child(void);
/* The same, once those have ended that end by themselves, after ms at most. */
void unit_await_no_child(int ms);

/* Of what goes to the log nothing is seen. */
void unit_hush(void);

/* Defines unit_suite: its name, then the tests. */
#define UNIT_SUITE(name, ...)                                                  \
	Suite *unit_suite(void)                                                \
	{                                                                      \
		const TTest *const tests[] = {__VA_ARGS__, NULL};              \
		return unit_suite_of(name, tests);                             \
	}

#endif
