/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options -e and -c of libcacard's vscclient, read with a parser of our
 * own, since libcacard's drops, swallows or dies of what it does not expect.
 *
 *	args = { blank | "," | item }
 *	item = db="PATH" | use_hw=WORD | hw_type=WORD | hw_params=WORD |
 *	       nssemul | passthru | soft=(SLOT,NAME,CAC,PARAMS,CERT{,CERT})
 *
 * What libcacard takes means the same here; what it misreads means what was
 * written, or is refused.
 */
#ifndef VSCCLIENT_EMUL_H
#define VSCCLIENT_EMUL_H

#include "vscclient/cardspec.h"

/*
 * args is NULL without -e; names are those of -c, the certificates of one more
 * soft reader, and are borrowed. -EINVAL writes one line into why, which holds
 * REFUSE_MAX bytes. -ENOMEM. Cleared with cardspec_clear.
 */
int emul_init(struct cardspec *, const char *args, const char *const names[],
    size_t name_count, char *why) MUST_CHECK;

#endif
