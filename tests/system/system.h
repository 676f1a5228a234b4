/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A system test is a program of Check tests that runs beside a pcscd of its
 * own: its main function (in system.c) starts vscard-run with the driver just
 * built, which starts the program again, and only then the tests run. Each
 * test is a process; what it leaves is gone before the next one begins.
 */
#ifndef TESTS_SYSTEM_H
#define TESTS_SYSTEM_H

#include <check.h>
#include <stdbool.h>

#include "tests/fakes/pcsc_watch.h"

enum { SYSTEM_PATH_MAX = 4096 };

struct system_plan {
	const char *name;
	unsigned slots;  /* 0: without a pcscd */
	const char *set; /* KEY=VALUE for the driver, or NULL */
	bool slow;       /* not in a quick run (VSCARD_TEST_QUICK) */
	bool tcp;        /* the driver listens there, not at a Unix socket */
};

/* Both defined by SYSTEM_SUITE. */
extern const struct system_plan system_plan;
void system_add_tests(TCase *);

/* The program's name, its pcscd, and its tests. */
#define SYSTEM_SUITE(name, slots, set, slow, ...)                              \
	const struct system_plan system_plan = {                               \
	    name, slots, set, slow, false};                                    \
	void system_add_tests(TCase *tcase)                                    \
	{                                                                      \
		const TTest *const tests[] = {__VA_ARGS__};                    \
		size_t i;                                                      \
                                                                               \
		for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)         \
			tcase_add_test(tcase, tests[i]);                       \
	}

/* A text that lives as long as the process, as a test does. */
const char *system_text(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));
/* Where the driver listens. */
const char *system_endpoint(void);
/* A watch over all readers, each of which is detached now. */
struct pcsc_watch *system_watch(void);
/* A new directory for this test's own files; removed at its end. */
const char *system_dir(void);
/* "unix:DIR/name" in system_dir(). */
const char *system_socket(const char *name);
/* The program built as path, e.g. "vscclient/vscclient". */
const char *system_program(const char *path);
/* "nss:db=…,certs=…": a card of libcacard, its PIN is 12345678. */
const char *system_nss_card(void);
/* A process id: of the private pcscd. */
int system_pcscd(void);
/* Process id: who listens at this socket. */
int system_listener(const char *path);
/* How many descriptors that process holds. */
unsigned system_open_files(int pid);

#endif
