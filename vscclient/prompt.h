/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines from standard input, each handed to the loop. They are read on a
 * thread of their own, because libedit waits for keys in places that no event
 * loop can reach into (a search, a quoted key). It reads the next line only
 * when the one before has been carried out.
 */
#ifndef VSCCLIENT_PROMPT_H
#define VSCCLIENT_PROMPT_H

#include <pthread.h>
#include <stdbool.h>

#include "net/loop.h"

enum { PROMPT_LINE_MAX = 256 };

struct prompt_setup {
	bool terminal; /* edited, with history; else plain lines */
	const char *const *words; /* to complete the first word; NULL at end */
	/* On the loop's thread; may write to the line. */
	void (*on_line)(void *arg, char *line);
	void *arg;
};

struct prompt {
	/* Private. */
	const struct prompt_setup *setup;
	struct loop *loop;
	struct loop_call call;
	pthread_t thread;
	bool inited;
	bool started;
	struct editline *edit; /* libedit's, for a terminal */
	struct history *history;
	int wake; /* ends the wait for a key */
	pthread_mutex_t lock;
	pthread_cond_t done;
	bool busy; /* a line waits to be carried out, under the lock */
	bool ended;
	char line[PROMPT_LINE_MAX];
};

/*
 * True if somebody sits at a terminal that this process has in the foreground:
 * reading would stop it otherwise.
 */
bool prompt_is_wanted(void);

/*
 * Borrows setup until prompt_clear, which is due after failure too. Files are
 * read now, the user's keys and what the terminal can do.
 */
int prompt_init(struct prompt *, struct loop *,
    const struct prompt_setup *) MUST_CHECK;
/*
 * Starts the thread; signals must be blocked already. Nothing if it was not
 * initialised but zeroed.
 */
int prompt_start(struct prompt *) MUST_CHECK;
/* No line comes any more; the terminal is soon as it was. */
void prompt_end(struct prompt *);
/* Waits for that. Nothing if it was not initialised but zeroed. */
void prompt_clear(struct prompt *);

#endif
