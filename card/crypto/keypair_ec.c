/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys on the curves y² = x³ + ax + b, all of them of prime order. */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/objects.h>

#include "card/crypto/crypto.h"
#include "card/crypto/keypair_family.h"
#include "util/bytes.h"

enum { COORDINATE_MAX = 66, POINT_MAX = 1 + 2 * COORDINATE_MAX };

static const char *
curve_of(enum keypair_alg alg)
{
	return keypair_kind_get(alg)->evp;
}

static size_t
point_bytes(enum keypair_alg alg)
{
	return 1 + 2 * keypair_kind_get(alg)->bytes;
}

/* A parameter's string is not const, though it is only read. */
static OSSL_PARAM
curve_param(enum keypair_alg alg, char *room, size_t cap)
{
	size_t len = strlen(curve_of(alg));

	if (len < cap)
		memcpy(room, curve_of(alg), len + 1);
	return OSSL_PARAM_construct_utf8_string(
	    OSSL_PKEY_PARAM_GROUP_NAME, room, len);
}

static int
generate_ec(struct keypair *k)
{
	k->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve_of(k->alg));
	return k->pkey == NULL ? crypto_failure() : 0;
}

/* The scalar is big-endian and as long as a coordinate. */
static int
make_ec(struct keypair *k, const uint8_t *scalar, const uint8_t *point)
{
	size_t len = keypair_kind_get(k->alg)->bytes;
	uint8_t native[COORDINATE_MAX], copy[POINT_MAX];
	char curve[32];
	OSSL_PARAM params[4];
	BIGNUM *n = BN_secure_new();
	int rc;

	memcpy(copy, point, point_bytes(k->alg));
	if (n == NULL || BN_bin2bn(scalar, (int)len, n) == NULL ||
	    BN_bn2nativepad(n, native, (int)len) != (int)len) {
		rc = crypto_failure();
	} else {
		params[0] = curve_param(k->alg, curve, sizeof(curve));
		params[1] = OSSL_PARAM_construct_BN(
		    OSSL_PKEY_PARAM_PRIV_KEY, native, len);
		params[2] = OSSL_PARAM_construct_octet_string(
		    OSSL_PKEY_PARAM_PUB_KEY, copy, point_bytes(k->alg));
		params[3] = OSSL_PARAM_construct_end();
		rc = keypair_pkey_new("EC", EVP_PKEY_KEYPAIR, params, &k->pkey);
	}
	BN_clear_free(n);
	OPENSSL_cleanse(native, sizeof(native));
	return rc;
}

/* The public point of a scalar. -EINVAL: not from 1 to the order - 1. */
static int
multiply(enum keypair_alg alg, const BIGNUM *scalar, uint8_t *out)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(OBJ_sn2nid(curve_of(alg)));
	EC_POINT *point = group == NULL ? NULL : EC_POINT_new(group);
	int rc = 0;

	if (point == NULL)
		rc = crypto_failure();
	else if (BN_is_zero(scalar) ||
		 BN_cmp(scalar, EC_GROUP_get0_order(group)) >= 0)
		rc = -EINVAL;
	else if (EC_POINT_mul(group, point, scalar, NULL, NULL, NULL) != 1 ||
		 EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED,
		     out, point_bytes(alg), NULL) != point_bytes(alg))
		rc = crypto_failure();
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return rc;
}

static int
import_ec(struct keypair *k, const uint8_t *bytes, size_t len)
{
	size_t full = keypair_kind_get(k->alg)->bytes;
	uint8_t scalar[COORDINATE_MAX] = {0}, point[POINT_MAX];
	BIGNUM *n;
	int rc;

	if (len == 0 || len > full)
		return -EINVAL;
	memcpy(scalar + full - len, bytes, len);
	n = BN_secure_new();
	if (n == NULL || BN_bin2bn(scalar, (int)full, n) == NULL)
		rc = crypto_failure();
	else
		rc = multiply(k->alg, n, point);
	if (rc == 0)
		rc = make_ec(k, scalar, point);
	BN_clear_free(n);
	OPENSSL_cleanse(scalar, sizeof(scalar));
	return rc;
}

/* The scalar, then the point, because computing it takes as long as signing. */
static int
save_ec(const struct keypair *k, struct buf *out)
{
	size_t len = keypair_kind_get(k->alg)->bytes;
	uint8_t scalar[COORDINATE_MAX];
	int rc;

	rc =
	    keypair_pkey_number(k->pkey, OSSL_PKEY_PARAM_PRIV_KEY, scalar, len);
	if (rc == 0)
		rc = buf_put(out, scalar, len);
	if (rc == 0)
		rc = buf_put(out, k->pub.point, k->pub.point_len);
	OPENSSL_cleanse(scalar, sizeof(scalar));
	return rc;
}

static int
load_ec(struct keypair *k, const uint8_t *bytes, size_t len)
{
	struct rd in;
	const uint8_t *scalar, *point;

	rd_init(&in, bytes, len);
	scalar = rd_bytes(&in, keypair_kind_get(k->alg)->bytes);
	point = rd_bytes(&in, point_bytes(k->alg));
	return rd_end(&in) ? make_ec(k, scalar, point) : -EINVAL;
}

/*
 * By its coordinates: libcrypto's own encoding is compressed in some releases.
 */
static int
publish_ec(struct keypair *k)
{
	size_t len = keypair_kind_get(k->alg)->bytes;
	int rc;

	k->pub.point[0] = 0x04;
	rc = keypair_pkey_number(
	    k->pkey, OSSL_PKEY_PARAM_EC_PUB_X, k->pub.point + 1, len);
	if (rc == 0)
		rc = keypair_pkey_number(k->pkey, OSSL_PKEY_PARAM_EC_PUB_Y,
		    k->pub.point + 1 + len, len);
	k->pub.point_len = 1 + 2 * len;
	return rc;
}

static int
from_public_ec(const struct keypair_public *pub, EVP_PKEY **out)
{
	uint8_t point[POINT_MAX];
	char curve[32];
	OSSL_PARAM params[3];

	/* Hybrid and compressed forms are no points to a card. */
	if (pub->point_len != point_bytes(pub->alg) || pub->point[0] != 0x04)
		return -EINVAL;
	memcpy(point, pub->point, pub->point_len);
	params[0] = curve_param(pub->alg, curve, sizeof(curve));
	params[1] = OSSL_PARAM_construct_octet_string(
	    OSSL_PKEY_PARAM_PUB_KEY, point, pub->point_len);
	params[2] = OSSL_PARAM_construct_end();
	return keypair_pkey_new("EC", EVP_PKEY_PUBLIC_KEY, params, out);
}

const struct keypair_family keypair_family_ec = {
    .generate = generate_ec,
    .import_raw = import_ec,
    .load = load_ec,
    .save = save_ec,
    .publish = publish_ec,
    .from_public = from_public_ec,
};
