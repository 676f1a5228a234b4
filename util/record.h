/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A record: one line of text, a word and then fields. So do the driver and
 * vscard-ctl talk to each other.
 *
 *	slot endpoint=0 lun=65536 name=My%20reader
 *
 * Words and keys are lower-case letters, digits and '-'. In values blanks,
 * '%', control characters and all that is not ASCII are %XX; a zero byte is
 * nowhere.
 */
#ifndef VSCARD_UTIL_RECORD_H
#define VSCARD_UTIL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/err.h"

enum {
	RECORD_MAX = 12 * 1024, /* bytes of a line, with its newline */
	RECORD_FIELDS_MAX = 32
};

/* --- writing ---------------------------------------------------------- */

/* A line in the making. */
struct record_line {
	size_t len;
	bool failed; /* something did not fit */
	char text[RECORD_MAX];
};

void record_begin(struct record_line *, const char *word);
/* Escapes the value; an empty one is left empty. */
void record_text(struct record_line *, const char *key, const char *value);
void record_number(struct record_line *, const char *key, uint64_t);
/* Upper-case hex digits. */
void record_bytes(
    struct record_line *, const char *key, const void *data, size_t len);
/* Appends the line to the buffer: 0, -EMSGSIZE or -ENOMEM (its ceiling). */
int record_end(struct record_line *, struct buf *) MUST_CHECK;

/* --- reading ---------------------------------------------------------- */

struct record {
	const char *word;
	size_t fields_len;
	struct {
		const char *key;
		const char *value;
	} fields[RECORD_FIELDS_MAX];
};

/*
 * Reads a line without its newline, in place: *out points into it. -EINVAL if
 * it is none, or says a key twice; the line is spoilt then.
 */
int record_parse(char *line, struct record *out) MUST_CHECK;
/* The value of the field, or NULL. */
const char *record_get(const struct record *, const char *key);
/* The same as a number, or `other` if there is none. */
uint64_t
record_get_number(const struct record *, const char *key, uint64_t other);

#endif
