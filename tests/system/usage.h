/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process has used so far, of all its threads. */
#ifndef TESTS_SYSTEM_USAGE_H
#define TESTS_SYSTEM_USAGE_H

/* Processor time, in clock ticks (_SC_CLK_TCK). */
unsigned long usage_ticks(int pid);
/* How often threads of it went to sleep, or were put there. */
unsigned long usage_switches(int pid);

#endif
