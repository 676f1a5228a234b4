/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots: a key pair each, who may use it, and where it came from. */
#include "card/piv/piv_state.h"

enum { KEY_VERSION = 1, KEY_HEADER = 5 };

static const struct {
	uint8_t id;
	enum keypair_alg alg;
} key_algs[] = {
    {PIV_ALG_RSA1024, KEYPAIR_RSA1024},
    {PIV_ALG_RSA2048, KEYPAIR_RSA2048},
    {PIV_ALG_RSA3072, KEYPAIR_RSA3072},
    {PIV_ALG_RSA4096, KEYPAIR_RSA4096},
    {PIV_ALG_P256, KEYPAIR_P256},
    {PIV_ALG_P384, KEYPAIR_P384},
    {PIV_ALG_ED25519, KEYPAIR_ED25519},
    {PIV_ALG_X25519, KEYPAIR_X25519},
};

/* The others are the retired ones, in their order. */
static const uint8_t key_slots[] = {PIV_SLOT_AUTHENTICATION, PIV_SLOT_SIGNATURE,
    PIV_SLOT_MANAGEMENT, PIV_SLOT_CARD, PIV_SLOT_ATTESTATION};

int
piv_slot_index(uint8_t slot)
{
	const int named = (int)sizeof(key_slots);

	if (slot >= PIV_SLOT_RETIRED_FIRST && slot <= PIV_SLOT_RETIRED_LAST)
		return named + slot - PIV_SLOT_RETIRED_FIRST;
	for (int i = 0; i < named; i++) {
		if (key_slots[i] == slot)
			return i;
	}
	return -1;
}

uint8_t
piv_slot_at(int index)
{
	const int named = (int)sizeof(key_slots);

	return index < named
		   ? key_slots[index]
		   : (uint8_t)(PIV_SLOT_RETIRED_FIRST + index - named);
}

bool
piv_alg_find(uint8_t alg, enum keypair_alg *out)
{
	for (size_t i = 0; i < sizeof(key_algs) / sizeof(*key_algs); i++) {
		if (key_algs[i].id != alg)
			continue;
		*out = key_algs[i].alg;
		return true;
	}
	return false;
}

uint8_t
piv_alg_id(enum keypair_alg alg)
{
	for (size_t i = 0; i < sizeof(key_algs) / sizeof(*key_algs); i++) {
		if (key_algs[i].alg == alg)
			return key_algs[i].id;
	}
	return 0;
}

static struct place
key_place(uint8_t slot)
{
	return (struct place){STORE_PIV, PIV_RECORD_KEY, slot};
}

static int
key_parse(struct rd rd, struct piv_key *out)
{
	struct piv_key key = {0};
	uint8_t version = rd_u8(&rd);
	enum keypair_alg alg;
	bool known = piv_alg_find(rd_u8(&rd), &alg);
	int err;

	key.pin_policy = rd_u8(&rd);
	key.touch_policy = rd_u8(&rd);
	key.origin = rd_u8(&rd);
	if (!rd_ok(&rd) || version != KEY_VERSION || !known)
		return -EBADMSG;
	err = keypair_load(alg, rd.p, rd.len, &key.pair);
	if (err == 0)
		*out = key;
	return err == -EINVAL ? -EBADMSG : err;
}

static int
key_load(struct piv *piv, uint8_t slot, struct piv_key *out)
{
	struct buf buf;
	struct rd rd;
	int err;

	buf_init(&buf, STORE_RECORD_MAX);
	err = store_get(piv->env->store, key_place(slot), &buf);
	if (err == 0) {
		rd_init(&rd, buf_get(&buf), buf_len(&buf));
		err = key_parse(rd, out);
	}
	buf_clear(&buf);
	return err;
}

static int
key_save(struct piv *piv, uint8_t slot, const struct piv_key *key)
{
	const uint8_t header[KEY_HEADER] = {KEY_VERSION,
	    piv_alg_id(keypair_get_alg(key->pair)), key->pin_policy,
	    key->touch_policy, key->origin};
	struct buf buf;
	int err;

	buf_init(&buf, STORE_RECORD_MAX);
	err = buf_put(&buf, header, sizeof(header));
	if (err == 0)
		err = keypair_save(key->pair, &buf);
	if (err == 0)
		err = store_put(piv->env->store, key_place(slot), buf_get(&buf),
		    buf_len(&buf));
	buf_clear(&buf);
	return err;
}

int
piv_key_get(struct piv *piv, uint8_t slot, struct piv_key **out)
{
	int index = piv_slot_index(slot);
	int err = 0;

	if (index < 0)
		return -EINVAL;
	if (piv->keys[index].pair == NULL)
		err = key_load(piv, slot, &piv->keys[index]);
	if (err == 0)
		*out = &piv->keys[index];
	return err;
}

