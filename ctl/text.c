/* SPDX-License-Identifier: BSD-2-Clause */
#include "ctl/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* By the bits of the first byte. */
static const struct {
	uint8_t mask, lead;
	size_t len;
	uint32_t least; /* a longer form than needed is none */
} forms[] = {
    {0x80, 0x00, 1, 0x20},
    {0xe0, 0xc0, 2, 0xa0}, /* 80 … 9F are control characters */
    {0xf0, 0xe0, 3, 0x800},
    {0xf8, 0xf0, 4, 0x10000},
};

static bool
is_fit(uint32_t c, uint32_t least)
{
	bool surrogate = c >= 0xd800 && c <= 0xdfff;
	/* What would turn the order of what follows around. */
	bool turns =
	    (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);

	return c >= least && c != 0x7f && c <= 0x10ffff && !surrogate && !turns;
}

/* Bytes of the character at text, or 0 if it is none. */
static size_t
char_len(const char *text)
{
	const uint8_t *s = (const uint8_t *)text;
	uint32_t c;
	size_t i = 0, n = sizeof(forms) / sizeof(*forms);

	while (i < n && (s[0] & forms[i].mask) != forms[i].lead)
		i++;
	if (i == n)
		return 0;
	c = s[0] & (uint8_t)~forms[i].mask;
	for (size_t k = 1; k < forms[i].len; k++) {
		if ((s[k] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[k] & 0x3f);
	}
	return is_fit(c, forms[i].least) ? forms[i].len : 0;
}

char *
text_clean(char *out, size_t cap, const char *text)
{
	size_t len = 0, n;

	while (*text != '\0') {
		n = char_len(text);
		if (len + (n > 0 ? n : 1) >= cap)
			break;
		if (n > 0)
			memcpy(out + len, text, n);
		else
			out[len] = '?';
		len += n > 0 ? n : 1;
		text += n > 0 ? n : 1;
	}
	out[len] = '\0';
	return out;
}

size_t
text_width(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += ((uint8_t)*text & 0xc0) != 0x80;
	return n;
}

bool
text_is_coloured(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && (no == NULL || *no == '\0') &&
	       term != NULL && strcmp(term, "dumb") != 0;
}

static const char *const colours[] = {
    [TEXT_PLAIN] = "\033[0m",
    [TEXT_BOLD] = "\033[1m",
    [TEXT_DIM] = "\033[2m",
    [TEXT_RED] = "\033[31m",
    [TEXT_GREEN] = "\033[32m",
    [TEXT_YELLOW] = "\033[33m",
    [TEXT_CYAN] = "\033[36m",
};

const char *
text_colour(enum text_colour colour, bool on)
{
	return on && (unsigned)colour <= TEXT_CYAN ? colours[colour] : "";
}
