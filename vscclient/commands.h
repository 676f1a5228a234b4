/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that the network process ever has others start: for each card two
 * commands, the second one silent; and ssh.
 */
#ifndef VSCCLIENT_COMMANDS_H
#define VSCCLIENT_COMMANDS_H

#include "net/starter.h"
#include "vscclient/options.h"
#include "vscclient/ssh.h"

enum {
	COMMANDS_SSH = 2 * OPTIONS_CARDS_MAX,
	COMMANDS_MAX,
	COMMANDS_WORDS_MAX = 12
};

struct commands {
	struct starter_command list[COMMANDS_MAX];
	char *words[COMMANDS_MAX][COMMANDS_WORDS_MAX + 1];
	struct ssh_command ssh;
};

/* Borrows program and options. */
int commands_init(struct commands *, const char *program,
    const struct options *) MUST_CHECK;
void commands_clear(struct commands *);

/* The index of a card's command. */
size_t commands_card(size_t card, bool silent);

#endif
