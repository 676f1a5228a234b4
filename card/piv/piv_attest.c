/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attestation: a certificate that says that a key was made on this card. Each
 * card signs with a key of its own, made when it is first asked for.
 */
#include <string.h>

#include "card/core/identity.h"
#include "card/crypto/secret.h"
#include "card/crypto/x509.h"
#include "card/piv/piv_state.h"

enum {
	SERIAL_LEN = 16,
	CERTIFICATE_MAX = 8192,
	FORM_KEYCHAIN = 1, /* as the management application has it */
	FACTS = 4
};

/* A positive number of full length. */
static int
serial_make(struct env *env, uint8_t *out)
{
	int err;

	err = env_random(env, out, SERIAL_LEN);
	out[0] = (uint8_t)((out[0] & 0x7F) | 0x40);
	return err;
}

/* Appends a number in decimal digits. */
static void
decimal_append(char *text, uint32_t number)
{
	char digits[10];
	size_t n = 0, len = strlen(text);

	do {
		digits[n++] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	while (n > 0)
		text[len++] = digits[--n];
	text[len] = '\0';
}

/* The certificate's object: SP 800-73-4 part 1, table 10. */
static int
certificate_put(struct env *env, const uint8_t *der, size_t len)
{
	uint8_t room[CERTIFICATE_MAX + 16];
	struct wr wr;
	int err;

	wr_init(&wr, room, sizeof(room));
	tlv_put(&wr, 0x70, der, len);
	tlv_put_u8(&wr, 0x71, 0);
	tlv_put(&wr, 0xFE, NULL, 0);
	err = wr_end(&wr);
	if (err < 0)
		return err;
	return piv_object_put(env, PIV_TAG_ATTESTATION, room, wr.len);
}

/* Signed by itself, from now on. */
static int
authority_make(struct piv *piv, struct keypair *pair, struct buf *out)
{
	char subject[X509_NAME_MAX] = "vscard PIV Attestation ";
	uint8_t serial[SERIAL_LEN];
	struct identity identity;
	struct x509_spec spec = {.subject = subject,
	    .serial = serial,
	    .serial_len = sizeof(serial),
	    .key = keypair_get_public(pair),
	    .not_before = piv->env->ops->wall(piv->env->ctx),
	    .is_ca = true};
	int err;

	err = identity_get(piv->env, &identity);
	if (err == 0)
		err = serial_make(piv->env, serial);
	if (err < 0)
		return err;
	decimal_append(subject, identity.serial);
	return piv_crypto_checked(piv, x509_make(&spec, pair, out));
}

static int
authority_write(struct piv *piv, const struct piv_key *key)
{
	struct buf der;
	int err;

	buf_init(&der, CERTIFICATE_MAX);
	err = authority_make(piv, key->pair, &der);
	if (err == 0)
		err = certificate_put(piv->env, buf_get(&der), buf_len(&der));
	buf_clear(&der);
	return err;
}

/* Key and certificate, both or none. */
static int
authority_begin(struct piv *piv)
{
	struct piv_key key = {.pin_policy = PIV_PIN_ONCE,
	    .touch_policy = PIV_TOUCH_NEVER,
	    .origin = PIV_ORIGIN_GENERATED};
	struct store *store = piv->env->store;
	int err;

	err =
	    piv_crypto_checked(piv, keypair_generate(KEYPAIR_P256, &key.pair));
	if (err < 0)
		return err;
	err = store_begin(store);
	if (err < 0) {
		keypair_free(key.pair);
		return err;
	}
	err = piv_key_adopt(piv, PIV_SLOT_ATTESTATION, &key);
	if (err == 0)
		err = authority_write(piv, &key);
	if (err == 0)
		err = store_commit(store);
	else
		store_rollback(store);
	if (err < 0)
		piv_key_drop(piv, PIV_SLOT_ATTESTATION);
	return err;
}

/*
 * A key that somebody put there gets a certificate if it has none; a
 * certificate that waits for its key is left alone.
 */
int
piv_attest_prepare(struct piv *piv)
{
	struct piv_key *key;
	struct buf object;
	int has_certificate, err;

	buf_init(&object, STORE_RECORD_MAX);
	has_certificate =
	    piv_object_get(piv->env, PIV_TAG_ATTESTATION, &object);
	buf_clear(&object);
	if (has_certificate != -ENOENT)
		return has_certificate;
	err = piv_key_get(piv, PIV_SLOT_ATTESTATION, &key);
	if (err == -ENOENT)
		return authority_begin(piv);
	return err < 0 ? err : authority_write(piv, key);
}

/* The serial number as DER, X.690 §8.3. */
static size_t
der_integer(uint32_t number, uint8_t out[7])
{
	size_t len = 1;

	while (len < 5 && (uint64_t)number >> (8 * len - 1) != 0)
		len++;
	out[0] = 0x02;
	out[1] = (uint8_t)len;
	for (size_t i = 0; i < len; i++)
		out[2 + i] =
		    (uint8_t)((uint64_t)number >> (8 * (len - 1 - i)) & 0xFF);
	return 2 + len;
}

/* What is asserted about the key, under the numbers that clients know. */
static int
facts_sign(struct piv *piv, const struct piv_key *key, struct x509_spec *spec,
    struct keypair *signer, struct buf *out)
{
	static const uint8_t version[] = {IDENTITY_VERSION_MAJOR,
	    IDENTITY_VERSION_MINOR, IDENTITY_VERSION_PATCH};
	static const uint8_t form[] = {FORM_KEYCHAIN};
	const uint8_t policies[] = {key->pin_policy, key->touch_policy};
	uint8_t number[7];
	struct identity identity;
	struct x509_extension facts[FACTS] = {
	    {"1.3.6.1.4.1.41482.3.3", version, sizeof(version)},
	    {"1.3.6.1.4.1.41482.3.7", number, 0},
	    {"1.3.6.1.4.1.41482.3.8", policies, sizeof(policies)},
	    {"1.3.6.1.4.1.41482.3.9", form, sizeof(form)},
	};
	int err;

	err = identity_get(piv->env, &identity);
	if (err < 0)
		return err;
	facts[1].len = der_integer(identity.serial, number);
	spec->extensions = facts;
	spec->extension_count = FACTS;
	err = piv_crypto_checked(piv, x509_make(spec, signer, out));
	spec->extensions = NULL; /* they end here */
	spec->extension_count = 0;
	return err;
}

/* Who signs: the DER inside F9's certificate object. */
static int
issuer_get(struct piv *piv, struct buf *object, struct rd *out_der)
{
	struct rd rd;
	int err;

	err = piv_object_get(piv->env, PIV_TAG_ATTESTATION, object);
	if (err < 0)
		return err;
	rd_init(&rd, buf_get(object), buf_len(object));
	return tlv_find(&rd, 0x70, out_der) == 1 ? 0 : -EINVAL;
}

static int
attest_make(struct piv *piv, uint8_t slot, const struct piv_key *key,
    struct buf *object, struct buf *out)
{
	char subject[X509_NAME_MAX] = "YubiKey PIV Attestation ";
	uint8_t serial[SERIAL_LEN];
	struct x509_spec spec = {.subject = subject,
	    .serial = serial,
	    .serial_len = sizeof(serial),
	    .key = keypair_get_public(key->pair)};
	struct piv_key *signer;
	struct rd issuer;
	int err;

	piv_ref_name(slot, subject + strlen(subject));
	err = piv_key_get(piv, PIV_SLOT_ATTESTATION, &signer);
	if (err == 0)
		err = issuer_get(piv, object, &issuer);
	if (err == 0)
		err = serial_make(piv->env, serial);
	if (err < 0)
		return err;
	spec.issuer = issuer.p;
	spec.issuer_len = issuer.len;
	return facts_sign(piv, key, &spec, signer->pair, out);
}

static sw_t
attest_answer(
    struct piv *piv, uint8_t slot, const struct piv_key *key, struct wr *out)
{
	struct buf object, der;
	int err;

	buf_init(&object, STORE_RECORD_MAX);
	buf_init(&der, CERTIFICATE_MAX);
	err = attest_make(piv, slot, key, &object, &der);
	if (err == 0)
		wr_bytes(out, buf_get(&der), buf_len(&der));
	buf_clear(&der);
	buf_clear(&object);
	/* F9 holds what is no certificate, or has lost its key. */
	return err == -EINVAL || err == -ENOENT ? SW_CONDITIONS
						: piv_store_sw(err);
}

sw_t
piv_attest(void *app, const struct apdu *apdu, struct wr *out)
{
	struct piv *piv = app;
	struct piv_key *key;
	int err;

	if (piv_slot_index(apdu->p1) < 0 || apdu->p1 == PIV_SLOT_ATTESTATION)
		return SW_P1P2;
	err = piv_key_get(piv, apdu->p1, &key);
	if (err < 0)
		return err == -ENOENT ? SW_REFERENCE : piv_store_sw(err);
	if (key->origin != PIV_ORIGIN_GENERATED)
		return SW_DATA;
	err = piv_attest_prepare(piv);
	if (err < 0)
		return piv_store_sw(err);
	return attest_answer(piv, apdu->p1, key, out);
}
