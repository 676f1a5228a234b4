/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the PIV application share; nobody else includes it. */
#ifndef VSCARD_CARD_PIV_PIV_STATE_H
#define VSCARD_CARD_PIV_PIV_STATE_H

#include "card/core/app.h"
#include "card/crypto/block.h"
#include "card/crypto/keypair.h"
#include "card/iso/tlv.h"

/* Key references, SP 800-78-4 table 6-1; and the one for attestation. */
enum {
	PIV_REF_PIN = 0x80,
	PIV_REF_PUK = 0x81,
	PIV_REF_ADMIN = 0x9B,
	PIV_SLOT_AUTHENTICATION = 0x9A,
	PIV_SLOT_SIGNATURE = 0x9C,
	PIV_SLOT_MANAGEMENT = 0x9D,
	PIV_SLOT_CARD = 0x9E,
	PIV_SLOT_RETIRED_FIRST = 0x82,
	PIV_SLOT_RETIRED_LAST = 0x95,
	PIV_SLOT_ATTESTATION = 0xF9,
	PIV_KEYS = 25 /* slots with a key pair */
};

/* Algorithms, SP 800-78-4 table 6-2, and those that others added. */
enum {
	PIV_ALG_TDES = 0x03,
	PIV_ALG_RSA3072 = 0x05,
	PIV_ALG_RSA1024 = 0x06,
	PIV_ALG_RSA2048 = 0x07,
	PIV_ALG_AES128 = 0x08,
	PIV_ALG_AES192 = 0x0A,
	PIV_ALG_AES256 = 0x0C,
	PIV_ALG_P256 = 0x11,
	PIV_ALG_P384 = 0x14,
	PIV_ALG_RSA4096 = 0x16,
	PIV_ALG_ED25519 = 0xE0,
	PIV_ALG_X25519 = 0xE1
};

enum { PIV_PIN_NEVER = 1, PIV_PIN_ONCE = 2, PIV_PIN_ALWAYS = 3 };
enum { PIV_TOUCH_NEVER = 1, PIV_TOUCH_ALWAYS = 2, PIV_TOUCH_CACHED = 3 };
enum { PIV_ORIGIN_GENERATED = 1, PIV_ORIGIN_IMPORTED = 2 };
enum { PIV_TOUCH_CACHE = 15000 /* ms */ };

/* Kinds of records, in key files for ever. */
enum {
	PIV_RECORD_KEY = 1,    /* id: the slot */
	PIV_RECORD_OBJECT = 2, /* id: the tag */
	PIV_RECORD_PIN = 3,    /* id: the reference */
	PIV_RECORD_ADMIN = 4   /* id: 0 */
};

/* What app_ops.security tells. */
enum { PIV_IS_VERIFIED = 1, PIV_IS_ADMIN = 2 };

enum {
	PIV_TAG_BIT = 0x7F61,
	PIV_TAG_DISCOVERY = 0x7E,
	PIV_TAG_CHUID = 0x5FC102,
	PIV_TAG_CCC = 0x5FC107,
	PIV_TAG_HISTORY = 0x5FC10C,
	PIV_TAG_RETIRED_FIRST = 0x5FC10D,
	PIV_TAG_ATTESTATION = 0x5FFF01
};

enum {
	PIV_OBJECT_MAX = 32768, /* bytes of content */
	PIV_OBJECTS_MAX = 256,
	PIV_PIN_LEN = 8,
	PIV_TRIES = 3
};

/* Not loaded if pair is NULL. */
struct piv_key {
	struct keypair *pair;
	uint8_t pin_policy;
	uint8_t touch_policy;
	uint8_t origin;
	bool touched; /* in this session */
	int64_t touched_at;
};

/* What the card asked the host to prove that it has the management key. */
enum piv_asked { PIV_ASKED_NOTHING, PIV_ASKED_WITNESS, PIV_ASKED_CHALLENGE };
struct piv_challenge {
	enum piv_asked kind;
	uint8_t alg; /* as the host said */
	uint8_t expected[BLOCK_SIZE_MAX];
};

struct piv {
	struct env *env; /* borrowed */
	/* The session; deselect ends it. */
	bool verified;
	bool fresh; /* verified after the last use of a key */
	bool managed;
	struct piv_challenge challenge;
	struct piv_key keys[PIV_KEYS];
};

/* piv.c */
void piv_end_verified(struct piv *);
/* A store's error as a status word; 0 is 9000. */
sw_t piv_store_sw(int err);
/* libcrypto's: it stops the card if libcrypto itself failed. */
sw_t piv_crypto_sw(struct piv *, int err);
/* The same for who goes on with the error. */
int piv_crypto_checked(struct piv *, int err) MUST_CHECK;
/* Commits if err is 0, rolls back otherwise: 9000, or what went wrong. */
sw_t piv_commit(struct piv *, int err);
/* Is somebody there who wants `what` for this reference? */
bool piv_is_touched(struct piv *, uint8_t ref, const char *what);
/* "9a": two digits and a NUL, for people. */
void piv_ref_name(uint8_t ref, char out[3]);

