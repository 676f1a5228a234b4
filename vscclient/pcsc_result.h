/* SPDX-License-Identifier: BSD-2-Clause */
/* What a result of PC/SC means to us. */
#ifndef VSCCLIENT_PCSC_RESULT_H
#define VSCCLIENT_PCSC_RESULT_H

#include <winscard.h>

#include "util/err.h"
#include "vscard/vscard.h"

/*
 * -ENOMEDIUM: no card, or no reader; -ENOTSUP: not in this protocol; -EACCES:
 * others use it; -EMSGSIZE; -ENOMEM; -EIO for all that is not expected, a
 * pcscd that has gone among it.
 */
int pcsc_err(LONG) MUST_CHECK;
enum vscard_status pcsc_status(LONG);

#endif
