/* SPDX-License-Identifier: BSD-2-Clause */
/* Data objects: SP 800-73-4 part 1 says what is in them, the card does not. */
#include "card/piv/piv_state.h"

enum { OBJECT_VERSION = 1 };

static struct place
object_place(uint32_t tag)
{
	return (struct place){STORE_PIV, PIV_RECORD_OBJECT, tag};
}

int
piv_object_get(struct env *env, uint32_t tag, struct buf *out)
{
	int err;

	err = store_get(env->store, object_place(tag), out);
	if (err < 0)
		return err;
	if (buf_len(out) < 1 || buf_get(out)[0] != OBJECT_VERSION)
		return -EBADMSG;
	buf_drop(out, 1);
	return 0;
}

int
piv_object_put(struct env *env, uint32_t tag, const void *content, size_t len)
{
	const uint8_t version = OBJECT_VERSION;
	struct buf buf;
	int err;

	if (len > PIV_OBJECT_MAX)
		return -EMSGSIZE;
	buf_init(&buf, STORE_RECORD_MAX);
	err = buf_put(&buf, &version, 1);
	if (err == 0)
		err = buf_put(&buf, content, len);
	if (err == 0)
		err = store_put(env->store, object_place(tag), buf_get(&buf),
		    buf_len(&buf));
	buf_clear(&buf);
	return err;
}

/* SP 800-73-4 part 1, table 2: what only the holder may read. */
static bool
object_needs_pin(uint32_t tag)
{
	switch (tag) {
	case 0x5FC103: /* fingerprints */
	case 0x5FC108: /* face */
	case 0x5FC109: /* printed information */
	case 0x5FC121: /* irises */
	case 0x5FC123: /* pairing code */
		return true;
	default:
		return false;
	}
}

/* The two whose own tag stands where others have 53. */
static bool
object_is_bare(uint32_t tag)
{
	return tag == PIV_TAG_DISCOVERY || tag == PIV_TAG_BIT;
}

/* Any of 5F0000 … 5FFFFF, and the two. */
static bool
object_is_known(uint32_t tag)
{
	return object_is_bare(tag) || tag >> 16 == 0x5F;
}

/* The tag list: one tag of one to three bytes. 0: it is not one. */
static uint32_t
object_tag(struct rd value)
{
	uint32_t tag = 0;

	if (value.len < 1 || value.len > 3)
		return 0;
	while (value.len > 0)
		tag = tag << 8 | rd_u8(&value);
	return tag;
}

/* An object of nobody is made; what nobody can make is not there. */
static int
object_find(struct piv *piv, uint32_t tag, struct buf *out)
{
	int err;

	err = piv_object_get(piv->env, tag, out);
	return err == -ENOENT ? piv_standing_make(piv, tag, out) : err;
}

sw_t
piv_get_data(void *app, const struct apdu *apdu, struct wr *out)
{
	struct piv *piv = app;
	struct tlv list;
	struct buf content;
	struct rd rd;
	uint32_t tag;
	int err;

	rd_init(&rd, apdu->data, apdu->len);
	if (tlv_next(&rd, &list) != 1 || list.tag != 0x5C || !rd_end(&rd))
		return SW_DATA;
	tag = object_tag(list.value);
	/* First this: what is there is none of a stranger's business. */
	if (object_needs_pin(tag) && !piv->verified)
		return SW_SECURITY;
	if (!object_is_known(tag))
		return SW_NOT_FOUND;
	buf_init(&content, STORE_RECORD_MAX);
	err = object_find(piv, tag, &content);
	if (err == 0)
		tlv_put(out, object_is_bare(tag) ? tag : 0x53,
		    buf_get(&content), buf_len(&content));
	buf_clear(&content);
	return err == -ENOENT ? SW_NOT_FOUND : piv_store_sw(err);
}

/*
 * Where and what a PUT DATA writes. The two bare ones come either alone or, as
 * many clients have it, as all others do.
 */
static bool
put_read(const struct apdu *apdu, uint32_t *out_tag, struct rd *out_content)
{
	struct tlv first, second;
	struct rd rd;
	uint32_t tag;

	rd_init(&rd, apdu->data, apdu->len);
	if (tlv_next(&rd, &first) != 1)
		return false;
	if (object_is_bare(first.tag) && rd_end(&rd)) {
		*out_tag = first.tag;
		*out_content = first.value;
		return true;
	}
	tag = object_tag(first.value);
	if (first.tag != 0x5C || !object_is_known(tag) ||
	    tlv_next(&rd, &second) != 1 || !rd_end(&rd))
		return false;
	if (second.tag != 0x53 && !(object_is_bare(tag) && second.tag == tag))
		return false;
	*out_tag = tag;
	*out_content = second.value;
	return true;
}

/* One more would be too many: 1 or 0. */
static int
objects_are_full(struct piv *piv, uint32_t tag)
{
	struct place place = object_place(0);
	unsigned count = 0;
	bool first = true;
	int r;

	while ((r = store_next(piv->env->store, &place, first)) == 1) {
		if (place.id == tag)
			return 0;
		first = false;
		count++;
	}
	return r < 0 ? r : count >= PIV_OBJECTS_MAX;
}

static sw_t
object_delete(struct piv *piv, uint32_t tag)
{
	int err;

	err = store_delete(piv->env->store, object_place(tag));
	return err == -ENOENT ? SW_OK : piv_store_sw(err);
}

sw_t
piv_put_data(void *app, const struct apdu *apdu, struct wr *out)
{
	struct piv *piv = app;
	struct rd content;
	uint32_t tag;
	int r;

	(void)out;
	if (!put_read(apdu, &tag, &content))
		return SW_DATA;
	if (content.len == 0)
		return object_delete(piv, tag);
	r = objects_are_full(piv, tag);
	if (r != 0)
		return r < 0 ? piv_store_sw(r) : SW_NO_SPACE;
	return piv_store_sw(
	    piv_object_put(piv->env, tag, content.p, content.len));
}
