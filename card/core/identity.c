/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/core/identity.h"

#include <string.h>

#include "util/bytes.h"

enum {
	IDENTITY_KIND = 1,
	IDENTITY_SERIALS =
	    99999999, /* what GnuPG can print in an OpenPGP AID */
	IDENTITY_RECORD_MAX = 4 + IDENTITY_NAME_MAX
};

static const struct place identity_place = {
    .app = STORE_CARD, .kind = IDENTITY_KIND};

/* --- UTF-8 (RFC 3629), without control characters ---------------------- */

/* Bytes of the character that begins so, and its bits in the first byte. */
static size_t
utf8_len(uint8_t first, uint32_t *out_bits)
{
	size_t len = first < 0x80 ? 1 : 0;

	*out_bits = first;
	if (first >= 0xC2 && first < 0xE0)
		len = 2;
	else if (first >= 0xE0 && first < 0xF0)
		len = 3;
	else if (first >= 0xF0 && first < 0xF5)
		len = 4;
	if (len > 1)
		*out_bits = first & (0x7Fu >> len);
	return len;
}

static bool
utf8_is_allowed(uint32_t c, size_t len)
{
	if (c < 0x20 || (c >= 0x7F && c < 0xA0))
		return false;
	if (c >= 0xD800 && c < 0xE000)
		return false;
	return c <= 0x10FFFF && !(len == 3 && c < 0x800) &&
	       !(len == 4 && c < 0x10000);
}

/* Bytes of the character at s, or 0. The NUL ends it like anything wrong. */
static size_t
utf8_step(const char *s)
{
	uint32_t c;
	size_t len = utf8_len((uint8_t)s[0], &c);

	for (size_t i = 1; i < len; i++) {
		if (((uint8_t)s[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | ((uint8_t)s[i] & 0x3F);
	}
	return len > 0 && utf8_is_allowed(c, len) ? len : 0;
}

bool
identity_is_name(const char *name)
{
	const char *p = name;
	size_t n = 0;

	while (*p != '\0' && (n = utf8_step(p)) > 0)
		p += n;
	return *p == '\0' && (size_t)(p - name) <= IDENTITY_NAME_MAX;
}

/* --- the record: serial number, name ----------------------------------- */

static int
identity_put(struct env *env, uint32_t serial, const char *name)
{
	uint8_t record[IDENTITY_RECORD_MAX];
	struct wr wr;

	wr_init(&wr, record, sizeof(record));
	wr_be32(&wr, serial);
	wr_bytes(&wr, name, strlen(name));
	if (wr_end(&wr) < 0)
		return -EINVAL;
	return store_put(env->store, identity_place, record, wr.len);
}

int
identity_format(struct env *env, const char *name)
{
	uint8_t random[4];
	struct rd rd;
	int rc;

	if (!identity_is_name(name))
		return -EINVAL;
	rc = env_random(env, random, sizeof(random));
	if (rc < 0)
		return rc;
	rd_init(&rd, random, sizeof(random));
	return identity_put(env, rd_be32(&rd) % IDENTITY_SERIALS + 1, name);
}

static int
identity_parse(const struct buf *record, struct identity *out)
{
	struct identity id = {.serial = 0};
	struct rd rd;

	rd_init(&rd, buf_get(record), buf_len(record));
	id.serial = rd_be32(&rd);
	if (!rd_ok(&rd) || rd.len > IDENTITY_NAME_MAX)
		return -EBADMSG;
	memcpy(id.name, rd.p, rd.len);
	if (id.serial == 0 || id.serial > IDENTITY_SERIALS ||
	    strlen(id.name) != rd.len || !identity_is_name(id.name))
		return -EBADMSG;
	*out = id;
	return 0;
}

int
identity_get(struct env *env, struct identity *out)
{
	struct buf record;
	int rc;

	buf_init(&record, STORE_RECORD_MAX);
	rc = store_get(env->store, identity_place, &record);
	if (rc == 0)
		rc = identity_parse(&record, out);
	buf_clear(&record);
	return rc;
}

int
identity_set_name(struct env *env, const char *name)
{
	struct identity id;
	int rc;

	if (!identity_is_name(name))
		return -EINVAL;
	rc = identity_get(env, &id);
	return rc < 0 ? rc : identity_put(env, id.serial, name);
}
