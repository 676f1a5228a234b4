/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a file says its key: in the clear, or sealed under a key that scrypt
 * makes of a passphrase.
 *
 *   0   1  1: in the clear, 2: scrypt
 *   1   1  log2 of scrypt's N; 0 in the clear, like r, p, and the salt
 *   2   1  r
 *   3   1  p
 *   4  32  salt
 *  36   …  the key (32), or the sealed key (60) with the bytes before as place
 *   …   8  SHA-256 of all before, cut: tells damage from a wrong passphrase
 */
#ifndef VSCARD_CARD_STORE_KEYSLOT_H
#define VSCARD_CARD_STORE_KEYSLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

enum {
	KEYSLOT_KEY = 32,
	KEYSLOT_MAX = 36 + KEYSLOT_KEY + 28 + 8,
	KEYSLOT_COST = 16,    /* log2 of N for new ones: 64 MiB */
	KEYSLOT_COST_MAX = 20 /* a hostile file may take 1 GiB and no more */
};

/*
 * Writes a slot. passphrase NULL: in the clear. cost 0: KEYSLOT_COST. -EINVAL:
 * the passphrase is empty.
 */
int keyslot_make(const uint8_t *key, const char *passphrase, unsigned cost,
    uint8_t *out, size_t *out_len) MUST_CHECK;
/* -EBADMSG: it is none. */
int
keyslot_check(const uint8_t *, size_t len, bool *out_has_passphrase) MUST_CHECK;
/*
 * Of a slot that was checked; out holds KEYSLOT_KEY bytes. -EACCES: wrong
 * passphrase.
 */
int keyslot_open(const uint8_t *, size_t len, const void *passphrase,
    size_t passphrase_len, uint8_t *out) MUST_CHECK;

#endif
