/* SPDX-License-Identifier: BSD-2-Clause */
#include "key/inventory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card/crypto/x509.h"
#include "card/iso/tlv.h"
#include "key/certificate.h"
#include "key/client.h"

/* --- what PIV has names for --------------------------------------------- */

static const uint8_t piv_aid[] = {0xA0, 0x00, 0x00, 0x03, 0x08};

enum {
	INS_GET_DATA = 0xCB,
	INS_METADATA = 0xF7,
	INS_VERSION = 0xFD,
	OK = 0x9000,
	NO_MEMORY = 0x6581,
	FAILED = 0x6F00,
	REF_PIN = 0x80,
	REF_PUK = 0x81,
	REF_MANAGEMENT = 0x9B,
	SLOT_RETIRED = 0x82,
	RETIRED = 20,
	CERT_RETIRED = 0x5FC10D
};

static const struct {
	unsigned number;
	uint32_t cert;
	const char *name;
} slots[] = {
    {0x9A, 0x5FC105, "authentication"},
    {0x9C, 0x5FC10A, "signature"},
    {0x9D, 0x5FC10B, "key management"},
    {0x9E, 0x5FC101, "card authentication"},
    {0xF9, 0x5FFF01, "attestation"},
};

/* Those that are read without a PIN, but for certificates. */
static const struct {
	uint32_t tag;
	const char *name;
} objects[] = {
    {0x7E, "discovery object"},
    {0x7F61, "biometric templates"},
    {0x5FC102, "card holder unique identifier"},
    {0x5FC106, "security object"},
    {0x5FC107, "card capability container"},
    {0x5FC10C, "key history"},
    {0x5FC122, "secure messaging signer"},
    {0x5FFF00, "administrative data"},
    {0x5FFF10, "key containers"},
    {0x5FFF11, "root certificates 1"},
    {0x5FFF12, "root certificates 2"},
    {0x5FFF13, "root certificates 3"},
    {0x5FFF14, "root certificates 4"},
    {0x5FFF15, "root certificates 5"},
};

struct word {
	unsigned number;
	const char *text;
};

static const struct word algorithms[] = {
    {0x03, "3DES"},
    {0x05, "RSA-3072"},
    {0x06, "RSA-1024"},
    {0x07, "RSA-2048"},
    {0x08, "AES-128"},
    {0x0A, "AES-192"},
    {0x0C, "AES-256"},
    {0x11, "P-256"},
    {0x14, "P-384"},
    {0x16, "RSA-4096"},
    {0xE0, "Ed25519"},
    {0xE1, "X25519"},
    {0, NULL},
};

static const struct word origins[] = {
    {1, "generated"},
    {2, "imported"},
    {0, NULL},
};

static const struct word pin_policies[] = {
    {1, "never"},
    {2, "once"},
    {3, "always"},
    {0, NULL},
};

static const struct word touch_policies[] = {
    {1, "never"},
    {2, "always"},
    {3, "cached"},
    {0, NULL},
};

static const char *
word_get(const struct word *words, unsigned number)
{
	for (; words->text != NULL; words++)
		if (words->number == number)
			return words->text;
	return "unknown";
}

/* --- reading ------------------------------------------------------------ */

/* The first bytes of a field, or -EPROTO if there are fewer. */
static int
field(const struct rd *answer, uint32_t tag, uint8_t *out, size_t len)
{
	struct rd value;
	const uint8_t *bytes;

	if (tlv_find(answer, tag, &value) != 1)
		return -EPROTO;
	bytes = rd_bytes(&value, len);
	if (bytes == NULL)
		return -EPROTO;
	memcpy(out, bytes, len);
	return 0;
}

/*
 * 1: it has answered, 0: there is nothing, or nothing for everybody. That it
 * could not look is no answer.
 */
static int
has_answered(int sw)
{
	if (sw < 0)
		return sw;
	return sw == NO_MEMORY || sw == FAILED ? -EIO : sw == OK;
}

/* 1: there is, and answer is the metadata. */
static int
metadata(struct client *c, unsigned reference, struct rd *out)
{
	int sw = client_ask(c, INS_METADATA, 0, (uint8_t)reference, NULL, 0);

	rd_init(out, buf_get(&c->answer), buf_len(&c->answer));
	return has_answered(sw);
}

static int
read_secret(struct client *c, unsigned reference, struct inventory_secret *out)
{
	uint8_t is_default, tries[2];
	struct rd answer;
	int rc;

	rc = metadata(c, reference, &answer);
	if (rc < 0)
		return rc;
	if (rc == 0 || field(&answer, 5, &is_default, 1) < 0 ||
	    field(&answer, 6, tries, sizeof(tries)) < 0)
		return -EIO;
	out->total = tries[0];
	out->left = tries[1];
	out->is_default = is_default != 0;
	return 0;
}

static int
read_management(struct client *c, struct inventory *out)
{
	uint8_t algorithm, is_default;
	struct rd answer;
	int rc;

	rc = metadata(c, REF_MANAGEMENT, &answer);
	if (rc < 0)
		return rc;
	if (rc == 0 || field(&answer, 1, &algorithm, 1) < 0 ||
	    field(&answer, 5, &is_default, 1) < 0)
		return -EIO;
	out->management = word_get(algorithms, algorithm);
	out->management_is_default = is_default != 0;
	return 0;
}

