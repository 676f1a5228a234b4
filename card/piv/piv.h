/* SPDX-License-Identifier: BSD-2-Clause */
/* The PIV application: SP 800-73-4 part 2, with the instructions that
 * YubiKeys added. */
#ifndef VSCARD_CARD_PIV_PIV_H
#define VSCARD_CARD_PIV_PIV_H

#include "card/core/app.h"

extern const struct app_ops piv_app;

#endif
