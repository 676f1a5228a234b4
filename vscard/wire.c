/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscard/wire.h"

#include <string.h>

/* The bytes "VSCD": the one field that is never swapped. */
static const uint8_t magic[4] = {'V', 'S', 'C', 'D'};

struct wire_kind {
	uint32_t caps; /* one of them must be agreed */
	uint32_t min;  /* lengths of the payload; stock types have no limits, */
	uint32_t max;  /* and max only says what is ever looked at */
};

static const struct wire_kind kinds[WIRE_ROWS] = {
    [WIRE_ROW(WIRE_INIT)] = {0, 0, WIRE_INIT_LEN},
    [WIRE_ROW(WIRE_ERROR)] = {0, 0, WIRE_WORD_LEN},
    [WIRE_ROW(WIRE_READER_ADD)] = {0, 0, VSCARD_NAME_MAX},
    [WIRE_ROW(WIRE_ATR)] = {0, 0, VSCARD_ATR_MAX},
    [WIRE_ROW(WIRE_APDU)] = {0, 0, VSCARD_APDU_MAX},
    [WIRE_ROW(WIRE_SIZE)] = {VSCARD_CAP_SIZE, 4, 4},
    [WIRE_ROW(WIRE_INSTANCE)] = {VSCARD_CAP_INSTANCE, VSCARD_INSTANCE_LEN,
        VSCARD_INSTANCE_LEN},
    [WIRE_ROW(WIRE_NAME)] = {VSCARD_CAP_NAME, 1, VSCARD_NAME_MAX},
    [WIRE_ROW(WIRE_POWER)] = {VSCARD_CAP_POWER, 1, 1},
    [WIRE_ROW(WIRE_PROTOCOL)] = {VSCARD_CAP_PROTOCOL, 1, 1},
    [WIRE_ROW(WIRE_DONE)] = {VSCARD_CAP_POWER | VSCARD_CAP_PROTOCOL, 1,
        1 + VSCARD_ATR_MAX},
    [WIRE_ROW(WIRE_BYE)] = {VSCARD_CAP_BYE, 4, 4},
    [WIRE_ROW(WIRE_ORIGIN)] = {VSCARD_CAP_INSTANCE, VSCARD_INSTANCE_LEN,
        VSCARD_ORIGIN_MAX},
};

unsigned
wire_row(uint32_t type)
{
	if (type <= WIRE_FLUSH_COMPLETE)
		return type;
	if (type >= WIRE_SIZE && type <= WIRE_ORIGIN)
		return WIRE_ROW(type);
	return 0;
}

uint32_t
wire_caps(uint32_t type)
{
	return kinds[wire_row(type)].caps;
}

uint32_t
wire_keep(uint32_t type)
{
	return kinds[wire_row(type)].max;
}

bool
wire_fits(uint32_t type, uint32_t len)
{
	const struct wire_kind *kind = &kinds[wire_row(type)];

	return kind->caps == 0 || (len >= kind->min && len <= kind->max);
}

bool
wire_is_atr(const uint8_t *atr, size_t len)
{
	return len >= VSCARD_ATR_MIN && len <= VSCARD_ATR_MAX &&
	    (atr[0] == 0x3b || atr[0] == 0x3f);
}

bool
wire_get_header(const uint8_t *data, size_t len, struct wire_message *out)
{
	struct rd rd;

	rd_init(&rd, data, len);
	out->type = rd_be32(&rd);
	out->reader = rd_be32(&rd);
	out->len = rd_be32(&rd);
	out->data = NULL;
	out->have = 0;
	return rd_ok(&rd);
}

enum vscard_fault
wire_get_init(const struct wire_message *m, struct wire_init *out)
{
	const uint8_t *word;
	struct rd rd;

	if (m->len < WIRE_INIT_LEN || m->len % WIRE_WORD_LEN != 0)
		return VSCARD_FAULT_INIT_LENGTH;
	rd_init(&rd, m->data, m->have);
	word = rd_bytes(&rd, sizeof(magic));
	if (word == NULL || memcmp(word, magic, sizeof(magic)) != 0)
		return VSCARD_FAULT_INIT_MAGIC;
	out->version = rd_be32(&rd);
	out->capabilities = rd_be32(&rd);
	return VSCARD_FAULT_NONE;
}

uint32_t
wire_get_word(const struct wire_message *m)
{
	struct rd rd;

	rd_init(&rd, m->data, m->have);
	return rd_be32(&rd);
}

uint8_t
wire_get_byte(const struct wire_message *m)
{
	struct rd rd;

	rd_init(&rd, m->data, m->have);
	return rd_u8(&rd);
}

void
wire_get_done(const struct wire_message *m, struct wire_done *out)
{
	struct rd rd;

	rd_init(&rd, m->data, m->have);
	out->status = rd_u8(&rd);
	out->atr_len = rd.len;
	out->atr = rd_bytes(&rd, rd.len);
}

void
wire_put_header(struct wr *wr, uint32_t type, uint32_t reader, size_t len)
{
	wr_be32(wr, type);
	wr_be32(wr, reader);
	wr_be32(wr, len);
}

void
wire_put(struct wr *wr, enum wire_type type, uint32_t reader, const void *data,
    size_t len)
{
	wire_put_header(wr, type, reader, len);
	wr_bytes(wr, data, len);
}

void
wire_put_init(struct wr *wr, uint32_t reader, uint32_t capabilities)
{
	wire_put_header(wr, WIRE_INIT, reader, WIRE_INIT_LEN);
	wr_bytes(wr, magic, sizeof(magic));
	wr_be32(wr, WIRE_VERSION);
	wr_be32(wr, capabilities);
}

void
wire_put_word(struct wr *wr, enum wire_type type, uint32_t reader,
    uint32_t word)
{
	wire_put_header(wr, type, reader, WIRE_WORD_LEN);
	wr_be32(wr, word);
}

void
wire_put_done(struct wr *wr, uint32_t reader, enum vscard_status status,
    const void *atr, size_t atr_len)
{
	wire_put_header(wr, WIRE_DONE, reader, 1 + atr_len);
	wr_u8(wr, status);
	wr_bytes(wr, atr, atr_len);
}
