/* SPDX-License-Identifier: BSD-2-Clause */
/* GENERAL AUTHENTICATE, SP 800-73-4 part 2, 3.2.4: what keys are for. */
#include <string.h>

#include "card/crypto/secret.h"
#include "card/piv/piv_state.h"

static struct piv_field *
template_field(struct piv_template *template, uint32_t tag)
{
	switch (tag) {
	case 0x80:
		return &template->witness;
	case 0x81:
		return &template->challenge;
	case 0x82:
		return &template->response;
	case 0x85:
		return &template->point;
	default:
		return NULL;
	}
}

/* The fields come in any order, each once at most. */
static bool
template_read(const struct apdu *apdu, struct piv_template *out)
{
	struct piv_field *field;
	struct tlv outer, inner;
	struct rd rd;
	int r;

	memset(out, 0, sizeof(*out));
	rd_init(&rd, apdu->data, apdu->len);
	if (tlv_next(&rd, &outer) != 1 || outer.tag != 0x7C || !rd_end(&rd))
		return false;
	while ((r = tlv_next(&outer.value, &inner)) == 1) {
		field = template_field(out, inner.tag);
		if (field == NULL || field->is_there)
			return false;
		field->is_there = true;
		field->value = inner.value;
	}
	return r == 0;
}

static bool
pin_allows(const struct piv *piv, const struct piv_key *key)
{
	switch (key->pin_policy) {
	case PIV_PIN_NEVER:
		return true;
	case PIV_PIN_ONCE:
		return piv->verified;
	default:
		return piv->verified && piv->fresh;
	}
}

static bool
touch_allows(
    struct piv *piv, struct piv_key *key, uint8_t slot, const char *what)
{
	const struct env *env = piv->env;
	int64_t now;

	if (key->touch_policy == PIV_TOUCH_NEVER)
		return true;
	now = env->ops->now(env->ctx);
	if (key->touch_policy == PIV_TOUCH_CACHED && key->touched &&
	    now - key->touched_at < PIV_TOUCH_CACHE)
		return true;
	key->touched = piv_is_touched(piv, slot, what);
	key->touched_at = env->ops->now(env->ctx);
	return key->touched;
}

enum use { USE_NOTHING, USE_DECIPHER, USE_SIGN, USE_AGREE };

/* RSA is not told whether it signs or deciphers. */
static enum use
use_of(enum keypair_alg alg, const struct piv_template *in)
{
	bool has_point = in->point.is_there && in->point.value.len > 0;
	bool has_data = in->challenge.is_there && in->challenge.value.len > 0;

	if (in->witness.is_there || in->response.value.len > 0 ||
	    has_point == has_data)
		return USE_NOTHING;
	if (has_point)
		return keypair_is_rsa(alg) || alg == KEYPAIR_ED25519
			   ? USE_NOTHING
			   : USE_AGREE;
	if (alg == KEYPAIR_X25519)
		return USE_NOTHING;
	return keypair_is_rsa(alg) ? USE_DECIPHER : USE_SIGN;
}

static const char *
use_name(enum use use)
{
	switch (use) {
	case USE_DECIPHER:
		return "sign or decrypt";
	case USE_SIGN:
		return "sign";
	case USE_AGREE:
		return "agree on a key";
	default:
		return "nothing";
	}
}

static int
key_use(struct keypair *pair, enum use use, const struct piv_template *in,
    uint8_t *out, size_t *out_len)
{
	const struct rd *data = &in->challenge.value;
	const struct rd *point = &in->point.value;

	switch (use) {
	case USE_DECIPHER:
		*out_len = keypair_alg_bytes(keypair_get_alg(pair));
		return keypair_rsa_raw(pair, data->p, data->len, out);
	case USE_SIGN:
		return keypair_sign(pair, data->p, data->len, out, out_len);
	case USE_AGREE:
		return keypair_agree(pair, point->p, point->len, out, out_len);
	default:
		return -EINVAL;
	}
}

static sw_t
key_answer(struct piv *piv, struct piv_key *key, enum use use,
    const struct piv_template *in, struct wr *out)
{
	uint8_t result[KEYPAIR_BYTES_MAX];
	size_t len = 0, mark;
	int err;

	err = key_use(key->pair, use, in, result, &len);
	if (err == 0) {
		mark = tlv_open(out, 0x7C);
		tlv_put(out, 0x82, result, len);
		tlv_close(out, mark);
	}
	/* It may be a decrypted key. */
	secret_wipe(result, sizeof(result));
	return piv_crypto_sw(piv, err);
}

static sw_t
key_authenticate(struct piv *piv, uint8_t alg, uint8_t slot,
    const struct piv_template *in, struct wr *out)
{
	struct piv_key *key;
	enum use use;
	int err;

	err = piv_key_get(piv, slot, &key);
	if (err < 0)
		return err == -ENOENT ? SW_REFERENCE : piv_store_sw(err);
	if (alg != piv_alg_id(keypair_get_alg(key->pair)))
		return SW_P1P2;
	use = use_of(keypair_get_alg(key->pair), in);
	if (use == USE_NOTHING)
		return SW_DATA;
	if (!pin_allows(piv, key) ||
	    !touch_allows(piv, key, slot, use_name(use)))
		return SW_SECURITY;
	/* The next use of a key whose PIN is asked always is another one. */
	if (key->pin_policy != PIV_PIN_NEVER)
		piv->fresh = false;
	return key_answer(piv, key, use, in, out);
}

sw_t
piv_authenticate(void *app, const struct apdu *apdu, struct wr *out)
{
	struct piv *piv = app;
	struct piv_challenge asked = piv->challenge;
	struct piv_template in;
	sw_t sw;

	/* Whatever comes now ends it. */
	secret_wipe(&piv->challenge, sizeof(piv->challenge));
	if (!template_read(apdu, &in))
		sw = SW_DATA;
	else if (apdu->p2 == PIV_REF_ADMIN)
		sw = piv_authenticate_admin(piv, &asked, apdu->p1, &in, out);
	else if (piv_slot_index(apdu->p2) < 0 ||
		 apdu->p2 == PIV_SLOT_ATTESTATION)
		sw = SW_P1P2; /* F9 signs attestations and nothing else */
	else
		sw = key_authenticate(piv, apdu->p1, apdu->p2, &in, out);
	secret_wipe(&asked, sizeof(asked));
	return sw;
}
