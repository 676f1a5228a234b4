/* SPDX-License-Identifier: BSD-2-Clause */
/* A user of this machine, whom a card process is to run as. */
#ifndef VSCARD_IFD_ACCOUNT_H
#define VSCARD_IFD_ACCOUNT_H

#include "net/spawn.h"

struct account {
	struct spawn_user user; /* its groups are the account's */
	char *name;
	char *home;
};

/* By name or number. -ENOENT: there is none of that. */
int account_init(struct account *, const char *name) MUST_CHECK;
/* One of zeros is left alone. */
void account_clear(struct account *);

#endif
