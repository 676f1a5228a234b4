/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <string.h>

#include "card/crypto/block.h"
#include "tests/unit/vector.h"

static void
is_block(enum block_cipher cipher, const uint8_t *key, const uint8_t *plain,
    const uint8_t *secret)
{
	uint8_t out[BLOCK_SIZE_MAX];
	size_t size = block_size(cipher);

	ck_assert_int_eq(block_encrypt(cipher, key, plain, out), 0);
	ck_assert_mem_eq(out, secret, size);
	ck_assert_int_eq(block_decrypt(cipher, key, secret, out), 0);
	ck_assert_mem_eq(out, plain, size);
	/* In place. */
	ck_assert_int_eq(block_encrypt(cipher, key, out, out), 0);
	ck_assert_mem_eq(out, secret, size);
	ck_assert_int_eq(block_decrypt(cipher, key, out, out), 0);
	ck_assert_mem_eq(out, plain, size);
}

/* FIPS 197, appendix C. */
START_TEST(aes_is_that_of_fips_197)
{
	VECTOR(key, 32,
	    "000102030405060708090A0B0C0D0E0F"
	    "101112131415161718191A1B1C1D1E1F");
	VECTOR(plain, 16, "00112233445566778899AABBCCDDEEFF");
	VECTOR(c128, 16, "69C4E0D86A7B0430D8CDB78070B4C55A");
	VECTOR(c192, 16, "DDA97CA4864CDFE06EAF70A0EC0D7191");
	VECTOR(c256, 16, "8EA2B7CA516745BFEAFC49904B496089");

	is_block(BLOCK_AES128, key, plain, c128);
	is_block(BLOCK_AES192, key, plain, c192);
	is_block(BLOCK_AES256, key, plain, c256);
}
END_TEST

/* SP 800-67, appendix B.1. */
START_TEST(tdes_is_that_of_sp_800_67)
{
	VECTOR(key, 24, "0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123");
	VECTOR(plain, 24,
	    "5468652071756663"
	    "6B2062726F776E20"
	    "666F78206A756D70");
	VECTOR(secret, 24,
	    "A826FD8CE53B855F"
	    "CCE21C8112256FE6"
	    "68D5C05DD9B6B900");

	for (unsigned i = 0; i < 24; i += 8)
		is_block(BLOCK_TDES, key, plain + i, secret + i);
}
END_TEST

START_TEST(sizes_are_those_of_the_ciphers)
{
	static const struct {
		enum block_cipher cipher;
		size_t size, key;
	} rows[] = {{BLOCK_TDES, 8, 24}, {BLOCK_AES128, 16, 16},
	    {BLOCK_AES192, 16, 24}, {BLOCK_AES256, 16, 32}};

	for (unsigned i = 0; i < 4; i++) {
		ck_assert_uint_eq(block_size(rows[i].cipher), rows[i].size);
		ck_assert_uint_eq(block_key_size(rows[i].cipher), rows[i].key);
	}
}
END_TEST

/* E(E(x)) = x under a weak key, and E2(E1(x)) = x under a half-weak pair. */
START_TEST(weak_parts_are_seen_wherever_they_are)
{
	static const char *const weak[] = {"0101010101010101",
	    "FEFEFEFEFEFEFEFE", "E0E0E0E0F1F1F1F1", "1F1F1F1F0E0E0E0E",
	    "011F011F010E010E", "1F011F010E010E01", "01E001E001F101F1",
	    "E001E001F101F101", "01FE01FE01FE01FE", "FE01FE01FE01FE01",
	    "1FE01FE00EF10EF1", "E01FE01FF10EF10E", "1FFE1FFE0EFE0EFE",
	    "FE1FFE1FFE0EFE0E", "E0FEE0FEF1FEF1FE", "FEE0FEE0FEF1FEF1"};
	VECTOR(good, 24, "0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123");
	uint8_t key[24];

	ck_assert(!block_key_is_weak(BLOCK_TDES, good));
	for (unsigned i = 0; i < 16; i++) {
		for (unsigned part = 0; part < 3; part++) {
			memcpy(key, good, sizeof(key));
			ck_assert_int_eq(
			    hex_get(weak[i], key + 8 * part, 8), 8);
			ck_assert(block_key_is_weak(BLOCK_TDES, key));
			/* Parity is no difference. */
			key[8 * part + 3] ^= 1;
			ck_assert(block_key_is_weak(BLOCK_TDES, key));
			key[8 * part + 3] ^= 2;
			ck_assert(!block_key_is_weak(BLOCK_TDES, key));
		}
	}
}
END_TEST

START_TEST(the_key_cards_are_born_with_is_not_weak)
{
	VECTOR(born, 24, "010203040506070801020304050607080102030405060708");
	static const uint8_t zero[32];

	ck_assert(!block_key_is_weak(BLOCK_TDES, born));
	ck_assert(block_key_is_weak(BLOCK_TDES, zero));
	ck_assert(!block_key_is_weak(BLOCK_AES128, zero));
	ck_assert(!block_key_is_weak(BLOCK_AES256, zero));
}
END_TEST

UNIT_SUITE("block", aes_is_that_of_fips_197, tdes_is_that_of_sp_800_67,
    sizes_are_those_of_the_ciphers, weak_parts_are_seen_wherever_they_are,
    the_key_cards_are_born_with_is_not_weak)
