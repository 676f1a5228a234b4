/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a process gives up, for good, before it hears anything from outside.
 *
 * The network process has the network and no keys: it reads what resolving a
 * name needs, writes no file, starts no process, but threads. The card process
 * has the keys and no network: no socket but Unix ones, and no file but its own
 * and the system's; where the card is our own code, no socket at all. Neither
 * leaves a core, nor can another process look into it.
 */
#ifndef VSCCLIENT_SANDBOX_H
#define VSCCLIENT_SANDBOX_H

#include <stdbool.h>

#include "util/err.h"

enum sandbox_kind {
	SANDBOX_NETWORK,
	SANDBOX_PCSC, /* a card process that talks to pcscd */
	SANDBOX_PCSC_ELSEWHERE, /* and to one that is not the system's */
	SANDBOX_NSS,  /* one that has a database */
	SANDBOX_KEY,  /* one that is a security key itself */
	SANDBOX_EXEC  /* one that becomes somebody else's program */
};

/*
 * dir: SANDBOX_NETWORK: where its listening socket's file lies, or NULL;
 * SANDBOX_NSS: the database, or NULL for tokens that may be anywhere, and then
 * files are not restricted and helpers can be started;
 * SANDBOX_KEY: the key file's, or NULL if there is none;
 * SANDBOX_PCSC_ELSEWHERE: files are not restricted, because with landlock no
 * way leads through /proc/PID/root into another mount namespace; SANDBOX_EXEC:
 * means nothing, for what the program needs nobody knows, so files, the network
 * and processes that it starts are its own affair. A kernel without landlock
 * leaves files as they are. In a build with sanitizers, which need all that is
 * forbidden here, only cores are switched off.
 */
int sandbox_enter(enum sandbox_kind, const char *dir) MUST_CHECK;

#endif
