/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The framer alone, against a cutter that is simple because it sees the whole
 * stream at once. The first byte says how much of each payload is wanted.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "vscard/framer.h"

/* One message, as it stands in the stream at `at`. */
static void
check_message(const struct wire_message *m, const uint8_t *data, size_t size,
    size_t at, size_t keep)
{
	struct wire_message truth;

	MUST(wire_get_header(data + at, size - at, &truth));
	MUST(m->type == truth.type && m->reader == truth.reader);
	MUST(m->len == truth.len && m->len <= VSCARD_PAYLOAD_MAX);
	MUST(m->have == (keep < m->len ? keep : m->len));
	MUST(m->have <= size - at - WIRE_HEADER_LEN);
	MUST(m->have == 0 ||
	    memcmp(m->data, data + at + WIRE_HEADER_LEN, m->have) == 0);
}

/* Takes what is complete; moves *at behind it. False after an error. */
static bool
take_all(struct framer *f, const uint8_t *data, size_t size, size_t *at,
    size_t keep)
{
	struct wire_message m;
	int rc;

	while ((rc = framer_peek(f, &m)) == 1 && framer_take(f, keep, &m) == 1) {
		check_message(&m, data, size, *at, keep);
		*at += WIRE_HEADER_LEN + m.len;
	}
	MUST(rc >= 0 || m.len > VSCARD_PAYLOAD_MAX);
	return rc >= 0;
}

static size_t
run(const uint8_t *data, size_t size, size_t keep, size_t piece)
{
	size_t fed = 0, at = 0, got;
	struct framer f;
	uint8_t *room;
	bool well = true;

	framer_init(&f);
	while (well && fed < size) {
		MUST(framer_space(&f, &room, &got) == 0 && got > 0);
		got = got < piece ? got : piece;
		got = got < size - fed ? got : size - fed;
		memcpy(room, data + fed, got);
		framer_fed(&f, got);
		fed += got;
		well = take_all(&f, data, size, &at, keep);
	}
	MUST(!well || framer_is_whole(&f) == (at == size));
	framer_clear(&f);
	return at;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t keep, whole;

	if (size == 0)
		return 0;
	keep = data[0] % 2 ? VSCARD_PAYLOAD_MAX : data[0];
	whole = run(data + 1, size - 1, keep, SIZE_MAX);
	MUST(run(data + 1, size - 1, keep, 1) == whole);
	MUST(run(data + 1, size - 1, keep, 7) == whole);
	return 0;
}
