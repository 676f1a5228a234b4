/* SPDX-License-Identifier: BSD-2-Clause */
#include "ctl/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/text.h"

void
table_init(struct table *table, size_t columns)
{
	*table = (struct table){.columns = columns};
}

void
table_clear(struct table *table)
{
	for (size_t i = 0; i < table->rows_len * table->columns; i++)
		free(table->cells[i]);
	free(table->cells);
	table->rows_len = 0;
	table->cells = NULL;
}

int
table_add(struct table *table, const char *const texts[])
{
	size_t at = table->rows_len * table->columns;
	char **more = realloc(
	    table->cells, (at + table->columns) * sizeof(*table->cells));

	if (more == NULL)
		return -ENOMEM;
	table->cells = more;
	table->rows_len++;
	for (size_t i = 0; i < table->columns; i++)
		more[at + i] = strdup(
		    texts[i] != NULL && *texts[i] != '\0' ? texts[i] : "-");
	for (size_t i = 0; i < table->columns; i++)
		if (more[at + i] == NULL)
			return -ENOMEM;
	return 0;
}

static size_t
column_width(const struct table *table, size_t column)
{
	size_t most = 0, width;

	for (size_t i = 0; i < table->rows_len; i++) {
		width = text_width(table->cells[i * table->columns + column]);
		if (width > most)
			most = width;
	}
	return most;
}

/* Nothing behind the last one. */
static void
row_print(char *const *cells, const size_t *widths, size_t columns)
{
	int pad;

	for (size_t i = 0; i < columns; i++) {
		pad = i + 1 < columns
			  ? (int)(widths[i] - text_width(cells[i]) + 2)
			  : 0;
		printf("%s%*s", cells[i], pad, "");
	}
}

void
table_print(const struct table *table, int coloured)
{
	size_t widths[TABLE_COLUMNS_MAX];

	for (size_t i = 0; i < table->columns; i++)
		widths[i] = column_width(table, i);
	for (size_t i = 0; i < table->rows_len; i++) {
		fputs(text_colour(TEXT_BOLD, coloured && i == 0), stdout);
		row_print(
		    table->cells + i * table->columns, widths, table->columns);
		fputs(text_colour(TEXT_PLAIN, coloured && i == 0), stdout);
		putchar('\n');
	}
}
