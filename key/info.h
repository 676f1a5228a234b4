/* SPDX-License-Identifier: BSD-2-Clause */
/* An inventory, for people and for programs. */
#ifndef KEY_INFO_H
#define KEY_INFO_H

#include "key/inventory.h"

/* Both write to stdout. -EIO, -ENOMEM. */
int info_print(const struct inventory *, const char *file) MUST_CHECK;
int info_print_json(const struct inventory *, const char *file) MUST_CHECK;

#endif
