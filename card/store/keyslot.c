/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/store/keyslot.h"

#include <string.h>

#include "card/crypto/secret.h"

enum {
	SLOT_CLEAR = 1,
	SLOT_SCRYPT = 2,
	SLOT_SALT = 32,
	SLOT_HEAD = 4 + SLOT_SALT,
	SLOT_CHECK = 8,
	SCRYPT_R = 8,
	SCRYPT_P = 2,
	SCRYPT_R_MAX = 16,
	SCRYPT_P_MAX = 16,
	SCRYPT_WORK_MAX = 1 << 24 /* N r p; 16 times that of a new one */
};

/* --- reading ---------------------------------------------------------------- */

static bool
head_is_sound(const uint8_t *slot, size_t len)
{
	if (slot[0] == SLOT_CLEAR)
		return len == SLOT_HEAD + KEYSLOT_KEY + SLOT_CHECK;
	return slot[0] == SLOT_SCRYPT && len == KEYSLOT_MAX && slot[1] > 0 &&
	       slot[1] <= KEYSLOT_COST_MAX && slot[2] > 0 &&
	       slot[2] <= SCRYPT_R_MAX && slot[3] > 0 &&
	       slot[3] <= SCRYPT_P_MAX &&
	       (UINT32_C(128) << slot[1]) * slot[2] <= UINT32_C(1) << 30 &&
	       ((uint32_t)slot[2] * slot[3]) << slot[1] <= SCRYPT_WORK_MAX;
}

int
keyslot_check(const uint8_t *slot, size_t len, bool *out_has_passphrase)
{
	uint8_t sum[SECRET_SHA256];
	int rc;

	if (len < SLOT_HEAD + SLOT_CHECK || !head_is_sound(slot, len))
		return -EBADMSG;
	rc = secret_sha256(slot, len - SLOT_CHECK, sum);
	if (rc < 0)
		return rc;
	if (memcmp(sum, slot + len - SLOT_CHECK, SLOT_CHECK) != 0)
		return -EBADMSG;
	*out_has_passphrase = slot[0] == SLOT_SCRYPT;
	return 0;
}

/* The key that seals the file key. */
static int
stretch(const uint8_t *slot, const void *passphrase, size_t len, uint8_t *out)
{
	return secret_scrypt(passphrase, len, slot + 4, SLOT_SALT,
	    UINT64_C(1) << slot[1], slot[2], slot[3], out, SECRET_SEAL_KEY);
}

int
keyslot_open(const uint8_t *slot, size_t len, const void *passphrase,
    size_t passphrase_len, uint8_t *out)
{
	uint8_t kek[SECRET_SEAL_KEY];
	int rc;

	if (slot[0] == SLOT_CLEAR) {
		memcpy(out, slot + SLOT_HEAD, KEYSLOT_KEY);
		return 0;
	}
	rc = stretch(slot, passphrase, passphrase_len, kek);
	if (rc == 0)
		rc = secret_open(kek, slot, SLOT_HEAD, slot + SLOT_HEAD,
		    len - SLOT_HEAD - SLOT_CHECK, out);
	secret_wipe(kek, sizeof(kek));
	return rc == -EBADMSG ? -EACCES : rc;
}

/* --- writing ---------------------------------------------------------------- */

static int
put_sealed(
    const uint8_t *key, const char *passphrase, unsigned cost, uint8_t *slot)
{
	uint8_t kek[SECRET_SEAL_KEY];
	int rc;

	slot[0] = SLOT_SCRYPT;
	slot[1] = (uint8_t)(cost == 0 ? KEYSLOT_COST : cost);
	slot[2] = SCRYPT_R;
	slot[3] = SCRYPT_P;
	rc = secret_random(slot + 4, SLOT_SALT);
	if (rc == 0)
		rc = stretch(slot, passphrase, strlen(passphrase), kek);
	if (rc == 0)
		rc = secret_seal(
		    kek, slot, SLOT_HEAD, key, KEYSLOT_KEY, slot + SLOT_HEAD);
	secret_wipe(kek, sizeof(kek));
	return rc;
}

int
keyslot_make(const uint8_t *key, const char *passphrase, unsigned cost,
    uint8_t *out, size_t *out_len)
{
	uint8_t slot[KEYSLOT_MAX] = {SLOT_CLEAR};
	uint8_t sum[SECRET_SHA256];
	size_t len = SLOT_HEAD + KEYSLOT_KEY;
	int rc = 0;

	if (cost > KEYSLOT_COST_MAX ||
	    (passphrase != NULL && *passphrase == '\0'))
		return -EINVAL;
	if (passphrase == NULL) {
		memcpy(slot + SLOT_HEAD, key, KEYSLOT_KEY);
	} else {
		rc = put_sealed(key, passphrase, cost, slot);
		len += SECRET_SEAL_EXTRA;
	}
	if (rc == 0)
		rc = secret_sha256(slot, len, sum);
	if (rc == 0) {
		memcpy(slot + len, sum, SLOT_CHECK);
		memcpy(out, slot, len + SLOT_CHECK);
		*out_len = len + SLOT_CHECK;
	}
	secret_wipe(slot, sizeof(slot));
	return rc;
}
