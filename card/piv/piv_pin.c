/* SPDX-License-Identifier: BSD-2-Clause */
/* The PIN and the PUK, SP 800-73-4 part 2, 3.2. */
#include "card/core/pin.h"
#include "card/piv/piv_state.h"

enum { PIN_MIN = 6 };

static const uint8_t default_pin[PIV_PIN_LEN] = {
    '1', '2', '3', '4', '5', '6', 0xFF, 0xFF};
static const uint8_t default_puk[PIV_PIN_LEN] = {
    '1', '2', '3', '4', '5', '6', '7', '8'};

struct place
piv_pin_place(uint8_t ref)
{
	return (struct place){STORE_PIV, PIV_RECORD_PIN, ref};
}

int
piv_pin_format(struct env *env, uint8_t pin_tries, uint8_t puk_tries)
{
	int err;

	err = pin_set(env, piv_pin_place(PIV_REF_PIN), default_pin,
	    sizeof(default_pin), pin_tries, true);
	if (err < 0)
		return err;
	return pin_set(env, piv_pin_place(PIV_REF_PUK), default_puk,
	    sizeof(default_puk), puk_tries, true);
}

/* Six to eight bytes, and FF up to eight. */
static bool
pin_is_well_formed(const uint8_t *pin)
{
	size_t len = 0;

	while (len < PIV_PIN_LEN && pin[len] != 0xFF)
		len++;
	if (len < PIN_MIN)
		return false;
	while (len < PIV_PIN_LEN && pin[len] == 0xFF)
		len++;
	return len == PIV_PIN_LEN;
}

/* What a VERIFY without data asks for. */
static sw_t
pin_status(struct piv *piv)
{
	struct pin_state state;
	int err;

	if (piv->verified)
		return SW_OK;
	err = pin_get_state(piv->env, piv_pin_place(PIV_REF_PIN), &state);
	return err < 0 ? piv_store_sw(err) : sw_tries(state.left);
}

sw_t
piv_verify(void *app, const struct apdu *apdu, struct wr *out)
{
	struct piv *piv = app;
	sw_t sw;

	(void)out;
	if (apdu->p2 != PIV_REF_PIN)
		return SW_REFERENCE;
	if (apdu->len == 0)
		return pin_status(piv);
	if (apdu->len != PIV_PIN_LEN)
		return SW_DATA;
	piv_end_verified(piv);
	sw = pin_verify(
	    piv->env, piv_pin_place(PIV_REF_PIN), apdu->data, apdu->len);
	piv->verified = piv->fresh = sw_is(sw, SW_OK);
	return sw;
}

sw_t
piv_unverify(void *app, const struct apdu *apdu, struct wr *out)
{
	(void)out;
	if (apdu->p2 != PIV_REF_PIN)
		return SW_REFERENCE;
	piv_end_verified(app);
	return SW_OK;
}

/*
 * The old value is judged before the form of the new one: a client that blocks
 * a card on purpose sends nothing but FF, and that has to count.
 */
static sw_t
pin_replace(
    struct piv *piv, uint8_t proof, uint8_t target, const struct apdu *apdu)
{
	const uint8_t *value = apdu->data + PIV_PIN_LEN;
	sw_t sw;

	sw =
	    pin_verify(piv->env, piv_pin_place(proof), apdu->data, PIV_PIN_LEN);
	if (!sw_is(sw, SW_OK))
		return sw;
	if (!pin_is_well_formed(value))
		return SW_DATA;
	return pin_change(piv->env, piv_pin_place(target), value, PIV_PIN_LEN);
}

sw_t
piv_change_reference(void *app, const struct apdu *apdu, struct wr *out)
{
	struct piv *piv = app;
	sw_t sw;

	(void)out;
	if (apdu->p2 != PIV_REF_PIN && apdu->p2 != PIV_REF_PUK)
		return SW_REFERENCE;
	if (apdu->len != 2 * PIV_PIN_LEN)
		return SW_DATA;
	sw = pin_replace(piv, apdu->p2, apdu->p2, apdu);
	if (!sw_is(sw, SW_OK) && apdu->p2 == PIV_REF_PIN)
		piv_end_verified(piv);
	return sw;
}

sw_t
piv_reset_retry(void *app, const struct apdu *apdu, struct wr *out)
{
	struct piv *piv = app;
	sw_t sw;

	(void)out;
	if (apdu->p2 != PIV_REF_PIN)
		return SW_REFERENCE;
	if (apdu->len != 2 * PIV_PIN_LEN)
		return SW_DATA;
	sw = pin_replace(piv, PIV_REF_PUK, PIV_REF_PIN, apdu);
	/* Nobody has proved yet to know the new one. */
	if (sw_is(sw, SW_OK))
		piv_end_verified(piv);
	return sw;
}

sw_t
piv_set_retries(void *app, const struct apdu *apdu, struct wr *out)
{
	struct piv *piv = app;
	sw_t sw;
	int err;

	(void)out;
	if (apdu->p1 == 0 || apdu->p2 == 0)
		return SW_P1P2;
	err = store_begin(piv->env->store);
	if (err < 0)
		return piv_store_sw(err);
	sw = piv_commit(piv, piv_pin_format(piv->env, apdu->p1, apdu->p2));
	if (sw_is(sw, SW_OK))
		piv_end_verified(piv);
	return sw;
}
