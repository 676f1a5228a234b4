/* SPDX-License-Identifier: BSD-2-Clause */
#include "ctl/ask.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/control.h"
#include "net/stream.h"

enum { ASK_MS = 15000, ASK_PATIENT_MS = INT_MAX };

static int fail(struct ask *, int rc, const char *fmt, ...) PRINTF_LIKE(3, 4);

static int
fail(struct ask *ask, int rc, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(ask->why, sizeof(ask->why), fmt, args);
	va_end(args);
	return rc;
}

static int
fail_dial(struct ask *ask, int rc, const char *path)
{
	switch (rc) {
	case -ENOENT:
	case -ECONNREFUSED:
		return fail(ask, rc,
		    "no driver answers at %s: pcscd does not run, or has no "
		    "reader of vscard's; 'vscard-ctl doctor' looks further",
		    path);
	case -EACCES:
		return fail(ask, rc,
		    "%s: not allowed; root, the user of pcscd and members of "
		    "the group " CONTROL_GROUP " are",
		    path);
	default:
		return fail(ask, rc, "%s: %s", path, err_text(rc));
	}
}

/* More of the answer: 1, 0 at its end. */
static int
ask_fill(struct ask *ask)
{
	ssize_t n;

	memmove(ask->room, ask->room + ask->head, ask->tail - ask->head);
	ask->tail -= ask->head;
	ask->head = 0;
	if (ask->tail == sizeof(ask->room))
		return fail(ask, -EPROTO, "the driver's line is too long");
	n = stream_recv(ask->fd, ask->room + ask->tail,
	    sizeof(ask->room) - ask->tail, true);
	if (n == -ECONNRESET)
		return 0;
	if (n == -EAGAIN)
		return fail(ask, -ETIMEDOUT, "the driver does not answer");
	if (n < 0)
		return fail(ask, (int)n, "%s", err_text((int)n));
	ask->tail += (size_t)n;
	return 1;
}

/* A line, without its newline: 1, 0 at the end. */
static int
ask_line(struct ask *ask, char **out_line)
{
	char *end;
	int rc;

	for (;;) {
		end =
		    memchr(ask->room + ask->head, '\n', ask->tail - ask->head);
		if (end != NULL)
			break;
		rc = ask_fill(ask);
		if (rc <= 0)
			return rc;
	}
	*end = '\0';
	*out_line = ask->room + ask->head;
	ask->head = (size_t)(end + 1 - ask->room);
	return 1;
}

/* -1 … -4095: what an errno can be. */
static int
error_code(const struct record *record)
{
	uint64_t code = record_get_number(record, "code", EPROTO);

	return code >= 1 && code <= 4095 ? -(int)code : -EPROTO;
}

static int
ask_record(struct ask *ask, struct record *out)
{
	const char *text;
	char *line = NULL;
	int rc = ask_line(ask, &line);

	if (rc == 0)
		return fail(ask, -EPROTO, "the driver has hung up");
	if (rc < 0)
		return rc;
	if (record_parse(line, out) < 0)
		return fail(ask, -EPROTO, "this is no driver of vscard's");
	if (strcmp(out->word, "error") == 0) {
		text = record_get(out, "text");
		return fail(ask, error_code(out), "%s",
		    text != NULL ? text : "the driver says no");
	}
	return 1;
}

static int
ask_hello(struct ask *ask)
{
	struct record hello;
	const char *version;
	int rc = ask_record(ask, &hello);

	if (rc < 0)
		return rc;
	if (strcmp(hello.word, "vscard") != 0)
		return fail(ask, -EPROTO, "this is no driver of vscard's");
	if (record_get_number(&hello, "protocol", 0) != CONTROL_PROTOCOL)
		return fail(ask, -EPROTO,
		    "the driver is of another version: restart pcscd");
	version = record_get(&hello, "version");
	snprintf(ask->version, sizeof(ask->version), "%s",
	    version != NULL ? version : "");
	ask->pid = record_get_number(&hello, "pid", 0);
	return 0;
}

static int
ask_say(struct ask *ask, struct record_line *request)
{
	struct buf buf;
	ssize_t n = -EINVAL;

	buf_init(&buf, CONTROL_REQUEST_MAX);
	if (record_end(request, &buf) == 0)
		n = 0;
	while (n >= 0 && buf_len(&buf) > 0) {
		n = stream_send(ask->fd, buf_get(&buf), buf_len(&buf));
		buf_drop(&buf, n > 0 ? (size_t)n : 0);
	}
	buf_clear(&buf);
	/* So few bytes fit, or there is nobody any more. */
	return n < 0 ? fail(ask, (int)n, "the driver has hung up") : 0;
}

int
ask_open(struct ask *ask, const char *socket, struct record_line *request)
{
	int rc;

	memset(ask, 0, offsetof(struct ask, room));
	ask->fd = -1;
	if (socket == NULL)
		return fail(
		    ask, -ENOENT, "the variable " CONTROL_VARIABLE " is empty");
	rc = control_dial(socket, &ask->fd);
	if (rc < 0)
		return fail_dial(ask, rc, socket);
	rc = stream_set_deadline(ask->fd, ASK_MS);
	if (rc == 0)
		rc = ask_hello(ask);
	return rc < 0 ? rc : ask_say(ask, request);
}

int
ask_open_word(struct ask *ask, const char *socket, const char *word)
{
	struct record_line request;

	record_begin(&request, word);
	return ask_open(ask, socket, &request);
}

int
ask_next(struct ask *ask, struct record *out)
{
	int rc = ask_record(ask, out);

	return rc > 0 && strcmp(out->word, "end") == 0 ? 0 : rc;
}

void
ask_be_patient(struct ask *ask)
{
	if (stream_set_deadline(ask->fd, ASK_PATIENT_MS) < 0)
		ask->why[0] = '\0';
}

void
ask_close(struct ask *ask)
{
	if (ask->fd >= 0)
		close(ask->fd);
	ask->fd = -1;
}
