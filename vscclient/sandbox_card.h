/* SPDX-License-Identifier: BSD-2-Clause */
/* Which sandbox a card gets. */
#ifndef VSCCLIENT_SANDBOX_CARD_H
#define VSCCLIENT_SANDBOX_CARD_H

#include "vscclient/cardspec.h"

int sandbox_card_enter(const struct cardspec *) MUST_CHECK;

#endif
