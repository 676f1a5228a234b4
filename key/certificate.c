/* SPDX-License-Identifier: BSD-2-Clause */
#include "key/certificate.h"

#include <zlib.h>

enum {
	TAG_CERTIFICATE = 0x70,
	TAG_INFO = 0x71,
	INFO_COMPRESSED = 1, /* the lowest bit */
	WINDOW_ANY = 15 + 32 /* gzip's header or zlib's, as comes */
};

static int
inflate_into(z_stream *z, struct buf *out)
{
	uint8_t *room;
	size_t cap;
	int rc, state;

	do {
		rc = buf_space(out, 1, &room, &cap);
		if (rc < 0)
			return rc;
		z->next_out = room;
		z->avail_out = (uInt)cap;
		state = inflate(z, Z_NO_FLUSH);
		buf_filled(out, cap - z->avail_out);
	} while (state == Z_OK);
	return state == Z_STREAM_END ? 0 : -EPROTO;
}

static int
decompress(const struct rd *in, struct buf *out)
{
	z_stream z = {
	    .next_in = (Bytef *)(uintptr_t)in->p, .avail_in = (uInt)in->len};
	int rc;

	if (inflateInit2(&z, WINDOW_ANY) != Z_OK)
		return -ENOMEM;
	rc = inflate_into(&z, out);
	inflateEnd(&z);
	return rc;
}

int
certificate_get(const struct rd *object, struct buf *out)
{
	struct rd cert, info;

	if (tlv_find(object, TAG_CERTIFICATE, &cert) != 1 || cert.len == 0)
		return -EPROTO;
	if (tlv_find(object, TAG_INFO, &info) == 1 &&
	    (rd_u8(&info) & INFO_COMPRESSED) != 0)
		return decompress(&cert, out);
	return buf_put(out, cert.p, cert.len);
}
