/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "tests/unit/piv_script.h"

#define F9 "00CB3FFF055C035FFF01"

/* The certificate of F9, which the caller frees. */
static X509 *
authority_get(struct script *s)
{
	const uint8_t *p;
	struct rd der;
	X509 *cert;

	script_is(s, F9, "*9000");
	der = piv_value(s, 0x53, 0x70);
	p = der.p;
	cert = d2i_X509(NULL, &p, (long)der.len);
	ck_assert_ptr_nonnull(cert);
	ck_assert_ptr_eq(p, der.p + der.len);
	return cert;
}

static X509 *
attestation_get(struct script *s, uint8_t slot)
{
	const uint8_t *p = s->data;
	char command[16];
	X509 *cert;

	snprintf(command, sizeof(command), "00F9%02X00", slot);
	script_is(s, command, "*9000");
	cert = d2i_X509(NULL, &p, (long)s->len);
	ck_assert_ptr_nonnull(cert);
	ck_assert_ptr_eq(p, s->data + s->len);
	return cert;
}

static void
check_subject(const X509 *cert, const char *want)
{
	char name[128];

	X509_NAME_get_text_by_NID(
	    X509_get_subject_name(cert), NID_commonName, name, sizeof(name));
	ck_assert_str_eq(name, want);
}

/* What stands under 1.3.6.1.4.1.41482.3.n. */
static void
check_fact(const X509 *cert, int n, const void *want, size_t len)
{
	const ASN1_OCTET_STRING *value;
	ASN1_OBJECT *oid;
	char text[40];
	int index;

	snprintf(text, sizeof(text), "1.3.6.1.4.1.41482.3.%d", n);
	oid = OBJ_txt2obj(text, 1);
	index = X509_get_ext_by_OBJ(cert, oid, -1);
	ck_assert_int_ge(index, 0);
	value = X509_EXTENSION_get_data(X509_get_ext(cert, index));
	ck_assert_uint_eq((size_t)ASN1_STRING_length(value), len);
	ck_assert_mem_eq(ASN1_STRING_get0_data(value), want, len);
	ASN1_OBJECT_free(oid);
}

static void
check_serial(struct script *s, const X509 *cert)
{
	uint8_t want[7] = {0x02};
	size_t skip = 0;

	script_is(s, "00F80000", "*9000");
	while (skip < 3 && s->data[skip] == 0 && s->data[skip + 1] < 0x80)
		skip++;
	ck_assert_uint_lt(s->data[0], 0x80);
	want[1] = (uint8_t)(4 - skip);
	memcpy(want + 2, s->data + skip, 4 - skip);
	check_fact(cert, 7, want, 6 - skip);
}

/* Issued by F9, in its time, and for the key that is in the slot. */
static void
check_issued(struct script *s, X509 *cert, EVP_PKEY *key)
{
	X509 *authority = authority_get(s);

	ck_assert_int_eq(X509_verify(cert, X509_get0_pubkey(authority)), 1);
	ck_assert_int_eq(X509_NAME_cmp(X509_get_issuer_name(cert),
			     X509_get_subject_name(authority)),
	    0);
	ck_assert_int_eq(ASN1_TIME_compare(X509_get0_notBefore(cert),
			     X509_get0_notBefore(authority)),
	    0);
	ck_assert_int_eq(ASN1_TIME_compare(X509_get0_notAfter(cert),
			     X509_get0_notAfter(authority)),
	    0);
	ck_assert_int_eq(EVP_PKEY_eq(X509_get0_pubkey(cert), key), 1);
	X509_free(authority);
}

