/* SPDX-License-Identifier: BSD-2-Clause */
/* A key file in a directory of its own, for the tests of the store. */
#ifndef TESTS_KEYFILE_H
#define TESTS_KEYFILE_H

#include "card/store/store.h"

enum { KEYFILE_PATH = 64 };

struct keyfile {
	char dir[KEYFILE_PATH];
	char path[KEYFILE_PATH];
	struct store_why why;
};

/* Makes the directory. */
void keyfile_init(struct keyfile *);
/* Removes it, with what is in it. */
void keyfile_clear(struct keyfile *);
/* Makes the file and closes it again; passphrase may be NULL. */
void keyfile_make(struct keyfile *, const char *passphrase);
struct store *keyfile_create(struct keyfile *, const char *passphrase);
/* It opens; passphrase may be NULL. */
struct store *keyfile_open(struct keyfile *, const char *passphrase);
/* What store_open says; what it opened is closed. why tells more. */
int keyfile_try(struct keyfile *, const char *passphrase);
/* How many names there are in the directory. */
int keyfile_names(const struct keyfile *);

/* The whole file, to be freed. */
uint8_t *keyfile_read(const struct keyfile *, size_t *out_len);
void keyfile_write(const struct keyfile *, const void *, size_t len);

/* Options that give this passphrase at a low cost. */
struct store_options keyfile_options(const char *passphrase);

void keyfile_put(struct store *, struct place, const char *text);
/* text NULL: there is no such record. */
void keyfile_is(struct store *, struct place, const char *text);

#endif
