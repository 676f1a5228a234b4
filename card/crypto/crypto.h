/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this room share; nobody else includes it. */
#ifndef VSCARD_CARD_CRYPTO_CRYPTO_H
#define VSCARD_CARD_CRYPTO_CRYPTO_H

#include "util/err.h"

/*
 * After a call into libcrypto that failed: -ENOMEM if that was the reason,
 * -EIO otherwise. Empties the thread's queue of errors.
 */
int crypto_failure(void) MUST_CHECK;
/* Empties the queue and returns rc. */
int crypto_refuse(int rc) MUST_CHECK;

#endif
