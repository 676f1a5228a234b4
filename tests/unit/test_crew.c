/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "util/clock.h"
#include "vscclient/crew.h"

enum { JOBS = 3, SHORT = 50, TRIES = 50, WAIT_MS = 10000 };

enum { SLOW_MS = 4 * CREW_TICK_MS };

struct bench;

struct desk {
	struct bench *bench;
	struct crew_job job;
	pthread_t worked; /* the thread of the last piece */
	unsigned pieces;
};

struct bench {
	struct loop *loop;
	struct crew *crew;
	struct desk desks[JOBS];
	struct loop_watch watch;
	struct loop_timer timer;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	unsigned in_hand; /* pieces, now */
	bool held;        /* they wait for this to end */
	pthread_t read;   /* the thread of the loop's last event */
	unsigned inlined; /* read, worked and told by one thread */
	unsigned told;
	unsigned wanted; /* outcomes */
	int64_t slow;    /* how long a piece takes */
	int64_t asked;   /* when it was posted */
	unsigned tries;
	bool soon; /* the loop was not held up */
};

static void
on_work(void *arg)
{
	struct desk *d = arg;
	struct bench *b = d->bench;

	pthread_mutex_lock(&b->lock);
	b->in_hand++;
	pthread_cond_broadcast(&b->cond);
	while (b->held)
		pthread_cond_wait(&b->cond, &b->lock);
	b->in_hand--;
	pthread_mutex_unlock(&b->lock);
	for (int64_t end = clock_now() + b->slow; clock_now() < end;)
		usleep(1000);
	d->worked = pthread_self();
	d->pieces++;
}

static void
on_done(void *arg)
{
	struct desk *d = arg;
	struct bench *b = d->bench;

	ck_assert(crew_has_begun(&d->job));
	if (pthread_equal(b->read, pthread_self()) &&
	    pthread_equal(d->worked, pthread_self()))
		b->inlined++;
	if (++b->told == b->wanted)
		crew_stop(b->crew);
}

static void
bench_init(struct bench *b)
{
	*b = (struct bench){.watch.fd = -1, .timer.deadline = CLOCK_NEVER};
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->cond, NULL);
	b->timer.arg = b;
	ck_assert_int_eq(loop_new(&b->loop), 0);
	ck_assert_int_eq(crew_new(b->loop, &b->crew), 0);
	for (unsigned i = 0; i < JOBS; i++) {
		struct desk *d = &b->desks[i];

		d->bench = b;
		d->job = (struct crew_job){
		    .on_work = on_work, .on_done = on_done, .arg = d};
		ck_assert_int_eq(crew_add(b->crew, &d->job), 0);
	}
}

static void
bench_clear(struct bench *b)
{
	ck_assert_int_eq(crew_end(b->crew, clock_after(WAIT_MS)), 0);
	loop_free(&b->loop);
	crew_free(&b->crew);
}

static void
hold(struct bench *b, bool held)
{
	pthread_mutex_lock(&b->lock);
	b->held = held;
	pthread_cond_broadcast(&b->cond);
	pthread_mutex_unlock(&b->lock);
}

/* --- short pieces --------------------------------------------------------- */

/* The descriptor stays readable, like a host that asks without an end. */
static void
on_ready(void *arg, uint32_t events)
{
	struct bench *b = arg;
	struct crew_job *job = &b->desks[b->told % JOBS].job;

	ck_assert_uint_eq(events, EPOLLIN);
	if (crew_has_begun(job))
		return;
	b->read = pthread_self();
	crew_post(b->crew, job);
	ck_assert(!crew_has_begun(job));
}

