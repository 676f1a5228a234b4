/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose reader was in a slot, so that one that comes back finds its place. */
#ifndef VSCARD_IFD_TENANT_H
#define VSCARD_IFD_TENANT_H

#include <stdbool.h>
#include <stddef.h>

#include "net/peer.h"
#include "vscard/vscard.h"

/* Zeros: nobody yet. */
struct tenant {
	bool known;
	/* A user of this machine, or another machine's address. */
	bool has_user;
	uid_t uid;
	uint8_t address[16];
	uint8_t instance[VSCARD_INSTANCE_LEN]; /* a program's run, or zeros */
	unsigned id;                           /* on that one's wire */
	char name[VSCARD_NAME_MAX + 1];        /* of the reader, or empty */
};

/* instance: VSCARD_INSTANCE_LEN bytes. Without a name. */
void tenant_init(
    struct tenant *, const struct peer *, const uint8_t *instance, unsigned id);
void tenant_set_name(struct tenant *, const void *name, size_t len);
/*
 * How well the new one goes for the old one; 0: somebody else. By the name if
 * the new one has one yet, else by the number, if the same run of a program
 * gave it.
 */
unsigned tenant_score(const struct tenant *was, const struct tenant *now);

#endif
