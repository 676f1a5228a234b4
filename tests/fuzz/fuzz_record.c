/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "util/record.h"

/* What was read can be written again, and then reads the same. */
static void
check_again(const struct record *record)
{
	static struct record_line line;
	struct record again;

	record_begin(&line, record->word);
	for (size_t i = 0; i < record->fields_len; i++)
		record_text(
		    &line, record->fields[i].key, record->fields[i].value);
	if (line.failed)
		return;
	line.text[line.len] = '\0';
	if (record_parse(line.text, &again) < 0 ||
	    again.fields_len != record->fields_len)
		abort();
	for (size_t i = 0; i < record->fields_len; i++)
		if (strcmp(record->fields[i].value, again.fields[i].value) != 0)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record record;
	char *text = malloc(size + 1);

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (record_parse(text, &record) == 0)
		check_again(&record);
	free(text);
	return 0;
}
