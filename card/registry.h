/* SPDX-License-Identifier: BSD-2-Clause */
/* Every application that a security key has; nobody else knows them all. */
#ifndef VSCARD_CARD_REGISTRY_H
#define VSCARD_CARD_REGISTRY_H

#include "card/core/app.h"
#include "card/core/card.h"

/*
 * Writes the first records of the card and of every application: all of them
 * or none. name may be "". Records that are there are dropped.
 */
int registry_format(struct env *, const char *name) MUST_CHECK;
/* card_new with every application. */
int registry_card(struct env *, struct card **out) MUST_CHECK;

#endif