int
piv_key_is_there(struct piv *piv, uint8_t slot)
{
	struct buf buf;
	int err;

	if (piv->keys[piv_slot_index(slot)].pair != NULL)
		return 1;
	buf_init(&buf, STORE_RECORD_MAX);
	err = store_get(piv->env->store, key_place(slot), &buf);
	buf_clear(&buf);
	return err == -ENOENT ? 0 : err < 0 ? err : 1;
}

int
piv_key_adopt(struct piv *piv, uint8_t slot, const struct piv_key *key)
{
	int err;

	piv_key_drop(piv, slot);
	err = key_save(piv, slot, key);
	if (err == 0)
		piv->keys[piv_slot_index(slot)] = *key;
	else
		keypair_free(key->pair);
	return err;
}

void
piv_key_drop(struct piv *piv, uint8_t slot)
{
	struct piv_key *key = &piv->keys[piv_slot_index(slot)];

	keypair_free(key->pair);
	*key = (struct piv_key){0};
}

void
piv_key_drop_all(struct piv *piv)
{
	for (int i = 0; i < PIV_KEYS; i++)
		piv_key_drop(piv, piv_slot_at(i));
}

static uint8_t
default_pin_policy(uint8_t slot)
{
	switch (slot) {
	case PIV_SLOT_SIGNATURE:
		return PIV_PIN_ALWAYS;
	case PIV_SLOT_CARD:
		return PIV_PIN_NEVER;
	default:
		return PIV_PIN_ONCE;
	}
}

/* One policy: absent or 00 is the default, 01 to 03 itself, others (with
 * fingerprints) this card does not have. */
static bool
policy_read(
    const struct rd *fields, uint32_t tag, uint8_t standard, uint8_t *out)
{
	struct rd value;
	uint8_t policy = 0;
	int r;

	r = tlv_find(fields, tag, &value);
	if (r == 1)
		policy = rd_u8(&value);
	if (r < 0 || (r == 1 && !rd_end(&value)) || policy > 3)
		return false;
	*out = policy == 0 ? standard : policy;
	return true;
}

sw_t
piv_key_read_policies(struct rd fields, uint8_t slot, struct piv_key *out)
{
	if (!policy_read(
		&fields, 0xAA, default_pin_policy(slot), &out->pin_policy) ||
	    !policy_read(&fields, 0xAB, PIV_TOUCH_NEVER, &out->touch_policy))
		return SW_DATA;
	return SW_OK;
}

void
piv_key_put_public(const struct piv_key *key, struct wr *out)
{
	const struct keypair_public *pub = keypair_get_public(key->pair);

	if (keypair_is_rsa(pub->alg)) {
		tlv_put(out, 0x81, pub->point, pub->point_len);
		tlv_put(out, 0x82, pub->exponent, pub->exponent_len);
	} else {
		tlv_put(out, 0x86, pub->point, pub->point_len);
	}
}

static sw_t
key_delete(struct piv *piv, uint8_t slot)
{
	int err;

	err = store_delete(piv->env->store, key_place(slot));
	if (err == 0)
		piv_key_drop(piv, slot);
	return err == -ENOENT ? SW_REFERENCE : piv_store_sw(err);
}

/* The record says nothing about its slot, so it moves as it is. */
static sw_t
key_move(struct piv *piv, uint8_t from, uint8_t to)
{
	struct store *store = piv->env->store;
	struct buf buf;
	sw_t sw;
	int err;

	buf_init(&buf, STORE_RECORD_MAX);
	err = store_get(store, key_place(from), &buf);
	if (err == 0)
		err = store_begin(store);
	if (err < 0) {
		sw = err == -ENOENT ? SW_REFERENCE : piv_store_sw(err);
		goto out;
	}
	err = store_put(store, key_place(to), buf_get(&buf), buf_len(&buf));
	if (err == 0)
		err = store_delete(store, key_place(from));
	sw = piv_commit(piv, err);
	if (sw_is(sw, SW_OK))
		piv_key_drop(piv, from);
out:
	buf_clear(&buf);
	return sw;
}

sw_t
piv_move_key(void *app, const struct apdu *apdu, struct wr *out)
{
	struct piv *piv = app;
	uint8_t to = apdu->p1, from = apdu->p2;
	int r;

	(void)out;
	if (piv_slot_index(from) < 0)
		return SW_P1P2;
	if (to == 0xFF)
		return key_delete(piv, from);
	if (piv_slot_index(to) < 0 || to == from ||
	    to == PIV_SLOT_ATTESTATION || from == PIV_SLOT_ATTESTATION)
		return SW_P1P2;
	/* A key is lost by deleting it, not by moving another. */
	r = piv_key_is_there(piv, to);
	if (r != 0)
		return r < 0 ? piv_store_sw(r) : SW_CONDITIONS;
	return key_move(piv, from, to);
}
