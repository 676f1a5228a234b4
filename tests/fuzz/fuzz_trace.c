/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any exchange is described, covered and written. The input is a list of
 * APDUs, each with two bytes of length before it; commands and responses take
 * turns.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/unit/blocks.h"
#include "trace/describe.h"
#include "trace/mask.h"
#include "trace/pcapng.h"
#include "util/bytes.h"

enum { CEILING = 200 * 1024 };

static void
check_that(bool holds)
{
	if (!holds)
		abort();
}

static void
check_line(const char *line)
{
	size_t len = strlen(line);

	check_that(len > 0 && len < DESCRIBE_MAX - 1);
	for (; *line != '\0'; line++)
		check_that(*line >= ' ' && *line < 0x7f);
}

/* Nothing but filler differs, and never header or status word. */
static void
check_covered(
    const uint8_t *in, const uint8_t *out, size_t len, bool command, bool said)
{
	bool differs = false;

	for (size_t i = 0; i < len; i++) {
		if (in[i] == out[i])
			continue;
		differs = true;
		check_that(out[i] == MASK_FILLER);
		check_that(command ? i >= APDU_HEADER : i + 2 < len);
	}
	check_that(said || !differs);
}

static void
check_packet(
    enum pcapng_kind kind, const void *data, size_t len, const char *comment)
{
	const struct pcapng_packet in = {
	    .kind = kind, .data = data, .len = len, .comment = comment};
	struct block_packet packet;
	struct block block;
	const uint8_t *p;
	size_t left;
	struct buf buf;

	buf_init(&buf, CEILING);
	check_that(pcapng_packet(&buf, &in) == 0);
	p = buf_get(&buf);
	left = buf_len(&buf);
	check_that(block_next(&p, &left, &block) && left == 0);
	block_packet(&block, &packet);
	check_that(packet.len == len);
	check_that(len == 0 || memcmp(packet.data, data, len) == 0);
	buf_clear(&buf);
}

static void
take_apdu(struct dialog *dialog, const uint8_t *in, size_t len, bool command)
{
	uint8_t *out = malloc(len + 1);
	char line[DESCRIBE_MAX];
	bool covered;

	if (out == NULL)
		return;
	if (command) {
		dialog_command(dialog, in, len);
		describe_command(dialog->applet, in, len, line, sizeof(line));
		covered = mask_command(dialog, in, len, out);
	} else {
		dialog_response(dialog, in, len);
		describe_response(in, len, line, sizeof(line));
		covered = mask_response(dialog, in, len, out);
	}
	check_line(line);
	check_covered(in, out, len, command, covered);
	check_packet(
	    command ? PCAPNG_COMMAND : PCAPNG_RESPONSE, out, len, line);
	free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dialog dialog;
	bool command = true;
	uint8_t *copy;
	struct rd rd;
	size_t len;

	dialog_init(&dialog);
	rd_init(&rd, data, size);
	while (rd.len >= 2) {
		len = rd_be16(&rd);
		if (len > rd.len)
			len = rd.len;
		/* Of exactly its size, so that one byte too far is seen. */
		copy = malloc(len + (len == 0));
		if (copy == NULL)
			break;
		if (len > 0)
			memcpy(copy, rd_bytes(&rd, len), len);
		take_apdu(&dialog, copy, len, command);
		free(copy);
		command = !command;
	}
	return 0;
}
