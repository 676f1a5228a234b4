/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes of this machine, as far as /proc shows them. */
#ifndef CTL_PROCS_H
#define CTL_PROCS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { PROCS_NAME_MAX = 32 };

/* A process of that name, or 0. */
pid_t procs_find(const char *name);
/* Its name, "?" if it cannot be told. Returns out, of PROCS_NAME_MAX bytes. */
char *procs_name(pid_t, char *out);
/*
 * Who listens at the TCP port, on whatever address: false, nobody; else the
 * process, or 0 if it is not ours to see.
 */
bool procs_listener(uint16_t port, pid_t *out);

#endif
