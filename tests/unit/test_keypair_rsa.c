/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "card/crypto/keypair.h"

enum { HALF_MAX = KEYPAIR_BYTES_MAX / 2, EXPONENT = 65537 };

/* The parts of a key that libcrypto made. */
struct parts {
	uint8_t v[5][HALF_MAX]; /* p, q, dp, dq, qinv */
	uint8_t modulus[KEYPAIR_BYTES_MAX];
	size_t half;
};

static void
take_part(EVP_PKEY *pkey, const char *name, uint8_t *out, size_t len)
{
	BIGNUM *n = NULL;

	ck_assert_int_eq(EVP_PKEY_get_bn_param(pkey, name, &n), 1);
	ck_assert_int_ge(BN_bn2binpad(n, out, (int)len), 0);
	BN_clear_free(n);
}

static void
make_parts(unsigned bits, struct parts *out)
{
	static const char *const names[] = {OSSL_PKEY_PARAM_RSA_FACTOR1,
	    OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
	    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);

	ck_assert_ptr_nonnull(pkey);
	out->half = bits / 16;
	for (unsigned i = 0; i < 5; i++)
		take_part(pkey, names[i], out->v[i], out->half);
	take_part(pkey, OSSL_PKEY_PARAM_RSA_N, out->modulus, bits / 8);
	EVP_PKEY_free(pkey);
}

/* All five, or the primes alone. */
static struct keypair_rsa
lend(const struct parts *p, bool all)
{
	size_t rest = all ? p->half : 0;

	return (struct keypair_rsa){p->v[0], p->v[1], p->v[2], p->v[3], p->v[4],
	    p->half, p->half, rest, rest, rest};
}

/* block = out ^ 65537, which only the owner of the key can have made. */
static void
is_inverse(const struct keypair *k, const uint8_t *block, const uint8_t *out)
{
	const struct keypair_public *pub = keypair_get_public(k);
	int len = (int)pub->point_len;
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *n = BN_bin2bn(pub->point, len, NULL);
	BIGNUM *x = BN_bin2bn(out, len, NULL);
	BIGNUM *e = BN_new();
	uint8_t found[KEYPAIR_BYTES_MAX];

	BN_set_word(e, EXPONENT);
	ck_assert_int_eq(BN_mod_exp(x, x, e, n, ctx), 1);
	ck_assert_int_eq(BN_bn2binpad(x, found, len), len);
	ck_assert_mem_eq(found, block, (size_t)len);
	BN_free(n);
	BN_free(x);
	BN_free(e);
	BN_CTX_free(ctx);
}

/* In the middle, at both ends, again, in place, and what is not allowed. */
static void
works(struct keypair *k)
{
	const struct keypair_public *pub = keypair_get_public(k);
	uint8_t block[KEYPAIR_BYTES_MAX] = {0x00, 0x01, 0xFF, 0x00, 0x30};
	uint8_t out[KEYPAIR_BYTES_MAX];
	size_t len = pub->point_len, sig_len = 7;

	for (unsigned i = 0; i < 4; i++) {
		block[len - 1] = (uint8_t)i;
		ck_assert_int_eq(keypair_rsa_raw(k, block, len, out), 0);
		is_inverse(k, block, out);
	}
	memset(block, 0, len);
	ck_assert_int_eq(keypair_rsa_raw(k, block, len, out), 0);
	ck_assert_mem_eq(out, block, len);
	memcpy(block, pub->point, len);
	block[len - 1]--;
	memcpy(out, block, len);
	ck_assert_int_eq(keypair_rsa_raw(k, out, len, out), 0);
	is_inverse(k, block, out);

	ck_assert_int_eq(keypair_rsa_raw(k, pub->point, len, out), -EINVAL);
	memset(block, 0xFF, len);
	ck_assert_int_eq(keypair_rsa_raw(k, block, len, out), -EINVAL);
	memset(block, 0, len);
	ck_assert_int_eq(keypair_rsa_raw(k, block, len - 1, out), -EINVAL);
	ck_assert_int_eq(keypair_rsa_raw(k, block, 0, out), -EINVAL);
	ck_assert_int_eq(keypair_sign(k, block, 32, out, &sig_len), -EINVAL);
	ck_assert_int_eq(keypair_agree(k, block, 32, out, &sig_len), -EINVAL);
	ck_assert_uint_eq(sig_len, 7);
}

