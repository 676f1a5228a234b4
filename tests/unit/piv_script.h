/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of the PIV application do again and again. */
#ifndef TESTS_PIV_SCRIPT_H
#define TESTS_PIV_SCRIPT_H

#include <openssl/evp.h>

#include "card/iso/tlv.h"
#include "tests/unit/card_script.h"

#define PIV_SELECT "00A4040005A000000308"
#define PIV_VERIFY "0020008008313233343536FFFF"
#define PIV_VERIFY_WRONG "0020008008313233343537FFFF"

/* A new card, PIV selected. */
void piv_begin(struct script *);
/* A card anew over the same store, PIV selected. */
void piv_again(struct script *);
void piv_login(struct script *);
/* Mutual authentication with the key that every new card has, AES-192. */
void piv_admin(struct script *);
/* Both. */
void piv_begin_admin(struct script *);
/* Mutual authentication; returns the status word of its last step. */
uint16_t piv_mutual(struct script *, uint8_t alg, const uint8_t *key);
/* One block through the cipher that alg names. */
void piv_block(uint8_t alg, const uint8_t *key, bool encrypt, const uint8_t *in,
    uint8_t *out);
size_t piv_block_size(uint8_t alg);

/* What a TLV of the last answer holds; fails the test if it is not there. */
struct rd piv_value(const struct script *, uint32_t outer, uint32_t inner);

/* Makes a key in a slot and returns its public part, which is the caller's. */
EVP_PKEY *piv_generate_key(struct script *, uint8_t slot, uint8_t alg);
/* The public part that these TLVs print. */
EVP_PKEY *piv_public(uint8_t alg, struct rd fields);
/* GENERAL AUTHENTICATE: 82 empty, and the value under tag. */
uint16_t piv_use(struct script *, uint8_t slot, uint8_t alg, uint32_t tag,
    const void *value, size_t len);
/* Signs a random hash or message; OpenSSL agrees that it is a signature. */
void
piv_check_signature(struct script *, uint8_t slot, uint8_t alg, EVP_PKEY *);

#endif
