/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "key/certificate.h"

enum { CEILING = 4096, GZIP = 15 + 16, ZLIB = 15 };

/* The parser believes nothing of what a certificate holds. */
static const char text[] = "a certificate, a certificate, a certificate";

static size_t
object_make(uint8_t *out, size_t cap, const void *cert, size_t len, int info)
{
	struct wr wr;

	wr_init(&wr, out, cap);
	tlv_put(&wr, 0x70, cert, len);
	if (info >= 0)
		tlv_put_u8(&wr, 0x71, (uint8_t)info);
	tlv_put(&wr, 0xFE, NULL, 0);
	ck_assert_int_gt(wr_end(&wr), 0);
	return wr.len;
}

static size_t
deflate_into(uint8_t *out, size_t cap, const void *in, size_t len, int window)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)in,
	    .avail_in = (uInt)len,
	    .next_out = out,
	    .avail_out = (uInt)cap};

	ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, window, 8,
	    Z_DEFAULT_STRATEGY), Z_OK);
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return cap - z.avail_out;
}

static int
get(const void *object, size_t len, struct buf *out)
{
	struct rd rd;

	rd_init(&rd, object, len);
	buf_init(out, CEILING);
	return certificate_get(&rd, out);
}

static void
check_same(const void *object, size_t len)
{
	struct buf out;

	ck_assert_int_eq(get(object, len, &out), 0);
	ck_assert_uint_eq(buf_len(&out), sizeof(text));
	ck_assert_mem_eq(buf_get(&out), text, sizeof(text));
	buf_clear(&out);
}

START_TEST(plain_and_compressed)
{
	uint8_t object[512], packed[256];
	size_t len;

	check_same(object, object_make(object, sizeof(object), text,
	    sizeof(text), 0));
	check_same(object, object_make(object, sizeof(object), text,
	    sizeof(text), -1));
	len = deflate_into(packed, sizeof(packed), text, sizeof(text), GZIP);
	check_same(object, object_make(object, sizeof(object), packed, len, 1));
	len = deflate_into(packed, sizeof(packed), text, sizeof(text), ZLIB);
	check_same(object, object_make(object, sizeof(object), packed, len, 1));
}
END_TEST

static const struct {
	const char *name;
	const char *bytes;
	size_t len;
} wrong[] = {
    {"nothing", "", 0},
    {"no certificate", "\x71\x01\x00\xFE\x00", 5},
    {"an empty one", "\x70\x00\x71\x01\x00\xFE\x00", 7},
    {"a cut one", "\x70\x05 abc", 5},
    {"garbage behind", "\x70\x03" "abc\x71", 6},
    {"not compressed, but called so", "\x70\x03" "abc\x71\x01\x01", 8},
};

START_TEST(what_is_none_is_refused)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct buf out;

		ck_assert_msg(get(wrong[i].bytes, wrong[i].len, &out) ==
		    -EPROTO, "%s", wrong[i].name);
		buf_clear(&out);
	}
}
END_TEST

/* A megabyte of nothing, in a kilobyte. */
START_TEST(a_bomb_has_a_ceiling)
{
	uint8_t object[2048], packed[1600];
	uint8_t *nothing = calloc(1, 1 << 20);
	struct buf out;
	size_t len;

	ck_assert_ptr_nonnull(nothing);
	len = deflate_into(packed, sizeof(packed), nothing, 1 << 20, GZIP);
	len = object_make(object, sizeof(object), packed, len, 1);
	ck_assert_int_eq(get(object, len, &out), -ENOMEM);
	ck_assert_uint_le(buf_len(&out), CEILING);
	buf_clear(&out);
	free(nothing);
}
END_TEST

/* Each byte changed, and each length: a result or a refusal. */
START_TEST(mutations_are_survived)
{
	uint8_t object[512], packed[256];
	struct buf out;
	size_t len;
	int rc;

	len = deflate_into(packed, sizeof(packed), text, sizeof(text), GZIP);
	len = object_make(object, sizeof(object), packed, len, 1);
	for (size_t i = 0; i < len; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			object[i] ^= (uint8_t)(1u << bit);
			rc = get(object, len, &out);
			ck_assert(rc == 0 || rc == -EPROTO || rc == -ENOMEM);
			buf_clear(&out);
			object[i] ^= (uint8_t)(1u << bit);
		}
	for (size_t i = 0; i < len; i++) {
		rc = get(object, i, &out);
		ck_assert(rc == 0 || rc == -EPROTO);
		buf_clear(&out);
	}
}
END_TEST

UNIT_SUITE("certificate", plain_and_compressed, what_is_none_is_refused,
    a_bomb_has_a_ceiling, mutations_are_survived)
