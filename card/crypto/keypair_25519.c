/* SPDX-License-Identifier: BSD-2-Clause */
/* Ed25519 (RFC 8032) and X25519 (RFC 7748): keys that are 32 bytes. */
#include <openssl/crypto.h>

#include "card/crypto/crypto.h"
#include "card/crypto/keypair_family.h"

enum { BYTES = 32 };

static const char *
type_of(const struct keypair *k)
{
	return keypair_kind_get(k->alg)->evp;
}

static int
generate_25519(struct keypair *k)
{
	k->pkey = EVP_PKEY_Q_keygen(NULL, NULL, type_of(k));
	return k->pkey == NULL ? crypto_failure() : 0;
}

static int
import_25519(struct keypair *k, const uint8_t *bytes, size_t len)
{
	if (len != BYTES)
		return -EINVAL;
	k->pkey =
	    EVP_PKEY_new_raw_private_key_ex(NULL, type_of(k), NULL, bytes, len);
	return k->pkey == NULL ? crypto_failure() : 0;
}

static int
save_25519(const struct keypair *k, struct buf *out)
{
	uint8_t bytes[BYTES];
	size_t len = sizeof(bytes);
	int rc;

	if (EVP_PKEY_get_raw_private_key(k->pkey, bytes, &len) != 1)
		return crypto_failure();
	rc = buf_put(out, bytes, len);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return rc;
}

static int
publish_25519(struct keypair *k)
{
	k->pub.point_len = sizeof(k->pub.point);
	if (EVP_PKEY_get_raw_public_key(
		k->pkey, k->pub.point, &k->pub.point_len) != 1)
		return crypto_failure();
	return 0;
}

static int
from_public_25519(const struct keypair_public *pub, EVP_PKEY **out)
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key_ex(NULL,
	    keypair_kind_get(pub->alg)->evp, NULL, pub->point, pub->point_len);

	if (pkey == NULL)
		return crypto_refuse(-EINVAL);
	*out = pkey;
	return 0;
}

const struct keypair_family keypair_family_25519 = {
    .generate = generate_25519,
    .import_raw = import_25519,
    .load = import_25519,
    .save = save_25519,
    .publish = publish_25519,
    .from_public = from_public_25519,
};
