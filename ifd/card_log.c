/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/card_log.h"

#include <string.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/log.h"

/*
 * So much is left in a pipe when its writer has gone. But the writer may have
 * made it larger, or left somebody behind who writes on: not all of that.
 */
enum { DRAIN_READS = 128 };

/* The syslog priority before the line, which is cut off. */
static enum log_level
line_level(const char **line)
{
	static const enum log_level levels[] = {LOG_LEVEL_ERROR,
	    LOG_LEVEL_ERROR, LOG_LEVEL_ERROR, LOG_LEVEL_ERROR,
	    LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG};
	const char *p = *line;

	if (p[0] != '<' || p[1] < '0' || p[1] > '7' || p[2] != '>')
		return LOG_LEVEL_INFO;
	*line += 3;
	return levels[p[1] - '0'];
}

/* A process of a user fills no log of the system's. */
static void
say(struct card_log *log, enum log_level level, const char *line)
{
	unsigned withheld;

	if (log->silent)
		level = LOG_LEVEL_DEBUG;
	if (!log_is_on(level))
		return;
	if (ration_take(&log->ration, clock_now(), &withheld))
		log_line(level, "%s: %s", log->name, line);
	else if (log->ration.withheld == 1)
		log_line(level, "%s: says more, which is left out", log->name);
}

static void
line_end(struct card_log *log)
{
	const char *line = log->line;
	enum log_level level;

	log->line[log->len] = '\0';
	log->len = 0;
	level = line_level(&line);
	if (*line == '\0')
		return;
	if (level == LOG_LEVEL_ERROR)
		log->complained = true;
	say(log, level, line);
}

static void
feed(struct card_log *log, const char *text, size_t len)
{
	for (; len > 0; text++, len--) {
		if (*text == '\n') {
			line_end(log);
			continue;
		}
		if (log->len == sizeof(log->line) - 1)
			line_end(log);
		log->line[log->len++] = *text != '\0' ? *text : '?';
	}
}

/* 0 when there is nothing left for now, -ECONNRESET for ever. */
static int
take(struct card_log *log)
{
	char text[1024];
	ssize_t n = read(log->watch.fd, text, sizeof(text));

	if (n < 0)
		return errno == EAGAIN ? 0 : errno == EINTR ? 1 : -errno;
	feed(log, text, (size_t)n);
	return n > 0 ? 1 : -ECONNRESET;
}

static void
shut(struct card_log *log)
{
	int fd = log->watch.fd;

	if (log->len > 0)
		line_end(log);
	loop_unwatch(log->loop, &log->watch);
	close(fd);
}

static void
on_ready(void *arg, uint32_t events)
{
	struct card_log *log = arg;

	(void)events;
	/* A pipe that has ended would be ready for ever. */
	if (take(log) < 0)
		shut(log);
}

void
card_log_init(struct card_log *log, struct loop *loop, const char *name)
{
	memset(log, 0, sizeof(*log));
	log->loop = loop;
	log->name = name;
	log->watch.fd = -1;
	ration_init(&log->ration, RATION_LINES, RATION_MS);
}

int
card_log_open(struct card_log *log, int fd)
{
	int rc;

	log->len = 0;
	log->complained = false;
	rc = loop_watch(log->loop, &log->watch, fd, EPOLLIN, on_ready, log);
	if (rc < 0)
		close(fd);
	return rc;
}

void
card_log_close(struct card_log *log)
{
	if (log->watch.fd < 0)
		return;
	for (int i = 0; i < DRAIN_READS && take(log) > 0; i++)
		;
	shut(log);
}