/* 1: the object is there, and out is what its 53 or own template holds. */
static int
read_object(struct client *c, uint32_t tag, struct rd *out)
{
	uint8_t data[8], bytes[3];
	size_t len = tag > 0xFFFF ? 3 : tag > 0xFF ? 2 : 1;
	struct wr wr;
	struct rd answer;
	struct tlv tlv;
	int rc;

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(tag >> 8 * (len - 1 - i));
	wr_init(&wr, data, sizeof(data));
	tlv_put(&wr, 0x5C, bytes, len);
	rc =
	    has_answered(client_ask(c, INS_GET_DATA, 0x3F, 0xFF, data, wr.len));
	if (rc <= 0)
		return rc;
	rd_init(&answer, buf_get(&c->answer), buf_len(&c->answer));
	if (tlv_next(&answer, &tlv) != 1 || tlv.value.len == 0)
		return 0;
	*out = tlv.value;
	return 1;
}

/* --- slots -------------------------------------------------------------- */

static int
read_key(struct client *c, struct inventory_slot *s)
{
	uint8_t algorithm, origin, policy[2];
	struct rd answer;
	int rc;

	rc = metadata(c, s->number, &answer);
	if (rc <= 0)
		return rc;
	if (field(&answer, 1, &algorithm, 1) < 0 ||
	    field(&answer, 2, policy, sizeof(policy)) < 0 ||
	    field(&answer, 3, &origin, 1) < 0)
		return -EIO;
	s->has_key = true;
	s->algorithm = word_get(algorithms, algorithm);
	s->pin_policy = word_get(pin_policies, policy[0]);
	s->touch_policy = word_get(touch_policies, policy[1]);
	s->origin = word_get(origins, origin);
	return 0;
}

/* Whatever somebody has put there: an odd one is there, but has no subject. */
static int
read_cert(struct client *c, struct inventory_slot *s)
{
	char subject[512];
	struct rd object;
	int rc;

	rc = read_object(c, s->cert_tag, &object);
	if (rc <= 0)
		return rc;
	s->has_cert = true;
	rc = certificate_get(&object, &s->cert);
	if (rc == 0)
		rc = x509_subject(buf_get(&s->cert), buf_len(&s->cert), subject,
		    sizeof(subject));
	if (rc < 0) {
		buf_clear(&s->cert);
		return rc == -ENOMEM ? rc : 0;
	}
	s->subject = strdup(subject);
	return s->subject == NULL ? -ENOMEM : 0;
}

static int
read_slot(struct client *c, struct inventory *out, unsigned number,
    uint32_t cert, const char *name)
{
	struct inventory_slot *s = &out->slots[out->slot_count];
	int rc;

	s->number = number;
	s->cert_tag = cert;
	s->name = name;
	s->algorithm = s->origin = s->pin_policy = s->touch_policy = "";
	buf_init(&s->cert, INVENTORY_CERT_MAX);
	rc = read_key(c, s);
	if (rc == 0)
		rc = read_cert(c, s);
	if (rc < 0) {
		buf_clear(&s->cert);
		return rc;
	}
	out->slot_count += s->has_key || s->has_cert;
	return 0;
}

static int
read_slots(struct client *c, struct inventory *out)
{
	enum { FIXED = sizeof(slots) / sizeof(slots[0]) };
	int rc = 0;

	_Static_assert(FIXED + RETIRED == INVENTORY_SLOTS, "all slots");
	for (unsigned i = 0; rc == 0 && i < FIXED; i++)
		rc = read_slot(
		    c, out, slots[i].number, slots[i].cert, slots[i].name);
	for (unsigned i = 0; rc == 0 && i < RETIRED; i++)
		rc = read_slot(c, out, SLOT_RETIRED + i, CERT_RETIRED + i,
		    "retired key management");
	return rc;
}

static int
read_objects(struct client *c, struct inventory *out)
{
	struct inventory_object *o;
	struct rd object;
	int rc;

	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		rc = read_object(c, objects[i].tag, &object);
		if (rc < 0)
			return rc;
		if (rc == 0)
			continue;
		o = &out->objects[out->object_count++];
		o->tag = objects[i].tag;
		o->name = objects[i].name;
		o->len = object.len;
	}
	return 0;
}

/* --- all ---------------------------------------------------------------- */

static int
read_version(struct client *c, struct inventory *out)
{
	int sw = client_ask(c, INS_VERSION, 0, 0, NULL, 0);

	if (sw < 0)
		return sw;
	if (sw != OK || buf_len(&c->answer) != 3)
		return -EIO;
	for (unsigned i = 0; i < 3; i++)
		out->version[i] = buf_get(&c->answer)[i];
	return 0;
}

static int
read_all(struct client *c, struct inventory *out)
{
	int rc;

	rc = client_select(c, piv_aid, sizeof(piv_aid));
	if (rc != OK)
		return rc < 0 ? rc : -EIO;
	rc = read_version(c, out);
	if (rc == 0)
		rc = read_secret(c, REF_PIN, &out->pin);
	if (rc == 0)
		rc = read_secret(c, REF_PUK, &out->puk);
	if (rc == 0)
		rc = read_management(c, out);
	if (rc == 0)
		rc = read_slots(c, out);
	return rc < 0 ? rc : read_objects(c, out);
}

int
inventory_init(struct inventory *out, struct keyfile *key)
{
	struct client c;
	int rc;

	memset(out, 0, sizeof(*out));
	rc = identity_get(&key->env, &out->id);
	if (rc < 0)
		return rc;
	out->has_passphrase = store_has_passphrase(key->store);
	client_init(&c, key->card);
	rc = read_all(&c, out);
	client_clear(&c);
	return rc;
}

void
inventory_clear(struct inventory *inv)
{
	for (size_t i = 0; i < inv->slot_count; i++) {
		buf_clear(&inv->slots[i].cert);
		free(inv->slots[i].subject);
	}
	memset(inv, 0, sizeof(*inv));
}
