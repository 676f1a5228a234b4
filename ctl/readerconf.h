/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What pcscd was told about readers: its reader.conf files. As pcscd reads
 * them, an entry begins with FRIENDLYNAME.
 */
#ifndef CTL_READERCONF_H
#define CTL_READERCONF_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "util/err.h"

enum {
	READERCONF_VALUE_MAX = 256,
	READERCONF_ENTRIES_MAX = 256,
	READERCONF_FILE_MAX = 1 << 20 /* bytes */
};

struct readerconf_entry {
	char file[READERCONF_VALUE_MAX];
	char name[READERCONF_VALUE_MAX];   /* FRIENDLYNAME */
	char device[READERCONF_VALUE_MAX]; /* DEVICENAME */
	char path[READERCONF_VALUE_MAX];   /* LIBPATH */
};

struct readerconf {
	struct readerconf_entry *entries;
	size_t entries_len;
	time_t changed; /* the newest of the files, 0 if there is none */
};

/* Zeros are an empty one. */
void readerconf_clear(struct readerconf *);
/*
 * Adds what a file says, or all files of a directory. -ENOENT, -EACCES …:
 * what could be read is there.
 */
int readerconf_load(struct readerconf *, const char *path) MUST_CHECK;
/* Adds what the text says; `file` stands for it. */
int
readerconf_parse(struct readerconf *, const char *file, char *text) MUST_CHECK;
/* Whether its LIBPATH looks like our driver. */
bool readerconf_is_ours(const struct readerconf_entry *);

#endif
