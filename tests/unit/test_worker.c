/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <string.h>

#include "util/clock.h"
#include "vscclient/worker.h"

enum { DONE_MAX = 8, WAIT_MS = 10000 };

struct bench {
	struct loop *loop;
	struct crew *crew;
	struct worker *worker;
	struct loop_timer timer; /* while the first piece is in hand */
	pthread_mutex_t lock;
	pthread_cond_t cond;
	unsigned begun;
	bool held; /* pieces of work wait for this to end */
	unsigned last;
	unsigned serials[DONE_MAX];
	uint8_t first[DONE_MAX]; /* bytes of the commands */
	unsigned done;
	unsigned wanted;
};

static void
on_work(void *arg, struct work *w)
{
	struct bench *b = arg;

	ck_assert_uint_eq(w->reader, 7);
	pthread_mutex_lock(&b->lock);
	b->begun++;
	pthread_cond_broadcast(&b->cond);
	while (b->held)
		pthread_cond_wait(&b->cond, &b->lock);
	pthread_mutex_unlock(&b->lock);
	w->out[0] = w->in[0];
	w->out_len = 1;
}

static void
on_done(void *arg, const struct work *w)
{
	struct bench *b = arg;

	ck_assert_uint_lt(b->done, DONE_MAX);
	ck_assert_uint_eq(w->out_len, 1);
	b->serials[b->done] = w->serial;
	b->first[b->done++] = w->out[0];
	if (b->done == b->wanted)
		crew_stop(b->crew);
}

static const struct worker_ops ops = {on_work, on_done};

static void
bench_init(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->cond, NULL);
	b->timer.deadline = CLOCK_NEVER;
	b->timer.arg = b;
	ck_assert_int_eq(loop_new(&b->loop), 0);
	ck_assert_int_eq(crew_new(b->loop, &b->crew), 0);
	ck_assert_int_eq(worker_new(b->crew, 7, &ops, b, &b->worker), 0);
}

static void
bench_clear(struct bench *b)
{
	ck_assert_int_eq(crew_end(b->crew, clock_after(WAIT_MS)), 0);
	loop_free(&b->loop);
	worker_free(&b->worker);
	ck_assert_ptr_null(b->worker);
	crew_free(&b->crew);
	ck_assert_ptr_null(b->crew);
}

static unsigned
post(struct bench *b, uint8_t byte)
{
	return worker_post(b->worker, &(struct work_order){
	    .kind = WORK_APDU, .command = &byte, .len = 1});
}

static void
hold(struct bench *b, bool held)
{
	pthread_mutex_lock(&b->lock);
	b->held = held;
	pthread_cond_broadcast(&b->cond);
	pthread_mutex_unlock(&b->lock);
}

static void
wait_begun(struct bench *b, unsigned n)
{
	pthread_mutex_lock(&b->lock);
	while (b->begun < n)
		pthread_cond_wait(&b->cond, &b->lock);
	pthread_mutex_unlock(&b->lock);
}

/* The first piece is held, and on_time called meanwhile. */
static void
run_held(struct bench *b, void (*on_time)(void *arg))
{
	hold(b, true);
	post(b, 1);
	b->timer.on_time = on_time;
	loop_timer_set(b->loop, &b->timer, clock_after(1));
	ck_assert_int_eq(crew_run(b->crew), 0);
}

START_TEST(work_is_done)
{
	struct bench b;
	unsigned serial;

	bench_init(&b);
	b.wanted = 1;
	serial = post(&b, 0xa4);
	ck_assert_uint_ne(serial, 0);
	ck_assert_int_eq(crew_run(b.crew), 0);
	ck_assert_uint_eq(b.done, 1);
	ck_assert_uint_eq(b.serials[0], serial);
	ck_assert_uint_eq(b.first[0], 0xa4);
	bench_clear(&b);
}
END_TEST

START_TEST(one_that_has_not_begun_is_replaced)
{
	struct bench b;
	unsigned serial;

	bench_init(&b);
	b.wanted = 1;
	post(&b, 1);
	serial = post(&b, 2);
	ck_assert(!worker_has_next(b.worker));
	ck_assert_int_eq(crew_run(b.crew), 0);
	ck_assert_uint_eq(b.begun, 1);
	ck_assert_uint_eq(b.first[0], 2);
	ck_assert_uint_eq(b.serials[0], serial);
	bench_clear(&b);
}
END_TEST

static void
on_time_post(void *arg)
{
	struct bench *b = arg;

	wait_begun(b, 1);
	ck_assert(!worker_has_next(b->worker));
	post(b, 2);
	b->last = post(b, 3);
	ck_assert(worker_has_next(b->worker));
	hold(b, false);
}

START_TEST(only_the_newest_piece_waits)
{
	struct bench b;

	bench_init(&b);
	b.wanted = 2;
	run_held(&b, on_time_post);
	ck_assert_uint_eq(b.first[0], 1);
	ck_assert_uint_eq(b.first[1], 3);
	ck_assert_uint_eq(b.serials[1], b.last);
	bench_clear(&b);
}
END_TEST

static void
on_time_stop(void *arg)
{
	struct bench *b = arg;

	wait_begun(b, 1);
	post(b, 2);
	crew_stop(b->crew);
}

START_TEST(end_does_not_wait_for_ever)
{
	struct bench b;

	bench_init(&b);
	run_held(&b, on_time_stop);
	ck_assert_int_eq(crew_end(b.crew, clock_after(10)), -ETIMEDOUT);
	hold(&b, false);
	bench_clear(&b);
	ck_assert_uint_eq(b.begun, 1);
	ck_assert_uint_eq(b.done, 0);
}
END_TEST

UNIT_SUITE("worker", work_is_done, one_that_has_not_begun_is_replaced,
    only_the_newest_piece_waits, end_does_not_wait_for_ever)
