/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/crypto/block.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "card/crypto/crypto.h"

enum { DES_KEY = 8, TDES_PARTS = 3 };

static const EVP_CIPHER *
block_evp(enum block_cipher cipher)
{
	switch (cipher) {
	case BLOCK_TDES:
		return EVP_des_ede3_ecb();
	case BLOCK_AES128:
		return EVP_aes_128_ecb();
	case BLOCK_AES192:
		return EVP_aes_192_ecb();
	case BLOCK_AES256:
		return EVP_aes_256_ecb();
	}
	return NULL;
}

size_t
block_size(enum block_cipher cipher)
{
	return cipher == BLOCK_TDES ? 8 : 16;
}

size_t
block_key_size(enum block_cipher cipher)
{
	switch (cipher) {
	case BLOCK_TDES:
	case BLOCK_AES192:
		return 24;
	case BLOCK_AES128:
		return 16;
	case BLOCK_AES256:
		return 32;
	}
	return 0;
}

static int
block_run(enum block_cipher cipher, const uint8_t *key, const uint8_t *in,
    uint8_t *out, int encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int size = (int)block_size(cipher);
	int len = 0;
	int rc = 0;

	if (ctx == NULL ||
	    EVP_CipherInit_ex2(
		ctx, block_evp(cipher), key, NULL, encrypt, NULL) != 1 ||
	    EVP_CIPHER_CTX_set_padding(ctx, 0) != 1 ||
	    EVP_CipherUpdate(ctx, out, &len, in, size) != 1 || len != size)
		rc = crypto_failure();
	EVP_CIPHER_CTX_free(ctx);
	return rc;
}

int
block_encrypt(enum block_cipher cipher, const uint8_t *key, const uint8_t *in,
    uint8_t *out)
{
	return block_run(cipher, key, in, out, 1);
}

int
block_decrypt(enum block_cipher cipher, const uint8_t *key, const uint8_t *in,
    uint8_t *out)
{
	return block_run(cipher, key, in, out, 0);
}

/* NIST SP 800-67 §3.3.2: weak, then half-weak keys, parity bits zero. */
static const uint8_t weak_des[][DES_KEY] = {
    {0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00},
    {0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE},
    {0xE0, 0xE0, 0xE0, 0xE0, 0xF0, 0xF0, 0xF0, 0xF0},
    {0x1E, 0x1E, 0x1E, 0x1E, 0x0E, 0x0E, 0x0E, 0x0E},
    {0x00, 0xFE, 0x00, 0xFE, 0x00, 0xFE, 0x00, 0xFE},
    {0xFE, 0x00, 0xFE, 0x00, 0xFE, 0x00, 0xFE, 0x00},
    {0x1E, 0xE0, 0x1E, 0xE0, 0x0E, 0xF0, 0x0E, 0xF0},
    {0xE0, 0x1E, 0xE0, 0x1E, 0xF0, 0x0E, 0xF0, 0x0E},
    {0x00, 0xE0, 0x00, 0xE0, 0x00, 0xF0, 0x00, 0xF0},
    {0xE0, 0x00, 0xE0, 0x00, 0xF0, 0x00, 0xF0, 0x00},
    {0x1E, 0xFE, 0x1E, 0xFE, 0x0E, 0xFE, 0x0E, 0xFE},
    {0xFE, 0x1E, 0xFE, 0x1E, 0xFE, 0x0E, 0xFE, 0x0E},
    {0x00, 0x1E, 0x00, 0x1E, 0x00, 0x0E, 0x00, 0x0E},
    {0x1E, 0x00, 0x1E, 0x00, 0x0E, 0x00, 0x0E, 0x00},
    {0xE0, 0xFE, 0xE0, 0xFE, 0xF0, 0xFE, 0xF0, 0xFE},
    {0xFE, 0xE0, 0xFE, 0xE0, 0xFE, 0xF0, 0xFE, 0xF0}};

static bool
is_weak_des(const uint8_t *part)
{
	uint8_t key[DES_KEY];
	bool weak = false;

	for (unsigned i = 0; i < DES_KEY; i++)
		key[i] = part[i] & 0xFE;
	for (unsigned i = 0; i < sizeof(weak_des) / sizeof(weak_des[0]); i++)
		weak |= CRYPTO_memcmp(key, weak_des[i], DES_KEY) == 0;
	OPENSSL_cleanse(key, sizeof(key));
	return weak;
}

bool
block_key_is_weak(enum block_cipher cipher, const uint8_t *key)
{
	bool weak = false;

	for (size_t i = 0; cipher == BLOCK_TDES && i < TDES_PARTS; i++)
		weak |= is_weak_des(key + i * DES_KEY);
	return weak;
}
