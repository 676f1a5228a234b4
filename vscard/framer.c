/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscard/framer.h"

enum {
	/* One read takes what a short exchange brings. */
	FRAMER_FIRST = 4096,
	FRAMER_CEILING = WIRE_HEADER_LEN + VSCARD_PAYLOAD_MAX
};

void
framer_init(struct framer *f)
{
	*f = (struct framer){0};
	buf_init(&f->buf, FRAMER_CEILING);
}

void
framer_clear(struct framer *f)
{
	buf_clear(&f->buf);
	framer_init(f);
}

/* Drops the message lent out, and what is there of the bytes to pass over. */
static void
framer_advance(struct framer *f)
{
	size_t there;

	buf_drop(&f->buf, f->held);
	f->held = 0;
	there = buf_len(&f->buf) < f->skip ? buf_len(&f->buf) : f->skip;
	buf_drop(&f->buf, there);
	f->skip -= there;
}

int
framer_space(struct framer *f, uint8_t **out_room, size_t *out_len)
{
	size_t len, want = 1;

	framer_advance(f);
	len = buf_len(&f->buf);
	if (len < FRAMER_FIRST)
		want = FRAMER_FIRST - len;
	if (f->need > len && f->need - len > want)
		want = f->need - len;
	if (len == FRAMER_CEILING)
		return -EBUSY;
	return buf_space(&f->buf, want, out_room, out_len);
}

void
framer_fed(struct framer *f, size_t len)
{
	buf_filled(&f->buf, len);
}

int
framer_peek(struct framer *f, struct wire_message *out)
{
	framer_advance(f);
	if (f->skip > 0)
		return 0;
	if (!wire_get_header(buf_get(&f->buf), buf_len(&f->buf), out))
		return 0;
	return out->len > VSCARD_PAYLOAD_MAX ? -EPROTO : 1;
}

int
framer_take(struct framer *f, size_t keep, struct wire_message *m)
{
	if (keep > m->len)
		keep = m->len;
	f->need = WIRE_HEADER_LEN + keep;
	if (buf_len(&f->buf) < f->need)
		return 0;
	f->held = f->need;
	f->skip = m->len - keep;
	f->need = 0;
	m->data = buf_get(&f->buf) + WIRE_HEADER_LEN;
	m->have = keep;
	return 1;
}

bool
framer_is_whole(const struct framer *f)
{
	size_t len = buf_len(&f->buf), at = f->held + f->skip;
	struct wire_message m;

	while (at < len) {
		if (!wire_get_header(buf_get(&f->buf) + at, len - at, &m) ||
		    m.len > VSCARD_PAYLOAD_MAX)
			return false;
		at += WIRE_HEADER_LEN + m.len;
	}
	return at == len;
}
