/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What has to be remembered of a card's exchanges so that the next one can be
 * understood: which application answers, and whether a command or a response
 * in several parts bears a secret. One for each card that is observed.
 */
#ifndef VSCARD_TRACE_DIALOG_H
#define VSCARD_TRACE_DIALOG_H

#include <stdbool.h>

#include "trace/apdu.h"
#include "trace/applet.h"

/* What of an exchange must not be shown; bits. */
enum dialog_secret {
	DIALOG_COMMAND = 1, /* the command's data */
	DIALOG_RESPONSE = 2 /* the response's data */
};

struct dialog {
	enum applet applet;  /* selected on the basic channel */
	enum applet wanted;  /* by a SELECT without an answer yet */
	bool selecting;      /* there is one */
	bool chaining;       /* the last command was a part of a longer one */
	uint8_t ins, p1, p2; /* of the last command */
	unsigned secret;     /* bits of enum dialog_secret, of the last one */
};

/* A card that was inserted or reset, or whose past is not known. */
void dialog_init(struct dialog *);
/* Takes the next command. Anything at all is one. */
void dialog_command(struct dialog *, const void *command, size_t len);
/* Takes the response to it. */
void dialog_response(struct dialog *, const void *response, size_t len);

#endif
