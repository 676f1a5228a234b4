/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LOG_LINE_MAX = 512 };

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARNING] = "warning",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};

static struct {
	log_sink_fn *sink;
	enum log_level level;
	const char *prefix;
} log_state = {.level = LOG_LEVEL_INFO};

void
log_set_sink(log_sink_fn *sink)
{
	log_state.sink = sink;
}

void
log_set_level(enum log_level level)
{
	log_state.level = level;
}

void
log_set_prefix(const char *prefix)
{
	log_state.prefix = prefix;
}

bool
log_is_on(enum log_level level)
{
	return level <= log_state.level;
}

const char *
log_level_name(enum log_level level)
{
	return (unsigned)level <= LOG_LEVEL_DEBUG ? level_names[level] : "?";
}

int
log_level_get(const char *name)
{
	for (int i = 0; i <= LOG_LEVEL_DEBUG; i++)
		if (strcmp(name, level_names[i]) == 0)
			return i;
	return -EINVAL;
}

/* One write a line, so that lines of several processes do not mix. */
static void
log_stderr(enum log_level level, const char *line)
{
	char out[LOG_LINE_MAX + 64];
	const char *prefix = log_state.prefix;
	int n;

	n = snprintf(out, sizeof(out), "%s%s%s%s%s\n",
	    prefix != NULL ? prefix : "", prefix != NULL ? ": " : "",
	    level == LOG_LEVEL_INFO ? "" : log_level_name(level),
	    level == LOG_LEVEL_INFO ? "" : ": ", line);
	if (n > (int)sizeof(out) - 1)
		n = (int)sizeof(out) - 1;
	if (n > 0 && write(STDERR_FILENO, out, (size_t)n) < 0)
		return; /* nowhere left to complain */
}

/* A peer's words may be in the line: no control character gets out. */
static void
log_scrub(char *line)
{
	for (; *line != '\0'; line++)
		if ((unsigned char)*line < 0x20 || *line == 0x7f)
			*line = '?';
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	char line[LOG_LINE_MAX];
	va_list ap;

	if (!log_is_on(level))
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	log_scrub(line);
	if (log_state.sink != NULL)
		log_state.sink(level, line);
	else
		log_stderr(level, line);
}