static struct keypair *
reload(const struct keypair *k)
{
	enum keypair_alg alg = keypair_get_alg(k);
	struct keypair *again = NULL, *none = NULL;
	struct buf b;

	buf_init(&b, 4096);
	ck_assert_int_eq(keypair_save(k, &b), 0);
	ck_assert_int_eq(
	    keypair_load(alg, buf_get(&b), buf_len(&b), &again), 0);
	ck_assert_mem_eq(keypair_get_public(k), keypair_get_public(again),
	    sizeof(struct keypair_public));
	for (size_t n = 0; n < buf_len(&b); n++)
		ck_assert_int_eq(
		    keypair_load(alg, buf_get(&b), n, &none), -EINVAL);
	ck_assert_int_eq(buf_put(&b, "x", 1), 0);
	ck_assert_int_eq(
	    keypair_load(alg, buf_get(&b), buf_len(&b), &none), -EINVAL);
	ck_assert_ptr_null(none);
	buf_clear(&b);
	return again;
}

/* RSA-4096 may take many seconds to be found; it is imported instead. */
START_TEST(a_generated_key_works_and_keeps)
{
	static const enum keypair_alg algs[] = {
	    KEYPAIR_RSA1024, KEYPAIR_RSA2048};
	struct keypair *k, *again;

	for (unsigned i = 0; i < 2; i++) {
		k = NULL;
		ck_assert_int_eq(keypair_generate(algs[i], &k), 0);
		ck_assert(keypair_is_rsa(keypair_get_alg(k)));
		ck_assert_uint_eq(keypair_get_public(k)->point_len,
		    keypair_alg_bytes(algs[i]));
		ck_assert_uint_eq(keypair_get_public(k)->exponent_len, 3);
		ck_assert_mem_eq(keypair_get_public(k)->exponent, "\1\0\1", 3);
		again = reload(k);
		works(k);
		works(again);
		keypair_free(again);
		keypair_free(k);
	}
}
END_TEST

START_TEST(primes_are_enough)
{
	static const struct {
		unsigned bits;
		enum keypair_alg alg;
	} rows[] = {{1024, KEYPAIR_RSA1024}, {2048, KEYPAIR_RSA2048},
	    {3072, KEYPAIR_RSA3072}};
	struct keypair_rsa in;
	struct keypair *k = NULL, *again;
	struct parts p;
	unsigned count = getenv("VSCARD_TEST_QUICK") != NULL ? 2 : 3;

	for (unsigned i = 0; i < count; i++) {
		make_parts(rows[i].bits, &p);
		for (unsigned all = 0; all < 2; all++) {
			in = lend(&p, all);
			ck_assert_int_eq(
			    keypair_import_rsa(rows[i].alg, &in, &k), 0);
			ck_assert_mem_eq(keypair_get_public(k)->point,
			    p.modulus, rows[i].bits / 8);
			again = reload(k);
			works(again);
			keypair_free(again);
			keypair_free(k);
		}
	}
}
END_TEST

START_TEST(the_primes_may_come_in_any_order)
{
	uint8_t inverse[HALF_MAX];
	struct keypair_rsa in;
	struct keypair *k = NULL;
	struct parts p;

	make_parts(1024, &p);
	in = lend(&p, false);
	in.p = p.v[1];
	in.q = p.v[0];
	ck_assert_int_eq(keypair_import_rsa(KEYPAIR_RSA1024, &in, &k), 0);
	works(k);
	keypair_free(k);
	/* But a coefficient is that of this order. */
	memcpy(inverse, p.v[4], p.half);
	in.qinv = inverse;
	in.qinv_len = p.half;
	ck_assert_int_eq(keypair_import_rsa(KEYPAIR_RSA1024, &in, &k), -EINVAL);
}
END_TEST

