/* SPDX-License-Identifier: BSD-2-Clause */
/* One block of a symmetric cipher: what card administration keys do. */
#ifndef VSCARD_CARD_CRYPTO_BLOCK_H
#define VSCARD_CARD_CRYPTO_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

enum block_cipher { BLOCK_TDES, BLOCK_AES128, BLOCK_AES192, BLOCK_AES256 };

enum { BLOCK_SIZE_MAX = 16, BLOCK_KEY_MAX = 32 };

size_t block_size(enum block_cipher);    /* 8 or 16 bytes */
size_t block_key_size(enum block_cipher); /* 24, 16, 24, 32 bytes */
/* in and out hold block_size bytes and may be the same. -EIO. */
int block_encrypt(enum block_cipher, const uint8_t *key, const uint8_t *in,
    uint8_t *out) MUST_CHECK;
int block_decrypt(enum block_cipher, const uint8_t *key, const uint8_t *in,
    uint8_t *out) MUST_CHECK;
/*
 * TDES: one of its three parts is a weak or half-weak DES key. Equal parts are
 * taken, because the key that PIV cards are born with has them.
 */
bool block_key_is_weak(enum block_cipher, const uint8_t *key);

#endif
