/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An exchange in the words of ISO 7816-4 and of the card's application, one
 * line each. Of the data only names are shown: identifiers of applications,
 * files and objects, never a value. So no line bears a secret.
 */
#ifndef VSCARD_TRACE_DESCRIBE_H
#define VSCARD_TRACE_DESCRIBE_H

#include <stddef.h>
#include <stdint.h>

#include "trace/applet.h"

enum { DESCRIBE_MAX = 256 };

/*
 * Writes at most cap bytes, a NUL among them, of printable ASCII; applet is
 * the one that answers the command (dialog.applet). Returns out.
 *
 *	SELECT PIV (A00000030800001000)
 *	VERIFY PIN (80), 8 bytes
 *	GENERAL AUTHENTICATE RSA-2048 (07), key 9A, 266 bytes, chained
 */
char *describe_command(
    enum applet applet, const void *command, size_t len, char *out, size_t cap);
/*
 *	9000 OK, 23 bytes
 *	63C2 not verified, 2 tries left
 */
char *
describe_response(const void *response, size_t len, char *out, size_t cap);
/* "OK", "not found", …, by SW1 if SW2 is not known; never NULL. */
char *describe_status(uint16_t sw, char *out, size_t cap);

#endif
