/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "card/piv/piv_state.h"
#include "tests/unit/piv_script.h"
#include "tests/unit/rsa_keys.h"
#include "util/hex.h"

/* Makes a P-256 key in 9A with these policies. */
static EVP_PKEY *
key_with(struct script *s, uint8_t pin, uint8_t touch)
{
	char command[64];

	snprintf(command, sizeof(command),
	    "0047009A0BAC09800111AA01%02XAB01%02X", pin, touch);
	script_is(s, command, "*9000");
	return piv_public(0x11, piv_value(s, 0x7F49, 0));
}

static uint16_t
sign(struct script *s)
{
	static const uint8_t hash[32] = {1};

	return piv_use(s, 0x9A, 0x11, 0x81, hash, sizeof(hash));
}

START_TEST(each_algorithm_signs)
{
	static const uint8_t algs[] = {0x06, 0x07, 0x11, 0x14, 0xE0};
	struct script s;

	piv_begin_admin(&s);
	for (size_t i = 0; i < sizeof(algs); i++) {
		EVP_PKEY *key = piv_generate_key(&s, 0x9A, algs[i]);

		for (int n = 0; n < 4; n++)
			piv_check_signature(&s, 0x9A, algs[i], key);
		EVP_PKEY_free(key);
	}
	script_clear(&s);
}
END_TEST

START_TEST(once_is_once_in_a_session)
{
	struct script s;

	piv_begin(&s);
	piv_admin(&s);
	EVP_PKEY_free(key_with(&s, 2, 1));
	ck_assert_uint_eq(sign(&s), 0x6982);
	piv_login(&s);
	ck_assert_uint_eq(sign(&s), 0x9000);
	ck_assert_uint_eq(sign(&s), 0x9000);
	script_is(&s, PIV_SELECT, "*9000");
	ck_assert_uint_eq(sign(&s), 0x9000);
	script_is(&s, PIV_VERIFY_WRONG, "63C2");
	ck_assert_uint_eq(sign(&s), 0x6982);
	piv_login(&s);
	script_is(&s, "0020FF80", "9000");
	ck_assert_uint_eq(sign(&s), 0x6982);
	script_clear(&s);
}
END_TEST

START_TEST(always_is_before_each_use)
{
	struct script s;

	piv_begin_admin(&s);
	EVP_PKEY_free(key_with(&s, 3, 1));
	/* What did not use the key does not use the PIN up. */
	ck_assert_uint_eq(
	    piv_use(&s, 0x9A, 0x14, 0x81, "0123456789abcdef", 16), 0x6A86);
	ck_assert_uint_eq(sign(&s), 0x9000);
	ck_assert_uint_eq(sign(&s), 0x6982);
	script_is(&s, "00200080", "9000");
	ck_assert_uint_eq(sign(&s), 0x6982);
	piv_login(&s);
	ck_assert_uint_eq(sign(&s), 0x9000);
	ck_assert_uint_eq(sign(&s), 0x6982);
	script_clear(&s);
}
END_TEST

START_TEST(the_use_of_another_key_counts_too)
{
	static const uint8_t hash[32] = {1};
	struct script s;

	piv_begin_admin(&s);
	EVP_PKEY_free(key_with(&s, 3, 1));
	EVP_PKEY_free(piv_generate_key(&s, 0x9D, 0x11));
	EVP_PKEY_free(piv_generate_key(&s, 0x9E, 0x11));
	/* One that asks for no PIN does not. */
	ck_assert_uint_eq(piv_use(&s, 0x9E, 0x11, 0x81, hash, 32), 0x9000);
	ck_assert_uint_eq(sign(&s), 0x9000);
	piv_login(&s);
	ck_assert_uint_eq(piv_use(&s, 0x9D, 0x11, 0x81, hash, 32), 0x9000);
	ck_assert_uint_eq(sign(&s), 0x6982);
	ck_assert_uint_eq(piv_use(&s, 0x9D, 0x11, 0x81, hash, 32), 0x9000);
	script_clear(&s);
}
END_TEST

START_TEST(never_asks_for_nothing)
{
	struct script s;

	piv_begin(&s);
	piv_admin(&s);
	EVP_PKEY_free(key_with(&s, 1, 1));
	ck_assert_uint_eq(sign(&s), 0x9000);
	ck_assert_uint_eq(s.rig.touches, 0);
	script_clear(&s);
}
END_TEST

