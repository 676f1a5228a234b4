/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>

#include "tests/unit/piv_script.h"
#include "tests/unit/rsa_keys.h"
#include "util/hex.h"

/* FIPS 186-4's P-256 key of RFC 6979 A.2.5; RFC 8032 7.1. */
#define P256_SCALAR \
	"C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"
#define P256_POINT                                                           \
	"0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6" \
	"7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"
#define ED25519_SECRET \
	"9D61B19DEFFD5A60BA844AF492EC2CC44449C5697B326919703BAC031CAE7F60"
#define ED25519_POINT \
	"D75A980182B10AB7D54BFED3C964073A0EE172F3DAA62325AF021A68F707511A"

static const uint8_t slots[] = {0x9A, 0x9C, 0x9D, 0x9E, 0x82, 0x83, 0x84, 0x85,
    0x86, 0x87, 0x88, 0x89, 0x8A, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x91,
    0x92, 0x93, 0x94, 0x95, 0xF9};

static uint8_t
default_policy(uint8_t slot)
{
	return slot == 0x9C ? 3 : slot == 0x9E ? 1 : 2;
}

/* What metadata says before the public key. */
static void
check_metadata(struct script *s, uint8_t slot, uint8_t alg, uint8_t pin,
    uint8_t touch, uint8_t origin)
{
	const uint8_t want[] = {1, 1, alg, 2, 2, pin, touch, 3, 1, origin, 4};
	char command[16];

	snprintf(command, sizeof(command), "00F700%02X", slot);
	script_is(s, command, "*9000");
	ck_assert_mem_eq(s->data, want, sizeof(want));
}

START_TEST(each_slot_has_a_key)
{
	EVP_PKEY *keys[sizeof(slots)];
	struct script s;

	piv_begin_admin(&s);
	for (size_t i = 0; i < sizeof(slots); i++)
		keys[i] = piv_generate_key(&s, slots[i], 0x11);
	piv_again(&s);
	for (size_t i = 0; i < sizeof(slots); i++) {
		check_metadata(
		    &s, slots[i], 0x11, default_policy(slots[i]), 1, 1);
		piv_login(&s);
		if (slots[i] != 0xF9)
			piv_check_signature(&s, slots[i], 0x11, keys[i]);
		EVP_PKEY_free(keys[i]);
	}
	script_clear(&s);
}
END_TEST

START_TEST(each_algorithm_is_generated)
{
	static const uint8_t algs[] = {0x06, 0x07, 0x11, 0x14, 0xE0, 0xE1};
	EVP_PKEY *key, *told;
	struct script s;

	piv_begin_admin(&s);
	for (size_t i = 0; i < sizeof(algs); i++) {
		key = piv_generate_key(&s, 0x9D, algs[i]);
		check_metadata(&s, 0x9D, algs[i], 2, 1, 1);
		told = piv_public(algs[i], piv_value(&s, 0x04, 0));
		ck_assert_int_eq(EVP_PKEY_eq(key, told), 1);
		EVP_PKEY_free(told);
		EVP_PKEY_free(key);
	}
	script_clear(&s);
}
END_TEST

START_TEST(policies_are_what_was_asked_for)
{
	static const uint8_t pins[] = {2, 1, 2, 3}, touches[] = {1, 1, 2, 3};
	char command[64];
	struct script s;

	piv_begin_admin(&s);
	for (uint8_t pin = 0; pin <= 3; pin++) {
		for (uint8_t touch = 0; touch <= 3; touch++) {
			snprintf(command, sizeof(command),
			    "0047009A0BAC09800111AA01%02XAB01%02X", pin, touch);
			script_is(&s, command, "*9000");
			check_metadata(
			    &s, 0x9A, 0x11, pins[pin], touches[touch], 1);
		}
	}
	script_clear(&s);
}
END_TEST

/* The TLVs of p and q, each as long as it is or with zeros in front. */
static size_t
rsa_fields(const struct rsa_key *key, uint8_t *out, size_t cap)
{
	uint8_t part[256];
	struct wr wr;

	wr_init(&wr, out, cap);
	ck_assert_int_eq(
	    hex_get(key->p, part, sizeof(part)), (int)key->bits / 16);
	tlv_put(&wr, 0x01, part, key->bits / 16);
	ck_assert_int_eq(
	    hex_get(key->q, part, sizeof(part)), (int)key->bits / 16);
	tlv_put(&wr, 0x02, part, key->bits / 16);
	tlv_put_u8(&wr, 0xAA, 1);
	return wr.len;
}

static void
check_modulus(const struct script *s, const struct rsa_key *key)
{
	struct rd fields = piv_value(s, 0x04, 0), modulus;
	BIGNUM *p = NULL, *q = NULL, *n = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	uint8_t want[512];

	BN_hex2bn(&p, key->p);
	BN_hex2bn(&q, key->q);
	BN_mul(n, p, q, ctx);
	ck_assert_int_eq(tlv_find(&fields, 0x81, &modulus), 1);
	ck_assert_uint_eq(modulus.len, key->bits / 8);
	BN_bn2binpad(n, want, (int)modulus.len);
	ck_assert_mem_eq(modulus.p, want, modulus.len);
	BN_free(p);
	BN_free(q);
	BN_free(n);
	BN_CTX_free(ctx);
}

