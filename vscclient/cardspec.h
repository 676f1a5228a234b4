/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A SPEC: the words that say where a card comes from.
 *
 *	pcsc[,OPTION]           the real readers of this machine
 *	pcsc:PATTERN[,OPTION]   those whose names match
 *	                        options: exclusive, no-transaction
 *	nss:db=DIR,certs=A:B:C[,name=READER]
 *	                        libcacard's CAC over certificates
 *
 * Options follow the kind, separated by commas; "\," is a comma within a
 * value, and "\:" a colon within a certificate's name.
 */
#ifndef VSCCLIENT_CARDSPEC_H
#define VSCCLIENT_CARDSPEC_H

#include <stdbool.h>
#include <stddef.h>

#include "util/err.h"

enum cardspec_kind { CARDSPEC_PCSC, CARDSPEC_NSS };

enum { CARDSPEC_CERTS_MAX = 10, CARDSPEC_WHY_MAX = 256 };

struct cardspec_pcsc {
	const char *pattern; /* NULL: all readers that are not ours */
	bool exclusive;      /* while the host uses a card, nobody else may */
	bool no_transaction; /* local programs may come in between */
};

struct cardspec_nss {
	const char *db; /* without "sql:" */
	const char *certs[CARDSPEC_CERTS_MAX];
	size_t cert_count; /* at least 1 */
	const char *name;  /* of the reader; never NULL */
};

struct cardspec {
	enum cardspec_kind kind;
	union {
		struct cardspec_pcsc pcsc;
		struct cardspec_nss nss;
	};
	char *mem; /* private: what the strings point into */
};

/*
 * Reads the text. -EINVAL writes a line into why, which holds
 * CARDSPEC_WHY_MAX bytes: what is wrong and what is allowed. -ENOMEM.
 */
int cardspec_init(struct cardspec *, const char *text, char *why) MUST_CHECK;
void cardspec_clear(struct cardspec *);

/* "pcsc", "nss". */
const char *cardspec_kind_name(enum cardspec_kind);

#endif
