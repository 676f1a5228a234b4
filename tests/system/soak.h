/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The soak: eight applications, each a process that sends commands to a reader
 * of its own; the process of the cards, which come, go, change places and lose
 * their connections; and the test, which restarts pcscd, kills applications
 * and watches. All they know of each other is in one shared `struct soak`.
 *
 * Every command and response is a function of who sends it and its number, to
 * the last byte, so each end can tell whether it got what the other one sent
 * now, and not something else, earlier, later or cut.
 */
#ifndef TESTS_SYSTEM_SOAK_H
#define TESTS_SYSTEM_SOAK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SOAK_READERS = 8, /* and as many cards */
	SOAK_ROOM = 65538,
	SOAK_WHY = 256
};

struct soak_app {
	atomic_uint number;   /* of its last command */
	atomic_uint answered; /* commands that were acknowledged */
	atomic_uint failed;   /* and that were not, each with a cause */
	atomic_uint handles;  /* connections to the reader */
	atomic_uint strays;   /* killed in a command that may still be done */
	atomic_uint resets;   /* that pcscd may owe the card, being killed */
	atomic_ulong bytes;   /* of what was acknowledged, both ways */
	atomic_long connected; /* SCardConnect's last code */
};

struct soak {
	/* Set before the processes start. */
	uint64_t seed;
	const char *endpoint;
	int64_t period; /* ns between commands of an application, or 0 */
	int64_t began;  /* ns */
	int trouble_ms; /* between incidents, on average */
	unsigned slow;  /* of 100 commands, those whose answers take a while */
	unsigned slow_ms; /* at most */
	bool nuisance;    /* applications cancel what cannot be cancelled */

	struct soak_app apps[SOAK_READERS];
	/* By card: how often it was put in, and in the lowest bit: it is. */
	atomic_uint cards[SOAK_READERS];
	atomic_uint ready;     /* cards that the host has taken */
	atomic_uint incidents; /* that the cards' process has made */
	atomic_uint refusals;  /* a card came before its old reader was free */
	atomic_uint host;      /* odd: pcscd is being restarted */
	atomic_bool calm;      /* no incidents any more */
	atomic_bool stop;      /* applications end */
	atomic_bool broken;    /* `why` is being written: all end */
	char why[SOAK_WHY];
};

/* What is wrong, once and for all: the first one counts. */
void soak_fail(struct soak *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The processes; each ends with its parent. */
void soak_cards_main(struct soak *) __attribute__((noreturn));
void soak_app_main(struct soak *, unsigned app) __attribute__((noreturn));

/* --- numbers ---------------------------------------------------------- */

struct soak_dice {
	uint64_t state; /* not 0 */
};

uint64_t soak_roll(struct soak_dice *);
/* From 0 to below - 1. */
unsigned soak_draw(struct soak_dice *, unsigned below);

/* --- what is said ----------------------------------------------------- */

/* What stands in a response besides what answers the command. */
struct soak_card {
	unsigned card;
	unsigned generation; /* how often it was put in */
	unsigned count;      /* of commands since then */
	bool big;            /* it takes more than 270 bytes */
};

/* From 5 bytes to what such a card takes. Returns the length. */
size_t soak_command(
    const struct soak *, unsigned app, unsigned number, bool big, uint8_t *out);
/* False if this is no command of ours, or not whole. */
bool soak_is_command(const struct soak *, const uint8_t *, size_t len,
    unsigned *out_app, unsigned *out_number);
/* The response, with 90 00. Returns the length. */
size_t soak_response(const struct soak *, unsigned app, unsigned number,
    const struct soak_card *, uint8_t *out);
/* False if this is no answer to that command, or not whole. */
bool soak_is_response(const struct soak *, unsigned app, unsigned number,
    const uint8_t *, size_t len, struct soak_card *out);

#endif
