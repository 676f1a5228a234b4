/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop: what it does later, timers and deferred calls. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "net/wakeup.h"
#include "tests/unit/seen.h"
#include "util/clock.h"

/* --- timers --------------------------------------------------------------- */

struct tick {
	struct seen *seen;
	char name;
};

static void
on_time_note(void *arg)
{
	const struct tick *t = arg;

	seen_note(t->seen, t->name);
	if (t->name == 'z')
		loop_stop(t->seen->loop);
}

/* timer[i] is called "abcz"[i]. */
static void
timers_init(struct seen *s, struct tick tick[4])
{
	for (int i = 0; i < 4; i++) {
		tick[i].seen = s;
		tick[i].name = "abcz"[i];
		s->timer[i].on_time = on_time_note;
		s->timer[i].arg = &tick[i];
	}
}

START_TEST(loop_timers_come_in_order)
{
	int64_t now = clock_now();
	struct tick tick[4];
	struct seen s;

	seen_open(&s);
	timers_init(&s, tick);
	loop_timer_set(s.loop, &s.timer[3], now + 30);
	loop_timer_set(s.loop, &s.timer[1], now + 10);
	loop_timer_set(s.loop, &s.timer[2], now + 10);
	loop_timer_set(s.loop, &s.timer[0], now - 5);
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_int_ge(clock_now(), now + 30);
	ck_assert_str_eq(s.order, "abcz");
	ck_assert_int_le(seen_waits, 3);
	for (int i = 0; i < 4; i++)
		ck_assert(s.timer[i].deadline == CLOCK_NEVER);
	seen_close(&s);
}
END_TEST

START_TEST(loop_timer_moves_and_cancels)
{
	int64_t now = clock_now();
	struct tick tick[4];
	struct seen s;

	seen_open(&s);
	timers_init(&s, tick);
	loop_timer_cancel(s.loop, &s.timer[0]); /* never set: nothing */
	loop_timer_set(s.loop, &s.timer[0], now + 1);
	loop_timer_set(s.loop, &s.timer[1], now + 2);
	loop_timer_set(s.loop, &s.timer[2], now + 3);
	loop_timer_set(s.loop, &s.timer[3], now + 20);
	loop_timer_set(s.loop, &s.timer[0], now + 10); /* moved */
	loop_timer_cancel(s.loop, &s.timer[1]);
	loop_timer_set(s.loop, &s.timer[2], CLOCK_NEVER);
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_str_eq(s.order, "az");
	ck_assert_int_ge(clock_now(), now + 20);
	seen_close(&s);
}
END_TEST

/* a, due together with b and c, cancels b and moves c. */
static void
on_time_meddle(void *arg)
{
	struct seen *s = arg;
	int64_t soon = clock_after(5);

	seen_note(s, 'a');
	loop_timer_cancel(s->loop, &s->timer[1]);
	loop_timer_set(s->loop, &s->timer[2], soon);
	/* However slowly this runs, the last one comes after that. */
	loop_timer_set(s->loop, &s->timer[3], soon + 1);
}

START_TEST(loop_timer_due_can_still_be_cancelled)
{
	int64_t now = clock_now();
	struct tick tick[4];
	struct seen s;

	seen_open(&s);
	timers_init(&s, tick);
	s.timer[0].on_time = on_time_meddle;
	s.timer[0].arg = &s;
	for (int i = 0; i < 3; i++)
		loop_timer_set(s.loop, &s.timer[i], now - 10 + i);
	loop_timer_set(s.loop, &s.timer[3], now + 30);
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_str_eq(s.order, "acz");
	seen_close(&s);
}
END_TEST

/* A timer that is always due again must not starve the descriptors. */
static void
on_time_again(void *arg)
{
	struct seen *s = arg;

	s->count++;
	ck_assert_int_lt(s->count, 10);
	loop_timer_set(s->loop, &s->timer[0], 0);
}

START_TEST(loop_timer_does_not_starve_descriptors)
{
	struct seen s;

	seen_open(&s);
	s.fd = wakeup_new();
	wakeup_signal(s.fd);
	s.timer[0].on_time = on_time_again;
	s.timer[0].arg = &s;
	loop_timer_set(s.loop, &s.timer[0], 0);
	ck_assert_int_eq(
	    loop_watch(s.loop, &s.watch[0], s.fd, EPOLLIN, on_ready_stop, &s),
	    0);
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_int_eq(s.count, 2);
	seen_close(&s);
}
END_TEST

/* --- deferred calls ------------------------------------------------------- */

static void
on_call_note(void *arg)
{
	seen_note(arg, 'c');
}

static void
on_ready_defer(void *arg, uint32_t events)
{
	struct seen *s = arg;

	(void)events;
	loop_defer(s->loop, &s->call[0]);
	loop_defer(s->loop, &s->call[0]); /* queued already */
	loop_defer(s->loop, &s->call[1]);
	loop_unwatch(s->loop, &s->watch[0]);
	seen_note(s, 'r');
}

