/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/core/pin.h"

#include <string.h>

#include "card/crypto/secret.h"
#include "util/bytes.h"

enum { PIN_SALT = 16, PIN_DEFAULT = 0x01 };

/* As in the store: total, left, flags, salt, HMAC-SHA-256(salt, value). */
struct pin {
	struct pin_state state;
	uint8_t salt[PIN_SALT];
	uint8_t hash[SECRET_SHA256];
};

enum { PIN_RECORD = 3 + PIN_SALT + SECRET_SHA256 };

static int
pin_put(struct env *env, struct place place, const struct pin *pin)
{
	uint8_t record[PIN_RECORD];
	struct wr wr;
	int rc;

	wr_init(&wr, record, sizeof(record));
	wr_u8(&wr, pin->state.total);
	wr_u8(&wr, pin->state.left);
	wr_u8(&wr, pin->state.is_default ? PIN_DEFAULT : 0);
	wr_bytes(&wr, pin->salt, sizeof(pin->salt));
	wr_bytes(&wr, pin->hash, sizeof(pin->hash));
	rc = store_put(env->store, place, record, sizeof(record));
	secret_wipe(record, sizeof(record));
	return rc;
}

static int
pin_parse(const struct buf *record, struct pin *out)
{
	const uint8_t *p;
	struct rd rd;

	if (buf_len(record) != PIN_RECORD)
		return -EBADMSG;
	rd_init(&rd, buf_get(record), buf_len(record));
	out->state.total = rd_u8(&rd);
	out->state.left = rd_u8(&rd);
	out->state.is_default = rd_u8(&rd) == PIN_DEFAULT;
	p = rd_bytes(&rd, PIN_SALT);
	memcpy(out->salt, p, PIN_SALT);
	p = rd_bytes(&rd, SECRET_SHA256);
	memcpy(out->hash, p, SECRET_SHA256);
	return out->state.left > out->state.total ? -EBADMSG : 0;
}

static int
pin_get(struct env *env, struct place place, struct pin *out)
{
	struct buf record;
	int rc;

	buf_init(&record, STORE_RECORD_MAX);
	rc = store_get(env->store, place, &record);
	if (rc == 0)
		rc = pin_parse(&record, out);
	buf_clear(&record);
	return rc;
}

static int
pin_hash(struct env *env, const struct pin *pin, const uint8_t *value,
    size_t len, uint8_t *out)
{
	int rc;

	rc = secret_hmac_sha256(pin->salt, sizeof(pin->salt), value, len, out);
	if (rc < 0)
		env_stop(env);
	return rc;
}

int
pin_set(struct env *env, struct place place, const uint8_t *value, size_t len,
    uint8_t tries, bool is_default)
{
	struct pin pin = {.state = {tries, tries, is_default}};
	int rc;

	rc = env_random(env, pin.salt, sizeof(pin.salt));
	if (rc == 0)
		rc = pin_hash(env, &pin, value, len, pin.hash);
	if (rc == 0)
		rc = pin_put(env, place, &pin);
	secret_wipe(&pin, sizeof(pin));
	return rc;
}

int
pin_get_state(struct env *env, struct place place, struct pin_state *out)
{
	struct pin pin;
	int rc;

	rc = pin_get(env, place, &pin);
	if (rc == 0)
		*out = pin.state;
	secret_wipe(&pin, sizeof(pin));
	return rc;
}

/* What a client is told of a record that cannot be read. */
static sw_t
pin_sw(int rc)
{
	return rc == -ENOENT ? SW_REFERENCE : SW_INTERNAL;
}

/* The try is on disk before anybody can see how the comparison ends. */
static sw_t
pin_try(struct env *env, struct place place, struct pin *pin,
    const uint8_t *value, size_t len)
{
	uint8_t hash[SECRET_SHA256];
	bool is_equal;

	if (pin->state.left == 0)
		return SW_BLOCKED;
	pin->state.left--;
	if (pin_put(env, place, pin) < 0)
		return SW_MEMORY;
	if (pin_hash(env, pin, value, len, hash) < 0)
		return SW_INTERNAL;
	is_equal = secret_is_equal(hash, pin->hash, sizeof(hash));
	secret_wipe(hash, sizeof(hash));
	if (!is_equal)
		return sw_tries(pin->state.left);
	pin->state.left = pin->state.total;
	return pin_put(env, place, pin) < 0 ? SW_MEMORY : SW_OK;
}

sw_t
pin_verify(
    struct env *env, struct place place, const uint8_t *value, size_t len)
{
	struct pin pin;
	sw_t sw;
	int rc;

	rc = pin_get(env, place, &pin);
	sw = rc < 0 ? pin_sw(rc) : pin_try(env, place, &pin, value, len);
	secret_wipe(&pin, sizeof(pin));
	return sw;
}

sw_t
pin_change(
    struct env *env, struct place place, const uint8_t *value, size_t len)
{
	struct pin_state state = {.total = 0};
	int rc;

	rc = pin_get_state(env, place, &state);
	if (rc < 0)
		return pin_sw(rc);
	rc = pin_set(env, place, value, len, state.total, false);
	if (rc < 0)
		return env->stopped ? SW_INTERNAL : SW_MEMORY;
	return SW_OK;
}
