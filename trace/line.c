/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace/line.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "util/hex.h"

void
line_init(struct line *line, char *room, size_t cap)
{
	line->text = room;
	line->cap = cap;
	line->len = 0;
	if (cap > 0)
		room[0] = '\0';
}

void
line_add(struct line *line, const char *fmt, ...)
{
	size_t left = line->cap - line->len;
	va_list ap;
	int n;

	if (left == 0)
		return;
	va_start(ap, fmt);
	n = vsnprintf(line->text + line->len, left, fmt, ap);
	va_end(ap);
	if (n > 0)
		line->len += (size_t)n < left ? (size_t)n : left - 1;
}

void
line_add_bytes(struct line *line, size_t n)
{
	line_add(line, ", %zu %s", n, n == 1 ? "byte" : "bytes");
}

void
line_add_hex(struct line *line, const void *data, size_t len)
{
	size_t end = line->len + 2 * len;

	if (line->len == line->cap)
		return;
	hex_put(line->text + line->len, line->cap - line->len, data, len);
	line->len += strlen(line->text + line->len);
	/* Nothing comes after a cut. */
	if (line->len < end)
		line->cap = line->len + 1;
}
