/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/piv/piv.h"

#include <stdlib.h>
#include <string.h>

#include "card/core/identity.h"
#include "card/core/pin.h"
#include "card/crypto/secret.h"
#include "card/piv/piv_state.h"

/* The PIX, and the RID in front of it, are the AID. */
static const uint8_t piv_pix[] = {0x00, 0x00, 0x10, 0x00, 0x01, 0x00};
static const uint8_t piv_rid[] = {0xA0, 0x00, 0x00, 0x03, 0x08};

static const uint8_t piv_algorithms[] = {PIV_ALG_RSA1024, PIV_ALG_RSA2048,
    PIV_ALG_RSA3072, PIV_ALG_RSA4096, PIV_ALG_P256, PIV_ALG_P384,
    PIV_ALG_ED25519, PIV_ALG_X25519};

sw_t
piv_store_sw(int err)
{
	switch (err) {
	case 0:
		return SW_OK;
	case -EMSGSIZE:
		return SW_NO_SPACE;
	case -ENOMEM:
		return SW_INTERNAL;
	default:
		return SW_MEMORY;
	}
}

int
piv_crypto_checked(struct piv *piv, int err)
{
	if (err == -EIO)
		env_stop(piv->env);
	return err;
}

sw_t
piv_crypto_sw(struct piv *piv, int err)
{
	if (err == 0)
		return SW_OK;
	return piv_crypto_checked(piv, err) == -EINVAL ? SW_DATA : SW_INTERNAL;
}

sw_t
piv_commit(struct piv *piv, int err)
{
	if (err == 0)
		err = store_commit(piv->env->store);
	else
		store_rollback(piv->env->store);
	return piv_store_sw(err);
}

void
piv_end_verified(struct piv *piv)
{
	piv->verified = false;
	piv->fresh = false;
}

void
piv_ref_name(uint8_t ref, char out[3])
{
	static const char digits[] = "0123456789abcdef";

	out[0] = digits[ref >> 4];
	out[1] = digits[ref & 0x0F];
	out[2] = '\0';
}

bool
piv_is_touched(struct piv *piv, uint8_t ref, const char *what)
{
	char text[64] = "PIV slot ";
	const struct env *env = piv->env;

	piv_ref_name(ref, text + strlen(text));
	strcat(text, ": ");
	strncat(text, what, sizeof(text) - strlen(text) - 1);
	return env->ops->touch(env->ctx, text) == 1;
}

static int
piv_format(struct env *env)
{
	int err;

	err = piv_pin_format(env, PIV_TRIES, PIV_TRIES);
	if (err == 0)
		err = piv_admin_format(env);
	if (err == 0)
		err = piv_standing_format(env);
	return err;
}

/* A card without its PINs or its management key is not one to use. */
static int
piv_check(struct env *env)
{
	static const uint8_t refs[] = {PIV_REF_PIN, PIV_REF_PUK};
	struct piv_admin admin;
	struct pin_state state;
	int err = 0;

	for (size_t i = 0; err == 0 && i < sizeof(refs); i++)
		err = pin_get_state(env, piv_pin_place(refs[i]), &state);
	if (err == -ENOENT)
		err = -EBADMSG;
	if (err == 0)
		err = piv_admin_load(env, &admin);
	secret_wipe(&admin, sizeof(admin));
	return err;
}

static int
piv_open(struct env *env, void **out_app)
{
	struct piv *piv;
	int err;

	err = piv_check(env);
	if (err < 0)
		return err;
	piv = calloc(1, sizeof(*piv));
	if (piv == NULL)
		return -ENOMEM;
	piv->env = env;
	*out_app = piv;
	return 0;
}

static void
piv_deselect(void *app)
{
	struct piv *piv = app;

	piv_end_verified(piv);
	piv->managed = false;
	secret_wipe(&piv->challenge, sizeof(piv->challenge));
	piv_key_drop_all(piv);
}

static void
piv_close(void *app)
{
	piv_deselect(app);
	free(app);
}

