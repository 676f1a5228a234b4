/* SPDX-License-Identifier: BSD-2-Clause */
/* RSA with two primes and the exponent 65537. */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/rsa.h>

#include "card/crypto/crypto.h"
#include "card/crypto/keypair_family.h"
#include "util/bytes.h"

/* In the order of key files; N and E are not in them. */
enum rsa_part {
	RSA_D,
	RSA_P,
	RSA_Q,
	RSA_DP,
	RSA_DQ,
	RSA_QINV,
	RSA_N,
	RSA_E,
	RSA_PARTS,
	RSA_SAVED = RSA_N
};

enum { RSA_EXPONENT = 65537 };

static const char *const part_names[RSA_PARTS] = {
    [RSA_D] = OSSL_PKEY_PARAM_RSA_D,
    [RSA_P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
    [RSA_Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,
    [RSA_DP] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
    [RSA_DQ] = OSSL_PKEY_PARAM_RSA_EXPONENT2,
    [RSA_QINV] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
    [RSA_N] = OSSL_PKEY_PARAM_RSA_N,
    [RSA_E] = OSSL_PKEY_PARAM_RSA_E};

struct rsa_numbers {
	BIGNUM *v[RSA_PARTS];
	BIGNUM *p1, *q1; /* p - 1, q - 1 */
	BN_CTX *ctx;
};

static size_t
part_bytes(enum keypair_alg alg, enum rsa_part part)
{
	size_t full = keypair_kind_get(alg)->bytes;

	return part == RSA_D || part == RSA_N ? full : full / 2;
}

static void
numbers_clear(struct rsa_numbers *x)
{
	for (unsigned i = 0; i < RSA_PARTS; i++)
		BN_clear_free(x->v[i]);
	BN_clear_free(x->p1);
	BN_clear_free(x->q1);
	BN_CTX_free(x->ctx);
}

static int
numbers_init(struct rsa_numbers *x)
{
	bool all = true;

	memset(x, 0, sizeof(*x));
	for (unsigned i = 0; i < RSA_PARTS; i++) {
		x->v[i] = BN_secure_new();
		all = all && x->v[i] != NULL;
		if (x->v[i] != NULL)
			BN_set_flags(x->v[i], BN_FLG_CONSTTIME);
	}
	x->p1 = BN_secure_new();
	x->q1 = BN_secure_new();
	x->ctx = BN_CTX_secure_new();
	if (all && x->p1 != NULL && x->q1 != NULL && x->ctx != NULL &&
	    BN_set_word(x->v[RSA_E], RSA_EXPONENT) == 1)
		return 0;
	numbers_clear(x);
	return crypto_failure();
}

static int
generate_rsa(struct keypair *k)
{
	k->pkey = EVP_PKEY_Q_keygen(
	    NULL, NULL, "RSA", keypair_kind_get(k->alg)->bytes * 8);
	return k->pkey == NULL ? crypto_failure() : 0;
}

/* All numbers are there and fit. */
static int
make_rsa(struct keypair *k, const struct rsa_numbers *x)
{
	uint8_t native[RSA_PARTS][KEYPAIR_BYTES_MAX];
	OSSL_PARAM params[RSA_PARTS + 1];
	bool fit = true;
	int rc;

	for (enum rsa_part i = 0; i < RSA_PARTS; i++) {
		size_t len = part_bytes(k->alg, i);

		fit = fit &&
		      BN_bn2nativepad(x->v[i], native[i], (int)len) == (int)len;
		params[i] =
		    OSSL_PARAM_construct_BN(part_names[i], native[i], len);
	}
	params[RSA_PARTS] = OSSL_PARAM_construct_end();
	rc = fit ? keypair_pkey_new("RSA", EVP_PKEY_KEYPAIR, params, &k->pkey)
		 : crypto_refuse(-EINVAL);
	OPENSSL_cleanse(native, sizeof(native));
	return rc;
}

/* n = p q, which has to be exactly as long as the algorithm says. */
static int
compute_modulus(const struct keypair *k, struct rsa_numbers *x)
{
	if (BN_mul(x->v[RSA_N], x->v[RSA_P], x->v[RSA_Q], x->ctx) != 1)
		return crypto_failure();
	if (BN_num_bits(x->v[RSA_N]) != 8 * (int)part_bytes(k->alg, RSA_N))
		return -EINVAL;
	return 0;
}

/* --- import ----------------------------------------------------------------- */

static int
read_number(BIGNUM *n, const uint8_t *bytes, size_t len)
{
	if (len > KEYPAIR_BYTES_MAX)
		return -EINVAL;
	return BN_bin2bn(bytes, (int)len, n) == NULL ? crypto_failure() : 0;
}

static int
read_parts(struct rsa_numbers *x, const struct keypair_rsa *in)
{
	int rc = read_number(x->v[RSA_P], in->p, in->p_len);

	if (rc == 0)
		rc = read_number(x->v[RSA_Q], in->q, in->q_len);
	if (rc == 0)
		rc = read_number(x->v[RSA_DP], in->dp, in->dp_len);
	if (rc == 0)
		rc = read_number(x->v[RSA_DQ], in->dq, in->dq_len);
	if (rc == 0)
		rc = read_number(x->v[RSA_QINV], in->qinv, in->qinv_len);
	return rc;
}

/*
 * Fermat's test to the base 2. It is to find mistakes: who imports a number
 * that only looks like a prime harms nobody else.
 */
static int
check_prime(struct rsa_numbers *x, const BIGNUM *p, const BIGNUM *p1)
{
	BIGNUM *two = BN_new(), *r = BN_secure_new();
	int rc = 0;

	if (two == NULL || r == NULL || BN_set_word(two, 2) != 1)
		rc = crypto_failure();
	else if (!BN_is_odd(p) ||
		 BN_mod_exp_mont_consttime(r, two, p1, p, x->ctx, NULL) != 1 ||
		 !BN_is_one(r))
		rc = crypto_refuse(-EINVAL);
	BN_free(two);
	BN_clear_free(r);
	return rc;
}

static int
check_primes(struct keypair *k, struct rsa_numbers *x)
{
	int half = 8 * (int)part_bytes(k->alg, RSA_P);
	int rc;

	if (BN_num_bits(x->v[RSA_P]) != half ||
	    BN_num_bits(x->v[RSA_Q]) != half ||
	    BN_cmp(x->v[RSA_P], x->v[RSA_Q]) == 0)
		return -EINVAL;
	if (BN_sub(x->p1, x->v[RSA_P], BN_value_one()) != 1 ||
	    BN_sub(x->q1, x->v[RSA_Q], BN_value_one()) != 1)
		return crypto_failure();
	BN_set_flags(x->p1, BN_FLG_CONSTTIME);
	BN_set_flags(x->q1, BN_FLG_CONSTTIME);
	rc = compute_modulus(k, x);
	if (rc == 0)
		rc = check_prime(x, x->v[RSA_P], x->p1);
	if (rc == 0)
		rc = check_prime(x, x->v[RSA_Q], x->q1);
	return rc;
}

/*
 * The inverse of a modulo m goes to *part, or is compared with what the caller
 * gave. There is none if the exponent does not suit the primes.
 */
static int
settle_inverse(
    struct rsa_numbers *x, enum rsa_part part, const BIGNUM *a, const BIGNUM *m)
{
	BIGNUM *inverse = BN_mod_inverse(NULL, a, m, x->ctx);
	int rc = 0;

	if (inverse == NULL)
		return crypto_refuse(-EINVAL);
	if (!BN_is_zero(x->v[part]) && BN_cmp(x->v[part], inverse) != 0)
		rc = -EINVAL;
	else if (BN_copy(x->v[part], inverse) == NULL)
		rc = crypto_failure();
	BN_clear_free(inverse);
	return rc;
}

/* d is the inverse of e modulo (p - 1)(q - 1). */
static int
compute_private(struct rsa_numbers *x)
{
	BIGNUM *phi = BN_secure_new();
	int rc;

	if (phi == NULL || BN_mul(phi, x->p1, x->q1, x->ctx) != 1) {
		rc = crypto_failure();
	} else {
		BN_set_flags(phi, BN_FLG_CONSTTIME);
		rc = settle_inverse(x, RSA_D, x->v[RSA_E], phi);
	}
	BN_clear_free(phi);
	return rc;
}

int
keypair_rsa_import(struct keypair *k, const struct keypair_rsa *in)
{
	struct rsa_numbers x;
	int rc = numbers_init(&x);

	if (rc < 0)
		return rc;
	rc = read_parts(&x, in);
	if (rc == 0)
		rc = check_primes(k, &x);
	if (rc == 0)
		rc = compute_private(&x);
	if (rc == 0)
		rc = settle_inverse(&x, RSA_DP, x.v[RSA_E], x.p1);
	if (rc == 0)
		rc = settle_inverse(&x, RSA_DQ, x.v[RSA_E], x.q1);
	if (rc == 0)
		rc = settle_inverse(&x, RSA_QINV, x.v[RSA_Q], x.v[RSA_P]);
	if (rc == 0)
		rc = make_rsa(k, &x);
	numbers_clear(&x);
	return rc;
}

/* --- key files ---------------------------------------------------------------- */

static int
save_rsa(const struct keypair *k, struct buf *out)
{
	uint8_t bytes[KEYPAIR_BYTES_MAX];
	int rc = 0;

	for (enum rsa_part i = 0; i < RSA_SAVED && rc == 0; i++) {
		rc = keypair_pkey_number(
		    k->pkey, part_names[i], bytes, part_bytes(k->alg, i));
		if (rc == 0)
			rc = buf_put(out, bytes, part_bytes(k->alg, i));
	}
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return rc;
}

static int
load_numbers(struct keypair *k, struct rsa_numbers *x, struct rd *in)
{
	int rc = 0;

	for (enum rsa_part i = 0; i < RSA_SAVED && rc == 0; i++) {
		const uint8_t *p = rd_bytes(in, part_bytes(k->alg, i));

		rc = p == NULL ? -EINVAL
			       : read_number(x->v[i], p, part_bytes(k->alg, i));
	}
	if (rc == 0 && !rd_end(in))
		rc = -EINVAL;
	return rc;
}

static int
load_rsa(struct keypair *k, const uint8_t *bytes, size_t len)
{
	struct rsa_numbers x;
	struct rd in;
	int rc = numbers_init(&x);

	if (rc < 0)
		return rc;
	rd_init(&in, bytes, len);
	rc = load_numbers(k, &x, &in);
	if (rc == 0)
		rc = compute_modulus(k, &x);
	if (rc == 0)
		rc = make_rsa(k, &x);
	numbers_clear(&x);
	return rc;
}

/* --- the public part ------------------------------------------------------------ */

static int
publish_rsa(struct keypair *k)
{
	static const uint8_t exponent[] = {0x01, 0x00, 0x01};

	k->pub.point_len = part_bytes(k->alg, RSA_N);
	k->pub.exponent_len = sizeof(exponent);
	memcpy(k->pub.exponent, exponent, sizeof(exponent));
	return keypair_pkey_number(
	    k->pkey, OSSL_PKEY_PARAM_RSA_N, k->pub.point, k->pub.point_len);
}

static int
from_public_rsa(const struct keypair_public *pub, EVP_PKEY **out)
{
	uint8_t native[KEYPAIR_BYTES_MAX];
	unsigned exponent = RSA_EXPONENT;
	BIGNUM *n;
	OSSL_PARAM params[3];
	int rc;

	if (pub->point_len != part_bytes(pub->alg, RSA_N))
		return -EINVAL;
	n = BN_bin2bn(pub->point, (int)pub->point_len, NULL);
	if (n == NULL || BN_bn2nativepad(n, native, (int)pub->point_len) !=
			     (int)pub->point_len) {
		rc = crypto_failure();
	} else {
		params[0] = OSSL_PARAM_construct_BN(
		    OSSL_PKEY_PARAM_RSA_N, native, pub->point_len);
		params[1] =
		    OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_E, &exponent);
		params[2] = OSSL_PARAM_construct_end();
		rc = keypair_pkey_new("RSA", EVP_PKEY_PUBLIC_KEY, params, out);
	}
	BN_free(n);
	return rc;
}

const struct keypair_family keypair_family_rsa = {
    .generate = generate_rsa,
    .load = load_rsa,
    .save = save_rsa,
    .publish = publish_rsa,
    .from_public = from_public_rsa,
};
