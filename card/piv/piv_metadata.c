/* SPDX-License-Identifier: BSD-2-Clause */
/* GET METADATA: what the card knows about a PIN or a key. */
#include "card/core/pin.h"
#include "card/crypto/secret.h"
#include "card/piv/piv_state.h"

enum {
	TAG_ALGORITHM = 0x01,
	TAG_POLICIES = 0x02,
	TAG_ORIGIN = 0x03,
	TAG_PUBLIC = 0x04,
	TAG_IS_DEFAULT = 0x05,
	TAG_TRIES = 0x06,
	ALGORITHM_PIN = 0xFF
};

static void
put_pair(struct wr *out, uint32_t tag, uint8_t first, uint8_t second)
{
	tlv_put(out, tag, (uint8_t[]){first, second}, 2);
}

static sw_t
pin_metadata(struct piv *piv, uint8_t ref, struct wr *out)
{
	struct pin_state state;
	int err;

	err = pin_get_state(piv->env, piv_pin_place(ref), &state);
	if (err < 0)
		return piv_store_sw(err);
	tlv_put_u8(out, TAG_ALGORITHM, ALGORITHM_PIN);
	tlv_put_u8(out, TAG_IS_DEFAULT, state.is_default);
	put_pair(out, TAG_TRIES, state.total, state.left);
	return SW_OK;
}

static sw_t
admin_metadata(struct piv *piv, struct wr *out)
{
	struct piv_admin admin;
	int err;

	err = piv_admin_load(piv->env, &admin);
	if (err < 0)
		return piv_store_sw(err);
	tlv_put_u8(out, TAG_ALGORITHM, admin.alg);
	put_pair(out, TAG_POLICIES, 0, admin.touch_policy);
	tlv_put_u8(out, TAG_IS_DEFAULT, admin.is_default);
	secret_wipe(&admin, sizeof(admin));
	return SW_OK;
}

static sw_t
key_metadata(struct piv *piv, uint8_t slot, struct wr *out)
{
	struct piv_key *key;
	size_t mark;
	int err = 0;

	if (slot == PIV_SLOT_ATTESTATION)
		err = piv_attest_prepare(piv);
	if (err == 0)
		err = piv_key_get(piv, slot, &key);
	if (err < 0)
		return err == -ENOENT ? SW_REFERENCE : piv_store_sw(err);
	tlv_put_u8(out, TAG_ALGORITHM, piv_alg_id(keypair_get_alg(key->pair)));
	put_pair(out, TAG_POLICIES, key->pin_policy, key->touch_policy);
	tlv_put_u8(out, TAG_ORIGIN, key->origin);
	mark = tlv_open(out, TAG_PUBLIC);
	piv_key_put_public(key, out);
	tlv_close(out, mark);
	return SW_OK;
}

sw_t
piv_metadata(void *app, const struct apdu *apdu, struct wr *out)
{
	struct piv *piv = app;

	switch (apdu->p2) {
	case PIV_REF_PIN:
	case PIV_REF_PUK:
		return pin_metadata(piv, apdu->p2, out);
	case PIV_REF_ADMIN:
		return admin_metadata(piv, out);
	default:
		return piv_slot_index(apdu->p2) < 0
			   ? SW_REFERENCE
			   : key_metadata(piv, apdu->p2, out);
	}
}
