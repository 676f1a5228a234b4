/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random numbers run out: libcrypto's own generator for tests stands in for the
 * real one, and gives as many bytes as it was given.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "card/crypto/keypair.h"
#include "card/crypto/secret.h"
#include "card/crypto/x509.h"
#include "card/store/store.h"

enum { PLENTY = 1 << 20 };

static uint8_t bytes[PLENTY];

static void
give_one(EVP_RAND_CTX *generator, size_t len)
{
	unsigned strength = 256;
	OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(
				   OSSL_RAND_PARAM_TEST_ENTROPY, bytes, len),
	    OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, &strength),
	    OSSL_PARAM_construct_end()};

	ck_assert_ptr_nonnull(generator);
	ck_assert_int_eq(EVP_RAND_CTX_set_params(generator, params), 1);
}

/* From now on there are so many. */
static void
give(size_t len)
{
	give_one(RAND_get0_public(NULL), len);
	give_one(RAND_get0_private(NULL), len);
}

static void
begin(void)
{
	ck_assert_int_eq(
	    RAND_set_DRBG_type(NULL, "TEST-RAND", NULL, NULL, NULL), 1);
	ck_assert_int_eq(getrandom(bytes, 256, 0), 256);
	for (size_t i = 256; i < PLENTY; i++)
		bytes[i] = (uint8_t)(bytes[i - 256] * 167 + bytes[i - 1] + 41);
	give(PLENTY);
}

START_TEST(there_are_none)
{
	uint8_t out[32], zero[32] = {0};
	uint8_t sealed[3 + SECRET_SEAL_EXTRA];

	begin();
	ck_assert_int_eq(secret_random(out, sizeof(out)), 0);
	give(31);
	ck_assert_int_eq(secret_random(out, sizeof(out)), -EIO);
	give(11);
	ck_assert_int_eq(secret_seal(zero, "", 0, "abc", 3, sealed), -EIO);
	give(12);
	ck_assert_int_eq(secret_seal(zero, "", 0, "abc", 3, sealed), 0);
}
END_TEST

START_TEST(no_key_is_made)
{
	struct keypair *k = NULL;

	begin();
	for (int alg = KEYPAIR_RSA1024; alg <= KEYPAIR_X25519; alg++) {
		give(0);
		ck_assert_int_eq(
		    keypair_generate((enum keypair_alg)alg, &k), -EIO);
		give(20);
		ck_assert_int_eq(
		    keypair_generate((enum keypair_alg)alg, &k), -EIO);
		ck_assert_ptr_null(k);
	}
}
END_TEST

/* With too few for the nonce there is no signature, and later there is. */
START_TEST(no_signature_is_made)
{
	static const enum keypair_alg algs[] = {KEYPAIR_P256, KEYPAIR_P384,
	    KEYPAIR_P521, KEYPAIR_K256, KEYPAIR_BP256};
	uint8_t hash[32] = {1}, out[KEYPAIR_BYTES_MAX];
	struct keypair *k = NULL;
	size_t len = 0;

	begin();
	for (unsigned i = 0; i < 5; i++) {
		give(PLENTY);
		ck_assert_int_eq(keypair_generate(algs[i], &k), 0);
		give(0);
		ck_assert_int_eq(keypair_sign(k, hash, 32, out, &len), -EIO);
		give(PLENTY);
		ck_assert_int_eq(keypair_sign(k, hash, 32, out, &len), 0);
		keypair_free(k);
	}
}
END_TEST

/* Without blinding the time would tell the key. */
START_TEST(rsa_does_not_go_unblinded)
{
	uint8_t block[128] = {0, 1}, out[KEYPAIR_BYTES_MAX];
	struct keypair *k = NULL, *again = NULL;
	struct buf b;

	begin();
	buf_init(&b, 4096);
	ck_assert_int_eq(keypair_generate(KEYPAIR_RSA1024, &k), 0);
	ck_assert_int_eq(keypair_save(k, &b), 0);
	give(0);
	ck_assert_int_eq(
	    keypair_load(KEYPAIR_RSA1024, buf_get(&b), buf_len(&b), &again), 0);
	ck_assert_int_eq(keypair_rsa_raw(again, block, 128, out), -EIO);
	give(PLENTY);
	ck_assert_int_eq(keypair_rsa_raw(again, block, 128, out), 0);
	buf_clear(&b);
	keypair_free(again);
	keypair_free(k);
}
END_TEST

START_TEST(no_certificate_is_made)
{
	static const uint8_t serial[] = {1};
	struct keypair *k = NULL;
	struct x509_spec spec = {
	    .subject = "CA", .serial = serial, .serial_len = 1, .is_ca = true};
	struct buf der;

	begin();
	buf_init(&der, 4096);
	ck_assert_int_eq(keypair_generate(KEYPAIR_P256, &k), 0);
	spec.key = keypair_get_public(k);
	give(0);
	ck_assert_int_eq(x509_make(&spec, k, &der), -EIO);
	ck_assert_uint_eq(buf_len(&der), 0);
	give(PLENTY);
	ck_assert_int_eq(x509_make(&spec, k, &der), 0);
	buf_clear(&der);
	keypair_free(k);
}
END_TEST

/* Wherever they run out, the store is as it was. */
START_TEST(a_store_changes_nothing)
{
	static const struct place here = {STORE_PIV, 1, 1};
	struct store *s = NULL;
	size_t enough = 0;
	struct buf b;

	begin();
	buf_init(&b, 100);
	give(31);
	ck_assert_int_eq(store_new_memory(&s), -EIO);
	give(PLENTY);
	ck_assert_int_eq(store_new_memory(&s), 0);
	ck_assert_int_eq(store_put(s, here, "old", 3), 0);
	for (give(0); store_put(s, here, "new", 3) < 0; give(++enough)) {
		ck_assert_int_eq(store_get(s, here, &b), 0);
		ck_assert_mem_eq(buf_get(&b), "old", 3);
		ck_assert_int_eq(store_set_passphrase(s, NULL), -EIO);
	}
	/* A nonce for the record, and one for the manifest. */
	ck_assert_uint_eq(enough, 24);
	ck_assert_int_eq(store_get(s, here, &b), 0);
	ck_assert_mem_eq(buf_get(&b), "new", 3);
	buf_clear(&b);
	store_free(s);
}
END_TEST

UNIT_SUITE("random", there_are_none, no_key_is_made, no_signature_is_made,
    rsa_does_not_go_unblinded, no_certificate_is_made, a_store_changes_nothing)
