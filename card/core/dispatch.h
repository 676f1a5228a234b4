/* SPDX-License-Identifier: BSD-2-Clause */
/* A command against a table of instructions: the order of status words. */
#ifndef VSCARD_CARD_CORE_DISPATCH_H
#define VSCARD_CARD_CORE_DISPATCH_H

#include "card/core/app.h"

/* What to say to a class that nobody knows: 6E00, 6881 or 6882. */
sw_t dispatch_class(uint8_t cla);
/*
 * 9000 and the row that the command belongs to, or the first thing that is
 * wrong with it in the order of app.h. is_part: it is not complete yet (len is
 * what there is so far), so it may be too long but not too short, and security
 * is asked when it is.
 */
sw_t dispatch_find(const struct app_ops *, const void *app, const struct apdu *,
    bool is_part, const struct app_ins **out_row);

#endif
