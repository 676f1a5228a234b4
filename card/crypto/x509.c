/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/crypto/x509.h"

#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "card/crypto/crypto.h"
#include "card/crypto/keypair_family.h"

/* RFC 5280 §4.1.2.5: there is no end. */
#define X509_NO_END "99991231235959Z"

/* NULL: not a certificate, or something behind it. */
static X509 *
read_der(const uint8_t *der, size_t len)
{
	const uint8_t *p = der;
	X509 *cert;

	if (len > LONG_MAX)
		return NULL;
	cert = d2i_X509(NULL, &p, (long)len);
	if (cert != NULL && p == der + len)
		return cert;
	X509_free(cert);
	return NULL;
}

/* --- its parts; each is true if it worked ----------------------------------------- */

static bool
put_serial(X509 *cert, const struct x509_spec *spec)
{
	BIGNUM *n = BN_bin2bn(spec->serial, (int)spec->serial_len, NULL);
	bool ok = n != NULL &&
		  BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert)) != NULL;

	BN_free(n);
	return ok;
}

static bool
put_subject(X509 *cert, const char *text)
{
	X509_NAME *name = X509_NAME_new();
	bool ok = name != NULL &&
		  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
		      (const uint8_t *)text, -1, -1, 0) == 1 &&
		  X509_set_subject_name(cert, name) == 1;

	X509_NAME_free(name);
	return ok;
}

static bool
put_key(X509 *cert, const struct keypair_public *pub)
{
	EVP_PKEY *pkey = NULL;
	bool ok = keypair_public_pkey(pub, &pkey) == 0 &&
		  X509_set_pubkey(cert, pkey) == 1;

	EVP_PKEY_free(pkey);
	return ok;
}

static bool
put_issuer(X509 *cert, const X509 *issuer)
{
	return X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1 &&
	       X509_set1_notBefore(cert, X509_get0_notBefore(issuer)) == 1 &&
	       X509_set1_notAfter(cert, X509_get0_notAfter(issuer)) == 1;
}

static bool
put_self(X509 *cert, int64_t not_before)
{
	return X509_set_issuer_name(cert, X509_get_subject_name(cert)) == 1 &&
	       ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)not_before) !=
		   NULL &&
	       ASN1_TIME_set_string(X509_getm_notAfter(cert), X509_NO_END) == 1;
}

/* Which is taken over. */
static bool
put_extension(X509 *cert, X509_EXTENSION *extension)
{
	bool ok = extension != NULL && X509_add_ext(cert, extension, -1) == 1;

	X509_EXTENSION_free(extension);
	return ok;
}

static bool
put_known(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	return put_extension(
	    cert, X509V3_EXT_nconf_nid(NULL, &ctx, nid, value));
}

/* RFC 5280 §4.2.1: what a CA's certificate has to have. */
static bool
put_ca(X509 *cert)
{
	return put_known(
		   cert, cert, NID_basic_constraints, "critical,CA:TRUE") &&
	       put_known(cert, cert, NID_key_usage, "critical,keyCertSign") &&
	       put_known(cert, cert, NID_subject_key_identifier, "hash");
}

/* An issuer that the user put there may have no identifier of its key, or an
 * odd one. */
static bool
put_issuer_key(X509 *cert, X509 *issuer)
{
	return X509_get0_subject_key_id(issuer) == NULL ||
	       put_known(cert, issuer, NID_authority_key_identifier, "keyid");
}

static bool
put_own(X509 *cert, const struct x509_extension *own)
{
	ASN1_OBJECT *oid = OBJ_txt2obj(own->oid, 1);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	bool ok =
	    oid != NULL && value != NULL && own->len <= INT_MAX &&
	    ASN1_OCTET_STRING_set(value, own->value, (int)own->len) == 1 &&
	    put_extension(
		cert, X509_EXTENSION_create_by_OBJ(NULL, oid, 0, value));

	ASN1_OCTET_STRING_free(value);
	ASN1_OBJECT_free(oid);
	return ok;
}

