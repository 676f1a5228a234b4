/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which commands and responses bear secrets, and how they are shown without.
 *
 * Secret are PINs and whatever else proves who somebody is, keys that are put
 * into a card, what a card deciphers, and one-time codes. Signatures, what is
 * signed, certificates and challenges are not, nor is what a card keys by
 * itself. While the application is not known, what is secret in any is secret.
 */
#ifndef VSCARD_TRACE_MASK_H
#define VSCARD_TRACE_MASK_H

#include "trace/dialog.h"

enum { MASK_FILLER = '*' };

/* Bits of enum dialog_secret: what this command alone says. */
unsigned mask_of(enum applet, const struct trace_apdu *);

/*
 * Copies the command that the dialog has taken last into out, which holds len
 * bytes and may be the command itself. Header and lengths stay, and secret
 * data of a command becomes as much filler. True if something was.
 */
bool
mask_command(const struct dialog *, const void *command, size_t len, void *out);
/* The same for the response to it; the status word stays. */
bool mask_response(
    const struct dialog *, const void *response, size_t len, void *out);

#endif
