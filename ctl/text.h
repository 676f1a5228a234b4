/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of strangers on a terminal and in JSON, and colours. */
#ifndef CTL_TEXT_H
#define CTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Copies valid UTF-8 without control characters, '?' for each byte that is
 * something else; cut to fit. Returns out.
 */
char *text_clean(char *out, size_t cap, const char *text);
/* How many columns clean text takes; each character counts for one. */
size_t text_width(const char *text);

enum text_colour {
	TEXT_PLAIN,
	TEXT_BOLD,
	TEXT_DIM,
	TEXT_RED,
	TEXT_GREEN,
	TEXT_YELLOW,
	TEXT_CYAN
};

/* Stdout is a terminal that likes colours: NO_COLOR and TERM are obeyed. */
bool text_is_coloured(void);
/* What to print for it: "" if not on. */
const char *text_colour(enum text_colour, bool on);

#endif
