/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What pcscd, the driver and vscard-run said while the program's tests ran.
 * Lines about a peer carry its process id, and every test is a process.
 */
#ifndef TESTS_SYSTEM_LOG_H
#define TESTS_SYSTEM_LOG_H

/* The file, in VSCARD_TEST_DIR. */
const char *system_log_path(void);
/* Waits until the log has this text at least n times. */
void system_log_wait_at(const char *here, const char *text, unsigned n);
/* How often the text is in the log now. */
unsigned system_log_count(const char *text);
/* "pid N, user U" of this process, as the driver names its peers. */
const char *system_log_self(void);
/* Prints the end of it, as TAP comments. */
void system_log_show(void);

#define system_log_wait(text, n) system_log_wait_at(HERE, text, n)

#endif