START_TEST(a_touch_is_asked_for_each_time)
{
	struct script s;

	piv_begin_admin(&s);
	EVP_PKEY_free(key_with(&s, 2, 2));
	s.rig.touch = 0;
	ck_assert_uint_eq(sign(&s), 0x6982);
	ck_assert_uint_eq(s.rig.touches, 1);
	ck_assert_str_eq(s.rig.asked, "PIV slot 9a: sign");
	s.rig.touch = 1;
	ck_assert_uint_eq(sign(&s), 0x9000);
	ck_assert_uint_eq(sign(&s), 0x9000);
	ck_assert_uint_eq(s.rig.touches, 3);
	/* Nobody is bothered for what is refused anyway. */
	script_is(&s, "0020FF80", "9000");
	ck_assert_uint_eq(sign(&s), 0x6982);
	ck_assert_uint_eq(s.rig.touches, 3);
	script_clear(&s);
}
END_TEST

START_TEST(a_touch_may_count_for_a_while)
{
	struct script s;

	piv_begin_admin(&s);
	EVP_PKEY_free(key_with(&s, 1, 3));
	s.rig.touch = 0;
	ck_assert_uint_eq(sign(&s), 0x6982);
	s.rig.touch = 1;
	ck_assert_uint_eq(sign(&s), 0x9000);
	ck_assert_uint_eq(s.rig.touches, 2);
	s.rig.now += 14999;
	ck_assert_uint_eq(sign(&s), 0x9000);
	ck_assert_uint_eq(s.rig.touches, 2);
	s.rig.now += 1;
	ck_assert_uint_eq(sign(&s), 0x9000);
	ck_assert_uint_eq(s.rig.touches, 3);
	/* Not for a key that comes in its place, nor in another session. */
	EVP_PKEY_free(key_with(&s, 1, 3));
	ck_assert_uint_eq(sign(&s), 0x9000);
	ck_assert_uint_eq(s.rig.touches, 4);
	rig_reset(&s.rig);
	script_send(&s, PIV_SELECT);
	ck_assert_uint_eq(sign(&s), 0x9000);
	ck_assert_uint_eq(s.rig.touches, 5);
	script_clear(&s);
}
END_TEST

/* FIPS 186-4 §6.4: the leftmost bits of a longer hash, all of a shorter. */
START_TEST(hashes_of_any_length)
{
	uint8_t hash[64];
	EVP_PKEY *key;
	struct script s;

	memset(hash, 0xA5, sizeof(hash));
	piv_begin_admin(&s);
	key = piv_generate_key(&s, 0x9A, 0x11);
	for (size_t len = 1; len <= sizeof(hash); len += 9) {
		EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
		struct rd sig;

		ck_assert_uint_eq(
		    piv_use(&s, 0x9A, 0x11, 0x81, hash, len), 0x9000);
		sig = piv_value(&s, 0x7C, 0x82);
		ck_assert_int_eq(EVP_PKEY_verify_init(ctx), 1);
		ck_assert_int_eq(
		    EVP_PKEY_verify(ctx, sig.p, sig.len, hash, len), 1);
		EVP_PKEY_CTX_free(ctx);
	}
	EVP_PKEY_free(key);
	script_clear(&s);
}
END_TEST

/* RFC 8032 7.1, test 1024: the message is longer than a short APDU. */
START_TEST(ed25519_signs_whole_messages)
{
	uint8_t message[1800], bytes[2048];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct rd sig;
	struct script s;
	EVP_PKEY *key;
	struct wr wr;
	size_t mark;

	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)(i * 5);
	wr_init(&wr, bytes, sizeof(bytes));
	mark = tlv_open(&wr, 0x7C);
	tlv_put(&wr, 0x81, message, sizeof(message));
	tlv_put(&wr, 0x82, NULL, 0);
	tlv_close(&wr, mark);
	piv_begin_admin(&s);
	key = piv_generate_key(&s, 0x9D, 0xE0);
	ck_assert_uint_eq(script_chain(&s, "0087E09D", bytes, wr.len), 0x9000);
	sig = piv_value(&s, 0x7C, 0x82);
	ck_assert_uint_eq(sig.len, 64);
	ck_assert_int_eq(EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key), 1);
	ck_assert_int_eq(
	    EVP_DigestVerify(ctx, sig.p, sig.len, message, sizeof(message)), 1);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	script_clear(&s);
}
END_TEST

/* A key of OpenSSL's, its point as PIV has it, and what both agree on. */
static EVP_PKEY *
peer_new(uint8_t alg, uint8_t *point, size_t *len)
{
	EVP_PKEY *peer;

	if (alg == 0xE1) {
		peer = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
		*len = 32;
		EVP_PKEY_get_raw_public_key(peer, point, len);
		return peer;
	}
	peer = EVP_PKEY_Q_keygen(
	    NULL, NULL, "EC", alg == 0x11 ? "P-256" : "P-384");
	EVP_PKEY_get_octet_string_param(
	    peer, OSSL_PKEY_PARAM_PUB_KEY, point, 100, len);
	return peer;
}

