/* SPDX-License-Identifier: BSD-2-Clause */
/* A key file in a directory of its own, for the tests of the store. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include "card/store/store.h"

enum { SCRATCH_PATH = 64 };

struct scratch {
	char dir[SCRATCH_PATH];
	char path[SCRATCH_PATH];
	struct store_why why;
};

/* Makes the directory. */
void scratch_init(struct scratch *);
/* Removes it, with what is in it. */
void scratch_clear(struct scratch *);
/* Makes the file and closes it again; passphrase may be NULL. */
void scratch_make(struct scratch *, const char *passphrase);
struct store *scratch_create(struct scratch *, const char *passphrase);
/* It opens; passphrase may be NULL. */
struct store *scratch_open(struct scratch *, const char *passphrase);
/* What store_open says; what it opened is closed. why tells more. */
int scratch_try(struct scratch *, const char *passphrase);
/* How many names there are in the directory. */
int scratch_names(const struct scratch *);

/* The whole file, to be freed. */
uint8_t *scratch_read(const struct scratch *, size_t *out_len);
void scratch_write(const struct scratch *, const void *, size_t len);

/* Options that give this passphrase at a low cost. */
struct store_options scratch_options(const char *passphrase);

void scratch_put(struct store *, struct place, const char *text);
/* text NULL: there is no such record. */
void scratch_is(struct store *, struct place, const char *text);

#endif
