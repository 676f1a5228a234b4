/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The application that tells ykman and GnuPG which card this is: version,
 * serial number, what it can do. Read-only.
 */
#ifndef VSCARD_CARD_MANAGEMENT_MANAGEMENT_H
#define VSCARD_CARD_MANAGEMENT_MANAGEMENT_H

#include "card/core/app.h"

extern const struct app_ops management_app;

#endif