START_TEST(rsa_keys_are_imported)
{
	uint8_t bytes[1024];
	char header[16];
	struct script s;
	size_t len;

	piv_begin_admin(&s);
	for (size_t i = 0; i < RSA_KEYS; i++) {
		EVP_PKEY *key;

		len = rsa_fields(&rsa_keys[i], bytes, sizeof(bytes));
		snprintf(header, sizeof(header), "00FE%02X9A", rsa_keys[i].alg);
		ck_assert_uint_eq(script_chain(&s, header, bytes, len), 0x9000);
		check_metadata(&s, 0x9A, rsa_keys[i].alg, 1, 1, 2);
		check_modulus(&s, &rsa_keys[i]);
		key = piv_public(rsa_keys[i].alg, piv_value(&s, 0x04, 0));
		piv_check_signature(&s, 0x9A, rsa_keys[i].alg, key);
		/* Of another length than it says. */
		snprintf(header, sizeof(header), "00FE%02X9A",
		    rsa_keys[(i + 1) % RSA_KEYS].alg);
		ck_assert_uint_eq(script_put(&s, header, bytes, len), 0x6A80);
		piv_check_signature(&s, 0x9A, rsa_keys[i].alg, key);
		EVP_PKEY_free(key);
	}
	script_clear(&s);
}
END_TEST

/* A key that OpenSSL would choke on later must not come in. */
START_TEST(rsa_parts_that_are_no_primes_are_refused)
{
	uint8_t bytes[512], part[64];
	struct script s;
	struct wr wr;

	piv_begin_admin(&s);
	wr_init(&wr, bytes, sizeof(bytes));
	memset(part, 0xFF, sizeof(part));
	tlv_put(&wr, 0x01, part, sizeof(part));
	part[40] = 0x0F;
	tlv_put(&wr, 0x02, part, sizeof(part));
	ck_assert_uint_eq(script_put(&s, "00FE069A", bytes, wr.len), 0x6A80);
	/* The same prime twice. */
	wr_init(&wr, bytes, sizeof(bytes));
	ck_assert_int_eq(hex_get(rsa_keys[0].p, part, sizeof(part)), 64);
	tlv_put(&wr, 0x01, part, sizeof(part));
	tlv_put(&wr, 0x02, part, sizeof(part));
	ck_assert_uint_eq(script_put(&s, "00FE069A", bytes, wr.len), 0x6A80);
	script_clear(&s);
}
END_TEST

static const struct {
	uint8_t alg;
	const char *field;
	const char *secret;
	const char *point;
} raw_keys[] = {
    {0x11, "0620", P256_SCALAR, "8641" P256_POINT},
    {0xE0, "0720", ED25519_SECRET, "8620" ED25519_POINT},
};

START_TEST(raw_keys_are_imported)
{
	char command[256], want[256];
	struct script s;

	piv_begin_admin(&s);
	for (size_t i = 0; i < sizeof(raw_keys) / sizeof(*raw_keys); i++) {
		EVP_PKEY *key;

		snprintf(command, sizeof(command), "00FE%02X8222%s%s",
		    raw_keys[i].alg, raw_keys[i].field, raw_keys[i].secret);
		script_is(&s, command, "9000");
		snprintf(want, sizeof(want),
		    "0101%02X0202020103010204%02zX%s"
		    "9000",
		    raw_keys[i].alg, strlen(raw_keys[i].point) / 2,
		    raw_keys[i].point);
		script_is(&s, "00F70082", want);
		key = piv_public(raw_keys[i].alg, piv_value(&s, 0x04, 0));
		piv_check_signature(&s, 0x82, raw_keys[i].alg, key);
		EVP_PKEY_free(key);
	}
	script_clear(&s);
}
END_TEST

START_TEST(a_key_moves_with_all_that_it_is)
{
	EVP_PKEY *key;
	struct script s;

	piv_begin_admin(&s);
	key = piv_generate_key(&s, 0x9C, 0x11);
	script_is(&s, "00F6839C", "9000");
	script_is(&s, "00F7009C", "6A88");
	check_metadata(&s, 0x83, 0x11, 3, 1, 1);
	piv_check_signature(&s, 0x83, 0x11, key);
	piv_again(&s);
	script_is(&s, "00F7009C", "6A88");
	piv_login(&s);
	piv_check_signature(&s, 0x83, 0x11, key);
	EVP_PKEY_free(key);
	script_clear(&s);
}
END_TEST

START_TEST(a_key_is_not_moved_over_another)
{
	EVP_PKEY *key;
	struct script s;

	piv_begin_admin(&s);
	key = piv_generate_key(&s, 0x9A, 0x11);
	EVP_PKEY_free(piv_generate_key(&s, 0x9D, 0x14));
	script_is(&s, "00F69A9D", "6985");
	piv_check_signature(&s, 0x9A, 0x11, key);
	script_is(&s, "00F6FF9A", "9000");
	script_is(&s, "00F7009A", "6A88");
	script_is(&s,
	    "0087119A067C0482008101"
	    "00",
	    "6A80");
	script_is(&s, "0087119A077C058200810100", "6A88");
	script_is(&s, "00F69A9D", "9000");
	check_metadata(&s, 0x9A, 0x14, 2, 1, 1);
	EVP_PKEY_free(key);
	script_clear(&s);
}
END_TEST

UNIT_SUITE("piv_key", each_slot_has_a_key, each_algorithm_is_generated,
    policies_are_what_was_asked_for, rsa_keys_are_imported,
    rsa_parts_that_are_no_primes_are_refused, raw_keys_are_imported,
    a_key_moves_with_all_that_it_is, a_key_is_not_moved_over_another)
