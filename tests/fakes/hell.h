/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Peers from hell: each attack is a row, and an attacker does one of them
 * over and over on a thread of its own until it is told to stop.
 */
#ifndef TESTS_FAKES_HELL_H
#define TESTS_FAKES_HELL_H

#include <pthread.h>
#include <stdbool.h>

enum { HELL_FDS = 64 };

struct hell_attack;

struct hell {
	const struct hell_attack *attack;
	const char *endpoint;
	/* the attacker's */
	int fds[HELL_FDS]; /* connections that are kept, or -1 */
	unsigned round;
	pthread_t thread;
	/* atomic */
	bool stop;
	unsigned rounds; /* done so far */
};

struct hell_attack {
	const char *name;
	/* Once, in front of all; or NULL. */
	void (*begin)(struct hell *);
	/* Again and again. */
	void (*act)(struct hell *);
	/* So often at least, however long that takes. */
	unsigned least;
};

extern const struct hell_attack hell_attacks[];
extern const unsigned hell_attacks_len;

/* The other role: hosts, for a client that listens with a card. */
extern const struct hell_attack hell_hosts[];
extern const unsigned hell_hosts_len;

/* All are, or the one that VSCARD_HELL_ONLY names. */
bool hell_is_wanted(const struct hell_attack *);
/* Whom it is for is at the endpoint, which must live as long. */
void
hell_start(struct hell *, const struct hell_attack *, const char *endpoint);
/* How often it was done so far. */
unsigned hell_rounds(const struct hell *);
/* It ends soon. */
void hell_halt(struct hell *);
/*
 * Waits for the round in hand, and for as many as there have to be, and closes
 * whatever is open.
 */
void hell_stop(struct hell *);

/* For attacks: closes with a reset, if *fd is not -1. */
void hell_tear(int *fd);
/* The time before the next byte: VSCARD_HELL_DRIP_MS. */
void hell_drip(void);

#endif
