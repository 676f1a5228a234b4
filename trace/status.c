/* SPDX-License-Identifier: BSD-2-Clause */
/* Status words, ISO 7816-4 clause 5.6, and those that applications add. */
#include "trace/describe.h"
#include "trace/line.h"
#include "util/bytes.h"

struct status_text {
	uint16_t first, last;
	const char *text;
	uint8_t mask;      /* of the count in SW2; 0: there is none */
	const char *after; /* the count */
};

/* The first row that fits. */
/* clang-format off */
static const struct status_text texts[] = {
    {0x9000, 0x9000, "OK", 0, NULL},
    {0x6100, 0x6100, "OK, more data: 256 bytes or more", 0, NULL},
    {0x6101, 0x61ff, "OK, more data:", 0xff, "bytes"},
    {0x6200, 0x6200, "warning", 0, NULL},
    {0x6281, 0x6281, "data may be corrupted", 0, NULL},
    {0x6282, 0x6282, "end of file", 0, NULL},
    {0x6283, 0x6283, "file deactivated", 0, NULL},
    {0x6285, 0x6285, "file terminated", 0, NULL},
    {0x6200, 0x62ff, "warning, nothing changed", 0, NULL},
    {0x6300, 0x6300, "not verified", 0, NULL},
    {0x6381, 0x6381, "file is full", 0, NULL},
    {0x63c0, 0x63c0, "not verified, no tries left", 0, NULL},
    {0x63c1, 0x63c1, "not verified, 1 try left", 0, NULL},
    {0x63c2, 0x63cf, "not verified,", 0x0f, "tries left"},
    {0x6300, 0x63ff, "warning, something changed", 0, NULL},
    {0x6400, 0x64ff, "execution error, nothing changed", 0, NULL},
    {0x6581, 0x6581, "memory failure", 0, NULL},
    {0x6500, 0x65ff, "execution error, something changed", 0, NULL},
    {0x6600, 0x66ff, "security issue", 0, NULL},
    {0x6700, 0x67ff, "wrong length", 0, NULL},
    {0x6881, 0x6881, "logical channel not supported", 0, NULL},
    {0x6882, 0x6882, "secure messaging not supported", 0, NULL},
    {0x6883, 0x6883, "last command of the chain expected", 0, NULL},
    {0x6884, 0x6884, "command chaining not supported", 0, NULL},
    {0x6800, 0x68ff, "class not supported", 0, NULL},
    {0x6981, 0x6981, "command does not fit the file", 0, NULL},
    {0x6982, 0x6982, "security status not satisfied", 0, NULL},
    {0x6983, 0x6983, "authentication method blocked", 0, NULL},
    {0x6984, 0x6984, "reference data not usable", 0, NULL},
    {0x6985, 0x6985, "conditions of use not satisfied", 0, NULL},
    {0x6986, 0x6986, "no current file", 0, NULL},
    {0x6987, 0x6987, "secure messaging objects missing", 0, NULL},
    {0x6988, 0x6988, "secure messaging objects wrong", 0, NULL},
    {0x6999, 0x6999, "not found", 0, NULL}, /* a Java Card's SELECT */
    {0x6900, 0x69ff, "not allowed", 0, NULL},
    {0x6a80, 0x6a80, "wrong data", 0, NULL},
    {0x6a81, 0x6a81, "function not supported", 0, NULL},
    {0x6a82, 0x6a82, "not found", 0, NULL},
    {0x6a83, 0x6a83, "record not found", 0, NULL},
    {0x6a84, 0x6a84, "not enough memory", 0, NULL},
    {0x6a85, 0x6a85, "Lc does not fit the structure", 0, NULL},
    {0x6a86, 0x6a86, "wrong P1 or P2", 0, NULL},
    {0x6a87, 0x6a87, "Lc does not fit P1 and P2", 0, NULL},
    {0x6a88, 0x6a88, "reference not found", 0, NULL},
    {0x6a89, 0x6a89, "file exists already", 0, NULL},
    {0x6a8a, 0x6a8a, "name exists already", 0, NULL},
    {0x6a00, 0x6aff, "wrong parameters", 0, NULL},
    {0x6b00, 0x6bff, "wrong P1 or P2", 0, NULL},
    {0x6c00, 0x6c00, "wrong Le, 256 bytes are there", 0, NULL},
    {0x6c01, 0x6cff, "wrong Le,", 0xff, "bytes are there"},
    {0x6d00, 0x6dff, "instruction not supported", 0, NULL},
    {0x6e00, 0x6eff, "class not supported", 0, NULL},
    {0x6f00, 0x6fff, "no precise diagnosis", 0, NULL},
    {0x9100, 0x9100, "still working", 0, NULL}, /* CTAP over ISO 7816 */
    {0x9f00, 0x9fff, "OK, more data:", 0xff, "bytes"}, /* GSM */
};
/* clang-format on */

static void
add_status(struct line *line, uint16_t sw)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const struct status_text *row = &texts[i];

		if (sw < row->first || sw > row->last)
			continue;
		if (row->mask == 0)
			line_add(line, "%s", row->text);
		else
			line_add(line, "%s %u %s", row->text, sw & row->mask,
			    row->after);
		return;
	}
	line_add(line, "unknown status");
}

char *
describe_status(uint16_t sw, char *out, size_t cap)
{
	struct line line;

	line_init(&line, out, cap);
	add_status(&line, sw);
	return out;
}

char *
describe_response(const void *response, size_t len, char *out, size_t cap)
{
	struct line line;
	struct rd rd;
	uint16_t sw;

	line_init(&line, out, cap);
	if (len < 2) {
		line_add(&line, "no status word");
		line_add_bytes(&line, len);
		return out;
	}
	rd_init(&rd, response, len);
	(void)rd_bytes(&rd, len - 2);
	sw = rd_be16(&rd);
	line_add(&line, "%04X ", sw);
	add_status(&line, sw);
	if (len > 2)
		line_add_bytes(&line, len - 2);
	return out;
}
