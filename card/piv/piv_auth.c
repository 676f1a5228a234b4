/* SPDX-License-Identifier: BSD-2-Clause */
/* GENERAL AUTHENTICATE with the management key: SP 800-73-4 part 2, A.1. */
#include "card/crypto/secret.h"
#include "card/piv/piv_state.h"

enum { RANDOM_LEN = 8 };

static bool
is_empty(const struct piv_field *field)
{
	return field->is_there && field->value.len == 0;
}

static bool
is_full(const struct piv_field *field)
{
	return field->is_there && field->value.len > 0;
}

/* One answer: the template around one value. */
static void
answer(struct wr *out, uint32_t tag, const uint8_t *value, size_t len)
{
	size_t template = tlv_open(out, 0x7C);

	tlv_put(out, tag, value, len);
	tlv_close(out, template);
}

/* 80 00: a random value, encrypted; the host has to show what it was. */
static sw_t
witness_ask(
    struct piv *piv, const struct piv_admin *admin, uint8_t alg, struct wr *out)
{
	struct piv_challenge *challenge = &piv->challenge;
	uint8_t block[BLOCK_SIZE_MAX];
	enum block_cipher cipher;
	int err;

	if (!piv_admin_cipher(admin, alg, &cipher))
		return SW_P1P2;
	err = env_random(piv->env, challenge->expected, block_size(cipher));
	if (err == 0)
		err = block_encrypt(
		    cipher, admin->key, challenge->expected, block);
	if (err < 0)
		return piv_crypto_sw(piv, err);
	challenge->kind = PIV_ASKED_WITNESS;
	challenge->alg = alg;
	answer(out, 0x80, block, block_size(cipher));
	return SW_OK;
}

/*
 * 81 00: a random value that the host has to encrypt. Algorithm 00 is also how
 * clients ask for nothing but random bytes, whatever the key is.
 */
static sw_t
challenge_ask(
    struct piv *piv, const struct piv_admin *admin, uint8_t alg, struct wr *out)
{
	struct piv_challenge *challenge = &piv->challenge;
	uint8_t block[BLOCK_SIZE_MAX];
	enum block_cipher cipher;
	bool is_proof = piv_admin_cipher(admin, alg, &cipher);
	size_t len = is_proof ? block_size(cipher) : RANDOM_LEN;
	int err;

	if (!is_proof && alg != 0)
		return SW_P1P2;
	err = env_random(piv->env, block, len);
	if (err == 0 && is_proof)
		err = block_encrypt(
		    cipher, admin->key, block, challenge->expected);
	if (err < 0)
		return piv_crypto_sw(piv, err);
	challenge->kind = is_proof ? PIV_ASKED_CHALLENGE : PIV_ASKED_NOTHING;
	challenge->alg = alg;
	answer(out, 0x81, block, len);
	return SW_OK;
}

/* Is it what the card asked for, with the same algorithm? And a touch. */
static bool
is_proved(struct piv *piv, const struct piv_admin *admin,
    const struct piv_challenge *asked, enum piv_asked kind, uint8_t alg,
    const struct rd *proof)
{
	enum block_cipher cipher;

	if (asked->kind != kind || asked->alg != alg ||
	    !piv_admin_cipher(admin, alg, &cipher) ||
	    proof->len != block_size(cipher) ||
	    !secret_is_equal(asked->expected, proof->p, proof->len))
		return false;
	return admin->touch_policy == PIV_TOUCH_NEVER ||
	       piv_is_touched(piv, PIV_REF_ADMIN, "administration");
}

/* 80 and 81: the witness, and a value that the card has to encrypt now. */
static sw_t
mutual_end(struct piv *piv, const struct piv_admin *admin,
    const struct piv_challenge *asked, uint8_t alg,
    const struct piv_template *in, struct wr *out)
{
	const struct rd *challenge = &in->challenge.value;
	uint8_t block[BLOCK_SIZE_MAX];
	enum block_cipher cipher;
	int err;

	if (!piv_admin_cipher(admin, alg, &cipher) ||
	    challenge->len != block_size(cipher))
		return SW_DATA;
	if (!is_proved(
		piv, admin, asked, PIV_ASKED_WITNESS, alg, &in->witness.value))
		return SW_SECURITY;
	err = block_encrypt(cipher, admin->key, challenge->p, block);
	if (err < 0)
		return piv_crypto_sw(piv, err);
	piv->managed = true;
	answer(out, 0x82, block, block_size(cipher));
	return SW_OK;
}

static sw_t
response_end(struct piv *piv, const struct piv_admin *admin,
    const struct piv_challenge *asked, uint8_t alg, const struct rd *response)
{
	if (!is_proved(piv, admin, asked, PIV_ASKED_CHALLENGE, alg, response))
		return SW_SECURITY;
	piv->managed = true;
	return SW_OK;
}

static sw_t
admin_step(struct piv *piv, const struct piv_admin *admin,
    const struct piv_challenge *asked, uint8_t alg,
    const struct piv_template *in, struct wr *out)
{
	bool has_response = is_full(&in->response);

	if (in->point.is_there)
		return SW_SECURITY;
	if (is_empty(&in->witness) && !in->challenge.is_there)
		return witness_ask(piv, admin, alg, out);
	if (is_empty(&in->challenge) && !in->witness.is_there && !has_response)
		return challenge_ask(piv, admin, alg, out);
	/* From here on rights are at stake, and lost if it fails. */
	piv->managed = false;
	if (is_full(&in->witness) && is_full(&in->challenge) && !has_response)
		return mutual_end(piv, admin, asked, alg, in, out);
	if (has_response && !in->witness.is_there && !in->challenge.is_there)
		return response_end(
		    piv, admin, asked, alg, &in->response.value);
	/* To encrypt what anybody sends would give the proof away. */
	return is_full(&in->challenge) ? SW_SECURITY : SW_DATA;
}

sw_t
piv_authenticate_admin(struct piv *piv, const struct piv_challenge *asked,
    uint8_t alg, const struct piv_template *in, struct wr *out)
{
	struct piv_admin admin;
	int err;
	sw_t sw;

	err = piv_admin_load(piv->env, &admin);
	if (err < 0)
		return piv_store_sw(err);
	sw = admin_step(piv, &admin, asked, alg, in, out);
	secret_wipe(&admin, sizeof(admin));
	return sw;
}