static void
check_agreement(EVP_PKEY *peer, EVP_PKEY *card, struct rd got)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, peer, NULL);
	uint8_t want[64];
	size_t len = sizeof(want);

	ck_assert_int_eq(EVP_PKEY_derive_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_derive_set_peer(ctx, card), 1);
	ck_assert_int_eq(EVP_PKEY_derive(ctx, want, &len), 1);
	ck_assert_uint_eq(got.len, len);
	ck_assert_mem_eq(got.p, want, len);
	EVP_PKEY_CTX_free(ctx);
}

START_TEST(keys_are_agreed_on)
{
	static const uint8_t algs[] = {0x11, 0x14, 0xE1};
	uint8_t point[100];
	struct script s;
	size_t len;

	piv_begin_admin(&s);
	for (size_t i = 0; i < sizeof(algs); i++) {
		EVP_PKEY *key = piv_generate_key(&s, 0x9D, algs[i]);
		EVP_PKEY *peer = peer_new(algs[i], point, &len);

		ck_assert_uint_eq(
		    piv_use(&s, 0x9D, algs[i], 0x85, point, len), 0x9000);
		check_agreement(peer, key, piv_value(&s, 0x7C, 0x82));
		point[1] ^= 0x55;
		/* Any 32 bytes are a point of X25519. */
		if (algs[i] != 0xE1)
			ck_assert_uint_eq(
			    piv_use(&s, 0x9D, algs[i], 0x85, point, len),
			    0x6A80);
		ck_assert_uint_eq(
		    piv_use(&s, 0x9D, algs[i], 0x85, point, len - 1), 0x6A80);
		memset(point, 0, sizeof(point));
		ck_assert_uint_eq(
		    piv_use(&s, 0x9D, algs[i], 0x85, point, len), 0x6A80);
		EVP_PKEY_free(peer);
		EVP_PKEY_free(key);
	}
	script_clear(&s);
}
END_TEST

/* RFC 7748 6.1. */
START_TEST(x25519_as_in_the_rfc)
{
	struct script s;

	piv_begin_admin(&s);
	script_is(&s,
	    "00FEE19D220820"
	    "77076D0A7318A57D3C16C17251B26645DF4C2F87EBC0992AB177FBA51DB92C2"
	    "A",
	    "9000");
	script_is(&s,
	    "0087E19D267C2482008520"
	    "DE9EDB7D7B7DC1B4D35B61C2ECE435373F8343C85B78674DADFC7E146F882B4"
	    "F",
	    "7C228220"
	    "4A5D9D5BA4CE2DE1728E3BF480350F25E07E21C947D19E3376F09B3C1E161742"
	    "9000");
	script_clear(&s);
}
END_TEST

/* Imports the key with a PIN policy of never, and returns its public part. */
static EVP_PKEY *
import_rsa(struct script *s, const struct rsa_key *key)
{
	uint8_t bytes[1024], part[256];
	char command[16];
	struct wr wr;

	wr_init(&wr, bytes, sizeof(bytes));
	ck_assert_int_gt(hex_get(key->p, part, sizeof(part)), 0);
	tlv_put(&wr, 0x01, part, key->bits / 16);
	ck_assert_int_gt(hex_get(key->q, part, sizeof(part)), 0);
	tlv_put(&wr, 0x02, part, key->bits / 16);
	snprintf(command, sizeof(command), "00FE%02X9D", key->alg);
	ck_assert_uint_eq(script_put(s, command, bytes, wr.len), 0x9000);
	script_is(s, "00F7009D", "*9000");
	return piv_public(key->alg, piv_value(s, 0x04, 0));
}

static void
check_decipher(struct script *s, const struct rsa_key *key, EVP_PKEY *pkey)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	uint8_t block[512], secret[16] = "forty-two, five";
	size_t len = sizeof(block);
	struct rd plain;

	ck_assert_int_eq(EVP_PKEY_encrypt_init(ctx), 1);
	EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING);
	ck_assert_int_eq(
	    EVP_PKEY_encrypt(ctx, block, &len, secret, sizeof(secret)), 1);
	ck_assert_uint_eq(piv_use(s, 0x9D, key->alg, 0x81, block, len), 0x9000);
	plain = piv_value(s, 0x7C, 0x82);
	ck_assert_uint_eq(plain.len, len);
	ck_assert_uint_eq(plain.p[0], 0x00);
	ck_assert_uint_eq(plain.p[1], 0x02);
	ck_assert_mem_eq(
	    plain.p + len - sizeof(secret), secret, sizeof(secret));
	EVP_PKEY_CTX_free(ctx);
}

