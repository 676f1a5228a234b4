/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log: one line an incident, to a sink that the program chooses (stderr
 * if it does not). Formatting is skipped when the level is not wanted. Never
 * log what an APDU carries.
 */
#ifndef VSCARD_UTIL_LOG_H
#define VSCARD_UTIL_LOG_H

#include <stdarg.h>
#include <stdbool.h>

#include "util/err.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/* Called with one whole line, without a newline; must be thread-safe. */
typedef void log_sink_fn(enum log_level, const char *line);

/* Set before the first thread starts. The sink may be NULL: stderr. */
void log_set_sink(log_sink_fn *);
/* Any thread, any time. */
void log_set_level(enum log_level);
/* What stderr is. */
enum log_style {
	LOG_STYLE_PLAIN,
	LOG_STYLE_TERMINAL, /* which may have a status line to be erased */
	LOG_STYLE_JOURNAL   /* which knows the program, and levels as "<N>" */
};
void log_set_style(enum log_style);
/* Words before each line on stderr, e.g. the program's name; borrowed. */
void log_set_prefix(const char *);

/*
 * From now on a level, but for debugging, has a ration: others cause most of
 * what a program says that serves them, and shall fill no disk with it. So many
 * lines may come at once; a second brings one more complaint, or ten more
 * pieces of news. Before the first thread starts.
 */
enum { LOG_RATION_COMPLAINTS = 100, LOG_RATION_NEWS = 500 };
void log_set_ration(void);

bool log_is_on(enum log_level);
/* "error", "warning", "info", "debug". */
const char *log_level_name(enum log_level);
/* The level of that name, or -EINVAL. */
int log_level_get(const char *name) MUST_CHECK;

void log_line(enum log_level, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)                                          \
	do {                                                    \
		if (log_is_on(LOG_LEVEL_DEBUG))                 \
			log_line(LOG_LEVEL_DEBUG, __VA_ARGS__); \
	} while (0)

#endif