START_TEST(a_card_has_its_own_authority)
{
	struct script s;
	X509 *cert;

	piv_begin(&s);
	cert = authority_get(&s);
	ck_assert_int_eq(X509_verify(cert, X509_get0_pubkey(cert)), 1);
	ck_assert_int_eq(X509_check_ca(cert), 1);
	ck_assert_int_eq(X509_NAME_get_text_by_NID(X509_get_subject_name(cert),
			     NID_commonName, (char *)s.data, 64) > 23,
	    1);
	ck_assert_mem_eq(s.data, "vscard PIV Attestation ", 23);
	X509_free(cert);
	/* Its key is there as long as the certificate. */
	script_is(&s, "00F700F9", "*9000");
	ck_assert_mem_eq(
	    s.data, "\x01\x01\x11\x02\x02\x02\x01\x03\x01\x01", 10);
	script_clear(&s);
}
END_TEST

START_TEST(the_authority_is_made_once)
{
	static uint8_t first[2048];
	struct script s;
	size_t len;

	piv_begin(&s);
	script_is(&s, "00F700F9", "*9000");
	script_is(&s, F9, "*9000");
	len = s.len;
	memcpy(first, s.data, len);
	piv_again(&s);
	script_is(&s, F9, "*9000");
	ck_assert_uint_eq(s.len, len);
	ck_assert_mem_eq(s.data, first, len);
	script_clear(&s);
}
END_TEST

START_TEST(keys_made_here_are_attested)
{
	static const uint8_t algs[] = {0x07, 0x11, 0x14, 0xE0, 0xE1};
	struct script s;

	piv_begin_admin(&s);
	for (size_t i = 0; i < sizeof(algs); i++) {
		EVP_PKEY *key = piv_generate_key(&s, 0x9C, algs[i]);
		X509 *cert = attestation_get(&s, 0x9C);

		check_subject(cert, "YubiKey PIV Attestation 9c");
		check_issued(&s, cert, key);
		check_fact(cert, 3, "\x05\x07\x00", 3);
		check_serial(&s, cert);
		check_fact(cert, 8, "\x03\x01", 2);
		check_fact(cert, 9, "\x01", 1);
		X509_free(cert);
		EVP_PKEY_free(key);
	}
	script_clear(&s);
}
END_TEST

START_TEST(no_two_attestations_have_one_number)
{
	X509 *first, *second;
	struct script s;

	piv_begin_admin(&s);
	EVP_PKEY_free(piv_generate_key(&s, 0x82, 0x11));
	first = attestation_get(&s, 0x82);
	second = attestation_get(&s, 0x82);
	check_subject(first, "YubiKey PIV Attestation 82");
	ck_assert_int_ne(ASN1_INTEGER_cmp(X509_get0_serialNumber(first),
			     X509_get0_serialNumber(second)),
	    0);
	X509_free(first);
	X509_free(second);
	script_clear(&s);
}
END_TEST

START_TEST(keys_that_were_brought_are_not)
{
	struct script s;

	piv_begin_admin(&s);
	script_is(&s,
	    "00FEE09A220720000102030405060708090A0B0C0D0E0F"
	    "101112131415161718191A1B1C1D1E1F",
	    "9000");
	script_is(&s, "00F99A00", "6A80");
	/* Nor when they have moved. */
	script_is(&s, "00F6829A", "9000");
	script_is(&s, "00F98200", "6A80");
	script_is(&s, "00F99A00", "6A88");
	script_clear(&s);
}
END_TEST

/* A key in F9 without a certificate gets one. */
START_TEST(the_authority_can_be_replaced)
{
	static const uint8_t algs[] = {0x07, 0x14, 0xE0};
	struct script s;

	piv_begin_admin(&s);
	for (size_t i = 0; i < sizeof(algs); i++) {
		EVP_PKEY *key = piv_generate_key(&s, 0x9A, 0x11);
		EVP_PKEY *own = piv_generate_key(&s, 0xF9, algs[i]);
		X509 *cert;

		script_is(&s, "00DB3FFF075C035FFF015300", "9000");
		cert = attestation_get(&s, 0x9A);
		check_issued(&s, cert, key);
		ck_assert_int_eq(X509_verify(cert, own), 1);
		X509_free(cert);
		EVP_PKEY_free(own);
		EVP_PKEY_free(key);
	}
	script_clear(&s);
}
END_TEST

