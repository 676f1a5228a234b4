/* SPDX-License-Identifier: BSD-2-Clause */
/* A text that is put together piece by piece, in the caller's room. */
#ifndef VSCARD_TRACE_LINE_H
#define VSCARD_TRACE_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "util/err.h"

struct line {
	char *text; /* always ends with a NUL, unless cap is 0 */
	size_t cap;
	size_t len;
};

void line_init(struct line *, char *room, size_t cap);
/* What does not fit is cut. */
void line_add(struct line *, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* ", 23 bytes" */
void line_add_bytes(struct line *, size_t n);
void line_add_hex(struct line *, const void *data, size_t len);

#endif