/* SP 800-73-4 part 2, 3.1.1: the application property template. */
static sw_t
piv_select(void *app, bool again, struct wr *out)
{
	struct piv *piv = app;
	size_t template, part;

	/* Selected again, a session goes on; but not a half-done proof. */
	(void)again;
	secret_wipe(&piv->challenge, sizeof(piv->challenge));
	template = tlv_open(out, 0x61);
	tlv_put(out, 0x4F, piv_pix, sizeof(piv_pix));
	part = tlv_open(out, 0x79);
	tlv_put(out, 0x4F, piv_rid, sizeof(piv_rid));
	tlv_close(out, part);
	part = tlv_open(out, 0xAC);
	for (size_t i = 0; i < sizeof(piv_algorithms); i++)
		tlv_put_u8(out, 0x80, piv_algorithms[i]);
	tlv_put_u8(out, 0x06, 0x00);
	tlv_close(out, part);
	tlv_close(out, template);
	return SW_OK;
}

static uint32_t
piv_security(const void *app)
{
	const struct piv *piv = app;

	return (piv->verified ? PIV_IS_VERIFIED : 0) |
	       (piv->managed ? PIV_IS_ADMIN : 0);
}

static sw_t
piv_version(void *app, const struct apdu *apdu, struct wr *out)
{
	(void)app;
	(void)apdu;
	wr_u8(out, IDENTITY_VERSION_MAJOR);
	wr_u8(out, IDENTITY_VERSION_MINOR);
	wr_u8(out, IDENTITY_VERSION_PATCH);
	return SW_OK;
}

static sw_t
piv_serial(void *app, const struct apdu *apdu, struct wr *out)
{
	struct piv *piv = app;
	struct identity identity;
	int err;

	(void)apdu;
	err = identity_get(piv->env, &identity);
	if (err < 0)
		return piv_store_sw(err);
	wr_be32(out, identity.serial);
	return SW_OK;
}

enum { DATA_MAX = APDU_DATA_MAX };

static const struct app_ins piv_instructions[] = {
    {0x00, 0x20, 0x00, APP_ANY, 0, DATA_MAX, 0, piv_verify},
    {0x00, 0x20, 0xFF, APP_ANY, 0, 0, 0, piv_unverify},
    {0x00, 0x24, 0x00, APP_ANY, 0, DATA_MAX, 0, piv_change_reference},
    {0x00, 0x2C, 0x00, APP_ANY, 0, DATA_MAX, 0, piv_reset_retry},
    {0x00, 0x47, 0x00, APP_ANY, 1, 64, PIV_IS_ADMIN, piv_generate},
    {0x00, 0x87, APP_ANY, APP_ANY, 1, DATA_MAX, 0, piv_authenticate},
    {0x00, 0xCB, 0x3F, 0xFF, 1, 64, 0, piv_get_data},
    {0x00, 0xDB, 0x3F, 0xFF, 1, DATA_MAX, PIV_IS_ADMIN, piv_put_data},
    {0x00, 0xF6, APP_ANY, APP_ANY, 0, 0, PIV_IS_ADMIN, piv_move_key},
    {0x00, 0xF7, 0x00, APP_ANY, 0, 0, 0, piv_metadata},
    {0x00, 0xF8, 0x00, 0x00, 0, 0, 0, piv_serial},
    {0x00, 0xF9, APP_ANY, 0x00, 0, 0, 0, piv_attest},
    {0x00, 0xFA, APP_ANY, APP_ANY, 0, 0, PIV_IS_ADMIN | PIV_IS_VERIFIED,
	piv_set_retries},
    {0x00, 0xFB, 0x00, 0x00, 0, 0, 0, piv_reset},
    {0x00, 0xFD, 0x00, 0x00, 0, 0, 0, piv_version},
    {0x00, 0xFE, APP_ANY, APP_ANY, 1, DATA_MAX, PIV_IS_ADMIN, piv_import},
    {0x00, 0xFF, 0xFF, APP_ANY, 1, 64, PIV_IS_ADMIN, piv_set_admin},
};

const struct app_ops piv_app = {
    .name = "PIV",
    .aid = {0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00},
    .aid_len = 11,
    .aid_min = 5,
    .capability = 0x0010,
    .ins = piv_instructions,
    .ins_count = sizeof(piv_instructions) / sizeof(*piv_instructions),
    .format = piv_format,
    .open = piv_open,
    .close = piv_close,
    .select = piv_select,
    .deselect = piv_deselect,
    .security = piv_security,
};
