/* SPDX-License-Identifier: BSD-2-Clause */
/* RESET: PIV as new, but for the attestation key. */
#include "card/core/pin.h"
#include "card/piv/piv.h"
#include "card/piv/piv_state.h"

/* A certificate without its key is of no use, and would keep a new one away. */
static const struct place kept[] = {
    {STORE_PIV, PIV_RECORD_KEY, PIV_SLOT_ATTESTATION},
    {STORE_PIV, PIV_RECORD_OBJECT, PIV_TAG_ATTESTATION},
};

enum { KEPT = sizeof(kept) / sizeof(*kept) };

static int
kept_read(struct store *store, struct buf *records)
{
	int err = 0;

	for (int i = 0; err == 0 && i < KEPT; i++) {
		err = store_get(store, kept[i], &records[i]);
		if (err == -ENOENT)
			err = 0;
	}
	return err;
}

static int
kept_write(struct store *store, const struct buf *records)
{
	int err = 0;

	for (int i = 0; err == 0 && i < KEPT && buf_len(&records[0]) > 0; i++) {
		if (buf_len(&records[i]) > 0)
			err = store_put(store, kept[i], buf_get(&records[i]),
			    buf_len(&records[i]));
	}
	return err;
}

static sw_t
format_keeping(struct piv *piv, const struct buf *records)
{
	struct store *store = piv->env->store;
	int err;

	err = store_begin(store);
	if (err < 0)
		return piv_store_sw(err);
	err = store_delete_app(store, STORE_PIV);
	if (err == 0)
		err = piv_app.format(piv->env);
	if (err == 0)
		err = kept_write(store, records);
	return piv_commit(piv, err);
}

/* 1, 0, or a negative errno. */
static int
is_blocked(struct piv *piv, uint8_t ref)
{
	struct pin_state state;
	int err;

	err = pin_get_state(piv->env, piv_pin_place(ref), &state);
	return err < 0 ? err : state.left == 0;
}

sw_t
piv_reset(void *app, const struct apdu *apdu, struct wr *out)
{
	struct buf records[KEPT];
	struct piv *piv = app;
	int pin, puk, err;
	sw_t sw;

	(void)apdu;
	(void)out;
	pin = is_blocked(piv, PIV_REF_PIN);
	puk = is_blocked(piv, PIV_REF_PUK);
	if (pin < 0 || puk < 0)
		return piv_store_sw(pin < 0 ? pin : puk);
	if (pin == 0 || puk == 0)
		return SW_CONDITIONS;
	for (int i = 0; i < KEPT; i++)
		buf_init(&records[i], STORE_RECORD_MAX);
	err = kept_read(piv->env->store, records);
	sw = err < 0 ? piv_store_sw(err) : format_keeping(piv, records);
	for (int i = 0; i < KEPT; i++)
		buf_clear(&records[i]);
	if (sw_is(sw, SW_OK))
		piv_app.deselect(piv);
	return sw;
}
