/* SPDX-License-Identifier: BSD-2-Clause */
/* What the whole card is called, whichever application is asked. */
#ifndef VSCARD_CARD_CORE_IDENTITY_H
#define VSCARD_CARD_CORE_IDENTITY_H

#include "card/core/env.h"

/* The version that clients are told decides what they ask for. */
enum {
	IDENTITY_VERSION_MAJOR = 5,
	IDENTITY_VERSION_MINOR = 7,
	IDENTITY_VERSION_PATCH = 0,
	IDENTITY_NAME_MAX = 64
};

struct identity {
	uint32_t serial; /* 8 decimal digits at most, never 0 */
	char name[IDENTITY_NAME_MAX + 1]; /* UTF-8, may be empty */
};

/* A random serial number; within the caller's transaction. -EINVAL: name. */
int identity_format(struct env *, const char *name) MUST_CHECK;
/* -ENOENT: the store holds no card yet. -EBADMSG. */
int identity_get(struct env *, struct identity *out) MUST_CHECK;
/*
 * At most IDENTITY_NAME_MAX bytes of UTF-8 without control characters; may be
 * empty.
 */
bool identity_is_name(const char *);
/* -EINVAL: longer than IDENTITY_NAME_MAX, control characters, or not UTF-8. */
int identity_set_name(struct env *, const char *name) MUST_CHECK;

#endif
