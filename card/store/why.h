/* SPDX-License-Identifier: BSD-2-Clause */
/* The line for the user; nobody outside of card/store includes this. */
#ifndef VSCARD_CARD_STORE_WHY_H
#define VSCARD_CARD_STORE_WHY_H

#include "card/store/store.h"

/* Writes the line, unless why is NULL or rc is no error. Returns rc. */
int
why_set(struct store_why *why, int rc, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
