/* SPDX-License-Identifier: BSD-2-Clause */
/* The keys of a configuration file: what each may be, and where it goes. */
#ifndef VSCARD_IFD_CONFIG_KEYS_H
#define VSCARD_IFD_CONFIG_KEYS_H

#include "ifd/config.h"

enum { CONFIG_KEYS_WHY_MAX = CONFIG_WHY_MAX - 128 };

/* What one file has said so far. */
struct config_keys {
	struct config config;
	unsigned given;                /* a bit for each key */
	char why[CONFIG_KEYS_WHY_MAX]; /* of the first wrong line, or empty */
};

/* All defaults. */
void config_keys_init(struct config_keys *);
/* One line; on -EINVAL keys->why says what is wrong. */
int config_keys_set(
    struct config_keys *, const char *key, const char *value) MUST_CHECK;
/* What no line alone tells; as config_keys_set. */
int config_keys_finish(struct config_keys *) MUST_CHECK;

#endif
