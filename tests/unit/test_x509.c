/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "card/crypto/x509.h"

static const uint8_t serial[] = {0x7F, 0x00, 0x01};
static const uint8_t version[] = {5, 7, 0};

static struct keypair *
generate(enum keypair_alg alg)
{
	struct keypair *k = NULL;

	ck_assert_int_eq(keypair_generate(alg, &k), 0);
	return k;
}

static struct x509_spec
ca_of(const struct keypair *k)
{
	return (struct x509_spec){.subject = "A card's own CA",
	    .serial = serial,
	    .serial_len = sizeof(serial),
	    .key = keypair_get_public(k),
	    .not_before = 1700000000,
	    .is_ca = true};
}

static X509 *
parse(const struct buf *der)
{
	const uint8_t *p = buf_get(der);
	X509 *cert = d2i_X509(NULL, &p, (long)buf_len(der));

	ck_assert_ptr_nonnull(cert);
	ck_assert_ptr_eq(p, buf_get(der) + buf_len(der));
	return cert;
}

/* A chain as a verifier with this root sees it; leaf may be the root. */
static int
chain_error(X509 *root, X509 *leaf)
{
	X509_STORE *trust = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	int err;

	ck_assert_int_eq(X509_STORE_add_cert(trust, root), 1);
	ck_assert_int_eq(X509_STORE_CTX_init(ctx, trust, leaf, NULL), 1);
	X509_STORE_CTX_set_flags(
	    ctx, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
	X509_verify_cert(ctx);
	err = X509_STORE_CTX_get_error(ctx);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(trust);
	return err;
}

/* The leaf of a chain: what PIV's attestation makes. */
static void
attest(const struct keypair *subject, struct keypair *signer,
    const struct buf *issuer, struct buf *out)
{
	const struct x509_extension own = {.oid = "1.3.6.1.4.1.41482.3.3",
	    .value = version,
	    .len = sizeof(version)};
	struct x509_spec spec = {.subject = "Attestation 9a",
	    .serial = serial,
	    .serial_len = sizeof(serial),
	    .key = keypair_get_public(subject),
	    .issuer = buf_get(issuer),
	    .issuer_len = buf_len(issuer),
	    .extensions = &own,
	    .extension_count = 1};

	ck_assert_int_eq(x509_make(&spec, signer, out), 0);
}

static void
has_extension(X509 *cert)
{
	ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.41482.3.3", 1);
	X509_EXTENSION *found =
	    X509_get_ext(cert, X509_get_ext_by_OBJ(cert, oid, -1));
	const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(found);

	ck_assert_int_eq(X509_EXTENSION_get_critical(found), 0);
	ck_assert_int_eq(ASN1_STRING_length(value), sizeof(version));
	ck_assert_mem_eq(
	    ASN1_STRING_get0_data(value), version, sizeof(version));
	ASN1_OBJECT_free(oid);
}

START_TEST(a_chain_is_believed)
{
	static const enum keypair_alg signers[] = {
	    KEYPAIR_RSA2048, KEYPAIR_P256, KEYPAIR_P384, KEYPAIR_ED25519};
	static const enum keypair_alg subjects[] = {
	    KEYPAIR_P384, KEYPAIR_X25519, KEYPAIR_ED25519, KEYPAIR_RSA2048};
	struct keypair *signer = generate(signers[_i]);
	struct keypair *subject = generate(subjects[_i]);
	struct x509_spec spec = ca_of(signer);
	struct buf root_der, leaf_der;
	X509 *root, *leaf;

	buf_init(&root_der, 4096);
	buf_init(&leaf_der, 4096);
	ck_assert_int_eq(x509_make(&spec, signer, &root_der), 0);
	attest(subject, signer, &root_der, &leaf_der);
	root = parse(&root_der);
	leaf = parse(&leaf_der);
	ck_assert_int_eq(chain_error(root, root), X509_V_OK);
	ck_assert_int_eq(chain_error(root, leaf), X509_V_OK);
	ck_assert_int_eq(X509_check_ca(root), 1);
	ck_assert_int_eq(X509_check_ca(leaf), 0);
	ck_assert_int_eq(X509_get_version(leaf), X509_VERSION_3);
	ck_assert_int_eq(ASN1_TIME_compare(X509_get0_notBefore(root),
			     X509_get0_notBefore(leaf)),
	    0);
	ck_assert_int_eq(ASN1_TIME_compare(X509_get0_notAfter(root),
			     X509_get0_notAfter(leaf)),
	    0);
	ck_assert_int_eq(
	    ASN1_INTEGER_get(X509_get0_serialNumber(leaf)), 0x7F0001);
	has_extension(leaf);
	X509_free(root);
	X509_free(leaf);
	buf_clear(&root_der);
	buf_clear(&leaf_der);
	keypair_free(signer);
	keypair_free(subject);
}
END_TEST

START_TEST(a_key_in_it_is_the_key)
{
	struct keypair *k = generate(KEYPAIR_P256);
	struct x509_spec spec = ca_of(k);
	const uint8_t *point = keypair_get_public(k)->point;
	ASN1_BIT_STRING *found;
	struct buf der;
	X509 *cert;

	buf_init(&der, 4096);
	ck_assert_int_eq(x509_make(&spec, k, &der), 0);
	cert = parse(&der);
	found = X509_get0_pubkey_bitstr(cert);
	ck_assert_int_eq(ASN1_STRING_length(found), 65);
	ck_assert_mem_eq(ASN1_STRING_get0_data(found), point, 65);
	X509_free(cert);
	buf_clear(&der);
	keypair_free(k);
}
END_TEST

START_TEST(what_makes_no_certificate_is_refused)
{
	struct keypair *k = generate(KEYPAIR_P256);
	struct keypair *x = generate(KEYPAIR_X25519);
	struct x509_spec good = ca_of(k), spec;
	char name[X509_NAME_MAX + 2];
	uint8_t wide[X509_SERIAL_MAX + 1] = {1};
	struct buf der, out;

	buf_init(&der, 4096);
	buf_init(&out, 4096);
	ck_assert_int_eq(x509_make(&good, k, &der), 0);
	ck_assert_int_eq(x509_make(&good, x, &out), -EINVAL);
	memset(name, 'n', sizeof(name));
	name[X509_NAME_MAX + 1] = '\0';
	spec = good;
	spec.subject = name;
	ck_assert_int_eq(x509_make(&spec, k, &out), -EINVAL);
	spec.subject = "";
	ck_assert_int_eq(x509_make(&spec, k, &out), -EINVAL);
	spec = good;
	spec.serial = wide;
	spec.serial_len = sizeof(wide);
	ck_assert_int_eq(x509_make(&spec, k, &out), -EINVAL);
	spec.serial_len = 0;
	ck_assert_int_eq(x509_make(&spec, k, &out), -EINVAL);
	spec = good;
	spec.issuer = buf_get(&der);
	for (size_t n = 0; n < buf_len(&der); n++) {
		spec.issuer_len = n;
		ck_assert_int_eq(x509_make(&spec, k, &out), -EINVAL);
	}
	ck_assert_uint_eq(buf_len(&out), 0);
	buf_clear(&der);
	buf_clear(&out);
	keypair_free(k);
	keypair_free(x);
}
END_TEST

START_TEST(people_can_read_it)
{
	struct keypair *k = generate(KEYPAIR_P256);
	struct x509_spec spec = ca_of(k);
	char text[64], small[8];
	struct buf der, pem;
	X509 *cert;
	BIO *bio;

	buf_init(&der, 4096);
	buf_init(&pem, 4096);
	ck_assert_int_eq(x509_make(&spec, k, &der), 0);
	ck_assert_int_eq(
	    x509_subject(buf_get(&der), buf_len(&der), text, sizeof(text)), 0);
	ck_assert_str_eq(text, "CN = A card's own CA");
	ck_assert_int_eq(
	    x509_subject(buf_get(&der), buf_len(&der), small, sizeof(small)),
	    0);
	ck_assert_str_eq(small, "CN = A ");
	ck_assert_int_eq(x509_pem(buf_get(&der), buf_len(&der), &pem), 0);
	bio = BIO_new_mem_buf(buf_get(&pem), (int)buf_len(&pem));
	cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	ck_assert_ptr_nonnull(cert);
	X509_free(cert);
	BIO_free(bio);
	buf_clear(&pem);
	ck_assert_int_eq(buf_put(&der, "x", 1), 0);
	ck_assert_int_eq(
	    x509_subject(buf_get(&der), buf_len(&der), text, sizeof(text)),
	    -EINVAL);
	ck_assert_int_eq(x509_pem(buf_get(&der), buf_len(&der), &pem), -EINVAL);
	ck_assert_int_eq(x509_subject(NULL, 0, text, sizeof(text)), -EINVAL);
	buf_clear(&der);
	keypair_free(k);
}
END_TEST

/* A name may be written to do something to a terminal. */
START_TEST(a_name_cannot_write_on_our_terminal)
{
	struct keypair *k = generate(KEYPAIR_P256);
	struct x509_spec spec = ca_of(k);
	char text[128];
	struct buf der;

	buf_init(&der, 4096);
	spec.subject = "J\xC3\xBCrg \x1B[2J\n";
	ck_assert_int_eq(x509_make(&spec, k, &der), 0);
	ck_assert_int_eq(
	    x509_subject(buf_get(&der), buf_len(&der), text, sizeof(text)), 0);
	ck_assert_ptr_null(strpbrk(text, "\x1B\n"));
	ck_assert_ptr_nonnull(strstr(text, "J\xC3\xBCrg"));
	buf_clear(&der);
	keypair_free(k);
}
END_TEST

Suite *
unit_suite(void)
{
	const TTest *const once[] = {a_key_in_it_is_the_key,
	    what_makes_no_certificate_is_refused, people_can_read_it,
	    a_name_cannot_write_on_our_terminal, NULL};
	Suite *suite = unit_suite_of("x509", once);
	TCase *each = tcase_create("chains");

	tcase_set_timeout(each, 120);
	tcase_add_loop_test(each, a_chain_is_believed, 0, 4);
	suite_add_tcase(suite, each);
	return suite;
}
