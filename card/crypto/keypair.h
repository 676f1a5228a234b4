/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asymmetric keys. The private part stays in here, but for the sealed store:
 * keypair_save and keypair_load. Calls that need it take as long as the
 * mathematics do. -EIO: libcrypto failed, its random source included; a card
 * has to stop then. -EINVAL: what the caller passed does not fit the key.
 */
#ifndef VSCARD_CARD_CRYPTO_KEYPAIR_H
#define VSCARD_CARD_CRYPTO_KEYPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/err.h"

/* The numbers are in key files and never change. */
enum keypair_alg {
	KEYPAIR_RSA1024 = 1,
	KEYPAIR_RSA2048 = 2,
	KEYPAIR_RSA3072 = 3,
	KEYPAIR_RSA4096 = 4,
	KEYPAIR_P256 = 5,
	KEYPAIR_P384 = 6,
	KEYPAIR_P521 = 7,
	KEYPAIR_K256 = 8, /* secp256k1 */
	KEYPAIR_BP256 = 9, /* brainpoolP256r1 and so on */
	KEYPAIR_BP384 = 10,
	KEYPAIR_BP512 = 11,
	KEYPAIR_ED25519 = 12,
	KEYPAIR_X25519 = 13
};

enum { KEYPAIR_BYTES_MAX = 512 };

struct keypair;

/* The public part, big-endian, as cards print it. */
struct keypair_public {
	enum keypair_alg alg;
	uint8_t point[KEYPAIR_BYTES_MAX]; /* RSA: modulus, in its full length;
	                                     EC: 04 X Y; 25519: 32 bytes */
	size_t point_len;
	uint8_t exponent[8]; /* RSA only, without leading zeros */
	size_t exponent_len;
};

/* Big-endian, lent. dp, dq, qinv of length 0 are computed. */
struct keypair_rsa {
	const uint8_t *p, *q, *dp, *dq, *qinv;
	size_t p_len, q_len, dp_len, dq_len, qinv_len;
};

bool keypair_is_rsa(enum keypair_alg);
/* "RSA-2048", "P-256", "Ed25519"; never NULL. */
const char *keypair_alg_name(enum keypair_alg);
/* Bytes of a modulus, a coordinate, or a 25519 key. */
size_t keypair_alg_bytes(enum keypair_alg);

int keypair_generate(enum keypair_alg, struct keypair **out) MUST_CHECK;
/* Exponent 65537. -EINVAL: the parts are no such key. */
int keypair_import_rsa(enum keypair_alg, const struct keypair_rsa *,
    struct keypair **out) MUST_CHECK;
/*
 * EC: the scalar, big-endian, at most the field's length; 25519: the 32 bytes
 * of RFC 8032 or 7748.
 */
int keypair_import_raw(enum keypair_alg, const uint8_t *, size_t len,
    struct keypair **out) MUST_CHECK;
/* For the store and nobody else: appends to a buffer that is wiped. */
int keypair_save(const struct keypair *, struct buf *out) MUST_CHECK;
int keypair_load(enum keypair_alg, const uint8_t *, size_t len,
    struct keypair **out) MUST_CHECK;
/* Wipes. NULL is taken. */
void keypair_free(struct keypair *);

enum keypair_alg keypair_get_alg(const struct keypair *);
/* Lent for the key's life. */
const struct keypair_public *keypair_get_public(const struct keypair *);

/*
 * The private operation on a block as long as the modulus, without padding;
 * out holds as many bytes. -EINVAL: another length, or not below the modulus.
 */
int keypair_rsa_raw(struct keypair *, const uint8_t *block, size_t len,
    uint8_t *out) MUST_CHECK;
/*
 * ECDSA over a hash, cut or not as FIPS 186-4 §6.4 has it: DER. Ed25519 over a
 * message: 64 bytes. out holds KEYPAIR_BYTES_MAX bytes.
 */
int keypair_sign(struct keypair *, const uint8_t *, size_t len, uint8_t *out,
    size_t *out_len) MUST_CHECK;
/*
 * ECDH: the X coordinate in the field's length. The peer is 04 X Y, or 32
 * bytes for X25519. -EINVAL: not a point on the curve, or the result is zero.
 */
int keypair_agree(struct keypair *, const uint8_t *peer, size_t len,
    uint8_t *out, size_t *out_len) MUST_CHECK;

#endif
