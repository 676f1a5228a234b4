/* SPDX-License-Identifier: BSD-2-Clause */
/* Curves and 25519; RSA has a program of its own. */
#include "tests/unit/unit.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "card/crypto/keypair.h"
#include "tests/unit/vector.h"

static const struct {
	enum keypair_alg alg;
	const char *curve; /* libcrypto's name */
	size_t bytes;
} curves[] = {{KEYPAIR_P256, "prime256v1", 32}, {KEYPAIR_P384, "secp384r1", 48},
    {KEYPAIR_P521, "secp521r1", 66}, {KEYPAIR_K256, "secp256k1", 32},
    {KEYPAIR_BP256, "brainpoolP256r1", 32},
    {KEYPAIR_BP384, "brainpoolP384r1", 48},
    {KEYPAIR_BP512, "brainpoolP512r1", 64}};

enum { CURVES = sizeof(curves) / sizeof(curves[0]) };

/* --- libcrypto's view of the public part ---------------------------------------- */

static EVP_PKEY *
public_of(const char *curve, const struct keypair_public *pub)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *pkey = NULL;
	uint8_t point[256];
	char name[32];
	OSSL_PARAM params[3];

	ck_assert_uint_lt(pub->point_len, sizeof(point));
	memcpy(point, pub->point, pub->point_len);
	strcpy(name, curve);
	params[0] = OSSL_PARAM_construct_utf8_string(
	    OSSL_PKEY_PARAM_GROUP_NAME, name, 0);
	params[1] = OSSL_PARAM_construct_octet_string(
	    OSSL_PKEY_PARAM_PUB_KEY, point, pub->point_len);
	params[2] = OSSL_PARAM_construct_end();
	ck_assert_int_eq(EVP_PKEY_fromdata_init(ctx), 1);
	ck_assert_int_eq(
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params), 1);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static bool
verifies(EVP_PKEY *pkey, const uint8_t *hash, size_t len, const uint8_t *sig,
    size_t sig_len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	int rc;

	ck_assert_int_eq(EVP_PKEY_verify_init(ctx), 1);
	rc = EVP_PKEY_verify(ctx, sig, sig_len, hash, len);
	EVP_PKEY_CTX_free(ctx);
	return rc == 1;
}

static struct keypair *
generate(enum keypair_alg alg)
{
	struct keypair *k = NULL;

	ck_assert_int_eq(keypair_generate(alg, &k), 0);
	ck_assert_int_eq(keypair_get_alg(k), alg);
	return k;
}

static struct keypair *
reload(const struct keypair *k)
{
	enum keypair_alg alg = keypair_get_alg(k);
	struct keypair *again = NULL;
	struct buf b;

	buf_init(&b, 4096);
	ck_assert_int_eq(keypair_save(k, &b), 0);
	ck_assert_int_eq(
	    keypair_load(alg, buf_get(&b), buf_len(&b), &again), 0);
	ck_assert_mem_eq(keypair_get_public(k), keypair_get_public(again),
	    sizeof(struct keypair_public));
	/* No other length will do. */
	for (size_t n = 0; n < buf_len(&b); n++)
		ck_assert_int_eq(
		    keypair_load(alg, buf_get(&b), n, &again), -EINVAL);
	ck_assert_int_eq(buf_put(&b, "x", 1), 0);
	ck_assert_int_eq(
	    keypair_load(alg, buf_get(&b), buf_len(&b), &again), -EINVAL);
	buf_clear(&b);
	return again;
}

/* --- signatures -------------------------------------------------------------------- */

/*
 * Twice, because the prepared context is used again; then a hash that is longer
 * than the order, which is cut, and one that is shorter, which is a number.
 */