START_TEST(rsa_deciphers)
{
	uint8_t block[513] = {0};
	struct script s;

	piv_begin_admin(&s);
	for (size_t i = 0; i < RSA_KEYS; i++) {
		EVP_PKEY *key = import_rsa(&s, &rsa_keys[i]);
		size_t len = rsa_keys[i].bits / 8;
		uint8_t alg = rsa_keys[i].alg;

		check_decipher(&s, &rsa_keys[i], key);
		piv_check_signature(&s, 0x9D, alg, key);
		memset(block, 0, sizeof(block));
		ck_assert_uint_eq(
		    piv_use(&s, 0x9D, alg, 0x81, block, len - 1), 0x6A80);
		ck_assert_uint_eq(
		    piv_use(&s, 0x9D, alg, 0x81, block, len + 1), 0x6A80);
		/* Not below the modulus. */
		memset(block, 0xFF, sizeof(block));
		ck_assert_uint_eq(
		    piv_use(&s, 0x9D, alg, 0x81, block, len), 0x6A80);
		ck_assert_uint_eq(
		    piv_use(&s, 0x9D, alg, 0x85, block, len), 0x6A80);
		EVP_PKEY_free(key);
	}
	script_clear(&s);
}
END_TEST

START_TEST(what_a_key_cannot_do)
{
	uint8_t bytes[65] = {4};
	struct script s;

	piv_begin_admin(&s);
	EVP_PKEY_free(piv_generate_key(&s, 0x9A, 0xE0));
	EVP_PKEY_free(piv_generate_key(&s, 0x9D, 0xE1));
	EVP_PKEY_free(piv_generate_key(&s, 0x9E, 0x11));
	ck_assert_uint_eq(piv_use(&s, 0x9A, 0xE0, 0x85, bytes, 32), 0x6A80);
	ck_assert_uint_eq(piv_use(&s, 0x9D, 0xE1, 0x81, bytes, 32), 0x6A80);
	ck_assert_uint_eq(piv_use(&s, 0x9A, 0x11, 0x81, bytes, 32), 0x6A86);
	ck_assert_uint_eq(piv_use(&s, 0x9A, 0x22, 0x81, bytes, 32), 0x6A86);
	ck_assert_uint_eq(piv_use(&s, 0x9E, 0x11, 0x80, bytes, 8), 0x6A80);
	ck_assert_uint_eq(piv_use(&s, 0x9E, 0x11, 0x81, bytes, 0), 0x6A80);
	/* Both, none, an answer instead of a question. */
	script_is(&s, "0087119E087C06810101850104", "6A80");
	script_is(&s, "0087119E047C028200", "6A80");
	script_is(&s, "0087119E087C06820101810101", "6A80");
	/* Clients leave the empty 82 away, or put it last. */
	script_is(&s, "0087119E057C03810101", "*9000");
	script_is(&s, "0087119E077C058101018200", "*9000");
	script_clear(&s);
}
END_TEST

/* Nobody becomes administrator by using a key. */
START_TEST(a_key_is_no_proof_of_rights)
{
	struct script s;

	piv_begin(&s);
	piv_admin(&s);
	EVP_PKEY_free(key_with(&s, 1, 1));
	rig_reset(&s.rig);
	script_send(&s, PIV_SELECT);
	ck_assert_uint_eq(sign(&s), 0x9000);
	script_is(&s, "00DB3FFF085C035FC101530101", "6982");
	script_clear(&s);
}
END_TEST

/* Signing costs no more than the signature: the store is read once. */
START_TEST(a_key_is_loaded_once_a_session)
{
	struct script s;

	piv_begin(&s);
	piv_admin(&s);
	EVP_PKEY_free(key_with(&s, 1, 1));
	ck_assert_int_eq(store_delete(s.store,
			     (struct place){STORE_PIV, PIV_RECORD_KEY, 0x9A}),
	    0);
	ck_assert_uint_eq(sign(&s), 0x9000);
	ck_assert_uint_eq(sign(&s), 0x9000);
	rig_reset(&s.rig);
	script_send(&s, PIV_SELECT);
	ck_assert_uint_eq(sign(&s), 0x6A88);
	script_clear(&s);
}
END_TEST

UNIT_SUITE("piv_sign", each_algorithm_signs, once_is_once_in_a_session,
    always_is_before_each_use, the_use_of_another_key_counts_too,
    never_asks_for_nothing, a_touch_is_asked_for_each_time,
    a_touch_may_count_for_a_while, hashes_of_any_length,
    ed25519_signs_whole_messages, keys_are_agreed_on, x25519_as_in_the_rfc,
    rsa_deciphers, what_a_key_cannot_do, a_key_is_no_proof_of_rights,
    a_key_is_loaded_once_a_session)
