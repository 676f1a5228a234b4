/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What somebody who has taken over a process of vscclient would try next. Each
 * of its threads makes each forbidden call, and what it must not do has to be
 * denied with the sandbox, and possible without. Where no process can be taken
 * over (CAPTIVE_IS_POSSIBLE) only their filters are looked at.
 */
#ifndef TESTS_SYSTEM_ATTACK_H
#define TESTS_SYSTEM_ATTACK_H

#include <stdbool.h>
#include <sys/types.h>

/* Check takes no longer text than 4096. */
enum { ATTACK_WRONG_MAX = 3072 };

/* Who has been taken over. */
enum attack_who {
	ATTACK_NETWORK = 1,
	ATTACK_PCSC = 2,
	ATTACK_CERTS = 4, /* nss, with a database */
	ATTACK_KEY = 8,
	ATTACK_TOKEN = 16, /* nss, with a token of whatever module */
	ATTACK_EXEC = 32
};

struct attack {
	bool sandbox;
	pid_t victim;    /* another process of the same user's */
	const char *own; /* a file that the process may write, or NULL */
	char wrong[ATTACK_WRONG_MAX]; /* a line for each thing that is wrong */
};

/*
 * After memory_enter, and before there are threads. In system_dir() is a secret
 * from then on.
 */
void attack_init(struct attack *, bool sandbox);
void attack_clear(struct attack *);
/* name: of the process in what is said about it. */
void attack_process(
    struct attack *, const char *name, enum attack_who, pid_t process);
/* It has to be closed to who has not the rights of root, with no core left. */
void attack_from_outside(struct attack *, const char *name, pid_t process);

#endif