START_TEST(loop_call_comes_after_the_events)
{
	struct seen s;

	seen_open(&s);
	s.fd = wakeup_new();
	wakeup_signal(s.fd);
	s.call[0] = (struct loop_call){.on_call = on_call_note, .arg = &s};
	s.call[1] = (struct loop_call){.on_call = on_call_stop, .arg = &s};
	ck_assert_int_eq(
	    loop_watch(s.loop, &s.watch[0], s.fd, EPOLLIN, on_ready_defer, &s),
	    0);
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_str_eq(s.order, "rcs");
	ck_assert_int_eq(seen_waits, 1);
	seen_close(&s);
}
END_TEST

/* Queues itself anew until the third time. */
static void
on_call_again(void *arg)
{
	struct seen *s = arg;

	seen_note(s, 'a');
	if (++s->count < 3)
		loop_defer(s->loop, &s->call[0]);
	else
		loop_stop(s->loop);
}

START_TEST(loop_call_can_be_queued_anew)
{
	struct seen s;

	seen_open(&s);
	s.call[0] = (struct loop_call){.on_call = on_call_again, .arg = &s};
	loop_defer(s.loop, &s.call[0]);
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_str_eq(s.order, "aaa");
	ck_assert_int_eq(seen_waits, 3);
	seen_close(&s);
}
END_TEST

static void
on_call_free(void *arg)
{
	free(arg);
}

START_TEST(loop_call_may_free_itself)
{
	struct loop_call *call[3];
	struct seen s;

	seen_open(&s);
	for (int i = 0; i < 3; i++) {
		call[i] = calloc(1, sizeof(*call[i]));
		ck_assert_ptr_nonnull(call[i]);
		call[i]->on_call = on_call_free;
		call[i]->arg = call[i];
		loop_defer(s.loop, call[i]);
	}
	s.call[0] = (struct loop_call){.on_call = on_call_stop, .arg = &s};
	loop_defer(s.loop, &s.call[0]);
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_str_eq(s.order, "s");
	seen_close(&s);
}
END_TEST

START_TEST(loop_free_runs_what_is_left)
{
	struct seen s;

	seen_open(&s);
	s.call[0] = (struct loop_call){.on_call = on_call_again, .arg = &s};
	s.call[1] = (struct loop_call){.on_call = on_call_note, .arg = &s};
	loop_defer(s.loop, &s.call[0]);
	loop_defer(s.loop, &s.call[1]);
	seen_close(&s);
	ck_assert_str_eq(s.order, "acaa");
}
END_TEST

enum { THREADS = 4, CALLS = 2000 };

struct worker {
	struct loop *loop;
	struct loop_call call;
	pthread_t thread;
	atomic_int said; /* by the worker */
	int heard;       /* on the loop's thread, up to which one */
	atomic_int *left;
};

static void
on_call_heard(void *arg)
{
	struct worker *w = arg;

	w->heard = w->said;
	if (w->heard == CALLS && --*w->left == 0)
		loop_stop(w->loop);
}

static void *
worker_run(void *arg)
{
	struct worker *w = arg;

	for (int i = 1; i <= CALLS; i++) {
		w->said = i;
		loop_defer(w->loop, &w->call);
	}
	return NULL;
}

/* Nothing said may be lost, however the calls are merged. */
START_TEST(loop_defer_from_four_threads)
{
	struct worker worker[THREADS];
	atomic_int left = THREADS;
	struct seen s;

	seen_open(&s);
	memset(worker, 0, sizeof(worker));
	for (int i = 0; i < THREADS; i++) {
		worker[i].loop = s.loop;
		worker[i].left = &left;
		worker[i].call.on_call = on_call_heard;
		worker[i].call.arg = &worker[i];
		ck_assert_int_eq(pthread_create(&worker[i].thread, NULL,
				     worker_run, &worker[i]),
		    0);
	}
	ck_assert_int_eq(loop_run(s.loop), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(worker[i].thread, NULL);
		ck_assert_int_eq(worker[i].heard, CALLS);
	}
	seen_close(&s);
}
END_TEST

static void *
defer_once(void *arg)
{
	struct seen *s = arg;

	while (seen_waits == 0)
		sched_yield();
	loop_defer(s->loop, &s->call[0]);
	return NULL;
}

/* One call, one wake-up: none is left over in the next sleep. */
START_TEST(loop_defer_wakes_once)
{
	pthread_t thread;
	struct seen s;

	seen_open(&s);
	s.call[0] = (struct loop_call){.on_call = on_call_note, .arg = &s};
	s.timer[0].on_time = on_time_stop;
	s.timer[0].arg = &s;
	loop_timer_set(s.loop, &s.timer[0], clock_after(500));
	ck_assert_int_eq(pthread_create(&thread, NULL, defer_once, &s), 0);
	ck_assert_int_eq(loop_run(s.loop), 0);
	pthread_join(thread, NULL);
	ck_assert_str_eq(s.order, "c");
	ck_assert_int_eq(seen_waits, 2);
	seen_close(&s);
}
END_TEST

UNIT_SUITE("loop_later", loop_timers_come_in_order,
    loop_timer_moves_and_cancels, loop_timer_due_can_still_be_cancelled,
    loop_timer_does_not_starve_descriptors, loop_call_comes_after_the_events,
    loop_call_can_be_queued_anew, loop_call_may_free_itself,
    loop_free_runs_what_is_left, loop_defer_from_four_threads,
    loop_defer_wakes_once)
