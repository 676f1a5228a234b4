/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates that a card makes itself: its attestations, RFC 5280. */
#ifndef VSCARD_CARD_CRYPTO_X509_H
#define VSCARD_CARD_CRYPTO_X509_H

#include "card/crypto/keypair.h"

enum { X509_SERIAL_MAX = 20, X509_NAME_MAX = 64 };

struct x509_extension {
	const char *oid;      /* "1.3.6.1.4.1.41482.3.3" */
	const uint8_t *value; /* inside the OCTET STRING */
	size_t len;
};

struct x509_spec {
	const char *subject;   /* common name */
	const uint8_t *serial; /* positive, big-endian */
	size_t serial_len;
	const struct keypair_public *key;
	/* DER of the issuer's certificate: name and validity come from it.
	 * NULL: signed by itself, from not_before to the end of time. */
	const uint8_t *issuer;
	size_t issuer_len;
	int64_t not_before; /* seconds since 1970, without an issuer only */
	bool is_ca;
	const struct x509_extension *extensions;
	size_t extension_count;
};

/* Appends DER. SHA-256 with RSA, ECDSA otherwise. -EINVAL: issuer is no certificate. */
int x509_make(const struct x509_spec *, struct keypair *signer,
    struct buf *out) MUST_CHECK;
/* What a certificate says, for people. -EINVAL: not a certificate. */
int x509_subject(const uint8_t *der, size_t len, char *out, size_t cap)
    MUST_CHECK;
/* PEM of a certificate, appended. */
int x509_pem(const uint8_t *der, size_t len, struct buf *out) MUST_CHECK;

#endif