static void
is_refused(enum keypair_alg alg, const struct keypair_rsa *in)
{
	struct keypair *k = NULL;

	ck_assert_int_eq(keypair_import_rsa(alg, in, &k), -EINVAL);
	ck_assert_ptr_null(k);
}

START_TEST(parts_that_do_not_fit_are_refused)
{
	struct keypair_rsa in;
	struct parts good, bad;
	uint8_t longer[HALF_MAX + 1] = {1};

	make_parts(1024, &good);
	for (unsigned i = 0; i < 5; i++) {
		bad = good;
		bad.v[i][bad.half - 1] ^= 2;
		in = lend(&bad, true);
		is_refused(KEYPAIR_RSA1024, &in);
		bad = good;
		bad.v[i][0] ^= 0x80;
		in = lend(&bad, true);
		is_refused(KEYPAIR_RSA1024, &in);
	}
	in = lend(&good, true);
	is_refused(KEYPAIR_RSA2048, &in);
	is_refused(KEYPAIR_P256, &in);
	in.q = in.p;
	is_refused(KEYPAIR_RSA1024, &in);
	in = lend(&good, false);
	in.p_len = 0;
	is_refused(KEYPAIR_RSA1024, &in);
	in = lend(&good, false);
	in.q_len--;
	is_refused(KEYPAIR_RSA1024, &in);
	/* A zero in front changes nothing, anything else does. */
	memcpy(longer + 1, good.v[0], good.half);
	in = lend(&good, false);
	in.p = longer;
	in.p_len = good.half + 1;
	is_refused(KEYPAIR_RSA1024, &in);
}
END_TEST

START_TEST(what_is_even_or_no_prime_is_refused)
{
	struct keypair_rsa in;
	struct parts bad;

	make_parts(1024, &bad);
	bad.v[0][bad.half - 1] &= 0xFE;
	in = lend(&bad, false);
	is_refused(KEYPAIR_RSA1024, &in);
	memset(bad.v[0], 0xFF, bad.half);
	is_refused(KEYPAIR_RSA1024, &in);
	memset(bad.v[0], 0, bad.half);
	is_refused(KEYPAIR_RSA1024, &in);
}
END_TEST

/* The exponent has no inverse if it divides p - 1. */
START_TEST(a_prime_that_the_exponent_does_not_suit_is_refused)
{
	BIGNUM *p = BN_new(), *add = BN_new(), *rem = BN_new();
	struct keypair_rsa in;
	struct parts bad;

	make_parts(1024, &bad);
	BN_set_word(add, 2 * EXPONENT);
	BN_set_word(rem, 1);
	ck_assert_int_eq(BN_generate_prime_ex(p, 512, 0, add, rem, NULL), 1);
	ck_assert_int_eq(BN_bn2binpad(p, bad.v[0], 64), 64);
	in = lend(&bad, false);
	is_refused(KEYPAIR_RSA1024, &in);
	BN_free(p);
	BN_free(add);
	BN_free(rem);
}
END_TEST

/* Two primes of 512 bits may have a product of 1023. */
START_TEST(a_modulus_that_is_a_bit_short_is_refused)
{
	BIGNUM *p = BN_new();
	struct keypair_rsa in;
	struct parts bad;

	make_parts(1024, &bad);
	BN_set_word(p, 1);
	BN_lshift(p, p, 511);
	BN_add_word(p, 1);
	for (unsigned i = 0; i < 2; i++) {
		do
			BN_add_word(p, 2);
		while (BN_check_prime(p, NULL, NULL) != 1);
		ck_assert_int_eq(BN_bn2binpad(p, bad.v[i], 64), 64);
	}
	in = lend(&bad, false);
	is_refused(KEYPAIR_RSA1024, &in);
	BN_free(p);
}
END_TEST

UNIT_SUITE("keypair rsa", a_generated_key_works_and_keeps, primes_are_enough,
    the_primes_may_come_in_any_order, parts_that_do_not_fit_are_refused,
    what_is_even_or_no_prime_is_refused,
    a_prime_that_the_exponent_does_not_suit_is_refused,
    a_modulus_that_is_a_bit_short_is_refused)