static void
run_events(struct bench *b, unsigned wanted)
{
	int fd = eventfd(1, EFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	b->wanted = wanted;
	ck_assert_int_eq(
	    loop_watch(b->loop, &b->watch, fd, EPOLLIN, on_ready, b), 0);
	ck_assert_int_eq(crew_run(b->crew), 0);
	close(fd);
}

/*
 * Long enough for another thread to take the lead if it was asked to, or if
 * this one was kept from the processor.
 */
START_TEST(who_read_works_and_tells)
{
	struct bench b;

	bench_init(&b);
	b.slow = 1;
	run_events(&b, SHORT);
	ck_assert_uint_eq(b.told, SHORT);
	ck_assert_uint_gt(b.inlined, SHORT / 2);
	bench_clear(&b);
}
END_TEST

/* Each is taken over from, and told all the same. */
START_TEST(slow_ones_are_handed_over)
{
	struct bench b;

	bench_init(&b);
	b.slow = SLOW_MS;
	b.wanted = JOBS;
	for (unsigned i = 0; i < JOBS; i++)
		crew_post(b.crew, &b.desks[i].job);
	ck_assert_int_eq(crew_run(b.crew), 0);
	ck_assert_uint_eq(b.told, JOBS);
	for (unsigned i = 0; i < JOBS; i++)
		ck_assert_uint_eq(b.desks[i].pieces, 1);
	bench_clear(&b);
}
END_TEST

/* While the piece that follows a slow one is in hand. */
static void
on_time_release(void *arg)
{
	struct bench *b = arg;

	b->soon = b->soon || clock_now() - b->asked < CREW_TICK_MS;
	hold(b, false);
}

static void
on_done_in_turn(void *arg)
{
	struct desk *d = arg;
	struct bench *b = d->bench;

	if (b->soon || b->tries == TRIES) {
		crew_stop(b->crew);
		return;
	}
	b->slow = b->slow == 0 ? SLOW_MS : 0;
	b->asked = clock_now();
	if (b->slow == 0) {
		b->tries++;
		hold(b, true);
		loop_timer_set(b->loop, &b->timer, b->asked);
	}
	crew_post(b->crew, &d->job);
}

/* A busy machine may hold up the loop as well; so it is tried again. */
START_TEST(loop_goes_on_at_once_after_a_slow_one)
{
	struct bench b;

	bench_init(&b);
	b.timer.on_time = on_time_release;
	b.desks[0].job.on_done = on_done_in_turn;
	crew_post(b.crew, &b.desks[0].job);
	ck_assert_int_eq(crew_run(b.crew), 0);
	ck_assert(b.soon);
	bench_clear(&b);
}
END_TEST

/* --- long pieces ---------------------------------------------------------- */

static void
on_time_all(void *arg)
{
	struct bench *b = arg;

	b->read = pthread_self();
	/* Before it lets go: all work at the same time. */
	pthread_mutex_lock(&b->lock);
	while (b->in_hand < JOBS)
		pthread_cond_wait(&b->cond, &b->lock);
	pthread_mutex_unlock(&b->lock);
	hold(b, false);
}

START_TEST(loop_goes_on_while_all_work)
{
	struct bench b;

	bench_init(&b);
	b.wanted = JOBS;
	b.timer.on_time = on_time_all;
	hold(&b, true);
	for (unsigned i = 0; i < JOBS; i++)
		crew_post(b.crew, &b.desks[i].job);
	loop_timer_set(b.loop, &b.timer, clock_after(1));
	ck_assert_int_eq(crew_run(b.crew), 0);
	ck_assert_uint_eq(b.told, JOBS);
	for (unsigned i = 0; i < JOBS; i++) {
		ck_assert_uint_eq(b.desks[i].pieces, 1);
		ck_assert(!pthread_equal(b.desks[i].worked, b.read));
	}
	bench_clear(&b);
	for (unsigned i = 0; i < JOBS; i++)
		ck_assert(!crew_has_begun(&b.desks[i].job));
}
END_TEST

static void
on_time_stop(void *arg)
{
	struct bench *b = arg;

	crew_post(b->crew, &b->desks[1].job);
	crew_stop(b->crew);
}

START_TEST(end_does_not_wait_for_ever)
{
	struct bench b;

	bench_init(&b);
	b.timer.on_time = on_time_stop;
	hold(&b, true);
	crew_post(b.crew, &b.desks[0].job);
	loop_timer_set(b.loop, &b.timer, clock_after(1));
	ck_assert_int_eq(crew_run(b.crew), 0);
	ck_assert_int_eq(crew_end(b.crew, clock_after(10)), -ETIMEDOUT);
	hold(&b, false);
	bench_clear(&b);
	ck_assert_uint_eq(b.told, 0);
	ck_assert_uint_eq(b.desks[0].pieces, 1);
	ck_assert_uint_eq(b.desks[1].pieces, 0);
}
END_TEST

/* Nobody has run it. */
START_TEST(end_of_a_crew_that_never_ran)
{
	struct bench b;

	bench_init(&b);
	crew_post(b.crew, &b.desks[0].job);
	bench_clear(&b);
	ck_assert_uint_eq(b.desks[0].pieces, 0);
	ck_assert_ptr_null(b.crew);
}
END_TEST

UNIT_SUITE("crew", who_read_works_and_tells, slow_ones_are_handed_over,
    loop_goes_on_at_once_after_a_slow_one, loop_goes_on_while_all_work,
    end_does_not_wait_for_ever, end_of_a_crew_that_never_ran)