static void
sign_in_all_lengths(struct keypair *k, EVP_PKEY *pkey, size_t bytes)
{
	uint8_t hash[128] = {0}, sig[KEYPAIR_BYTES_MAX];
	size_t len = 0;

	for (unsigned i = 0; i < sizeof(hash); i++)
		hash[i] = (uint8_t)(i * 37 + 11);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(keypair_sign(k, hash, 32, sig, &len), 0);
		ck_assert(verifies(pkey, hash, 32, sig, len));
		hash[31] ^= 1;
		ck_assert(!verifies(pkey, hash, 32, sig, len));
	}
	if (bytes == 66)
		return;
	ck_assert_int_eq(keypair_sign(k, hash, bytes + 16, sig, &len), 0);
	ck_assert(verifies(pkey, hash, bytes, sig, len));
	memset(hash, 0, bytes - 20);
	ck_assert_int_eq(keypair_sign(k, hash + bytes - 20, 20, sig, &len), 0);
	ck_assert(verifies(pkey, hash, bytes, sig, len));
}

START_TEST(each_curve_signs)
{
	struct keypair *k = generate(curves[_i].alg), *again = reload(k);
	EVP_PKEY *pkey = public_of(curves[_i].curve, keypair_get_public(k));
	uint8_t out[KEYPAIR_BYTES_MAX];
	size_t len = 99;

	ck_assert_uint_eq(keypair_alg_bytes(curves[_i].alg), curves[_i].bytes);
	ck_assert_uint_eq(
	    keypair_get_public(k)->point_len, 1 + 2 * curves[_i].bytes);
	ck_assert(!keypair_is_rsa(curves[_i].alg));
	sign_in_all_lengths(k, pkey, curves[_i].bytes);
	sign_in_all_lengths(again, pkey, curves[_i].bytes);
	ck_assert_int_eq(keypair_sign(k, out, 0, out, &len), -EINVAL);
	ck_assert_int_eq(keypair_rsa_raw(k, out, 32, out), -EINVAL);
	ck_assert_uint_eq(len, 99);
	EVP_PKEY_free(pkey);
	keypair_free(k);
	keypair_free(again);
}
END_TEST

/* RFC 8032 §7.1, tests 1 to 3. */
START_TEST(ed25519_is_that_of_rfc_8032)
{
	static const struct {
		const char *secret, *point, *message, *signature;
		size_t len;
	} rows[] = {
	    {"9D61B19DEFFD5A60BA844AF492EC2CC44449C5697B326919703BAC031CAE7F60",
		"D75A980182B10AB7D54BFED3C964073A0EE172F3DAA62325AF021A68F70751"
		"1A",
		"",
		"E5564300C360AC729086E2CC806E828A84877F1EB8E5D974D873E065224901"
		"55"
		"5FB8821590A33BACC61E39701CF9B46BD25BF5F0595BBE24655141438E7A10"
		"0B",
		0},
	    {"4CCD089B28FF96DA9DB6C346EC114E0F5B8A319F35ABA624DA8CF6ED4FB8A6FB",
		"3D4017C3E843895A92B70AA74D1B7EBC9C982CCF2EC4968CC0CD55F12AF466"
		"0C",
		"72",
		"92A009A9F0D4CAB8720E820B5F642540A2B27B5416503F8FB3762223EBDB69"
		"DA"
		"085AC1E43E15996E458F3613D0F11D8C387B2EAEB4302AEEB00D291612BB0C"
		"00",
		1},
	    {"C5AA8DF43F9F837BEDB7442F31DCB7B166D38535076F094B85CE3A2E0B4458F7",
		"FC51CD8E6218A1A38DA47ED00230F0580816ED13BA3303AC5DEB9115489080"
		"25",
		"AF82",
		"6291D657DEEC24024827E69C3ABE01A30CE548A284743A445E3680D7DB5AC3"
		"AC"
		"18FF9B538D16F290AE67F760984DC6594A7C15E9716ED28DC027BECEEA1EC4"
		"0A",
		2}};
	uint8_t message[2], out[KEYPAIR_BYTES_MAX];
	struct keypair *k = NULL, *again;
	size_t len = 0;

	for (unsigned i = 0; i < 3; i++) {
		VECTOR(secret, 32, rows[i].secret);
		VECTOR(point, 32, rows[i].point);
		VECTOR(signature, 64, rows[i].signature);

		ck_assert_int_eq(
		    hex_get(rows[i].message, message, 2), (int)rows[i].len);
		ck_assert_int_eq(
		    keypair_import_raw(KEYPAIR_ED25519, secret, 32, &k), 0);
		again = reload(k);
		ck_assert_uint_eq(keypair_get_public(k)->point_len, 32);
		ck_assert_mem_eq(keypair_get_public(k)->point, point, 32);
		ck_assert_int_eq(
		    keypair_sign(again, message, rows[i].len, out, &len), 0);
		ck_assert_uint_eq(len, 64);
		ck_assert_mem_eq(out, signature, 64);
		ck_assert_int_eq(
		    keypair_agree(k, point, 32, out, &len), -EINVAL);
		keypair_free(again);
		keypair_free(k);
	}
}
END_TEST