static bool
put_extensions(X509 *cert, X509 *issuer, const struct x509_spec *spec)
{
	bool ok = (!spec->is_ca || put_ca(cert)) &&
		  (issuer == NULL || put_issuer_key(cert, issuer));

	for (size_t i = 0; ok && i < spec->extension_count; i++)
		ok = put_own(cert, &spec->extensions[i]);
	return ok;
}

/* --- the whole -------------------------------------------------------------------- */

static bool
fill(X509 *cert, X509 *issuer, const struct x509_spec *spec)
{
	return X509_set_version(cert, X509_VERSION_3) == 1 &&
	       put_serial(cert, spec) && put_subject(cert, spec->subject) &&
	       put_key(cert, spec->key) &&
	       (issuer != NULL ? put_issuer(cert, issuer)
			       : put_self(cert, spec->not_before)) &&
	       put_extensions(cert, issuer, spec);
}

static int
append_der(X509 *cert, struct buf *out)
{
	uint8_t *der = NULL;
	int len = i2d_X509(cert, &der);
	int rc;

	if (len < 0)
		return crypto_failure();
	rc = buf_put(out, der, (size_t)len);
	OPENSSL_free(der);
	return rc;
}

static bool
is_sound(const struct x509_spec *spec, const struct keypair *signer)
{
	return spec->serial_len > 0 && spec->serial_len <= X509_SERIAL_MAX &&
	       strlen(spec->subject) > 0 &&
	       strlen(spec->subject) <= X509_NAME_MAX &&
	       signer->alg != KEYPAIR_X25519;
}

int
x509_make(const struct x509_spec *spec, struct keypair *signer, struct buf *out)
{
	const EVP_MD *md = signer->alg == KEYPAIR_ED25519 ? NULL : EVP_sha256();
	X509 *cert, *issuer = NULL;
	int rc;

	if (!is_sound(spec, signer))
		return -EINVAL;
	if (spec->issuer != NULL) {
		issuer = read_der(spec->issuer, spec->issuer_len);
		if (issuer == NULL)
			return crypto_refuse(-EINVAL);
	}
	cert = X509_new();
	if (cert == NULL || !fill(cert, issuer, spec) ||
	    X509_sign(cert, signer->pkey, md) <= 0)
		rc = crypto_failure();
	else
		rc = append_der(cert, out);
	X509_free(cert);
	X509_free(issuer);
	return rc;
}

int
x509_subject(const uint8_t *der, size_t len, char *out, size_t cap)
{
	X509 *cert = read_der(der, len);
	BIO *text = NULL;
	int rc = 0;

	if (cert == NULL)
		return crypto_refuse(-EINVAL);
	text = BIO_new(BIO_s_mem());
	/* Printable, whatever is in the name; UTF-8 stays. */
	if (text == NULL ||
	    X509_NAME_print_ex(text, X509_get_subject_name(cert), 0,
		(XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB)) < 0) {
		rc = crypto_failure();
	} else {
		int got =
		    BIO_read(text, out, cap > INT_MAX ? INT_MAX : (int)cap - 1);
		out[got > 0 ? got : 0] = '\0';
	}
	BIO_free(text);
	X509_free(cert);
	return rc;
}

int
x509_pem(const uint8_t *der, size_t len, struct buf *out)
{
	X509 *cert = read_der(der, len);
	BIO *text = NULL;
	char *bytes;
	int rc;

	if (cert == NULL)
		return crypto_refuse(-EINVAL);
	text = BIO_new(BIO_s_mem());
	if (text == NULL || PEM_write_bio_X509(text, cert) != 1) {
		rc = crypto_failure();
	} else {
		long got = BIO_get_mem_data(text, &bytes);

		rc = buf_put(out, bytes, (size_t)got);
	}
	BIO_free(text);
	X509_free(cert);
	return rc;
}
