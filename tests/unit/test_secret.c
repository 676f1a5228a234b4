/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <string.h>

#include "card/crypto/secret.h"
#include "tests/unit/vector.h"

START_TEST(sha256_is_that_of_fips_180)
{
	VECTOR(abc, 32,
	    "BA7816BF8F01CFEA414140DE5DAE2223"
	    "B00361A396177A9CB410FF61F20015AD");
	VECTOR(nothing, 32,
	    "E3B0C44298FC1C149AFBF4C8996FB924"
	    "27AE41E4649B934CA495991B7852B855");
	uint8_t out[SECRET_SHA256];

	ck_assert_int_eq(secret_sha256("abc", 3, out), 0);
	ck_assert_mem_eq(out, abc, 32);
	ck_assert_int_eq(secret_sha256(NULL, 0, out), 0);
	ck_assert_mem_eq(out, nothing, 32);
}
END_TEST

/* RFC 4231, cases 1, 2 and 6. */
START_TEST(hmac_is_that_of_rfc_4231)
{
	VECTOR(one, 32,
	    "B0344C61D8DB38535CA8AFCEAF0BF12B"
	    "881DC200C9833DA726E9376C2E32CFF7");
	VECTOR(two, 32,
	    "5BDCC146BF60754E6A042426089575C7"
	    "5A003F089D2739839DEC58B964EC3843");
	VECTOR(six, 32,
	    "60E431591EE0B67F0D8A26AACBF5B77F"
	    "8E0BC6213728C5140546040F0EE37F54");
	uint8_t key[131], out[SECRET_SHA256], again[SECRET_SHA256];

	memset(key, 0x0B, 20);
	ck_assert_int_eq(secret_hmac_sha256(key, 20, "Hi There", 8, out), 0);
	ck_assert_mem_eq(out, one, 32);
	ck_assert_int_eq(secret_hmac_sha256("Jefe", 4,
			     "what do ya want for nothing?", 28, out),
	    0);
	ck_assert_mem_eq(out, two, 32);
	memset(key, 0xAA, sizeof(key));
	ck_assert_int_eq(
	    secret_hmac_sha256(key, sizeof(key),
		"Test Using Larger Than Block-Size Key - Hash Key First", 54,
		out),
	    0);
	ck_assert_mem_eq(out, six, 32);
	/* No key is a key of its own, and not the last one. */
	ck_assert_int_eq(secret_hmac_sha256(NULL, 0, "x", 1, out), 0);
	memset(key, 0, sizeof(key));
	ck_assert_int_eq(secret_hmac_sha256(key, 64, "x", 1, again), 0);
	ck_assert_mem_eq(out, again, 32);
}
END_TEST

/* RFC 7914 §12. */
START_TEST(scrypt_is_that_of_rfc_7914)
{
	VECTOR(one, 64,
	    "77D6576238657B203B19CA42C18A0497"
	    "F16B4844E3074AE8DFDFFA3FEDE21442FCD0069DED0948F8326A753A0FC81F17"
	    "E8D3E0FB2E0D3628CF35E20C38D18906");
	VECTOR(two, 64,
	    "FDBABE1C9D3472007856E7190D01E9FE"
	    "7C6AD7CBC8237830E77376634B3731622EAF30D92E22A3886FF109279D9830DA"
	    "C727AFB94A83EE6D8360CBDFA2CC0640");
	uint8_t out[64];

	ck_assert_int_eq(secret_scrypt("", 0, "", 0, 16, 1, 1, out, 64), 0);
	ck_assert_mem_eq(out, one, 64);
	ck_assert_int_eq(
	    secret_scrypt("password", 8, "NaCl", 4, 1024, 8, 16, out, 64), 0);
	ck_assert_mem_eq(out, two, 64);
}
END_TEST

START_TEST(scrypt_refuses_what_it_does_not_know)
{
	static const struct {
		uint64_t n;
		uint32_t r, p;
	} bad[] = {{0, 8, 1}, {1, 8, 1}, {3, 8, 1}, {16, 0, 1}, {16, 8, 0},
	    {UINT64_C(1) << 63, 8, 1}, {1 << 20, UINT32_MAX, 1},
	    {16, UINT32_MAX, UINT32_MAX}, {UINT64_C(1) << 40, 1, 1}};
	uint8_t out[8];

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(secret_scrypt("x", 1, "y", 1, bad[i].n,
				     bad[i].r, bad[i].p, out, 8),
		    -EINVAL);
}
END_TEST