/* --- agreement ----------------------------------------------------------------------- */

/* RFC 7748 §6.1. */
START_TEST(x25519_is_that_of_rfc_7748)
{
	VECTOR(alice, 32,
	    "77076D0A7318A57D3C16C17251B26645"
	    "DF4C2F87EBC0992AB177FBA51DB92C2A");
	VECTOR(alice_point, 32,
	    "8520F0098930A754748B7DDCB43EF75A"
	    "0DBF3A0D26381AF4EBA4A98EAA9B4E6A");
	VECTOR(bob_point, 32,
	    "DE9EDB7D7B7DC1B4D35B61C2ECE43537"
	    "3F8343C85B78674DADFC7E146F882B4F");
	VECTOR(shared, 32,
	    "4A5D9D5BA4CE2DE1728E3BF480350F25"
	    "E07E21C947D19E3376F09B3C1E161742");
	static const uint8_t zero[33], one[32] = {1};
	uint8_t out[KEYPAIR_BYTES_MAX];
	struct keypair *k = NULL, *again;
	size_t len = 0;

	ck_assert_int_eq(keypair_import_raw(KEYPAIR_X25519, alice, 32, &k), 0);
	ck_assert_mem_eq(keypair_get_public(k)->point, alice_point, 32);
	again = reload(k);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(
		    keypair_agree(again, bob_point, 32, out, &len), 0);
		ck_assert_uint_eq(len, 32);
		ck_assert_mem_eq(out, shared, 32);
	}
	/* Points of small order, whose result says nothing. */
	ck_assert_int_eq(keypair_agree(k, zero, 32, out, &len), -EINVAL);
	ck_assert_int_eq(keypair_agree(k, one, 32, out, &len), -EINVAL);
	ck_assert_int_eq(keypair_agree(k, bob_point, 31, out, &len), -EINVAL);
	ck_assert_int_eq(keypair_agree(k, zero, 33, out, &len), -EINVAL);
	ck_assert_int_eq(keypair_sign(k, zero, 32, out, &len), -EINVAL);
	ck_assert_int_eq(keypair_agree(k, bob_point, 32, out, &len), 0);
	keypair_free(again);
	keypair_free(k);
}
END_TEST

/* NIST CAVS 14.1, ECC CDH primitive, P-256, count 0. */
START_TEST(ecdh_is_that_of_sp_800_56a)
{
	VECTOR(peer, 65,
	    "04"
	    "700C48F77F56584C5CC632CA65640DB91B6BACCE3A4DF6B42CE7CC838833D287"
	    "DB71E509E3FD9B060DDB20BA5C51DCC5948D46FBF640DFE0441782CAB85FA4AC");
	VECTOR(scalar, 32,
	    "7D7DC5F71EB29DDAF80D6214632EEAE03D9058AF1FB6D22ED80BADB62BC1A534");
	VECTOR(point, 65,
	    "04"
	    "EAD218590119E8876B29146FF89CA61770C4EDBBF97D38CE385ED281D8A6B230"
	    "28AF61281FD35E2FA7002523ACC85A429CB06EE6648325389F59EDFCE1405141");
	VECTOR(shared, 32,
	    "46FC62106420FF012E54A434FBDD2D25CCC5852060561E68040DD7778997BD7B");
	uint8_t out[KEYPAIR_BYTES_MAX];
	struct keypair *k = NULL;
	size_t len = 0;

	ck_assert_int_eq(keypair_import_raw(KEYPAIR_P256, scalar, 32, &k), 0);
	ck_assert_mem_eq(keypair_get_public(k)->point, point, 65);
	ck_assert_int_eq(keypair_agree(k, peer, 65, out, &len), 0);
	ck_assert_uint_eq(len, 32);
	ck_assert_mem_eq(out, shared, 32);
	keypair_free(k);
}
END_TEST

