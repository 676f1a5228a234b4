/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether somebody touches a security key: always, never, or as a command of
 * the user says. The command reads what is asked for in one line of its
 * standard input, and its success means yes.
 */
#ifndef VSCCLIENT_TOUCH_H
#define VSCCLIENT_TOUCH_H

#include "net/starter.h"
#include "vscclient/cardspec.h"

struct touch {
	enum cardspec_touch mode;
	struct starter starter;
	const char *program;
	struct starter_command command;
};

/* Forks for a command, while there is one thread. */
int touch_init(struct touch *, const struct cardspec_key *) MUST_CHECK;
void touch_clear(struct touch *);
/* 1 or 0. One thread at a time. */
int touch_ask(struct touch *, const char *what);

#endif
