/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that the network process ever has others start: itself for each card, in
 * two ways, the second one silent; and ssh.
 */
#ifndef VSCCLIENT_PROGRAMS_H
#define VSCCLIENT_PROGRAMS_H

#include "net/starter.h"
#include "vscclient/options.h"
#include "vscclient/ssh.h"

enum {
	PROGRAMS_SSH = 2 * OPTIONS_CARDS_MAX,
	PROGRAMS_MAX,
	/* The program, --connect fd:3 --no-sandbox, -q or -v three times. */
	PROGRAMS_WORDS_MAX = OPTIONS_WORDS_MAX + 7
};

struct programs {
	struct starter_command list[PROGRAMS_MAX];
	char *words[PROGRAMS_MAX][PROGRAMS_WORDS_MAX + 1];
	struct ssh_command ssh;
};

/* Borrows program and options. */
int programs_init(struct programs *, const char *program,
    const struct options *) MUST_CHECK;
void programs_clear(struct programs *);

/* The index of a card's command. */
size_t programs_card(size_t card, bool silent);

#endif
