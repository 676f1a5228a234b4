/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a card gets from outside: its store, random numbers, the time, and
 * somebody who touches it. Tests inject their own.
 */
#ifndef VSCARD_CARD_CORE_ENV_H
#define VSCARD_CARD_CORE_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "card/store/store.h"
#include "util/err.h"

struct env_ops {
	/* 0 or -EIO. */
	int (*random)(void *ctx, void *out, size_t len);
	/* Monotonic milliseconds. */
	int64_t (*now)(void *ctx);
	/* Seconds since 1970. */
	int64_t (*wall)(void *ctx);
	/*
	 * Is somebody there who wants `what` ("PIV slot 9a: sign")? 1 or 0; may
	 * block as long as the person takes.
	 */
	int (*touch)(void *ctx, const char *what);
};

struct env {
	struct store *store; /* borrowed */
	const struct env_ops *ops;
	void *ctx;
	/*
	 * Set when random numbers or libcrypto failed: the card answers nothing
	 * any more, because whatever it did might be guessed.
	 */
	bool stopped;
	/* Of all applications of the card; set by card_new. */
	uint16_t capabilities;
};

/* As the ops; a failure stops the card. */
int env_random(struct env *, void *out, size_t len) MUST_CHECK;
/* For who has seen libcrypto fail. */
void env_stop(struct env *);

#endif
