/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/hex.h"

#include <limits.h>

char *
hex_put(char *out, size_t cap, const void *data, size_t len)
{
	static const char digit[] = "0123456789ABCDEF";
	const uint8_t *p = data;
	size_t n = 0;

	if (cap == 0)
		return out;
	for (size_t i = 0; i < len && cap - n > 2; i++) {
		out[n++] = digit[p[i] >> 4];
		out[n++] = digit[p[i] & 15];
	}
	out[n] = '\0';
	return out;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
hex_get(const char *text, uint8_t *out, size_t cap)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		int hi, lo;

		if (*text == ' ' || *text == '\t' || *text == '\n')
			continue;
		hi = hex_digit(text[0]);
		lo = hi < 0 ? -1 : hex_digit(text[1]);
		if (lo < 0)
			return -EINVAL;
		if (n == cap || n == INT_MAX)
			return -EMSGSIZE;
		out[n++] = (uint8_t)(hi << 4 | lo);
		text++;
	}
	return (int)n;
}