/* The GCM specification's test case 16. */
START_TEST(a_seal_is_gcm)
{
	VECTOR(key, 32,
	    "FEFFE9928665731C6D6A8F9467308308"
	    "FEFFE9928665731C6D6A8F9467308308");
	VECTOR(place, 20, "FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2");
	VECTOR(plain, 60,
	    "D9313225F88406E5A55909C5AFF5269A"
	    "86A7A9531534F7DA2E4C303D8A318A721C3C0C95956809532FCF0E2449A6B525"
	    "B16AEDF5AA0DE657BA637B39");
	VECTOR(sealed, 88,
	    "CAFEBABEFACEDBADDECAF888"
	    "522DC1F099567D07F47F37A32A84427D643A8CDCBFE5C0C97598A2BD2555D1AA"
	    "8CB08E48590DBB3DA7B08B1056828838C5F61E6393BA7A0ABCC9F662"
	    "76FC6ECE0F4E1768CDDF8853BB2D551B");
	uint8_t out[60];

	ck_assert_int_eq(secret_open(key, place, 20, sealed, 88, out), 0);
	ck_assert_mem_eq(out, plain, 60);
}
END_TEST

static const uint8_t seal_key[SECRET_SEAL_KEY] = "whatever is as good as other";

START_TEST(what_is_sealed_opens_at_its_place_alone)
{
	uint8_t sealed[5 + SECRET_SEAL_EXTRA], again[5 + SECRET_SEAL_EXTRA];
	uint8_t other[SECRET_SEAL_KEY] = {1}, out[5];
	size_t len = sizeof(sealed);

	ck_assert_int_eq(
	    secret_seal(seal_key, "here", 4, "plain", 5, sealed), 0);
	ck_assert_int_eq(
	    secret_seal(seal_key, "here", 4, "plain", 5, again), 0);
	/* Never the same nonce. */
	ck_assert_mem_ne(sealed, again, 12);
	ck_assert_int_eq(secret_open(seal_key, "here", 4, sealed, len, out), 0);
	ck_assert_mem_eq(out, "plain", 5);
	ck_assert_int_eq(
	    secret_open(seal_key, "hers", 4, sealed, len, out), -EBADMSG);
	/* What cannot be believed is not handed out. */
	ck_assert_mem_eq(out, "\0\0\0\0", 5);
	ck_assert_int_eq(
	    secret_open(seal_key, "her", 3, sealed, len, out), -EBADMSG);
	ck_assert_int_eq(
	    secret_open(other, "here", 4, sealed, len, out), -EBADMSG);
}
END_TEST

START_TEST(each_bit_of_a_seal_counts)
{
	uint8_t sealed[5 + SECRET_SEAL_EXTRA], out[5];
	size_t len = sizeof(sealed);

	ck_assert_int_eq(
	    secret_seal(seal_key, "here", 4, "plain", 5, sealed), 0);
	for (size_t bit = 0; bit < len * 8; bit++) {
		sealed[bit / 8] ^= (uint8_t)(1U << bit % 8);
		ck_assert_int_eq(
		    secret_open(seal_key, "here", 4, sealed, len, out),
		    -EBADMSG);
		sealed[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	for (size_t n = 0; n < len; n++)
		ck_assert_int_eq(
		    secret_open(seal_key, "here", 4, sealed, n, out), -EBADMSG);
	ck_assert_int_eq(secret_open(seal_key, "here", 4, sealed, len, out), 0);
}
END_TEST

START_TEST(nothing_can_be_sealed)
{
	uint8_t sealed[SECRET_SEAL_EXTRA], out[1] = {7};

	ck_assert_int_eq(secret_seal(seal_key, "", 0, NULL, 0, sealed), 0);
	ck_assert_int_eq(
	    secret_open(seal_key, "", 0, sealed, sizeof(sealed), out), 0);
	ck_assert_uint_eq(out[0], 7);
	ck_assert_int_eq(
	    secret_open(seal_key, "x", 1, sealed, sizeof(sealed), out),
	    -EBADMSG);
}
END_TEST

START_TEST(the_small_ones)
{
	uint8_t a[32] = {0}, b[32] = {0};

	ck_assert(secret_is_equal("abc", "abd", 2));
	ck_assert(!secret_is_equal("abc", "abd", 3));
	ck_assert(secret_is_equal("a", "b", 0));
	ck_assert_int_eq(secret_random(a, sizeof(a)), 0);
	ck_assert_int_eq(secret_random(b, sizeof(b)), 0);
	ck_assert_mem_ne(a, b, sizeof(a));
	secret_wipe(a, sizeof(a));
	memset(b, 0, sizeof(b));
	ck_assert_mem_eq(a, b, sizeof(a));
}
END_TEST

UNIT_SUITE("secret", sha256_is_that_of_fips_180, hmac_is_that_of_rfc_4231,
    scrypt_is_that_of_rfc_7914, scrypt_refuses_what_it_does_not_know,
    a_seal_is_gcm, what_is_sealed_opens_at_its_place_alone,
    each_bit_of_a_seal_counts, nothing_can_be_sealed, the_small_ones)