/* piv_standing.c: objects that the card writes itself. */
int piv_standing_format(struct env *) MUST_CHECK;
/* The content of an object that nobody wrote. -ENOENT. */
int piv_standing_make(struct piv *, uint32_t tag, struct buf *out) MUST_CHECK;

/* piv_object.c */
/* The content, without its 53: -ENOENT. */
int piv_object_get(struct env *, uint32_t tag, struct buf *out) MUST_CHECK;
int
piv_object_put(struct env *, uint32_t tag, const void *, size_t len) MUST_CHECK;
sw_t piv_get_data(void *, const struct apdu *, struct wr *);
sw_t piv_put_data(void *, const struct apdu *, struct wr *);

/* piv_pin.c */
struct place piv_pin_place(uint8_t ref);
int
piv_pin_format(struct env *, uint8_t pin_tries, uint8_t puk_tries) MUST_CHECK;
sw_t piv_verify(void *, const struct apdu *, struct wr *);
sw_t piv_unverify(void *, const struct apdu *, struct wr *);
sw_t piv_change_reference(void *, const struct apdu *, struct wr *);
sw_t piv_reset_retry(void *, const struct apdu *, struct wr *);
sw_t piv_set_retries(void *, const struct apdu *, struct wr *);

/* piv_admin.c: the management key. */
struct piv_admin {
	uint8_t alg;
	uint8_t touch_policy;
	bool is_default;
	/* An AES-192 key is taken as a TDES key too: for clients that know
	 * nothing else. */
	bool tdes_too;
	uint8_t key[BLOCK_KEY_MAX];
};
int piv_admin_format(struct env *) MUST_CHECK;
/* -EBADMSG: there is none. The caller wipes it. */
int piv_admin_load(struct env *, struct piv_admin *out) MUST_CHECK;
sw_t piv_set_admin(void *, const struct apdu *, struct wr *);
/* Which cipher the host means; false: not one of this key's. */
bool
piv_admin_cipher(const struct piv_admin *, uint8_t alg, enum block_cipher *out);

/* piv_key.c */
/* -1: no such slot. */
int piv_slot_index(uint8_t slot);
uint8_t piv_slot_at(int index);
bool piv_alg_find(uint8_t alg, enum keypair_alg *out);
uint8_t piv_alg_id(enum keypair_alg);
/*
 * The slot's key, loaded at its first use in a session; lent until it is
 * dropped. -EINVAL: no such slot; -ENOENT: it is empty.
 */
int piv_key_get(struct piv *, uint8_t slot, struct piv_key **out) MUST_CHECK;
/* Is there one, loaded or not: 1 or 0. */
int piv_key_is_there(struct piv *, uint8_t slot) MUST_CHECK;
/* Writes it to the store. The slot keeps pair, also on failure. */
int
piv_key_adopt(struct piv *, uint8_t slot, const struct piv_key *) MUST_CHECK;
void piv_key_drop(struct piv *, uint8_t slot);
void piv_key_drop_all(struct piv *);
/* Reads AA and AB, and puts the slot's defaults for what is not there. */
sw_t piv_key_read_policies(struct rd fields, uint8_t slot, struct piv_key *out);
void piv_key_put_public(const struct piv_key *, struct wr *);
sw_t piv_move_key(void *, const struct apdu *, struct wr *);

/* piv_generate.c */
sw_t piv_generate(void *, const struct apdu *, struct wr *);
sw_t piv_import(void *, const struct apdu *, struct wr *);

/* piv_sign.c: GENERAL AUTHENTICATE. */
struct piv_field {
	bool is_there;
	struct rd value; /* lent from the command */
};
struct piv_template {
	struct piv_field witness;
	struct piv_field challenge;
	struct piv_field response;
	struct piv_field point;
};
sw_t piv_authenticate(void *, const struct apdu *, struct wr *);
/* piv_auth.c: the same with 9B; asked is what the card had asked before. */
sw_t piv_authenticate_admin(struct piv *, const struct piv_challenge *asked,
    uint8_t alg, const struct piv_template *, struct wr *);

sw_t piv_metadata(void *, const struct apdu *, struct wr *);

/* piv_attest.c */
/* Makes the key of F9 and its certificate, unless somebody gave it one. */
int piv_attest_prepare(struct piv *) MUST_CHECK;
sw_t piv_attest(void *, const struct apdu *, struct wr *);

sw_t piv_reset(void *, const struct apdu *, struct wr *);

#endif
