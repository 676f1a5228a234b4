/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/lock.h"
#include "util/ration.h"

/* Debugging wants it all. */
enum { LOG_LINE_MAX = 560, LOG_TAIL_MAX = 48, LOG_RATIONED = LOG_LEVEL_DEBUG };

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
	enum log_style style;
	bool rationed;
	struct lock lock; /* the rest */
	struct ration rations[LOG_RATIONED];
} log_state = {.level = LOG_LEVEL_INFO, .lock = LOCK_INITIALIZER(LOCK_LOG)};

void
log_set_sink(log_sink_fn *sink)
{
	log_state.sink = sink;
}

void
log_set_level(enum log_level level)
{
	__atomic_store_n(&log_state.level, level, __ATOMIC_RELAXED);
}

void
log_set_prefix(const char *prefix)
{
	log_state.prefix = prefix;
}

void
log_set_style(enum log_style style)
{
	log_state.style = style;
}

void
log_set_ration(void)
{
	static const struct {
		unsigned most, every;
	} sizes[LOG_RATIONED] = {
	    [LOG_LEVEL_ERROR] = {LOG_RATION_COMPLAINTS, 1000},
	    [LOG_LEVEL_WARNING] = {LOG_RATION_COMPLAINTS, 1000},
	    [LOG_LEVEL_INFO] = {LOG_RATION_NEWS, 100},
	};

	for (int i = 0; i < LOG_RATIONED; i++)
		ration_init(
		    &log_state.rations[i], sizes[i].most, sizes[i].every);
	log_state.rationed = true;
}

bool
log_is_on(enum log_level level)
{
	return level <= __atomic_load_n(&log_state.level, __ATOMIC_RELAXED);
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

/* The numbers are syslog's, as sd-daemon(3) has them. */
static int
log_head_journal(enum log_level level, char *out, size_t cap)
{
	static const int priorities[] = {
	    [LOG_LEVEL_ERROR] = 3,
	    [LOG_LEVEL_WARNING] = 4,
	    [LOG_LEVEL_INFO] = 6,
	    [LOG_LEVEL_DEBUG] = 7,
	};

	return snprintf(out, cap, "<%d>", priorities[level]);
}

/* What stands before the line. */
static int
log_head(enum log_level level, char *out, size_t cap)
{
	const char *prefix = log_state.prefix;
	bool word = level != LOG_LEVEL_INFO;

	if (log_state.style == LOG_STYLE_JOURNAL)
		return log_head_journal(level, out, cap);
	return snprintf(out, cap, "%s%s%s%s%s",
	    log_state.style == LOG_STYLE_TERMINAL ? "\r\033[K" : "",
	    prefix != NULL ? prefix : "", prefix != NULL ? ": " : "",
	    word ? log_level_name(level) : "", word ? ": " : "");
}

/* One write a line, so that lines of several processes do not mix. */
static void
log_stderr(enum log_level level, const char *line)
{
	char out[LOG_LINE_MAX + 64];
	char head[48] = "";
	int n;

	(void)log_head(level, head, sizeof(head));
	n = snprintf(out, sizeof(out), "%s%s\n", head, line);
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

/* Whether it may be said; and how many were not before it. */
static bool
log_may(enum log_level level, unsigned *out_withheld)
{
	bool may;

	if (!log_state.rationed || (unsigned)level >= LOG_RATIONED)
		return true;
	lock_take(&log_state.lock);
	may = ration_take(&log_state.rations[level], clock_now(), out_withheld);
	lock_release(&log_state.lock);
	return may;
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	char line[LOG_LINE_MAX];
	unsigned withheld = 0;
	size_t len;
	va_list ap;

	if (!log_is_on(level) || !log_may(level, &withheld))
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line) - LOG_TAIL_MAX, fmt, ap);
	va_end(ap);
	len = strlen(line);
	if (withheld > 0)
		snprintf(line + len, sizeof(line) - len,
		    " (and %u lines before, left out)", withheld);
	log_scrub(line);
	if (log_state.sink != NULL)
		log_state.sink(level, line);
	else
		log_stderr(level, line);
}
