/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a key holds, as it tells its clients. Texts are the tables' own and
 * never NULL.
 */
#ifndef KEY_INVENTORY_H
#define KEY_INVENTORY_H

#include "card/keyfile.h"
#include "card/core/identity.h"
#include "util/buf.h"

enum {
	INVENTORY_SLOTS = 25,
	INVENTORY_OBJECTS = 48,
	INVENTORY_CERT_MAX = 65536
};

/* PIN or PUK. */
struct inventory_secret {
	unsigned left;
	unsigned total;
	bool is_default;
};

struct inventory_slot {
	unsigned number; /* 0x9A */
	const char *name;
	bool has_key;
	const char *algorithm;
	const char *origin;
	const char *pin_policy;
	const char *touch_policy;
	uint32_t cert_tag;
	struct buf cert; /* DER; empty: none that could be read */
	bool has_cert;   /* of any form */
	char *subject;   /* NULL: the certificate cannot be read */
};

struct inventory_object {
	uint32_t tag;
	const char *name;
	size_t len;
};

struct inventory {
	struct identity id;
	bool has_passphrase;
	unsigned version[3];
	struct inventory_secret pin;
	struct inventory_secret puk;
	const char *management; /* algorithm of the key */
	bool management_is_default;
	struct inventory_slot slots[INVENTORY_SLOTS];
	size_t slot_count; /* with a key or a certificate */
	struct inventory_object objects[INVENTORY_OBJECTS];
	size_t object_count;
};

/* Clear it in any case. -EIO: the card answers nothing, or nonsense. */
int inventory_init(struct inventory *, struct keyfile *) MUST_CHECK;
void inventory_clear(struct inventory *);

#endif
