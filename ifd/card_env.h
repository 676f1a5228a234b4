/* SPDX-License-Identifier: BSD-2-Clause */
/* The environment of a card process. */
#ifndef VSCARD_IFD_CARD_ENV_H
#define VSCARD_IFD_CARD_ENV_H

#include "ifd/account.h"

/*
 * This process's environment without what a service manager told it; the home
 * and the names are the account's (NULL: as they are), and the journal is said
 * to be at descriptor err, so that lines come with their level.
 */
int card_env_new(const struct account *, int err, char ***out_env) MUST_CHECK;
void card_env_free(char ***env);

#endif
