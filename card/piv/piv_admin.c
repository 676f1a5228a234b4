/* SPDX-License-Identifier: BSD-2-Clause */
/* The management key: what it is. piv_auth.c proves that a host has it. */
#include <string.h>

#include "card/crypto/secret.h"
#include "card/piv/piv_state.h"

enum {
	ADMIN_VERSION = 1,
	ADMIN_IS_DEFAULT = 1 << 0,
	ADMIN_TDES_TOO = 1 << 1,
	ADMIN_RECORD_MAX = 64
};

static const struct {
	uint8_t alg;
	enum block_cipher cipher;
} admin_ciphers[] = {
    {PIV_ALG_TDES, BLOCK_TDES},
    {PIV_ALG_AES128, BLOCK_AES128},
    {PIV_ALG_AES192, BLOCK_AES192},
    {PIV_ALG_AES256, BLOCK_AES256},
};

static const uint8_t default_key[24] = {
    1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8};

static const struct place admin_place = {STORE_PIV, PIV_RECORD_ADMIN, 0};

static bool
cipher_find(uint8_t alg, enum block_cipher *out)
{
	for (size_t i = 0; i < sizeof(admin_ciphers) / sizeof(*admin_ciphers);
	     i++) {
		if (admin_ciphers[i].alg != alg)
			continue;
		*out = admin_ciphers[i].cipher;
		return true;
	}
	return false;
}

/* TDES has two numbers, 03 and 00. */
bool
piv_admin_cipher(
    const struct piv_admin *admin, uint8_t alg, enum block_cipher *out)
{
	uint8_t wanted = alg == 0 ? PIV_ALG_TDES : alg;
	bool is_twin = wanted == PIV_ALG_TDES && admin->tdes_too &&
		       admin->alg == PIV_ALG_AES192;

	if (wanted != admin->alg && !is_twin)
		return false;
	return cipher_find(wanted, out);
}

static int
admin_save(struct env *env, const struct piv_admin *admin)
{
	uint8_t room[ADMIN_RECORD_MAX];
	enum block_cipher cipher;
	struct wr wr;
	int err;

	if (!cipher_find(admin->alg, &cipher))
		return -EINVAL;
	wr_init(&wr, room, sizeof(room));
	wr_u8(&wr, ADMIN_VERSION);
	wr_u8(&wr, admin->alg);
	wr_u8(&wr, admin->touch_policy);
	wr_u8(&wr, (admin->is_default ? ADMIN_IS_DEFAULT : 0u) |
		       (admin->tdes_too ? ADMIN_TDES_TOO : 0u));
	wr_bytes(&wr, admin->key, block_key_size(cipher));
	err = wr_end(&wr);
	if (err >= 0)
		err = store_put(env->store, admin_place, room, wr.len);
	secret_wipe(room, sizeof(room));
	return err;
}

static int
admin_parse(struct rd rd, struct piv_admin *out)
{
	enum block_cipher cipher;
	uint8_t version = rd_u8(&rd);
	uint8_t flags;
	const uint8_t *key;

	out->alg = rd_u8(&rd);
	out->touch_policy = rd_u8(&rd);
	flags = rd_u8(&rd);
	if (version != ADMIN_VERSION || !cipher_find(out->alg, &cipher))
		return -EBADMSG;
	key = rd_bytes(&rd, block_key_size(cipher));
	if (!rd_end(&rd))
		return -EBADMSG;
	out->is_default = (flags & ADMIN_IS_DEFAULT) != 0;
	out->tdes_too = (flags & ADMIN_TDES_TOO) != 0;
	memcpy(out->key, key, block_key_size(cipher));
	return 0;
}

int
piv_admin_load(struct env *env, struct piv_admin *out)
{
	struct buf buf;
	struct rd rd;
	int err;

	memset(out, 0, sizeof(*out));
	buf_init(&buf, STORE_RECORD_MAX);
	err = store_get(env->store, admin_place, &buf);
	if (err == 0) {
		rd_init(&rd, buf_get(&buf), buf_len(&buf));
		err = admin_parse(rd, out);
	}
	buf_clear(&buf);
	return err == -ENOENT ? -EBADMSG : err;
}

int
piv_admin_format(struct env *env)
{
	struct piv_admin admin = {.alg = PIV_ALG_AES192,
	    .touch_policy = PIV_TOUCH_NEVER,
	    .is_default = true,
	    .tdes_too = true};

	memcpy(admin.key, default_key, sizeof(default_key));
	return admin_save(env, &admin);
}

static sw_t
admin_replace(struct piv *piv, uint8_t alg, uint8_t touch, struct rd key)
{
	struct piv_admin admin;
	enum block_cipher cipher;
	int err;
	sw_t sw;

	if (!cipher_find(alg, &cipher) || key.len != block_key_size(cipher))
		return SW_DATA;
	err = piv_admin_load(piv->env, &admin);
	if (err < 0)
		return piv_store_sw(err);
	admin.alg = alg;
	admin.touch_policy = touch;
	memset(admin.key, 0, sizeof(admin.key));
	memcpy(admin.key, key.p, key.len);
	admin.is_default =
	    key.len == sizeof(default_key) &&
	    secret_is_equal(key.p, default_key, sizeof(default_key));
	sw = block_key_is_weak(cipher, admin.key)
		 ? SW_DATA
		 : piv_store_sw(admin_save(piv->env, &admin));
	secret_wipe(&admin, sizeof(admin));
	return sw;
}

sw_t
piv_set_admin(void *app, const struct apdu *apdu, struct wr *out)
{
	struct piv *piv = app;
	uint8_t alg, ref, len;
	struct rd rd;

	(void)out;
	if (apdu->p2 != 0xFF && apdu->p2 != 0xFE)
		return SW_P1P2;
	rd_init(&rd, apdu->data, apdu->len);
	alg = rd_u8(&rd);
	ref = rd_u8(&rd);
	len = rd_u8(&rd);
	if (!rd_ok(&rd) || ref != PIV_REF_ADMIN || len != rd.len)
		return SW_DATA;
	/* What was asked of the old key's owner is answered by nobody. */
	secret_wipe(&piv->challenge, sizeof(piv->challenge));
	return admin_replace(piv, alg,
	    apdu->p2 == 0xFE ? PIV_TOUCH_ALWAYS : PIV_TOUCH_NEVER, rd);
}
