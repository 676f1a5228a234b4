/* SPDX-License-Identifier: BSD-2-Clause */
/* Columns of text, as wide as they need to be. */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include <stddef.h>

#include "util/err.h"

enum { TABLE_COLUMNS_MAX = 8 };

struct table {
	size_t columns;
	size_t rows_len;
	char **cells; /* row by row */
};

/* Rows of that many columns; the first is the head. */
void table_init(struct table *, size_t columns);
void table_clear(struct table *);
/* Copies as many texts as there are columns; NULL is "-". -ENOMEM. */
int table_add(struct table *, const char *const texts[]) MUST_CHECK;
/* To stdout, the head bold if `coloured`. */
void table_print(const struct table *, int coloured);

#endif
