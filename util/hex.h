/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSCARD_UTIL_HEX_H
#define VSCARD_UTIL_HEX_H

#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

/*
 * Writes len bytes as upper-case hex digits and a NUL into out, which holds
 * cap bytes; what does not fit is cut at a whole byte. Returns out.
 */
char *hex_put(char *out, size_t cap, const void *data, size_t len);

/*
 * Reads hex digits (either case; blanks between bytes are skipped) up to the
 * NUL. Returns the number of bytes, -EINVAL for anything that is no hex byte,
 * -EMSGSIZE if there are more than cap.
 */
int hex_get(const char *text, uint8_t *out, size_t cap) MUST_CHECK;

#endif
