/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ifd/card_log.h"
#include "util/clock.h"
#include "util/log.h"

static char heard[1 << 18];
static size_t heard_len;

/* Letter of the level, the line, and a bar. */
static void
sink(enum log_level level, const char *line)
{
	heard_len += (size_t)snprintf(heard + heard_len,
	    sizeof(heard) - heard_len, "%c %s|", *log_level_name(level), line);
}

struct bench {
	struct loop *loop;
	struct card_log log;
	int in;
};

static void
bench_open(struct bench *b)
{
	int fd[2];

	heard_len = 0;
	heard[0] = '\0';
	log_set_sink(sink);
	log_set_level(LOG_LEVEL_DEBUG);
	ck_assert_int_eq(loop_new(&b->loop), 0);
	card_log_init(&b->log, b->loop, "card 'x'");
	ck_assert_int_eq(pipe2(fd, O_CLOEXEC | O_NONBLOCK), 0);
	ck_assert_int_eq(card_log_open(&b->log, fd[0]), 0);
	b->in = fd[1];
}

static void
say(struct bench *b, const char *text)
{
	ck_assert(write(b->in, text, strlen(text)) == (ssize_t)strlen(text));
}

static void
on_time(void *arg)
{
	loop_stop(arg);
}

/* What is there is taken by the loop before the timer's turn. */
static void
turn(struct bench *b)
{
	struct loop_timer timer = {
	    .deadline = CLOCK_NEVER, .on_time = on_time, .arg = b->loop};

	loop_timer_set(b->loop, &timer, clock_after(20));
	ck_assert_int_eq(loop_run(b->loop), 0);
}

static void
bench_close(struct bench *b)
{
	card_log_close(&b->log);
	card_log_close(&b->log);
	close(b->in);
	loop_free(&b->loop);
}

START_TEST(lines_have_levels)
{
	struct bench b;

	bench_open(&b);
	say(&b,
	    "<3>bad\n<4>odd\n<6>so\n<7>detail\nplain\n<8>what\n<3\n\n<3>\n");
	turn(&b);
	ck_assert_str_eq(heard,
	    "e card 'x': bad|w card 'x': odd|i card 'x': so|d card 'x': detail|"
	    "i card 'x': plain|i card 'x': <8>what|i card 'x': <3|");
	ck_assert(b.log.complained);
	bench_close(&b);
}
END_TEST

START_TEST(lines_come_in_pieces)
{
	struct bench b;

	bench_open(&b);
	say(&b, "<4>o");
	turn(&b);
	ck_assert_str_eq(heard, "");
	say(&b, "dd\nlast");
	turn(&b);
	ck_assert_str_eq(heard, "w card 'x': odd|");
	card_log_close(&b.log);
	ck_assert_str_eq(heard, "w card 'x': odd|i card 'x': last|");
	ck_assert(!b.log.complained);
	bench_close(&b);
}
END_TEST

START_TEST(silent_is_for_debugging)
{
	struct bench b;

	bench_open(&b);
	b.log.silent = true;
	say(&b, "<3>bad\n");
	turn(&b);
	ck_assert_str_eq(heard, "d card 'x': bad|");
	bench_close(&b);
}
END_TEST

START_TEST(end_is_not_heard_for_ever)
{
	struct bench b;

	bench_open(&b);
	say(&b, "bye");
	close(b.in);
	turn(&b);
	ck_assert_int_eq(b.log.watch.fd, -1);
	ck_assert_str_eq(heard, "i card 'x': bye|");
	b.in = open("/dev/null", O_WRONLY | O_CLOEXEC);
	bench_close(&b);
}
END_TEST

enum { PIPE_USUAL = 64 * 1024, PIPE_LARGE = 512 * 1024 };

