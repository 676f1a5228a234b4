/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libcacard's option string for a set of certificates. Its grammar has no
 * escapes, and a string that it misreads aborts the process or falls back to
 * other cards than the user asked for; so what it cannot carry is refused.
 */
#ifndef VSCCLIENT_NSS_ARGS_H
#define VSCCLIENT_NSS_ARGS_H

#include "util/err.h"
#include "vscclient/cardspec.h"

/*
 * Heap text, to be freed. -EINVAL writes into why (REFUSE_MAX bytes)
 * which word cannot be carried. -ENOMEM.
 */
int nss_args_new(const struct cardspec_nss *, char **out_args, char *why)
    MUST_CHECK;

/*
 * Which of the soft readers libcacard calls by this name, or -ENOENT: none, so
 * it is one of hardware.
 */
int nss_args_find(const struct cardspec_nss *, const char *name) MUST_CHECK;

#endif
