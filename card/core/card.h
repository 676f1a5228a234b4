/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A card: applications over one store. Any number of them in a process; each
 * is used by one thread at a time. No I/O but the store's.
 */
#ifndef VSCARD_CARD_CORE_CARD_H
#define VSCARD_CARD_CORE_CARD_H

#include "card/core/app.h"

enum { CARD_ATR_MAX = 33 };

struct card;

/*
 * Opens all applications; borrows apps and env (which must not be copied or
 * moved) until card_free. The card is as after power-up. -ENOMEM, -EBADMSG, and
 * what the store says.
 */
int card_new(const struct app_ops *const *apps, size_t count, struct env *,
    struct card **out) MUST_CHECK;
/* NULL is taken. */
void card_free(struct card *);

/*
 * Power up or reset: the session ends, nothing is selected. The ATR is lent
 * and says T=1, command chaining and extended length.
 */
void card_reset(struct card *, const uint8_t **out_atr, size_t *out_len);
/* Secrets and loaded keys are wiped. */
void card_power_down(struct card *);

/*
 * One command and its response with the status word. response holds cap bytes,
 * at least 258; what does not fit is fetched with GET RESPONSE. -EIO: the card
 * has stopped (env.h).
 */
int card_transmit(struct card *, const uint8_t *command, size_t len,
    uint8_t *response, size_t cap, size_t *out_len) MUST_CHECK;

#endif
