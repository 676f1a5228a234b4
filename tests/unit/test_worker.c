/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <string.h>

#include "util/clock.h"
#include "vscclient/worker.h"

enum { DONE_MAX = 8, WAIT_MS = 10000 };

struct bench {
	struct loop *loop;
	struct worker *worker;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	unsigned begun;
	bool held; /* pieces of work wait for this to end */
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
		loop_stop(b->loop);
}

static const struct worker_ops ops = {on_work, on_done};

static void
bench_init(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->cond, NULL);
	ck_assert_int_eq(loop_new(&b->loop), 0);
	ck_assert_int_eq(worker_new(b->loop, 7, &ops, b, &b->worker), 0);
}

static void
bench_clear(struct bench *b)
{
	ck_assert_int_eq(worker_stop(b->worker, clock_after(WAIT_MS)), 0);
	loop_free(&b->loop);
	worker_free(&b->worker);
	ck_assert_ptr_null(b->worker);
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

static void
wait_done(struct bench *b, unsigned n)
{
	b->wanted = n;
	ck_assert_int_eq(loop_run(b->loop), 0);
	ck_assert_uint_eq(b->done, n);
}

START_TEST(work_is_done)
{
	struct bench b;
	unsigned serial;

	bench_init(&b);
	serial = post(&b, 0xa4);
	ck_assert_uint_ne(serial, 0);
	wait_done(&b, 1);
	ck_assert_uint_eq(b.serials[0], serial);
	ck_assert_uint_eq(b.first[0], 0xa4);
	bench_clear(&b);
}
END_TEST

START_TEST(only_the_newest_piece_waits)
{
	struct bench b;
	unsigned last;

	bench_init(&b);
	hold(&b, true);
	post(&b, 1);
	wait_begun(&b, 1);
	ck_assert(!worker_has_next(b.worker));
	post(&b, 2);
	last = post(&b, 3);
	ck_assert(worker_has_next(b.worker));
	hold(&b, false);
	wait_done(&b, 2);
	ck_assert_uint_eq(b.first[0], 1);
	ck_assert_uint_eq(b.first[1], 3);
	ck_assert_uint_eq(b.serials[1], last);
	bench_clear(&b);
}
END_TEST

START_TEST(end_does_not_wait_for_ever)
{
	struct bench b;

	bench_init(&b);
	hold(&b, true);
	post(&b, 1);
	wait_begun(&b, 1);
	post(&b, 2);
	ck_assert_int_eq(worker_stop(b.worker, clock_after(10)), -ETIMEDOUT);
	hold(&b, false);
	bench_clear(&b);
	ck_assert_uint_eq(b.begun, 1);
	ck_assert_uint_eq(b.done, 0);
}
END_TEST

UNIT_SUITE("worker", work_is_done, only_the_newest_piece_waits,
    end_does_not_wait_for_ever)
