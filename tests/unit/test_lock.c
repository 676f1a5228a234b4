/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/lock.h"

static struct lock locks[LOCK_RANKS];

static void
locks_init(void)
{
	for (enum lock_rank i = LOCK_LIFE; i < LOCK_RANKS; i++)
		ck_assert_int_eq(lock_init(&locks[i], i), 0);
}

static void
take_both(enum lock_rank outer, enum lock_rank inner)
{
	lock_take(&locks[outer]);
	lock_take(&locks[inner]);
	lock_release(&locks[inner]);
	lock_release(&locks[outer]);
}

START_TEST(the_right_order_passes)
{
	static const enum lock_rank pairs[][2] = {{LOCK_LIFE, LOCK_TABLE},
	    {LOCK_LIFE, LOCK_LINK}, {LOCK_LINK, LOCK_SLOT},
	    {LOCK_LINK, LOCK_TAP}, {LOCK_TAP, LOCK_CLIENT},
	    {LOCK_SLOT, LOCK_LOOP}, {LOCK_CLIENT, LOCK_LOOP}};

	locks_init();
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		take_both(pairs[i][0], pairs[i][1]);
	lock_take(&locks[LOCK_LINK]);
	lock_expect(&locks[LOCK_LINK]);
	lock_release(&locks[LOCK_LINK]);
}
END_TEST

START_TEST(a_wait_ends)
{
	const struct timespec now = clock_spec(clock_now());
	pthread_cond_t cond = PTHREAD_COND_INITIALIZER;

	locks_init();
	lock_take(&locks[LOCK_LIFE]);
	lock_take(&locks[LOCK_TABLE]);
	ck_assert_int_ne(lock_wait_until(&locks[LOCK_TABLE], &cond, &now), 0);
	lock_release(&locks[LOCK_TABLE]);
	lock_release(&locks[LOCK_LIFE]);
}
END_TEST

START_TEST(ranks_have_names)
{
	ck_assert_str_eq(lock_rank_name(LOCK_LIFE), "luns.life");
	ck_assert_str_eq(lock_rank_name(LOCK_LOOP), "loop.mutex");
	ck_assert_str_eq(lock_rank_name(LOCK_RANKS), "?");
}
END_TEST

#ifdef VSCARD_DEBUG

/* A child does it, and is ended for it. */
static void
dies(void (*fn)(enum lock_rank, enum lock_rank), enum lock_rank a,
    enum lock_rank b)
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		(void)signal(SIGABRT, SIG_DFL);
		unit_hush();
		fn(a, b);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
	    "%s, %s: status %#x", lock_rank_name(a), lock_rank_name(b),
	    (unsigned)status);
}

static void
release_alone(enum lock_rank a, enum lock_rank b)
{
	(void)b;
	lock_release(&locks[a]);
}

static void
expect_alone(enum lock_rank a, enum lock_rank b)
{
	(void)b;
	lock_expect(&locks[a]);
}

static void
sleep_with(enum lock_rank a, enum lock_rank b)
{
	const struct timespec now = clock_spec(clock_now());
	pthread_cond_t cond = PTHREAD_COND_INITIALIZER;

	lock_take(&locks[a]);
	lock_take(&locks[b]);
	(void)!lock_wait_until(&locks[b], &cond, &now);
}

START_TEST(the_wrong_order_ends_the_program)
{
	static const enum lock_rank pairs[][2] = {{LOCK_TABLE, LOCK_LIFE},
	    {LOCK_SLOT, LOCK_LINK}, {LOCK_LINK, LOCK_LINK},
	    {LOCK_SLOT, LOCK_SLOT}, {LOCK_LINK, LOCK_TABLE},
	    {LOCK_TABLE, LOCK_LINK}, {LOCK_TAP, LOCK_LINK},
	    {LOCK_SLOT, LOCK_TAP}, {LOCK_CLIENT, LOCK_TAP},
	    {LOCK_LINK, LOCK_LIFE}, {LOCK_LOOP, LOCK_SLOT},
	    {LOCK_LOOP, LOCK_LOOP}, {LOCK_LINK, LOCK_ERRAND}};

	locks_init();
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		dies(take_both, pairs[i][0], pairs[i][1]);
	dies(release_alone, LOCK_LINK, LOCK_LINK);
	dies(expect_alone, LOCK_LINK, LOCK_LINK);
	dies(sleep_with, LOCK_LINK, LOCK_SLOT);
}
END_TEST

UNIT_SUITE("lock", the_right_order_passes, a_wait_ends, ranks_have_names,
    the_wrong_order_ends_the_program)

#else

START_TEST(it_costs_nothing)
{
	ck_assert_uint_eq(sizeof(struct lock), sizeof(pthread_mutex_t));
}
END_TEST

UNIT_SUITE("lock", the_right_order_passes, a_wait_ends, ranks_have_names,
    it_costs_nothing)

#endif
