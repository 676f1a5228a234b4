/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "net/notify.h"
#include "util/clock.h"
#include "util/log.h"
#include "vscclient/stderr.h"

/* From the first column to the end of the line; the cursor goes first. */
#define ERASE "\r\033[K"

/* --- the text ----------------------------------------------------------- */

struct text {
	char *at;
	size_t len;
};

static void add(struct text *, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void
add(struct text *t, const char *fmt, ...)
{
	size_t room = REPORT_MAX - t->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->at + t->len, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->len += (size_t)n < room ? (size_t)n : room - 1;
}

static const char *
connection_words(const struct client *c)
{
	if (c->state == CLIENT_OPEN)
		return "connected to";
	if (c->state == CLIENT_CLOSING)
		return "leaving";
	if (c->listener.fd >= 0)
		return "waiting at";
	return c->state == CLIENT_IDLE ? "opening cards for" :
	    "connecting to";
}

static const char *
card_words(const struct relay_reader *r)
{
	if (r->refused)
		return "refused by the host";
	return r->has_card && !r->withheld ? "card" : "no card";
}

/* Names are the readers' makers'. */
static void
scrub(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

void
report_text(const struct report *report, bool apdus, char *out)
{
	const struct client *c = report->client;
	struct text t = {.at = out};

	add(&t, "%s %s", connection_words(c), c->text);
	for (int i = 0; i < RELAY_READERS_MAX; i++) {
		const struct relay_reader *r = &report->relay->readers[i];

		if (r->card != NULL && r->named)
			add(&t, "; %s: %s", r->name, card_words(r));
	}
	if (apdus)
		add(&t, "; %llu APDUs", report->apdus);
	scrub(out);
}

/* --- readiness ---------------------------------------------------------- */

static bool
reader_is_settled(const struct relay_reader *r)
{
	if (r->refused)
		return true;
	return r->taken && (!r->has_card || r->withheld || r->card_taken);
}

/* The host has taken all that there is. */
static bool
is_ready(const struct report *r)
{
	if (r->client->state != CLIENT_OPEN)
		return false;
	for (int i = 0; i < RELAY_READERS_MAX; i++)
		if (r->relay->readers[i].card != NULL &&
		    !reader_is_settled(&r->relay->readers[i]))
			return false;
	return true;
}

/* --- who is told -------------------------------------------------------- */

static void
tell_manager(struct report *r)
{
	char text[REPORT_MAX];
	char line[REPORT_MAX + 8];

	if (r->notify < 0)
		return;
	report_text(r, false, text);
	if (strcmp(text, r->told) == 0)
		return;
	strcpy(r->told, text);
	snprintf(line, sizeof(line), "STATUS=%s", text);
	notify_send(r->notify, line);
}

static void
tell_ready(struct report *r)
{
	if (!is_ready(r))
		return;
	r->ready = true;
	log_debug("the host has taken the cards");
	if (r->notify >= 0)
		notify_send(r->notify, "READY=1");
	r->told[0] = '\0';
	tell_manager(r);
	if (r->ready_fd < 0)
		return;
	if (write(r->ready_fd, "\n", 1) != 1)
		log_warning("--ready-fd: %s", err_text(errno));
	close(r->ready_fd);
	r->ready_fd = -1;
}

static size_t
terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 2)
		return 79;
	return size.ws_col - 1;
}

/*
 * Cut to one line of the terminal, not within a character. The cursor stays in
 * the first column, where the next line of the log begins.
 */
static void
draw(const struct report *r)
{
	char line[REPORT_MAX + 16];
	char text[REPORT_MAX];
	size_t cut = terminal_width();
	int n;

	/* In the background the terminal is somebody else's. */
	if (tcgetpgrp(STDERR_FILENO) != getpgrp())
		return;
	report_text(r, true, text);
	if (cut < strlen(text)) {
		while (cut > 0 && (text[cut] & 0xc0) == 0x80)
			cut--;
		text[cut] = '\0';
	}
	n = snprintf(line, sizeof(line), ERASE "%s\r", text);
	if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
		return; /* it has gone, and SIGHUP is on its way */
}

static void
report_on_time(void *arg)
{
	struct report *r = arg;

	tell_manager(r);
	if (r->terminal)
		draw(r);
}

static void
report_on_quiet(void *arg)
{
	tell_ready(arg);
}

/* Readers and cards follow one after the other, so nothing may have come. */
void
report_touch(struct report *r)
{
	if (r->client == NULL)
		return;
	if (!r->ready && (r->notify >= 0 || r->ready_fd >= 0))
		loop_timer_set(r->loop, &r->quiet, clock_after(REPORT_MS));
	if ((r->notify >= 0 || r->terminal) &&
	    r->timer.deadline == CLOCK_NEVER)
		loop_timer_set(r->loop, &r->timer, clock_after(REPORT_MS));
}

void
report_stopping(struct report *r)
{
	if (r->notify >= 0)
		notify_send(r->notify, "STOPPING=1");
}

/* --- life --------------------------------------------------------------- */

void
report_init(struct report *r, struct loop *loop, int ready_fd, bool terminal)
{
	int rc;

	memset(r, 0, sizeof(*r));
	r->loop = loop;
	r->ready_fd = ready_fd;
	r->terminal = terminal && stderr_style() == LOG_STYLE_TERMINAL;
	r->timer.deadline = CLOCK_NEVER;
	r->timer.on_time = report_on_time;
	r->timer.arg = r;
	r->quiet.deadline = CLOCK_NEVER;
	r->quiet.on_time = report_on_quiet;
	r->quiet.arg = r;
	r->notify = -1;
	rc = notify_open(&r->notify);
	if (rc < 0)
		log_warning("NOTIFY_SOCKET: %s", err_text(rc));
}

void
report_watch(struct report *r, const struct client *client,
    const struct relay *relay)
{
	r->client = client;
	r->relay = relay;
}

void
report_clear(struct report *r)
{
	if (r->loop == NULL)
		return;
	loop_timer_cancel(r->loop, &r->timer);
	loop_timer_cancel(r->loop, &r->quiet);
	if (r->terminal && tcgetpgrp(STDERR_FILENO) == getpgrp() &&
	    write(STDERR_FILENO, ERASE, sizeof(ERASE) - 1) < 0)
		r->terminal = false; /* it has gone */
	if (r->notify >= 0)
		close(r->notify);
	if (r->ready_fd >= 0)
		close(r->ready_fd);
	r->loop = NULL;
}
