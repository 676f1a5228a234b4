/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/prompt.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <histedit.h>

#include "net/wakeup.h"
#include "util/log.h"

enum { PROMPT_HISTORY = 100 };

bool
prompt_is_wanted(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
	    tcgetpgrp(STDIN_FILENO) == getpgrp();
}

/* --- one key ---------------------------------------------------------- */

/* 1, or 0 at the end: of the input, or of the prompt. */
static int
prompt_read(struct prompt *p, char *out)
{
	struct pollfd fds[] = {
	    {.fd = STDIN_FILENO, .events = POLLIN},
	    {.fd = p->wake, .events = POLLIN},
	};
	ssize_t n;

	do {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return 0;
		if (fds[1].revents != 0)
			return 0;
		n = fds[0].revents != 0 ? read(STDIN_FILENO, out, 1) : -1;
	} while (n < 0 && (fds[0].revents == 0 || errno == EINTR ||
	    errno == EAGAIN));
	return n == 1;
}

/* --- a terminal ------------------------------------------------------- */

static struct prompt *
prompt_of(EditLine *el)
{
	void *p = NULL;

	el_get(el, EL_CLIENTDATA, &p);
	return p;
}

static char *
prompt_text(EditLine *el)
{
	static char text[] = "> ";

	(void)el;
	return text;
}

static int
prompt_getc(EditLine *el, wchar_t *out)
{
	char c;

	if (prompt_read(prompt_of(el), &c) == 0)
		return 0;
	/* No command has any other. */
	*out = (unsigned char)c < 0x80 ? (wchar_t)c : L'?';
	return 1;
}

/* What begins like the text; the number of those, and the last one. */
static int
prompt_match(const struct prompt *p, const char *text, size_t len,
    const char **out_word)
{
	int count = 0;

	for (const char *const *w = p->setup->words; *w != NULL; w++)
		if (strncmp(*w, text, len) == 0) {
			*out_word = *w;
			count++;
		}
	return count;
}

static unsigned char
prompt_complete(EditLine *el, int key)
{
	const struct prompt *p = prompt_of(el);
	const LineInfo *line = el_line(el);
	size_t len = (size_t)(line->cursor - line->buffer);
	const char *word = NULL;
	int count = prompt_match(p, line->buffer, len, &word);

	(void)key;
	if (count == 0)
		return CC_ERROR;
	if (count == 1)
		return el_insertstr(el, word + len) < 0 ||
		    el_insertstr(el, " ") < 0 ? CC_ERROR : CC_REFRESH;
	putchar('\n');
	for (const char *const *w = p->setup->words; *w != NULL; w++)
		printf("%s%s", *w, w[1] != NULL ? " " : "\n");
	fflush(stdout);
	return CC_REDISPLAY;
}

static EditLine *
prompt_edit(struct prompt *p)
{
	EditLine *el = el_init("vscclient", stdin, stdout, stderr);

	if (el == NULL)
		return NULL;
	el_set(el, EL_CLIENTDATA, p);
	el_set(el, EL_PROMPT, prompt_text);
	el_set(el, EL_GETCFN, prompt_getc);
	el_set(el, EL_EDITOR, "emacs");
	el_set(el, EL_HIST, history, p->history);
	el_set(el, EL_ADDFN, "complete-command", "Completes a command",
	    prompt_complete);
	el_set(el, EL_BIND, "^I", "complete-command", NULL);
	el_source(el, NULL); /* the user's own keys */
	return el;
}

/* False if there was no memory. */
static bool
prompt_open_terminal(struct prompt *p)
{
	HistEvent event;

	p->history = history_init();
	if (p->history == NULL)
		return false;
	history(p->history, &event, H_SETSIZE, PROMPT_HISTORY);
	history(p->history, &event, H_SETUNIQUE, 1);
	p->edit = prompt_edit(p);
	return p->edit != NULL;
}

static void
prompt_close_terminal(struct prompt *p)
{
	if (p->edit != NULL)
		el_end(p->edit);
	if (p->history != NULL)
		history_end(p->history);
	p->edit = NULL;
	p->history = NULL;
}

/* --- lines ------------------------------------------------------------ */

/* Has the loop carry it out. False at the end. */
static bool
prompt_hand_over(struct prompt *p, const char *line)
{
	bool more;

	pthread_mutex_lock(&p->lock);
	snprintf(p->line, sizeof(p->line), "%s", line);
	p->busy = true;
	loop_defer(p->loop, &p->call);
	while (p->busy && !p->ended)
		pthread_cond_wait(&p->done, &p->lock);
	more = !p->ended;
	pthread_mutex_unlock(&p->lock);
	return more;
}

static void
prompt_on_call(void *arg)
{
	struct prompt *p = arg;

	if (p->ended)
		return;
	p->setup->on_line(p->setup->arg, p->line);
	fflush(stdout);
	pthread_mutex_lock(&p->lock);
	p->busy = false;
	pthread_cond_signal(&p->done);
	pthread_mutex_unlock(&p->lock);
}

static void
prompt_run_terminal(struct prompt *p)
{
	HistEvent event;
	const char *line;
	int len;

	/* A line without an end is what was typed before the input's. */
	while ((line = el_gets(p->edit, &len)) != NULL && len > 0 &&
	    strchr(line, '\n') != NULL) {
		if (*line != '\n')
			history(p->history, &event, H_ENTER, line);
		if (!prompt_hand_over(p, line))
			break;
	}
}

/* A line that is too long is cut; no command is. */
static void
prompt_run_plain(struct prompt *p)
{
	char line[PROMPT_LINE_MAX];
	size_t len = 0;
	char c;

	while (prompt_read(p, &c) == 1) {
		if (c != '\n' && len < sizeof(line) - 1)
			line[len++] = c;
		if (c != '\n')
			continue;
		line[len] = '\0';
		len = 0;
		if (!prompt_hand_over(p, line))
			break;
	}
}

/* The end of the input is nobody's end: vscclient goes on as a daemon. */
static void *
prompt_run(void *arg)
{
	struct prompt *p = arg;

	if (p->setup->terminal)
		prompt_run_terminal(p);
	else
		prompt_run_plain(p);
	return NULL;
}

/* --- life ------------------------------------------------------------- */

int
prompt_init(struct prompt *p, struct loop *loop,
    const struct prompt_setup *setup)
{
	memset(p, 0, sizeof(*p));
	p->setup = setup;
	p->loop = loop;
	p->call.on_call = prompt_on_call;
	p->call.arg = p;
	p->wake = wakeup_new();
	if (p->wake < 0)
		return p->wake;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->done, NULL);
	p->inited = true;
	return setup->terminal && !prompt_open_terminal(p) ? -ENOMEM : 0;
}

int
prompt_start(struct prompt *p)
{
	int rc;

	if (!p->inited)
		return 0;
	rc = pthread_create(&p->thread, NULL, prompt_run, p);
	p->started = rc == 0;
	return -rc;
}

void
prompt_end(struct prompt *p)
{
	if (!p->started || p->ended)
		return;
	pthread_mutex_lock(&p->lock);
	p->ended = true;
	pthread_cond_signal(&p->done);
	pthread_mutex_unlock(&p->lock);
	wakeup_signal(p->wake);
}

void
prompt_clear(struct prompt *p)
{
	if (!p->inited)
		return;
	prompt_end(p);
	if (p->started)
		pthread_join(p->thread, NULL);
	prompt_close_terminal(p);
	pthread_cond_destroy(&p->done);
	pthread_mutex_destroy(&p->lock);
	close(p->wake);
	p->inited = p->started = false;
}
