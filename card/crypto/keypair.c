/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/crypto/keypair.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "card/crypto/crypto.h"
#include "card/crypto/keypair_family.h"

static const struct keypair_kind kinds[] = {
    [0] = {NULL, "no algorithm", NULL, 0},
    [KEYPAIR_RSA1024] = {&keypair_family_rsa, "RSA-1024", NULL, 128},
    [KEYPAIR_RSA2048] = {&keypair_family_rsa, "RSA-2048", NULL, 256},
    [KEYPAIR_RSA3072] = {&keypair_family_rsa, "RSA-3072", NULL, 384},
    [KEYPAIR_RSA4096] = {&keypair_family_rsa, "RSA-4096", NULL, 512},
    [KEYPAIR_P256] = {&keypair_family_ec, "P-256", "prime256v1", 32},
    [KEYPAIR_P384] = {&keypair_family_ec, "P-384", "secp384r1", 48},
    [KEYPAIR_P521] = {&keypair_family_ec, "P-521", "secp521r1", 66},
    [KEYPAIR_K256] = {&keypair_family_ec, "secp256k1", "secp256k1", 32},
    [KEYPAIR_BP256] = {&keypair_family_ec, "brainpoolP256r1", "brainpoolP256r1",
	32},
    [KEYPAIR_BP384] = {&keypair_family_ec, "brainpoolP384r1", "brainpoolP384r1",
	48},
    [KEYPAIR_BP512] = {&keypair_family_ec, "brainpoolP512r1", "brainpoolP512r1",
	64},
    [KEYPAIR_ED25519] = {&keypair_family_25519, "Ed25519", "ED25519", 32},
    [KEYPAIR_X25519] = {&keypair_family_25519, "X25519", "X25519", 32}};

const struct keypair_kind *
keypair_kind_get(enum keypair_alg alg)
{
	size_t i = (size_t)alg;

	return &kinds[i < sizeof(kinds) / sizeof(kinds[0]) ? i : 0];
}

bool
keypair_is_rsa(enum keypair_alg alg)
{
	return keypair_kind_get(alg)->family == &keypair_family_rsa;
}

static bool
is_curve(enum keypair_alg alg)
{
	return keypair_kind_get(alg)->family == &keypair_family_ec;
}

const char *
keypair_alg_name(enum keypair_alg alg)
{
	return keypair_kind_get(alg)->name;
}

size_t
keypair_alg_bytes(enum keypair_alg alg)
{
	return keypair_kind_get(alg)->bytes;
}

/* --- making keys ----------------------------------------------------------- */

static struct keypair *
keypair_new(enum keypair_alg alg)
{
	struct keypair *k = calloc(1, sizeof(*k));

	if (k != NULL)
		k->alg = k->pub.alg = alg;
	return k;
}

/* rc: how the making of k->pkey went. */
static int
keypair_finish(struct keypair *k, int rc, struct keypair **out)
{
	if (rc == 0)
		rc = keypair_kind_get(k->alg)->family->publish(k);
	if (rc < 0)
		keypair_free(k);
	else
		*out = k;
	return rc;
}

int
keypair_generate(enum keypair_alg alg, struct keypair **out)
{
	const struct keypair_family *family = keypair_kind_get(alg)->family;
	struct keypair *k;

	if (family == NULL)
		return -EINVAL;
	k = keypair_new(alg);
	if (k == NULL)
		return -ENOMEM;
	return keypair_finish(k, family->generate(k), out);
}

int
keypair_import_rsa(
    enum keypair_alg alg, const struct keypair_rsa *parts, struct keypair **out)
{
	struct keypair *k;

	if (!keypair_is_rsa(alg))
		return -EINVAL;
	k = keypair_new(alg);
	if (k == NULL)
		return -ENOMEM;
	return keypair_finish(k, keypair_rsa_import(k, parts), out);
}

int
keypair_import_raw(enum keypair_alg alg, const uint8_t *bytes, size_t len,
    struct keypair **out)
{
	const struct keypair_family *family = keypair_kind_get(alg)->family;
	struct keypair *k;

	if (family == NULL || family->import_raw == NULL)
		return -EINVAL;
	k = keypair_new(alg);
	if (k == NULL)
		return -ENOMEM;
	return keypair_finish(k, family->import_raw(k, bytes, len), out);
}

int
keypair_save(const struct keypair *k, struct buf *out)
{
	return keypair_kind_get(k->alg)->family->save(k, out);
}

int
keypair_load(enum keypair_alg alg, const uint8_t *bytes, size_t len,
    struct keypair **out)
{
	const struct keypair_family *family = keypair_kind_get(alg)->family;
	struct keypair *k;

	if (family == NULL)
		return -EINVAL;
	k = keypair_new(alg);
	if (k == NULL)
		return -ENOMEM;
	return keypair_finish(k, family->load(k, bytes, len), out);
}

/* libcrypto wipes what is private. */
void
keypair_free(struct keypair *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_CTX_free(k->signing);
	EVP_PKEY_CTX_free(k->agreeing);
	EVP_PKEY_free(k->pkey);
	free(k);
}

enum keypair_alg
keypair_get_alg(const struct keypair *k)
{
	return k->alg;
}

const struct keypair_public *
keypair_get_public(const struct keypair *k)
{
	return &k->pub;
}

/* --- what the families share ------------------------------------------------ */