START_TEST(a_certificate_that_is_none_attests_nothing)
{
	struct script s;

	piv_begin_admin(&s);
	EVP_PKEY_free(piv_generate_key(&s, 0x9A, 0x11));
	script_is(&s, "00F99A00", "*9000");
	script_is(&s,
	    "00DB3FFF0D5C035FFF0153067002"
	    "3000"
	    "FE00",
	    "9000");
	script_is(&s, "00F99A00", "6985");
	script_is(&s, "00DB3FFF0A5C035FFF015303FE0130", "9000");
	script_is(&s, "00F99A00", "6985");
	script_is(&s, "00FD0000", "0507009000");
	script_clear(&s);
}
END_TEST

/* A certificate whose identifier of the key is no OCTET STRING. */
static size_t
odd_certificate(uint8_t **out)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509 *cert = X509_new();
	X509_EXTENSION *odd;
	int len;

	ASN1_OCTET_STRING_set(value, (const uint8_t *)"\x30\x7F", 2);
	odd = X509_EXTENSION_create_by_NID(
	    NULL, NID_subject_key_identifier, 0, value);
	X509_add_ext(cert, odd, -1);
	X509_set_pubkey(cert, key);
	ck_assert_ptr_nonnull(X509_gmtime_adj(X509_getm_notBefore(cert), 0));
	ck_assert_ptr_nonnull(X509_gmtime_adj(X509_getm_notAfter(cert), 1));
	ck_assert_int_gt(X509_sign(cert, key, EVP_sha256()), 0);
	*out = NULL;
	len = i2d_X509(cert, out);
	X509_EXTENSION_free(odd);
	ASN1_OCTET_STRING_free(value);
	X509_free(cert);
	EVP_PKEY_free(key);
	return (size_t)len;
}

/* What the user put there may not stop the card. */
START_TEST(an_odd_certificate_does_no_harm)
{
	uint8_t *der, bytes[1024];
	struct script s;
	struct wr wr;
	size_t len, mark;

	piv_begin_admin(&s);
	EVP_PKEY_free(piv_generate_key(&s, 0x9A, 0x11));
	EVP_PKEY_free(piv_generate_key(&s, 0xF9, 0x11));
	len = odd_certificate(&der);
	wr_init(&wr, bytes, sizeof(bytes));
	tlv_put(&wr, 0x5C, "\x5F\xFF\x01", 3);
	mark = tlv_open(&wr, 0x53);
	tlv_put(&wr, 0x70, der, len);
	tlv_close(&wr, mark);
	OPENSSL_free(der);
	ck_assert_uint_eq(script_put(&s, "00DB3FFF", bytes, wr.len), 0x9000);
	script_is(&s, "00F99A00", "*9000");
	script_clear(&s);
}
END_TEST

/* Somebody writes the certificate first, the key later. */
START_TEST(a_certificate_may_wait_for_its_key)
{
	struct script s;

	piv_begin_admin(&s);
	EVP_PKEY_free(piv_generate_key(&s, 0x9A, 0x11));
	script_is(&s, "00DB3FFF0D5C035FFF01530670023000FE00", "9000");
	script_is(&s, "00F700F9", "6A88");
	script_is(&s, "00F99A00", "6985");
	script_is(&s, F9, "530670023000FE009000");
	script_clear(&s);
}
END_TEST

UNIT_SUITE("piv_attest", a_card_has_its_own_authority,
    the_authority_is_made_once, keys_made_here_are_attested,
    no_two_attestations_have_one_number, keys_that_were_brought_are_not,
    the_authority_can_be_replaced, a_certificate_that_is_none_attests_nothing,
    an_odd_certificate_does_no_harm, a_certificate_may_wait_for_its_key)