/* Empty lines, which nobody hears, and a last one; the pipe is full. */
static void
fill(struct bench *b, size_t size, const char *last)
{
	char *text = malloc(size);
	size_t len = strlen(last);

	ck_assert_ptr_nonnull(text);
	ck_assert_int_ge(fcntl(b->in, F_SETPIPE_SZ, size), (int)size);
	memset(text, '\n', size);
	memcpy(text + size - len, last, len);
	ck_assert_int_eq(write(b->in, text, size), (ssize_t)size);
	free(text);
}

START_TEST(what_is_left_is_taken_at_the_end)
{
	struct bench b;

	bench_open(&b);
	fill(&b, PIPE_USUAL, "<3>last\n");
	card_log_close(&b.log);
	ck_assert_str_eq(heard, "e card 'x': last|");
	ck_assert(b.log.complained);
	bench_close(&b);
}
END_TEST

START_TEST(the_end_has_an_end)
{
	struct bench b;

	bench_open(&b);
	fill(&b, PIPE_LARGE, "<3>last\n");
	card_log_close(&b.log);
	ck_assert_str_eq(heard, "");
	bench_close(&b);
}
END_TEST

static size_t
lines_heard(void)
{
	size_t lines = 0;

	for (const char *p = heard; (p = strchr(p, '|')) != NULL; p++)
		lines++;
	return lines;
}

/* And one line says so; an error is known of all the same. */
START_TEST(a_flood_is_cut_off)
{
	struct bench b;

	bench_open(&b);
	for (int i = 0; i < 200; i++)
		say(&b, "<4>again\n");
	say(&b, "<3>bad\n");
	turn(&b);
	ck_assert_uint_eq(lines_heard(), RATION_LINES + 1);
	ck_assert_ptr_nonnull(
	    strstr(heard, "|w card 'x': says more, which is left out|"));
	ck_assert(b.log.complained);
	bench_close(&b);
}
END_TEST

/* Nor does it help to be started again. */
START_TEST(another_process_has_no_other_ration)
{
	struct bench b;
	int fd[2];

	bench_open(&b);
	for (int i = 0; i < RATION_LINES; i++)
		say(&b, "again\n");
	card_log_close(&b.log);
	close(b.in);
	ck_assert_uint_eq(lines_heard(), RATION_LINES);
	ck_assert_int_eq(pipe2(fd, O_CLOEXEC | O_NONBLOCK), 0);
	ck_assert_int_eq(card_log_open(&b.log, fd[0]), 0);
	b.in = fd[1];
	say(&b, "again\nagain\n");
	turn(&b);
	ck_assert_uint_eq(lines_heard(), RATION_LINES + 1);
	bench_close(&b);
}
END_TEST

START_TEST(what_is_not_logged_uses_up_nothing)
{
	struct bench b;

	bench_open(&b);
	log_set_level(LOG_LEVEL_INFO);
	for (int i = 0; i < 2 * RATION_LINES; i++)
		say(&b, "<7>detail\n");
	say(&b, "<3>bad\n");
	turn(&b);
	ck_assert_str_eq(heard, "e card 'x': bad|");
	bench_close(&b);
}
END_TEST

START_TEST(odd_bytes_and_long_lines)
{
	char text[CARD_LOG_LINE + 10];
	struct bench b;

	bench_open(&b);
	ck_assert_int_eq(write(b.in, "a\0b\n", 4), 4);
	turn(&b);
	ck_assert_str_eq(heard, "i card 'x': a?b|");
	memset(text, 'y', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	ck_assert(write(b.in, text, sizeof(text)) == sizeof(text));
	turn(&b);
	ck_assert_ptr_nonnull(strstr(heard, "y|i card 'x': yyyyyyyyyy|"));
	bench_close(&b);
}
END_TEST

UNIT_SUITE("card_log", lines_have_levels, lines_come_in_pieces,
    silent_is_for_debugging, end_is_not_heard_for_ever,
    what_is_left_is_taken_at_the_end, the_end_has_an_end, a_flood_is_cut_off,
    another_process_has_no_other_ration, what_is_not_logged_uses_up_nothing,
    odd_bytes_and_long_lines)
