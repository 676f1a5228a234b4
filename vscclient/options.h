/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line. */
#ifndef VSCCLIENT_OPTIONS_H
#define VSCCLIENT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "net/endpoint.h"
#include "vscclient/cardspec.h"

enum {
	OPTIONS_CARDS_MAX = 64,
	OPTIONS_WORDS_MAX = 2 + 2 * CARDSPEC_CERTS_MAX + 1
};

/* How much is said, from the quietest. */
enum options_volume {
	OPTIONS_SILENT = -3,
	OPTIONS_ERRORS,
	OPTIONS_WARNINGS,
	OPTIONS_INFO, /* 0, unless -v or -q */
	OPTIONS_DEBUG
};

/* Whether commands are read from standard input. */
enum options_prompt {
	OPTIONS_PROMPT_AUTO, /* from a terminal */
	OPTIONS_PROMPT_ON,
	OPTIONS_PROMPT_OFF
};

enum options_action { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION };

struct options_card {
	const char *text; /* as the user wrote it, or mem */
	const char *words[OPTIONS_WORDS_MAX]; /* the options; NULL at the end */
	struct cardspec spec;
	char *mem; /* private: the text with what other options add */
};

struct options {
	enum options_action action;
	struct endpoint endpoint;
	bool listen; /* at the endpoint, instead of connecting to it */
	struct options_card cards[OPTIONS_CARDS_MAX];
	size_t card_count; /* at least 1 */
	enum options_volume volume;
	enum options_prompt prompt;
	bool sandbox; /* unless it is switched off */
	bool once;    /* one connection only */
	const char *trace;  /* a file; NULL: none */
	bool trace_secrets; /* what bears a secret goes there too */
	int ready_fd; /* told when the host has the cards; -1: nobody */
};

/*
 * Reads the words; *out borrows argv's. -EINVAL writes one line into why,
 * which holds REFUSE_MAX bytes. Clear it only after success.
 */
int options_init(struct options *out, int argc, char *argv[], char *why)
    MUST_CHECK;
void options_clear(struct options *);

/* The text of --help. */
const char *options_help(void);

#endif