int
keypair_pkey_new(
    const char *type, int selection, OSSL_PARAM *params, EVP_PKEY **out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *pkey = NULL;
	int rc = 0;

	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1)
		rc = crypto_failure();
	else if (EVP_PKEY_fromdata(ctx, &pkey, selection, params) != 1)
		rc = crypto_refuse(-EINVAL);
	else
		*out = pkey;
	EVP_PKEY_CTX_free(ctx);
	return rc;
}

int
keypair_pkey_number(
    const EVP_PKEY *pkey, const char *name, uint8_t *out, size_t len)
{
	BIGNUM *n = NULL;
	int rc = 0;

	if (EVP_PKEY_get_bn_param(pkey, name, &n) != 1 ||
	    BN_bn2binpad(n, out, (int)len) != (int)len)
		rc = crypto_failure();
	BN_clear_free(n);
	return rc;
}

int
keypair_public_pkey(const struct keypair_public *pub, EVP_PKEY **out)
{
	const struct keypair_family *family =
	    keypair_kind_get(pub->alg)->family;

	return family == NULL ? -EINVAL : family->from_public(pub, out);
}

/* --- using keys -------------------------------------------------------------- */

static int
prepare_signing(struct keypair *k)
{
	EVP_PKEY_CTX *ctx;

	if (k->signing != NULL)
		return 0;
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
	if (ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 &&
	    (!keypair_is_rsa(k->alg) ||
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1)) {
		k->signing = ctx;
		return 0;
	}
	EVP_PKEY_CTX_free(ctx);
	return crypto_failure();
}

/* Both for RSA without padding and for ECDSA. */
static int
sign_block(struct keypair *k, const uint8_t *in, size_t len, uint8_t *out,
    size_t *out_len)
{
	size_t room = KEYPAIR_BYTES_MAX;
	int rc = prepare_signing(k);

	if (rc < 0)
		return rc;
	if (EVP_PKEY_sign(k->signing, out, &room, in, len) != 1)
		return crypto_failure();
	*out_len = room;
	return 0;
}

int
keypair_rsa_raw(
    struct keypair *k, const uint8_t *block, size_t len, uint8_t *out)
{
	uint8_t answer[KEYPAIR_BYTES_MAX];
	size_t got;
	int rc;

	if (!keypair_is_rsa(k->alg) || len != k->pub.point_len ||
	    memcmp(block, k->pub.point, len) >= 0)
		return -EINVAL;
	rc = sign_block(k, block, len, answer, &got);
	if (rc == 0 && got != len)
		rc = -EIO;
	if (rc == 0)
		memcpy(out, answer, len);
	OPENSSL_cleanse(answer, sizeof(answer));
	return rc;
}

static int
sign_message(struct keypair *k, const uint8_t *message, size_t len,
    uint8_t *out, size_t *out_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t room = KEYPAIR_BYTES_MAX;
	int rc = 0;

	if (ctx == NULL ||
	    EVP_DigestSignInit(ctx, NULL, NULL, NULL, k->pkey) != 1 ||
	    EVP_DigestSign(ctx, out, &room, message, len) != 1)
		rc = crypto_failure();
	else
		*out_len = room;
	EVP_MD_CTX_free(ctx);
	return rc;
}

int
keypair_sign(struct keypair *k, const uint8_t *data, size_t len, uint8_t *out,
    size_t *out_len)
{
	if (k->alg == KEYPAIR_ED25519)
		return sign_message(k, data, len, out, out_len);
	if (!is_curve(k->alg) || len == 0)
		return -EINVAL;
	return sign_block(k, data, len, out, out_len);
}

static int
prepare_agreeing(struct keypair *k)
{
	EVP_PKEY_CTX *ctx;

	if (k->agreeing != NULL)
		return 0;
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
	if (ctx != NULL && EVP_PKEY_derive_init(ctx) == 1) {
		k->agreeing = ctx;
		return 0;
	}
	EVP_PKEY_CTX_free(ctx);
	return crypto_failure();
}

static int
read_peer(
    const struct keypair *k, const uint8_t *bytes, size_t len, EVP_PKEY **out)
{
	struct keypair_public peer = {.alg = k->alg};

	if (len != k->pub.point_len)
		return -EINVAL;
	memcpy(peer.point, bytes, len);
	peer.point_len = len;
	return keypair_public_pkey(&peer, out);
}

/*
 * The peer is on the curve, and all our curves have cofactor 1: libcrypto need
 * not multiply it by the order, which would take as long as the rest.
 */
static int
agree(struct keypair *k, EVP_PKEY *peer, uint8_t *out, size_t *out_len)
{
	size_t room = KEYPAIR_BYTES_MAX;

	if (EVP_PKEY_derive_set_peer_ex(k->agreeing, peer, 0) != 1)
		return crypto_failure();
	if (EVP_PKEY_derive(k->agreeing, out, &room) != 1)
		return k->alg == KEYPAIR_X25519 ? crypto_refuse(-EINVAL)
						: crypto_failure();
	*out_len = room;
	return 0;
}

int
keypair_agree(struct keypair *k, const uint8_t *peer, size_t len, uint8_t *out,
    size_t *out_len)
{
	EVP_PKEY *theirs = NULL;
	int rc;

	if (!is_curve(k->alg) && k->alg != KEYPAIR_X25519)
		return -EINVAL;
	rc = prepare_agreeing(k);
	if (rc == 0)
		rc = read_peer(k, peer, len, &theirs);
	if (rc == 0)
		rc = agree(k, theirs, out, out_len);
	EVP_PKEY_free(theirs);
	return rc;
}
