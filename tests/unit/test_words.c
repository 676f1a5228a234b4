/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "vscclient/words.h"

/* The words of a line, each within brackets; NULL: refused. */
static const struct {
	const char *line;
	const char *words;
} rows[] = {
    {"", ""},
    {" \t\n ", ""},
    {"a", "[a]"},
    {"a b", "[a][b]"},
    {"  a \t b  ", "[a][b]"},
    {"/bin/x -v --y=1,2", "[/bin/x][-v][--y=1,2]"},
    {"'a b' c", "[a b][c]"},
    {"\"a b\" c", "[a b][c]"},
    {"a' 'b\" \"c", "[a b c]"},
    {"''", "[]"},
    {"a '' b", "[a][][b]"},
    {"a\\ b", "[a b]"},
    {"\\'a\\\"", "['a\"]"},
    {"\\\\", "[\\]"},
    {"a\\,b", "[a,b]"},
    {"'\\'", "[\\]"},
    {"\"\\\"\\\\\\n\"", "[\"\\\\n]"},
    {"$HOME ~ *", "[$HOME][~][*]"},
    {"'", NULL},
    {"a 'b", NULL},
    {"\"b", NULL},
    {"\"b\\\"", NULL},
    {"a\\", NULL},
    {"\"a\\", NULL},
};

static void
check_row(size_t i)
{
	char line[64], got[128] = "";
	char *rest = line;
	char *word;
	int rc;

	snprintf(line, sizeof(line), "%s", rows[i].line);
	while ((rc = words_next(&rest, &word)) == 1) {
		strcat(got, "[");
		strcat(got, word);
		strcat(got, "]");
	}
	if (rows[i].words == NULL) {
		ck_assert_msg(rc == -EINVAL, "%s: %s", rows[i].line, got);
		return;
	}
	ck_assert_msg(rc == 0, "%s", rows[i].line);
	ck_assert_str_eq(got, rows[i].words);
	/* The end stays the end. */
	ck_assert_int_eq(words_next(&rest, &word), 0);
}

START_TEST(lines_are_split)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(i);
}
END_TEST

UNIT_SUITE("words", lines_are_split)
