/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes that nobody may learn or guess. */
#ifndef VSCARD_CARD_CRYPTO_SECRET_H
#define VSCARD_CARD_CRYPTO_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

enum {
	SECRET_SHA256 = 32,
	SECRET_SEAL_KEY = 32,
	SECRET_SEAL_EXTRA = 12 + 16 /* nonce and tag */
};

/*
 * Before libcrypto is used for the first time in the process: it wipes all
 * memory that it gives back, not only what it knows to be secret. -EBUSY: it
 * is too late.
 */
int secret_scrub(void) MUST_CHECK;
/* Random bytes. -EIO: there are none, and a card has to stop. */
int secret_random(void *out, size_t len) MUST_CHECK;
/* In a time that depends on len alone. */
bool secret_is_equal(const void *, const void *, size_t len);
void secret_wipe(void *, size_t len);

/* out holds SECRET_SHA256 bytes. */
int secret_sha256(const void *, size_t len, uint8_t *out) MUST_CHECK;
int secret_hmac_sha256(const void *key, size_t key_len, const void *,
    size_t len, uint8_t *out) MUST_CHECK;
/*
 * scrypt, RFC 7914; takes 128 n r bytes of memory. -EINVAL: not its parameters,
 * or more than a terabyte.
 */
int secret_scrypt(const void *passphrase, size_t passphrase_len,
    const void *salt, size_t salt_len, uint64_t n, uint32_t r, uint32_t p,
    void *out, size_t len) MUST_CHECK;

/*
 * AES-256-GCM with a random nonce in front and the tag behind; out holds
 * len + SECRET_SEAL_EXTRA bytes. place is authenticated with it.
 */
int secret_seal(const uint8_t *key, const void *place, size_t place_len,
    const void *, size_t len, uint8_t *out) MUST_CHECK;
/* out holds len - SECRET_SEAL_EXTRA bytes. -EBADMSG: altered or misplaced. */
int secret_open(const uint8_t *key, const void *place, size_t place_len,
    const uint8_t *, size_t len, void *out) MUST_CHECK;

#endif