START_TEST(two_keys_agree_and_bad_peers_are_refused)
{
	struct keypair *a = generate(curves[_i].alg), *b = reload(a), *c;
	struct keypair_public bad = *keypair_get_public(a);
	uint8_t one[KEYPAIR_BYTES_MAX], two[KEYPAIR_BYTES_MAX];
	size_t one_len = 0, two_len = 0;

	c = generate(curves[_i].alg);
	ck_assert_int_eq(keypair_agree(b, keypair_get_public(c)->point,
			     bad.point_len, one, &one_len),
	    0);
	ck_assert_int_eq(
	    keypair_agree(c, bad.point, bad.point_len, two, &two_len), 0);
	ck_assert_uint_eq(one_len, curves[_i].bytes);
	ck_assert_uint_eq(two_len, curves[_i].bytes);
	ck_assert_mem_eq(one, two, one_len);

	ck_assert_int_eq(
	    keypair_agree(c, bad.point, bad.point_len - 1, two, &two_len),
	    -EINVAL);
	bad.point[0] = 0x06;
	ck_assert_int_eq(
	    keypair_agree(c, bad.point, bad.point_len, two, &two_len), -EINVAL);
	bad.point[0] = 0x04;
	bad.point[bad.point_len - 1] ^= 1;
	ck_assert_int_eq(
	    keypair_agree(c, bad.point, bad.point_len, two, &two_len), -EINVAL);
	memset(bad.point + 1, 0xFF, bad.point_len - 1);
	ck_assert_int_eq(
	    keypair_agree(c, bad.point, bad.point_len, two, &two_len), -EINVAL);
	keypair_free(a);
	keypair_free(b);
	keypair_free(c);
}
END_TEST

/* --- import --------------------------------------------------------------------------- */

START_TEST(a_scalar_is_a_number)
{
	static const uint8_t three[66] = {[65] = 3};
	size_t bytes = curves[_i].bytes;
	struct keypair *k = NULL, *full = NULL;

	ck_assert_int_eq(
	    keypair_import_raw(curves[_i].alg, three + 65, 1, &k), 0);
	ck_assert_int_eq(keypair_import_raw(
			     curves[_i].alg, three + 66 - bytes, bytes, &full),
	    0);
	ck_assert_mem_eq(keypair_get_public(k), keypair_get_public(full),
	    sizeof(struct keypair_public));
	keypair_free(reload(k));
	keypair_free(k);
	keypair_free(full);
}
END_TEST

START_TEST(a_scalar_out_of_range_is_none)
{
	uint8_t zero[67] = {0}, ones[67];
	struct keypair *k = NULL;

	memset(ones, 0xFF, sizeof(ones));
	for (unsigned i = 0; i < CURVES; i++) {
		size_t n = curves[i].bytes;

		ck_assert_int_eq(
		    keypair_import_raw(curves[i].alg, zero, n, &k), -EINVAL);
		ck_assert_int_eq(
		    keypair_import_raw(curves[i].alg, zero, 0, &k), -EINVAL);
		ck_assert_int_eq(
		    keypair_import_raw(curves[i].alg, ones, n, &k), -EINVAL);
		ck_assert_int_eq(
		    keypair_import_raw(curves[i].alg, zero, n + 1, &k),
		    -EINVAL);
	}
	for (size_t n = 0; n < 40; n++) {
		if (n == 32)
			continue;
		ck_assert_int_eq(
		    keypair_import_raw(KEYPAIR_ED25519, ones, n, &k), -EINVAL);
		ck_assert_int_eq(
		    keypair_import_raw(KEYPAIR_X25519, ones, n, &k), -EINVAL);
	}
	ck_assert_ptr_null(k);
}
END_TEST

