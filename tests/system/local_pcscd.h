/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A second pcscd beside the test's own: "this machine", whose readers a
 * vscclient forwards to "the host", which is the test's. Its readers are
 * virtual too, and fake_card puts cards into them.
 */
#ifndef TESTS_SYSTEM_LOCAL_PCSCD_H
#define TESTS_SYSTEM_LOCAL_PCSCD_H

#include "tests/fakes/child.h"
#include "tests/fakes/fake_card.h"

enum { LOCAL_PATH_MAX = 256 };

struct local_pcscd {
	struct child run;
	char endpoint[LOCAL_PATH_MAX]; /* where its driver listens */
	char env[LOCAL_PATH_MAX + 32]; /* PCSCLITE_CSOCK_NAME=… for clients */
	char link[LOCAL_PATH_MAX];
};

/* Starts it, with that many readers; again after an end, too. */
void local_pcscd_start(struct local_pcscd *, unsigned slots);
/* Kills all of it, at once. */
void local_pcscd_kill(struct local_pcscd *);

/* vscclient between it and the host: with -v or -q, and a SPEC. */
void local_client_start(struct local_pcscd *, struct child *,
    const char *volume, const char *spec);
/* The card process of that vscclient; waits for it. */
int local_card_process(const struct child *);

/* A PC/SC program of this machine, in a process of its own. */
struct local_app {
	int pid;
	int in;  /* one byte begins it */
	int out; /* what it got, once it is through */
};

struct local_answer {
	long connect; /* LONG of SCardConnect */
	long transmit;
	unsigned char response[2];
};

/* Before the first call of PC/SC in the test: it forks. */
void local_app_init(struct local_app *, struct local_pcscd *);
/* It connects, sends 80040000, and disconnects with this disposition. */
void local_app_begin(struct local_app *, int disposition);
/* It is through already. */
int local_app_is_through(struct local_app *);
struct local_answer local_app_end(struct local_app *);

#endif
