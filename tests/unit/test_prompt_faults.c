/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The n-th call of the prompt fails, plain or with libedit. It does not begin,
 * or reads on, or comes to its end; a line arrives as it was typed, in its
 * place, or not at all, and the loop that it is for goes on.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/fault.h"
#include "util/clock.h"
#include "vscclient/prompt.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { LINES = 3, END_MS = 8000 };

static const char typed[] = "list\nremove 0\ninsert 0\n";
static const char *const lines[LINES] = {"list", "remove 0", "insert 0"};

/* libedit's own memory is not ours to fail; whether there was some is. */
FAULT_MEMORY_CALL(history_init, (void), ())
FAULT_MEMORY_CALL(el_init, (const char *name, FILE *in, FILE *out, FILE *err),
    (name, in, out, err))

static struct {
	struct prompt_setup setup;
	struct prompt prompt;
	struct loop *loop;
	struct loop_timer timer;
	int threads; /* without its own */
	unsigned came;
} scene;

/* --- what it is given, and what comes of it ------------------------------- */

/* What was typed, and no more. */
static void
type(void)
{
	int fd[2];

	ck_assert_int_eq(pipe(fd), 0);
	ck_assert_int_eq(
	    write(fd[1], typed, strlen(typed)), (ssize_t)strlen(typed));
	close(fd[1]);
	ck_assert_int_eq(dup2(fd[0], STDIN_FILENO), STDIN_FILENO);
	close(fd[0]);
}

static void
on_line(void *arg, char *line)
{
	(void)arg;
	line[strcspn(line, "\n")] = '\0';
	ck_assert_uint_lt(scene.came, LINES);
	ck_assert_str_eq(line, lines[scene.came]);
	scene.came++;
}

static void
on_time(void *arg)
{
	(void)arg;
	loop_stop(scene.loop);
}

static int
prompt_begin(void)
{
	int rc = prompt_init(&scene.prompt, scene.loop, &scene.setup);

	return rc < 0 ? rc : prompt_start(&scene.prompt);
}

/* All lines, or the end of the thread that reads them. */
static void
await(void)
{
	int64_t deadline = clock_after(END_MS);

	while (scene.came < LINES && fault_threads() > scene.threads) {
		ck_assert_int_gt(clock_left(deadline), 0);
		loop_timer_set(scene.loop, &scene.timer, clock_after(1));
		ck_assert_int_eq(loop_run(scene.loop), 0);
	}
}

/* arg: whether all lines have to come. */
static void
scene_run(void *arg)
{
	const bool *all = arg;

	type();
	scene.came = 0;
	scene.threads = fault_threads();
	if (FAULT_IN(prompt_begin()) < 0) {
		prompt_clear(&scene.prompt);
		ck_assert_int_eq(prompt_begin(), 0);
	}
	await();
	if (*all)
		ck_assert_uint_eq(scene.came, LINES);
	prompt_clear(&scene.prompt);
}

static void
scene_setup(void)
{
	static const char *const words[] = {"list", NULL};
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	/* Where libedit shows it. */
	ck_assert_int_eq(dup2(null, STDOUT_FILENO), STDOUT_FILENO);
	close(null);
	scene.setup.words = words;
	scene.setup.on_line = on_line;
	scene.timer = (struct loop_timer){.on_time = on_time};
	ck_assert_int_eq(loop_new(&scene.loop), 0);
}

static void
scene_teardown(void)
{
	loop_free(&scene.loop);
}

/* --- what fails ----------------------------------------------------------- */

static unsigned
sweep(const struct fault_way *ways, size_t len, bool all)
{
	unsigned count = 0;

	for (int i = 0; i < 2; i++) {
		scene.setup.terminal = i == 1;
		count += fault_sweep(ways, len, 1, scene_run, &all);
	}
	return count;
}

START_TEST(it_begins_or_reads_on)
{
	static const struct fault_way ways[] = {
	    {"malloc", ENOMEM},
	    {"eventfd", EMFILE},
	    {"pthread_create", EAGAIN},
	    {"pthread_mutex_init", ENOMEM},
	    {"pthread_cond_init", ENOMEM},
	    {"poll", EINTR},
	    {"read", EINTR},
	    {"read", EAGAIN},
	};

	ck_assert_uint_gt(sweep(ways, COUNT(ways), true), 100);
}
END_TEST

START_TEST(it_ends)
{
	static const struct fault_way ways[] = {
	    {"poll", ENOMEM},
	    {"read", EIO},
	};

	ck_assert_uint_gt(sweep(ways, COUNT(ways), false), 80);
}
END_TEST

Suite *
unit_suite(void)
{
	const TTest *const tests[] = {it_begins_or_reads_on, it_ends, NULL};
	Suite *suite = suite_create("prompt faults");

	fault_case_add(
	    suite, "prompt faults", scene_setup, scene_teardown, tests);
	return suite;
}
