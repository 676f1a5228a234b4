/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BER-TLV, ISO 7816-4 §5.2.2: tags of one to three bytes, as the standard
 * prints them (0x53, 0x7F49, 0x5FC107); lengths of one to four bytes, definite.
 */
#ifndef VSCARD_CARD_ISO_TLV_H
#define VSCARD_CARD_ISO_TLV_H

#include "util/bytes.h"

struct tlv {
	uint32_t tag;
	struct rd value; /* lends from the parent */
};

/* 1 and the next, 0 at the end, -EPROTO: not BER-TLV, or cut. */
int tlv_next(struct rd *, struct tlv *out) MUST_CHECK;
/*
 * The same without a value: a list of tags and lengths, as OpenPGP cards get
 * theirs for a key (the values are elsewhere).
 */
int tlv_next_header(struct rd *, uint32_t *out_tag, size_t *out_len) MUST_CHECK;
/*
 * The first with this tag among all that follow: 1, 0 if there is none, or
 * -EPROTO if the bytes are not BER-TLV to their end. Moves nothing.
 */
int tlv_find(const struct rd *, uint32_t tag, struct rd *out) MUST_CHECK;

/* Writers fail as wr_ functions do: wr_end tells. */
void tlv_put(struct wr *, uint32_t tag, const void *value, size_t len);
void tlv_put_u8(struct wr *, uint32_t tag, uint8_t);
/*
 * A constructed value of any length: everything written between open and close
 * is its content. close moves the content, should the length need more bytes.
 */
size_t tlv_open(struct wr *, uint32_t tag);
void tlv_close(struct wr *, size_t mark);

#endif
