/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects that the card writes itself, until somebody writes others. */
#include "card/piv/piv_state.h"

/* SP 800-73-4 part 1, table 18. The card's own PIN is the only one. */
static const uint8_t discovery[] = {0x4F, 0x0B, 0xA0, 0x00, 0x00, 0x03, 0x08,
    0x00, 0x00, 0x10, 0x00, 0x01, 0x00, 0x5F, 0x2F, 0x02, 0x40, 0x10};

/* FASC-N of nobody's agency (9999), SP 800-73-4 part 1, 3.1.2. */
static const uint8_t chuid_fascn[] = {0xD4, 0xE7, 0x39, 0xDA, 0x73, 0x9C, 0xED,
    0x39, 0xCE, 0x73, 0x9D, 0x83, 0x68, 0x58, 0x21, 0x08, 0x42, 0x10, 0x84,
    0x21, 0xC8, 0x42, 0x10, 0xC3, 0xEB};

/* SP 800-73-4 part 1, table 8: GSC-RID, manufacturer's id, type of card; the
 * card's own number follows. Then the elements that PIV leaves empty. */
static const uint8_t ccc_id[] = {0xA0, 0x00, 0x00, 0x01, 0x16, 0xFF, 0x02};
static const uint8_t ccc_rest[] = {0xF1, 0x01, 0x21, 0xF2, 0x01, 0x21, 0xF3,
    0x00, 0xF4, 0x01, 0x00, 0xF5, 0x01, 0x10, 0xF6, 0x00, 0xF7, 0x00, 0xFA,
    0x00, 0xFB, 0x00, 0xFC, 0x00, 0xFD, 0x00, 0xFE, 0x00};

enum { CCC_NUMBER = 14, GUID_LEN = 16 };

static int
chuid_format(struct env *env)
{
	uint8_t guid[GUID_LEN], room[64];
	struct wr wr;
	int err;

	err = env_random(env, guid, sizeof(guid));
	if (err < 0)
		return err;
	/* A random UUID, RFC 4122 §4.4. */
	guid[6] = (uint8_t)((guid[6] & 0x0F) | 0x40);
	guid[8] = (uint8_t)((guid[8] & 0x3F) | 0x80);
	wr_init(&wr, room, sizeof(room));
	tlv_put(&wr, 0x30, chuid_fascn, sizeof(chuid_fascn));
	tlv_put(&wr, 0x34, guid, sizeof(guid));
	tlv_put(&wr, 0x35, "20500101", 8);
	tlv_put(&wr, 0x3E, NULL, 0);
	tlv_put(&wr, 0xFE, NULL, 0);
	err = wr_end(&wr);
	return err < 0 ? err : piv_object_put(env, PIV_TAG_CHUID, room, wr.len);
}

static int
ccc_format(struct env *env)
{
	uint8_t id[sizeof(ccc_id) + CCC_NUMBER], room[64];
	struct wr wr;
	int err;

	wr_init(&wr, id, sizeof(id));
	wr_bytes(&wr, ccc_id, sizeof(ccc_id));
	err = env_random(env, id + sizeof(ccc_id), CCC_NUMBER);
	if (err < 0)
		return err;
	wr_init(&wr, room, sizeof(room));
	tlv_put(&wr, 0xF0, id, sizeof(id));
	wr_bytes(&wr, ccc_rest, sizeof(ccc_rest));
	err = wr_end(&wr);
	return err < 0 ? err : piv_object_put(env, PIV_TAG_CCC, room, wr.len);
}

int
piv_standing_format(struct env *env)
{
	int err;

	err = chuid_format(env);
	return err < 0 ? err : ccc_format(env);
}

/* Is there anything of the nth retired key: 1, 0. */
static int
retired_is_used(struct piv *piv, int n)
{
	struct buf buf;
	int r;

	r = piv_key_is_there(piv, (uint8_t)(PIV_SLOT_RETIRED_FIRST + n));
	if (r != 0)
		return r;
	buf_init(&buf, STORE_RECORD_MAX);
	r = piv_object_get(piv->env, PIV_TAG_RETIRED_FIRST + (uint32_t)n, &buf);
	buf_clear(&buf);
	return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

/*
 * SP 800-73-4 part 1, 3.3.3. Clients look at as many retired slots as the
 * first number says, from the first one on: so it is the highest in use.
 */
static int
history_make(struct piv *piv, struct buf *out)
{
	int n = PIV_SLOT_RETIRED_LAST - PIV_SLOT_RETIRED_FIRST + 1;
	int r = 0;

	while (n > 0 && r == 0) {
		r = retired_is_used(piv, n - 1);
		if (r == 0)
			n--;
	}
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	return buf_put(out,
	    (uint8_t[]){0xC1, 0x01, (uint8_t)n, 0xC2, 0x01, 0x00, 0xFE, 0x00},
	    8);
}

int
piv_standing_make(struct piv *piv, uint32_t tag, struct buf *out)
{
	int err;

	switch (tag) {
	case PIV_TAG_DISCOVERY:
		return buf_put(out, discovery, sizeof(discovery));
	case PIV_TAG_HISTORY:
		return history_make(piv, out);
	case PIV_TAG_ATTESTATION:
		err = piv_attest_prepare(piv);
		return err < 0 ? err : piv_object_get(piv->env, tag, out);
	default:
		return -ENOENT;
	}
}
