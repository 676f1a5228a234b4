/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A SPEC: the words that say where a card comes from.
 *
 *	pcsc[,OPTION]           the real readers of this machine
 *	pcsc:PATTERN[,OPTION]   those whose names match
 *	                        options: exclusive, no-transaction
 *	nss:db=DIR,certs=A:B:C[,name=READER]
 *	                        libcacard's CAC over certificates
 *	nss[:[db=DIR,]hw=yes|removable]
 *	                        the same over the tokens that NSS finds
 *	key[,OPTION]            a throw-away security key
 *	key:FILE[,OPTION]       the one in FILE, made on first use
 *	                        options: passphrase-file=PATH (of a FILE),
 *	                        touch=yes|no|COMMAND [WORD]..., name=READER
 *	exec:PROGRAM [WORD]...  a program that speaks VSCard on descriptor 3
 *
 * Options follow the kind, separated by commas; "\," is a comma within a
 * value, and "\:" a colon within a certificate's name. What follows exec: and
 * touch= are words, with a shell's quotes (words.h).
 */
#ifndef VSCCLIENT_CARDSPEC_H
#define VSCCLIENT_CARDSPEC_H

#include <stdbool.h>
#include <stddef.h>

#include "util/refuse.h"

/* libcacard's, which QEMU's users know. */
#define CARDSPEC_NSS_DB "/etc/pki/nssdb"
#define CARDSPEC_NSS_NAME "CAC"
/* The reader of a security key that has no name. */
#define CARDSPEC_KEY_NAME "Key"

enum cardspec_kind {
	CARDSPEC_PCSC,
	CARDSPEC_NSS,
	CARDSPEC_KEY,
	CARDSPEC_EXEC
};

enum {
	CARDSPEC_CERTS_MAX = 10,
	CARDSPEC_SOFT_MAX = 16,
	CARDSPEC_WORDS_MAX = 64
};

struct cardspec_pcsc {
	const char *pattern; /* NULL: all readers that are not ours */
	bool exclusive;      /* while the host uses a card, nobody else may */
	bool no_transaction; /* local programs may come in between */
};

/* Which tokens of NSS's PKCS#11 modules are cards, each in its reader. */
enum cardspec_hw {
	CARDSPEC_HW_NO,
	CARDSPEC_HW_YES,      /* hardware, and what is removable */
	CARDSPEC_HW_REMOVABLE /* what is removable, hardware or not */
};

/* A reader with a card made of certificates. */
struct cardspec_soft {
	const char *slot; /* the token with the certificates; "": NSS's own */
	const char *name; /* of the reader */
	const char *certs[CARDSPEC_CERTS_MAX];
	size_t cert_count; /* at least 1 */
};

struct cardspec_nss {
	const char *db; /* without "sql:" */
	enum cardspec_hw hw;
	struct cardspec_soft soft[CARDSPEC_SOFT_MAX];
	size_t soft_count; /* at least 1, if hw is CARDSPEC_HW_NO */
};

/* Whether somebody touches the key when it asks for it. */
enum cardspec_touch {
	CARDSPEC_TOUCH_YES,
	CARDSPEC_TOUCH_NO,
	CARDSPEC_TOUCH_COMMAND /* its exit status says */
};

struct cardspec_key {
	const char *file;            /* NULL: none, and nothing is kept */
	const char *passphrase_file; /* NULL: asked at the terminal */
	const char *name;            /* of the reader; NULL: the key's own */
	enum cardspec_touch touch;
	char *touch_argv[CARDSPEC_WORDS_MAX + 1]; /* NULL behind the last */
};

struct cardspec_exec {
	char *argv[CARDSPEC_WORDS_MAX + 1]; /* NULL behind the last */
};

struct cardspec {
	enum cardspec_kind kind;
	union {
		struct cardspec_pcsc pcsc;
		struct cardspec_nss nss;
		struct cardspec_key key;
		struct cardspec_exec exec;
	};
	char *mem; /* private: what the strings point into */
};

/*
 * Reads the text. -EINVAL writes what is wrong and what is allowed into why, as
 * refuse() does. -ENOMEM.
 */
int cardspec_init(struct cardspec *, const char *text, char *why) MUST_CHECK;
void cardspec_clear(struct cardspec *);

/* Some clients treat a reader of such a name as hardware of that make. */
bool cardspec_is_reserved(const char *name);

/* "pcsc", "nss", "key", "exec". */
const char *cardspec_kind_name(enum cardspec_kind);

#endif
