/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process uses, of all its threads: so far, and now. */
#ifndef TESTS_SYSTEM_USAGE_H
#define TESTS_SYSTEM_USAGE_H

/* The number behind a word that begins a line of /proc/PID/FILE. */
unsigned long usage_field(int pid, const char *file, const char *word);

/* Processor time, in clock ticks (_SC_CLK_TCK). */
unsigned long usage_ticks(int pid);
/* How often threads of it went to sleep, or were put there. */
unsigned long usage_switches(int pid);

/*
 * What it holds now: memory that is its own and has been written to, in KiB.
 * What it shares would count for more as soon as another process ends.
 */
unsigned long usage_memory(int pid);
/* The most that it ever had in memory, with what it shares. */
unsigned long usage_peak(int pid);
unsigned usage_threads(int pid);

#endif
