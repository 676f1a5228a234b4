/* SPDX-License-Identifier: BSD-2-Clause */
/* The certificate in a PIV object, SP 800-73-4 part 1, appendix A. */
#ifndef KEY_CERTIFICATE_H
#define KEY_CERTIFICATE_H

#include "card/iso/tlv.h"
#include "util/buf.h"

/*
 * Appends DER. object: what the object's tag 53 holds. -EPROTO: there is no
 * certificate in it. -ENOMEM: it is more than out takes.
 */
int certificate_get(const struct rd *object, struct buf *out) MUST_CHECK;

#endif
