/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/piv_script.h"

#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "card/piv/piv.h"
#include "tests/unit/unit.h"

static const struct app_ops *const piv_apps[] = {&piv_app};

static const uint8_t piv_default_key[24] = {
    1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8};

void
piv_begin(struct script *s)
{
	script_init(s, piv_apps, 1);
	ck_assert_uint_eq(script_send(s, PIV_SELECT), 0x9000);
}

void
piv_again(struct script *s)
{
	script_reopen(s, piv_apps, 1);
	ck_assert_uint_eq(script_send(s, PIV_SELECT), 0x9000);
}

void
piv_login(struct script *s)
{
	script_is(s, PIV_VERIFY, "9000");
}

void
piv_admin(struct script *s)
{
	ck_assert_uint_eq(piv_mutual(s, 0x0A, piv_default_key), 0x9000);
}

void
piv_begin_admin(struct script *s)
{
	piv_begin(s);
	piv_login(s);
	piv_admin(s);
}

/* --- management key ----------------------------------------------------- */

static const char *
cipher_name(uint8_t alg)
{
	switch (alg) {
	case 0x08:
		return "AES-128-ECB";
	case 0x0A:
		return "AES-192-ECB";
	case 0x0C:
		return "AES-256-ECB";
	default:
		return "DES-EDE3-ECB";
	}
}

size_t
piv_block_size(uint8_t alg)
{
	return alg == 0x03 || alg == 0x00 ? 8 : 16;
}

void
piv_block(uint8_t alg, const uint8_t *key, bool encrypt, const uint8_t *in,
    uint8_t *out)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, cipher_name(alg), NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len;

	ck_assert_int_eq(
	    EVP_CipherInit_ex2(ctx, cipher, key, NULL, encrypt, NULL), 1);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	ck_assert_int_eq(
	    EVP_CipherUpdate(ctx, out, &len, in, (int)piv_block_size(alg)), 1);
	ck_assert_int_eq(len, (int)piv_block_size(alg));
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
}

uint16_t
piv_mutual(struct script *s, uint8_t alg, const uint8_t *key)
{
	uint8_t challenge[16] = "0123456789abcde", want[16], witness[16];
	uint8_t bytes[64];
	size_t len = piv_block_size(alg), mark;
	char header[9], ask[20];
	struct wr wr;

	snprintf(ask, sizeof(ask), "0087%02X9B047C028000", alg);
	if (script_send(s, ask) != 0x9000)
		return s->sw;
	ck_assert_uint_eq(piv_value(s, 0x7C, 0x80).len, len);
	piv_block(alg, key, false, piv_value(s, 0x7C, 0x80).p, witness);
	wr_init(&wr, bytes, sizeof(bytes));
	mark = tlv_open(&wr, 0x7C);
	tlv_put(&wr, 0x80, witness, len);
	tlv_put(&wr, 0x81, challenge, len);
	tlv_close(&wr, mark);
	snprintf(header, sizeof(header), "0087%02X9B", alg);
	if (script_put(s, header, bytes, wr.len) != 0x9000)
		return s->sw;
	piv_block(alg, key, true, challenge, want);
	ck_assert_uint_eq(piv_value(s, 0x7C, 0x82).len, len);
	ck_assert_mem_eq(piv_value(s, 0x7C, 0x82).p, want, len);
	return s->sw;
}

/* --- answers ------------------------------------------------------------ */

struct rd
piv_value(const struct script *s, uint32_t outer, uint32_t inner)
{
	struct rd rd, middle, value;

	rd_init(&rd, s->data, s->len);
	ck_assert_int_eq(tlv_find(&rd, outer, &middle), 1);
	if (inner == 0)
		return middle;
	ck_assert_int_eq(tlv_find(&middle, inner, &value), 1);
	return value;
}

/* --- public keys -------------------------------------------------------- */

static EVP_PKEY *
public_from(const char *type, OSSL_PARAM_BLD *build)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY *pkey = NULL;

	ck_assert_int_eq(EVP_PKEY_fromdata_init(ctx), 1);
	ck_assert_int_eq(
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static EVP_PKEY *
public_rsa(const struct rd *fields)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	struct rd n, e;
	BIGNUM *modulus, *exponent;
	EVP_PKEY *pkey;

	ck_assert_int_eq(tlv_find(fields, 0x81, &n), 1);
	ck_assert_int_eq(tlv_find(fields, 0x82, &e), 1);
	modulus = BN_bin2bn(n.p, (int)n.len, NULL);
	exponent = BN_bin2bn(e.p, (int)e.len, NULL);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent);
	pkey = public_from("RSA", build);
	BN_free(modulus);
	BN_free(exponent);
	return pkey;
}