/* The order of P-256, and one less. */
START_TEST(the_order_is_the_first_that_is_too_large)
{
	VECTOR(order, 32,
	    "FFFFFFFF00000000FFFFFFFFFFFFFFFF"
	    "BCE6FAADA7179E84F3B9CAC2FC632551");
	struct keypair *k = NULL;

	ck_assert_int_eq(
	    keypair_import_raw(KEYPAIR_P256, order, 32, &k), -EINVAL);
	order[31]--;
	ck_assert_int_eq(keypair_import_raw(KEYPAIR_P256, order, 32, &k), 0);
	keypair_free(k);
}
END_TEST

START_TEST(a_point_of_another_key_or_none_does_not_load)
{
	struct keypair *k = generate(KEYPAIR_P256), *bad = NULL;
	struct buf b;

	buf_init(&b, 4096);
	ck_assert_int_eq(keypair_save(k, &b), 0);
	b.mem[b.tail - 1] ^= 1;
	ck_assert_int_eq(
	    keypair_load(KEYPAIR_P256, buf_get(&b), buf_len(&b), &bad),
	    -EINVAL);
	ck_assert_int_eq(
	    keypair_load(KEYPAIR_K256, buf_get(&b), buf_len(&b), &bad),
	    -EINVAL);
	ck_assert_ptr_null(bad);
	buf_clear(&b);
	keypair_free(k);
	keypair_free(NULL);
}
END_TEST

START_TEST(there_are_no_other_algorithms)
{
	static const int none[] = {0, 14, 15, 255, -1};
	uint8_t bytes[32] = {1};
	struct keypair_rsa rsa = {.p = NULL};
	struct keypair *k = NULL;

	for (unsigned i = 0; i < 5; i++) {
		enum keypair_alg alg = (enum keypair_alg)none[i];

		ck_assert_int_eq(keypair_generate(alg, &k), -EINVAL);
		ck_assert_int_eq(keypair_load(alg, bytes, 32, &k), -EINVAL);
		ck_assert_int_eq(
		    keypair_import_raw(alg, bytes, 32, &k), -EINVAL);
		ck_assert_int_eq(keypair_import_rsa(alg, &rsa, &k), -EINVAL);
		ck_assert_str_eq(keypair_alg_name(alg), "no algorithm");
		ck_assert_uint_eq(keypair_alg_bytes(alg), 0);
	}
	ck_assert_int_eq(
	    keypair_import_raw(KEYPAIR_RSA2048, bytes, 32, &k), -EINVAL);
	ck_assert_int_eq(keypair_import_rsa(KEYPAIR_P256, &rsa, &k), -EINVAL);
	ck_assert_str_eq(keypair_alg_name(KEYPAIR_X25519), "X25519");
}
END_TEST

Suite *
unit_suite(void)
{
	const TTest *const once[] = {ed25519_is_that_of_rfc_8032,
	    x25519_is_that_of_rfc_7748, ecdh_is_that_of_sp_800_56a,
	    a_scalar_out_of_range_is_none,
	    the_order_is_the_first_that_is_too_large,
	    a_point_of_another_key_or_none_does_not_load,
	    there_are_no_other_algorithms, NULL};
	Suite *suite = unit_suite_of("keypair", once);
	TCase *each = tcase_create("curves");

	tcase_set_timeout(each, 120);
	tcase_add_loop_test(each, each_curve_signs, 0, CURVES);
	tcase_add_loop_test(
	    each, two_keys_agree_and_bad_peers_are_refused, 0, CURVES);
	tcase_add_loop_test(each, a_scalar_is_a_number, 0, CURVES);
	suite_add_tcase(suite, each);
	return suite;
}
