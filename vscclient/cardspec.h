/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A SPEC: the words that say where a card comes from.
 *
 *	pcsc                    a real reader of this machine
 *	pcsc:PATTERN            the one whose name matches
 *	nss:db=DIR,certs=A:B:C[,name=READER]
 *	                        libcacard's CAC over certificates
 *	exec:PROGRAM [WORD]...  a program that speaks VSCard on descriptor 3
 *
 * Options follow the kind, separated by commas; "\," is a comma within a
 * value, and "\:" a colon within a certificate's name. What follows exec: are
 * words, with a shell's quotes (words.h).
 */
#ifndef VSCCLIENT_CARDSPEC_H
#define VSCCLIENT_CARDSPEC_H

#include <stddef.h>

#include "util/err.h"

enum cardspec_kind { CARDSPEC_PCSC, CARDSPEC_NSS, CARDSPEC_EXEC };

enum {
	CARDSPEC_CERTS_MAX = 10,
	CARDSPEC_WORDS_MAX = 64,
	CARDSPEC_WHY_MAX = 256
};

struct cardspec_pcsc {
	const char *pattern; /* NULL: any reader that is not ours */
};

struct cardspec_nss {
	const char *db; /* without "sql:" */
	const char *certs[CARDSPEC_CERTS_MAX];
	size_t cert_count; /* at least 1 */
	const char *name;  /* of the reader; never NULL */
};

struct cardspec_exec {
	char *argv[CARDSPEC_WORDS_MAX + 1]; /* NULL behind the last */
};

struct cardspec {
	enum cardspec_kind kind;
	union {
		struct cardspec_pcsc pcsc;
		struct cardspec_nss nss;
		struct cardspec_exec exec;
	};
	char *mem; /* private: what the strings point into */
};

/*
 * Reads the text. -EINVAL writes a line into why, which holds
 * CARDSPEC_WHY_MAX bytes: what is wrong and what is allowed. -ENOMEM.
 */
int cardspec_init(struct cardspec *, const char *text, char *why) MUST_CHECK;
void cardspec_clear(struct cardspec *);

/* "pcsc", "nss", "exec". */
const char *cardspec_kind_name(enum cardspec_kind);

#endif
