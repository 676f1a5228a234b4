/* SPDX-License-Identifier: BSD-2-Clause */
/* The inside of a key; only card/crypto includes it. */
#ifndef VSCARD_CARD_CRYPTO_KEYPAIR_FAMILY_H
#define VSCARD_CARD_CRYPTO_KEYPAIR_FAMILY_H

#include <openssl/evp.h>

#include "card/crypto/keypair.h"

struct keypair {
	enum keypair_alg alg;
	EVP_PKEY *pkey;
	/* Prepared by the first use and kept: preparing takes its time. */
	EVP_PKEY_CTX *signing;
	EVP_PKEY_CTX *agreeing;
	struct keypair_public pub;
};

/*
 * What differs between RSA, curves, and 25519. generate, load and import set
 * pkey; import_raw is NULL where there is no such form.
 */
struct keypair_family {
	int (*generate)(struct keypair *);
	int (*import_raw)(struct keypair *, const uint8_t *, size_t);
	int (*load)(struct keypair *, const uint8_t *, size_t);
	int (*save)(const struct keypair *, struct buf *);
	/* Reads the public part of pkey into pub. */
	int (*publish)(struct keypair *);
	/* A key of libcrypto's with the public part only. */
	int (*from_public)(const struct keypair_public *, EVP_PKEY **out);
};

extern const struct keypair_family keypair_family_rsa;
extern const struct keypair_family keypair_family_ec;
extern const struct keypair_family keypair_family_25519;

struct keypair_kind {
	const struct keypair_family *family;
	const char *name;
	const char *evp; /* libcrypto's name of the curve or type; RSA: none */
	size_t bytes;
};

const struct keypair_kind *keypair_kind_get(enum keypair_alg);

/* params end as OSSL_PARAM lists do; selection is EVP_PKEY_KEYPAIR or so. */
int keypair_pkey_new(const char *type, int selection, OSSL_PARAM *params,
    EVP_PKEY **out) MUST_CHECK;
/* pkey's number of that name, big-endian, in exactly len bytes. */
int keypair_pkey_number(
    const EVP_PKEY *, const char *name, uint8_t *out, size_t len) MUST_CHECK;
/* The public part as a key of libcrypto's; -EINVAL: it is none. */
int
keypair_public_pkey(const struct keypair_public *, EVP_PKEY **out) MUST_CHECK;
/* keypair_import_rsa's own part. */
int keypair_rsa_import(struct keypair *, const struct keypair_rsa *) MUST_CHECK;

#endif
