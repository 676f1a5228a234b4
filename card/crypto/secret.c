/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/crypto/secret.h"

#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#include "card/crypto/crypto.h"
#include "util/scrub.h"

enum { NONCE = 12, TAG = 16 };

static void *
scrubbed_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return scrub_malloc(size);
}

static void *
scrubbed_realloc(void *block, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return scrub_realloc(block, size);
}

static void
scrubbed_free(void *block, const char *file, int line)
{
	(void)file;
	(void)line;
	scrub_free(block);
}

int
secret_scrub(void)
{
	return CRYPTO_set_mem_functions(scrubbed_malloc, scrubbed_realloc,
		   scrubbed_free) == 1
		   ? 0
		   : -EBUSY;
}

int
secret_random(void *out, size_t len)
{
	return RAND_priv_bytes_ex(NULL, out, len, 0) == 1 ? 0
							  : crypto_refuse(-EIO);
}

bool
secret_is_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

void
secret_wipe(void *p, size_t len)
{
	OPENSSL_cleanse(p, len);
}

int
secret_sha256(const void *data, size_t len, uint8_t *out)
{
	if (EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL) != 1)
		return crypto_failure();
	return 0;
}

int
secret_hmac_sha256(
    const void *key, size_t key_len, const void *data, size_t len, uint8_t *out)
{
	/* A key of no bytes must not be NULL: that means the last one. */
	if (key_len > INT_MAX)
		return -EINVAL;
	if (HMAC(EVP_sha256(), key_len == 0 ? "" : key, (int)key_len, data, len,
		out, NULL) == NULL)
		return crypto_failure();
	return 0;
}

int
secret_scrypt(const void *passphrase, size_t passphrase_len, const void *salt,
    size_t salt_len, uint64_t n, uint32_t r, uint32_t p, void *out, size_t len)
{
	uint64_t most = UINT64_C(1) << 40;

	if (n < 2 || (n & (n - 1)) != 0 || r == 0 || p == 0 ||
	    (uint64_t)r * p >= UINT64_C(1) << 30 || n > most / 128 / r)
		return -EINVAL;
	if (EVP_PBE_scrypt(passphrase, passphrase_len, salt, salt_len, n, r,
		p, most, out, len) != 1)
		return crypto_failure();
	return 0;
}

/* Both directions of GCM but for the tag. */
static int
gcm_run(EVP_CIPHER_CTX *ctx, const uint8_t *nonce, const void *place,
    size_t place_len, const void *in, size_t len, uint8_t *out)
{
	int n;

	if (len > INT_MAX || place_len > INT_MAX)
		return 0;
	return EVP_CipherInit_ex2(ctx, NULL, NULL, nonce, -1, NULL) == 1 &&
	       EVP_CipherUpdate(ctx, NULL, &n, place, (int)place_len) == 1 &&
	       (len == 0 ||
		   (EVP_CipherUpdate(ctx, out, &n, in, (int)len) == 1 &&
		       n == (int)len));
}

static EVP_CIPHER_CTX *
gcm_new(const uint8_t *key, int encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	if (ctx != NULL && EVP_CipherInit_ex2(ctx, EVP_aes_256_gcm(), key, NULL,
			       encrypt, NULL) == 1)
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	return NULL;
}

int
secret_seal(const uint8_t *key, const void *place, size_t place_len,
    const void *plain, size_t len, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx;
	uint8_t *body = out + NONCE;
	int rc, n;

	rc = secret_random(out, NONCE);
	if (rc < 0)
		return rc;
	ctx = gcm_new(key, 1);
	if (ctx == NULL ||
	    !gcm_run(ctx, out, place, place_len, plain, len, body) ||
	    EVP_CipherFinal_ex(ctx, body + len, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, body + len) !=
		1)
		rc = crypto_failure();
	EVP_CIPHER_CTX_free(ctx);
	return rc;
}

int
secret_open(const uint8_t *key, const void *place, size_t place_len,
    const uint8_t *sealed, size_t len, void *out)
{
	EVP_CIPHER_CTX *ctx;
	uint8_t tag[TAG], none[TAG];
	size_t plain;
	int rc = 0, n;

	if (len < SECRET_SEAL_EXTRA)
		return -EBADMSG;
	plain = len - SECRET_SEAL_EXTRA;
	memcpy(tag, sealed + NONCE + plain, TAG);
	ctx = gcm_new(key, 0);
	if (ctx == NULL ||
	    !gcm_run(
		ctx, sealed, place, place_len, sealed + NONCE, plain, out) ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG, tag) != 1)
		rc = crypto_failure();
	else if (EVP_CipherFinal_ex(ctx, none, &n) != 1)
		rc = crypto_refuse(-EBADMSG);
	if (rc < 0)
		secret_wipe(out, plain);
	EVP_CIPHER_CTX_free(ctx);
	return rc;
}
