/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "util/log.h"

static char last_line[1024];
static enum log_level last_level;
static unsigned lines;

static void
sink(enum log_level level, const char *line)
{
	last_level = level;
	strncpy(last_line, line, sizeof(last_line) - 1);
	lines++;
}

START_TEST(a_line_reaches_the_sink)
{
	log_set_sink(sink);
	log_warning("port %d is %s", 2001, "taken");
	ck_assert_int_eq(last_level, LOG_LEVEL_WARNING);
	ck_assert_str_eq(last_line, "port 2001 is taken");
	ck_assert_uint_eq(lines, 1);
}
END_TEST

START_TEST(unwanted_levels_are_dropped)
{
	log_set_sink(sink);
	log_debug("not by default");
	ck_assert_uint_eq(lines, 0);
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("now");
	ck_assert_uint_eq(lines, 1);
	log_set_level(LOG_LEVEL_ERROR);
	log_warning("no");
	log_error("yes");
	ck_assert_uint_eq(lines, 2);
	ck_assert(!log_is_on(LOG_LEVEL_INFO));
}
END_TEST

START_TEST(control_characters_do_not_get_out)
{
	log_set_sink(sink);
	log_info("name '%s'", "a\nb\033[2J\x7f\xc3\xa4");
	ck_assert_str_eq(last_line, "name 'a?b?[2J?\xc3\xa4'");
}
END_TEST

START_TEST(long_lines_are_cut)
{
	char big[2000];

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	log_set_sink(sink);
	log_info("%s", big);
	ck_assert_uint_lt(strlen(last_line), 600);
	ck_assert_uint_gt(strlen(last_line), 400);
}
END_TEST

/* Each level has its own, and who debugs wants it all. */
START_TEST(a_flood_has_a_ration)
{
	log_set_sink(sink);
	log_set_level(LOG_LEVEL_DEBUG);
	log_set_ration();
	for (int i = 0; i < 5000; i++)
		log_warning("%d", i);
	ck_assert_uint_ge(lines, LOG_RATION_COMPLAINTS);
	ck_assert_uint_le(lines, LOG_RATION_COMPLAINTS + 5);
	lines = 0;
	for (int i = 0; i < 5000; i++)
		log_info("%d", i);
	ck_assert_uint_ge(lines, LOG_RATION_NEWS);
	ck_assert_uint_le(lines, LOG_RATION_NEWS + 50);
	lines = 0;
	for (int i = 0; i < 5000; i++)
		log_debug("%d", i);
	ck_assert_uint_eq(lines, 5000);
	for (lines = 0; lines == 0; poll(NULL, 0, 10))
		log_warning("after it");
	ck_assert_ptr_nonnull(strstr(last_line, "after it (and 4"));
	ck_assert_ptr_nonnull(strstr(last_line, " lines before, left out)"));
}
END_TEST

START_TEST(levels_have_names)
{
	for (int i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++)
		ck_assert_int_eq(
		    log_level_get(log_level_name((enum log_level)i)), i);
	ck_assert_int_eq(log_level_get("loud"), -EINVAL);
	ck_assert_str_eq(log_level_name((enum log_level)99), "?");
}
END_TEST

START_TEST(without_a_sink_it_is_stderr)
{
	char text[256] = "";
	int pipes[2];

	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_ge(dup2(pipes[1], STDERR_FILENO), 0);
	log_set_sink(NULL);
	log_set_prefix("tool");
	log_error("lost %d", 1);
	log_info("plain");
	ck_assert_int_gt(read(pipes[0], text, sizeof(text) - 1), 0);
	ck_assert_str_eq(text, "tool: error: lost 1\ntool: plain\n");
	close(pipes[0]);
	close(pipes[1]);
}
END_TEST

/* What stderr gets for one warning and one plain line. */
static void
check_style(enum log_style style, const char *expected)
{
	char text[256] = "";
	int pipes[2];

	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_ge(dup2(pipes[1], STDERR_FILENO), 0);
	log_set_sink(NULL);
	log_set_prefix("tool");
	log_set_style(style);
	log_warning("lost");
	log_info("plain");
	ck_assert_int_gt(read(pipes[0], text, sizeof(text) - 1), 0);
	ck_assert_str_eq(text, expected);
	close(pipes[0]);
	close(pipes[1]);
}

START_TEST(the_journal_is_told_the_level)
{
	check_style(LOG_STYLE_JOURNAL, "<4>lost\n<6>plain\n");
}
END_TEST

START_TEST(a_status_line_is_erased)
{
	check_style(LOG_STYLE_TERMINAL,
	    "\r\033[Ktool: warning: lost\n\r\033[Ktool: plain\n");
}
END_TEST

UNIT_SUITE("log", a_line_reaches_the_sink, unwanted_levels_are_dropped,
    control_characters_do_not_get_out, long_lines_are_cut, a_flood_has_a_ration, levels_have_names,
    without_a_sink_it_is_stderr, the_journal_is_told_the_level,
    a_status_line_is_erased)
