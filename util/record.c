/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/record.h"

#include <string.h>

static const char digits[] = "0123456789ABCDEF";

/* --- writing ---------------------------------------------------------- */

/* One byte stays free for the newline. */
static void
line_put(struct record_line *line, const char *text, size_t len)
{
	if (line->failed || len >= RECORD_MAX - line->len) {
		line->failed = true;
		return;
	}
	memcpy(line->text + line->len, text, len);
	line->len += len;
}

static void
line_put_hex(struct record_line *line, uint8_t byte)
{
	const char pair[] = {digits[byte >> 4], digits[byte & 15]};

	line_put(line, pair, sizeof(pair));
}

static void
line_put_key(struct record_line *line, const char *key)
{
	line_put(line, " ", 1);
	line_put(line, key, strlen(key));
	line_put(line, "=", 1);
}

void
record_begin(struct record_line *line, const char *word)
{
	line->len = 0;
	line->failed = false;
	line_put(line, word, strlen(word));
}

static bool
is_plain(uint8_t c)
{
	return c > ' ' && c < 0x7f && c != '%';
}

void
record_text(struct record_line *line, const char *key, const char *value)
{
	line_put_key(line, key);
	for (; *value != '\0'; value++) {
		if (is_plain((uint8_t)*value)) {
			line_put(line, value, 1);
			continue;
		}
		line_put(line, "%", 1);
		line_put_hex(line, (uint8_t)*value);
	}
}

void
record_number(struct record_line *line, const char *key, uint64_t number)
{
	char text[20]; /* 2^64 has as many digits */
	size_t at = sizeof(text);

	do
		text[--at] = digits[number % 10];
	while ((number /= 10) > 0);
	line_put_key(line, key);
	line_put(line, text + at, sizeof(text) - at);
}

void
record_bytes(
    struct record_line *line, const char *key, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	line_put_key(line, key);
	for (size_t i = 0; i < len; i++)
		line_put_hex(line, bytes[i]);
}

int
record_end(struct record_line *line, struct buf *buf)
{
	if (line->failed)
		return -EMSGSIZE;
	line->text[line->len] = '\n';
	return buf_put(buf, line->text, line->len + 1);
}

/* --- reading ---------------------------------------------------------- */

static bool
is_word(const char *text)
{
	return *text != '\0' &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] ==
		   '\0';
}

/* The value of a hex digit as a record has it, or -1. */
static int
digit_of(char c)
{
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* In place: what is read is never shorter than what is written. */
static int
unescape(char *text)
{
	char *to = text;
	int high, low;

	for (; *text != '\0'; text++) {
		if (*text != '%') {
			if (!is_plain((uint8_t)*text))
				return -EINVAL;
			*to++ = *text;
			continue;
		}
		high = digit_of(text[1]);
		low = high < 0 ? -1 : digit_of(text[2]);
		if (low < 0 || high + low == 0)
			return -EINVAL;
		*to++ = (char)(high << 4 | low);
		text += 2;
	}
	*to = '\0';
	return 0;
}

static int
field_parse(char *text, struct record *record)
{
	size_t n = record->fields_len;
	char *value = strchr(text, '=');

	if (value == NULL || n == RECORD_FIELDS_MAX)
		return -EINVAL;
	*value++ = '\0';
	if (!is_word(text) || record_get(record, text) != NULL ||
	    unescape(value) < 0)
		return -EINVAL;
	record->fields[n].key = text;
	record->fields[n].value = value;
	record->fields_len++;
	return 0;
}

int
record_parse(char *line, struct record *out)
{
	struct record record = {.word = strsep(&line, " ")};
	char *text;

	if (!is_word(record.word))
		return -EINVAL;
	while ((text = strsep(&line, " ")) != NULL)
		if (field_parse(text, &record) < 0)
			return -EINVAL;
	*out = record;
	return 0;
}

const char *
record_get(const struct record *record, const char *key)
{
	for (size_t i = 0; i < record->fields_len; i++)
		if (strcmp(record->fields[i].key, key) == 0)
			return record->fields[i].value;
	return NULL;
}

uint64_t
record_get_number(const struct record *record, const char *key, uint64_t other)
{
	const char *text = record_get(record, key);
	uint64_t number = 0;

	if (text == NULL || *text == '\0' || strlen(text) > 19)
		return other;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return other;
		number = number * 10 + (uint64_t)(*text - '0');
	}
	return number;
}
