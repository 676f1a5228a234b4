/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The relay between two real sessions: a card process and a network host, both
 * played here, in one loop with it.
 */
#ifndef TESTS_RELAY_BENCH_H
#define TESTS_RELAY_BENCH_H

#include "vscclient/relay.h"

enum { BENCH_LINE_MAX = 160, BENCH_LINES_MAX = 64 };

struct bench {
	struct loop *loop;
	struct relay relay;
	struct link card;      /* ours, towards the card process */
	struct link net;       /* ours, towards the host */
	struct link card_peer; /* the card process */
	struct link net_peer;  /* the host */
	struct vscard_limits card_limits;
	struct vscard_limits net_limits;
	struct loop_timer failsafe;
	char lines[BENCH_LINES_MAX][BENCH_LINE_MAX]; /* what the two players saw */
	int count;
	int taken;        /* lines that bench_want has passed */
	const char *want; /* stop at this line */
	uint8_t data[VSCARD_APDU_MAX]; /* of the last APDU seen */
	size_t len;
	unsigned reader; /* the card process's own */
};

/*
 * Waits for the next line with these words; those before it must not have
 * `never`.
 */
void bench_want_before(struct bench *, const char *words, const char *never);
void bench_want(struct bench *, const char *words);

/* Connected on both sides. */
struct bench *bench_new(uint32_t card_caps, uint32_t net_caps);
/* And with a card whose ATR is 3B021450. */
struct bench *bench_with_card(uint32_t card_caps, uint32_t net_caps);
void bench_free(struct bench *);
/* The host leaves, and another one is there. */
void bench_disconnect(struct bench *);
void bench_connect(struct bench *);

/* What the players do. */
void card_add(struct bench *, const char *name);
void card_insert(struct bench *, const uint8_t *a, size_t len);
void card_answer(struct bench *, const uint8_t *data, size_t len);
void card_answer_power(struct bench *, const uint8_t *a, size_t len);
void card_refuse_power(struct bench *, enum vscard_status);
int host_send(struct bench *, const uint8_t *data, size_t len);
int host_power(struct bench *, enum vscard_power power);

#endif