static EVP_PKEY *
public_ec(const char *group, struct rd point)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();

	OSSL_PARAM_BLD_push_utf8_string(
	    build, OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
	OSSL_PARAM_BLD_push_octet_string(
	    build, OSSL_PKEY_PARAM_PUB_KEY, point.p, point.len);
	return public_from("EC", build);
}

EVP_PKEY *
piv_public(uint8_t alg, struct rd fields)
{
	EVP_PKEY *pkey;
	struct rd point;

	if (tlv_find(&fields, 0x86, &point) != 1)
		return public_rsa(&fields);
	if (alg == 0x11)
		return public_ec("P-256", point);
	if (alg == 0x14)
		return public_ec("P-384", point);
	pkey = EVP_PKEY_new_raw_public_key_ex(
	    NULL, alg == 0xE0 ? "ED25519" : "X25519", NULL, point.p, point.len);
	ck_assert_ptr_nonnull(pkey);
	return pkey;
}

EVP_PKEY *
piv_generate_key(struct script *s, uint8_t slot, uint8_t alg)
{
	char command[32];

	snprintf(
	    command, sizeof(command), "004700%02X05AC038001%02X", slot, alg);
	ck_assert_uint_eq(script_send(s, command), 0x9000);
	return piv_public(alg, piv_value(s, 0x7F49, 0));
}

/* --- using keys --------------------------------------------------------- */

uint16_t
piv_use(struct script *s, uint8_t slot, uint8_t alg, uint32_t tag,
    const void *value, size_t len)
{
	uint8_t bytes[2048];
	char header[9];
	struct wr wr;
	size_t mark;

	wr_init(&wr, bytes, sizeof(bytes));
	mark = tlv_open(&wr, 0x7C);
	tlv_put(&wr, 0x82, NULL, 0);
	tlv_put(&wr, tag, value, len);
	tlv_close(&wr, mark);
	ck_assert_int_gt(wr_end(&wr), 0);
	snprintf(header, sizeof(header), "0087%02X%02X", alg, slot);
	return script_put(s, header, bytes, wr.len);
}

/* What RSA signs is padded by the host, PKCS #1 1.5, SHA-256. */
static size_t
rsa_block(const uint8_t *hash, uint8_t *out, size_t len)
{
	static const uint8_t info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
	    0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
	    0x20};
	size_t tail = sizeof(info) + 32;

	memset(out, 0xFF, len);
	out[0] = 0x00;
	out[1] = 0x01;
	out[len - tail - 1] = 0x00;
	memcpy(out + len - tail, info, sizeof(info));
	memcpy(out + len - 32, hash, 32);
	return len;
}

static void
verify_hash(EVP_PKEY *pkey, bool is_rsa, const uint8_t *hash, struct rd sig)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);

	ck_assert_int_eq(EVP_PKEY_verify_init(ctx), 1);
	if (is_rsa)
		ck_assert_int_eq(
		    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()), 1);
	ck_assert_int_eq(EVP_PKEY_verify(ctx, sig.p, sig.len, hash, 32), 1);
	EVP_PKEY_CTX_free(ctx);
}

static void
verify_message(
    EVP_PKEY *pkey, const uint8_t *message, size_t len, struct rd sig)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	ck_assert_int_eq(EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey), 1);
	ck_assert_int_eq(
	    EVP_DigestVerify(ctx, sig.p, sig.len, message, len), 1);
	EVP_MD_CTX_free(ctx);
}

void
piv_check_signature(struct script *s, uint8_t slot, uint8_t alg, EVP_PKEY *pkey)
{
	bool is_rsa = EVP_PKEY_is_a(pkey, "RSA") == 1;
	uint8_t hash[32], block[512];
	size_t len = sizeof(hash);

	ck_assert_int_eq(RAND_bytes(hash, sizeof(hash)), 1);
	memcpy(block, hash, sizeof(hash));
	if (is_rsa)
		len = rsa_block(hash, block, (size_t)EVP_PKEY_get_size(pkey));
	ck_assert_uint_eq(piv_use(s, slot, alg, 0x81, block, len), 0x9000);
	if (alg == 0xE0)
		verify_message(
		    pkey, hash, sizeof(hash), piv_value(s, 0x7C, 0x82));
	else
		verify_hash(pkey, is_rsa, hash, piv_value(s, 0x7C, 0x82));
}
