/* SPDX-License-Identifier: BSD-2-Clause */
/* How a key comes into a slot: made here, or brought. */
#include "card/piv/piv_state.h"

/* It signs certificates, which X25519 cannot do. */
static bool
suits(uint8_t slot, enum keypair_alg alg)
{
	return slot != PIV_SLOT_ATTESTATION || alg != KEYPAIR_X25519;
}

/* What AC holds: 80 is the algorithm, and the policies. */
static sw_t
generate_read(
    const struct apdu *apdu, struct piv_key *out_key, enum keypair_alg *out_alg)
{
	struct rd rd, value;
	struct tlv control;

	rd_init(&rd, apdu->data, apdu->len);
	if (tlv_next(&rd, &control) != 1 || control.tag != 0xAC || !rd_end(&rd))
		return SW_DATA;
	if (tlv_find(&control.value, 0x80, &value) != 1 || value.len != 1 ||
	    !piv_alg_find(rd_u8(&value), out_alg) || !suits(apdu->p2, *out_alg))
		return SW_DATA;
	return piv_key_read_policies(control.value, apdu->p2, out_key);
}

sw_t
piv_generate(void *app, const struct apdu *apdu, struct wr *out)
{
	struct piv_key key = {.origin = PIV_ORIGIN_GENERATED};
	struct piv *piv = app;
	enum keypair_alg alg;
	size_t mark;
	int err;
	sw_t sw;

	if (piv_slot_index(apdu->p2) < 0)
		return SW_P1P2;
	sw = generate_read(apdu, &key, &alg);
	if (!sw_is(sw, SW_OK))
		return sw;
	err = keypair_generate(alg, &key.pair);
	if (err < 0)
		return piv_crypto_sw(piv, err);
	mark = tlv_open(out, 0x7F49);
	piv_key_put_public(&key, out);
	tlv_close(out, mark);
	return piv_store_sw(piv_key_adopt(piv, apdu->p2, &key));
}

/* A part of the key, lent; empty if it is not there. */
static struct rd
part_find(const struct rd *fields, uint32_t tag)
{
	struct rd value;

	if (tlv_find(fields, tag, &value) != 1)
		rd_init(&value, NULL, 0);
	return value;
}

static int
import_rsa(const struct rd *fields, enum keypair_alg alg, struct keypair **out)
{
	struct rd p = part_find(fields, 0x01), q = part_find(fields, 0x02);
	struct rd dp = part_find(fields, 0x03), dq = part_find(fields, 0x04);
	struct rd qinv = part_find(fields, 0x05);
	const struct keypair_rsa rsa = {.p = p.p,
	    .q = q.p,
	    .dp = dp.p,
	    .dq = dq.p,
	    .qinv = qinv.p,
	    .p_len = p.len,
	    .q_len = q.len,
	    .dp_len = dp.len,
	    .dq_len = dq.len,
	    .qinv_len = qinv.len};

	if (p.len == 0 || q.len == 0)
		return -EINVAL;
	return keypair_import_rsa(alg, &rsa, out);
}

static int
import_pair(const struct rd *fields, enum keypair_alg alg, struct keypair **out)
{
	uint32_t tag = alg == KEYPAIR_ED25519  ? 0x07
		       : alg == KEYPAIR_X25519 ? 0x08
					       : 0x06;
	struct rd raw;

	if (keypair_is_rsa(alg))
		return import_rsa(fields, alg, out);
	raw = part_find(fields, tag);
	if (raw.len == 0)
		return -EINVAL;
	return keypair_import_raw(alg, raw.p, raw.len, out);
}

sw_t
piv_import(void *app, const struct apdu *apdu, struct wr *out)
{
	struct piv_key key = {.origin = PIV_ORIGIN_IMPORTED};
	struct piv *piv = app;
	enum keypair_alg alg;
	struct rd fields;
	int err;
	sw_t sw;

	(void)out;
	if (piv_slot_index(apdu->p2) < 0 || !piv_alg_find(apdu->p1, &alg))
		return SW_P1P2;
	if (!suits(apdu->p2, alg))
		return SW_DATA;
	rd_init(&fields, apdu->data, apdu->len);
	sw = piv_key_read_policies(fields, apdu->p2, &key);
	if (!sw_is(sw, SW_OK))
		return sw;
	err = import_pair(&fields, alg, &key.pair);
	if (err < 0)
		return piv_crypto_sw(piv, err);
	return piv_store_sw(piv_key_adopt(piv, apdu->p2, &key));
}
