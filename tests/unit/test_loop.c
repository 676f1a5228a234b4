/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/loop.h"
#include "net/wakeup.h"
#include "tests/unit/fault.h"
#include "tests/unit/net.h"
#include "util/clock.h"

static atomic_int waits; /* how often the loop went to sleep */

FAULT_CALL(eventfd, (unsigned count, int flags), (count, flags))
FAULT_CALL(epoll_create1, (int flags), (flags))
FAULT_CALL(epoll_ctl, (int epoll, int op, int fd, struct epoll_event *ev),
    (epoll, op, fd, ev))

int __real_epoll_wait(int fd, struct epoll_event *, int max, int timeout);
int __wrap_epoll_wait(int fd, struct epoll_event *, int max, int timeout);
int
__wrap_epoll_wait(int fd, struct epoll_event *events, int max, int timeout)
{
	waits++;
	if (fault_hits("epoll_wait"))
		return -1;
	return __real_epoll_wait(fd, events, max, timeout);
}

/* What a callback saw; each test uses as much of it as it needs. */
struct seen {
	struct loop *loop;
	struct loop_watch watch[2];
	struct loop_timer timer[4];
	struct loop_call call[3];
	int fd;
	int pair[2];
	uint32_t events;
	int count;
	char order[16];
};

static void
seen_note(struct seen *s, char what)
{
	size_t len = strlen(s->order);

	ck_assert_uint_lt(len, sizeof(s->order) - 1);
	s->order[len] = what;
	s->order[len + 1] = '\0';
}

static void
on_time_stop(void *arg)
{
	loop_stop(((struct seen *)arg)->loop);
}

static void
on_call_stop(void *arg)
{
	struct seen *s = arg;

	seen_note(s, 's');
	loop_stop(s->loop);
}

static void
seen_open(struct seen *s)
{
	memset(s, 0, sizeof(*s));
	s->fd = -1;
	ck_assert_int_eq(loop_new(&s->loop), 0);
	waits = 0;
}

static void
seen_close(struct seen *s)
{
	loop_free(&s->loop);
	ck_assert_ptr_null(s->loop);
	if (s->fd >= 0)
		close(s->fd);
}

/* --- stop and sleep ------------------------------------------------------- */

START_TEST(loop_stop_before_run_is_kept)
{
	struct seen s;

	seen_open(&s);
	loop_stop(s.loop);
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_int_eq(waits, 0);
	/* And is used up: this run ends by the second stop. */
	s.timer[0].on_time = on_time_stop;
	s.timer[0].arg = &s;
	loop_timer_set(s.loop, &s.timer[0], clock_after(1));
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_int_gt(waits, 0);
	seen_close(&s);
}
END_TEST

static void *
stop_it(void *arg)
{
	struct seen *s = arg;

	while (waits == 0)
		sched_yield();
	loop_stop(s->loop);
	return NULL;
}

START_TEST(loop_stop_from_another_thread)
{
	pthread_t thread;
	struct seen s;

	seen_open(&s);
	ck_assert_int_eq(pthread_create(&thread, NULL, stop_it, &s), 0);
	ck_assert_int_eq(loop_run(s.loop), 0);
	pthread_join(thread, NULL);
	ck_assert_int_eq(waits, 1);
	seen_close(&s);
}
END_TEST

START_TEST(loop_free_takes_null)
{
	struct loop *loop = NULL;

	loop_free(&loop);
	ck_assert_ptr_null(loop);
}
END_TEST

START_TEST(loop_run_goes_on_after_eintr)
{
	struct seen s;

	seen_open(&s);
	s.timer[0].on_time = on_time_stop;
	s.timer[0].arg = &s;
	loop_timer_set(s.loop, &s.timer[0], clock_after(5));
	fault_set("epoll_wait", 1, EINTR);
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert(fault_take());
	fault_set("epoll_wait", 1, EINVAL);
	ck_assert_int_eq(loop_run(s.loop), -EINVAL);
	ck_assert(fault_take());
	seen_close(&s);
}
END_TEST

static void
check_new_fault(const char *call)
{
	struct loop *loop = NULL;

	fault_set(call, 1, EMFILE);
	ck_assert_int_eq(loop_new(&loop), -EMFILE);
	ck_assert(fault_take());
	ck_assert_ptr_null(loop);
}

START_TEST(loop_new_can_fail)
{
	check_new_fault("epoll_create1");
	check_new_fault("eventfd");
	check_new_fault("epoll_ctl");
}
END_TEST

/* --- descriptors ---------------------------------------------------------- */

static void
on_ready_stop(void *arg, uint32_t events)
{
	struct seen *s = arg;

	s->events = events;
	s->count++;
	loop_stop(s->loop);
}

START_TEST(loop_watch_tells_events)
{
	struct seen s;
	int fd[2];

	seen_open(&s);
	net_unix_pair(fd);
	ck_assert_int_eq(
	    loop_watch(s.loop, &s.watch[0], fd[0], EPOLLIN, on_ready_stop, &s),
	    0);
	ck_assert_int_eq(s.watch[0].fd, fd[0]);
	ck_assert_int_eq(write(fd[1], "x", 1), 1);
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_uint_eq(s.events, EPOLLIN);
	ck_assert_int_eq(loop_rewatch(s.loop, &s.watch[0], EPOLLOUT), 0);
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_uint_eq(s.events, EPOLLOUT);
	ck_assert_int_eq(s.count, 2);
	ck_assert_int_eq(waits, 2);
	loop_unwatch(s.loop, &s.watch[0]);
	ck_assert_int_eq(s.watch[0].fd, -1);
	loop_unwatch(s.loop, &s.watch[0]); /* again: nothing */
	seen_close(&s);
	close(fd[0]);
	close(fd[1]);
}
END_TEST

START_TEST(loop_watch_can_fail)
{
	struct seen s;

	seen_open(&s);
	ck_assert_int_eq(
	    loop_watch(s.loop, &s.watch[0], -1, EPOLLIN, on_ready_stop, &s),
	    -EBADF);
	ck_assert_int_eq(s.watch[0].fd, -1);
	s.fd = wakeup_new();
	fault_set("epoll_ctl", 1, ENOSPC);
	ck_assert_int_eq(
	    loop_watch(s.loop, &s.watch[0], s.fd, EPOLLIN, on_ready_stop, &s),
	    -ENOSPC);
	ck_assert_int_eq(s.watch[0].fd, -1);
	ck_assert_int_eq(
	    loop_watch(s.loop, &s.watch[0], s.fd, 0, on_ready_stop, &s), 0);
	fault_set("epoll_ctl", 2, ENOSPC); /* MOD finds nothing, so ADD */
	ck_assert_int_eq(loop_rewatch(s.loop, &s.watch[0], EPOLLIN), -ENOSPC);
	ck_assert(fault_take());
	seen_close(&s);
}
END_TEST

/* A hang-up must not wake a loop that wants nothing of the descriptor. */
START_TEST(loop_rewatch_to_nothing_is_quiet)
{
	struct seen s;
	int fd[2];

	seen_open(&s);
	net_unix_pair(fd);
	ck_assert_int_eq(
	    loop_watch(s.loop, &s.watch[0], fd[0], EPOLLIN, on_ready_stop, &s),
	    0);
	ck_assert_int_eq(loop_rewatch(s.loop, &s.watch[0], 0), 0);
	ck_assert_int_eq(loop_rewatch(s.loop, &s.watch[0], 0), 0);
	close(fd[1]);
	s.timer[0].on_time = on_time_stop;
	s.timer[0].arg = &s;
	loop_timer_set(s.loop, &s.timer[0], clock_after(20));
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_int_eq(s.count, 0);
	ck_assert_int_eq(waits, 1);
	ck_assert_int_eq(loop_rewatch(s.loop, &s.watch[0], EPOLLIN), 0);
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_uint_eq(s.events, EPOLLIN | EPOLLHUP);
	seen_close(&s);
	close(fd[0]);
}
END_TEST

START_TEST(loop_watch_once)
{
	struct seen s;

	seen_open(&s);
	s.fd = wakeup_new();
	wakeup_signal(s.fd);
	ck_assert_int_eq(loop_watch(s.loop, &s.watch[0], s.fd,
			     EPOLLIN | EPOLLONESHOT, on_ready_stop, &s),
	    0);
	ck_assert_int_eq(loop_run(s.loop), 0);
	s.timer[0].on_time = on_time_stop;
	s.timer[0].arg = &s;
	loop_timer_set(s.loop, &s.timer[0], clock_after(10));
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_int_eq(s.count, 1);
	ck_assert_int_eq(
	    loop_rewatch(s.loop, &s.watch[0], EPOLLIN | EPOLLONESHOT), 0);
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_int_eq(s.count, 2);
	seen_close(&s);
}
END_TEST

/* Whichever of two comes first takes the other off. */
static void
on_ready_unwatch_both(void *arg, uint32_t events)
{
	struct seen *s = arg;

	s->events = events;
	s->count++;
	loop_unwatch(s->loop, &s->watch[0]);
	loop_unwatch(s->loop, &s->watch[1]);
	loop_stop(s->loop);
}

START_TEST(loop_unwatch_drops_fetched_events)
{
	struct seen s;
	int fd[2];

	seen_open(&s);
	for (int i = 0; i < 2; i++) {
		fd[i] = wakeup_new();
		wakeup_signal(fd[i]);
		ck_assert_int_eq(loop_watch(s.loop, &s.watch[i], fd[i], EPOLLIN,
				     on_ready_unwatch_both, &s),
		    0);
	}
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_int_eq(s.count, 1);
	seen_close(&s);
	close(fd[0]);
	close(fd[1]);
}
END_TEST

static void
on_ready_note(void *arg, uint32_t events)
{
	struct seen *s = arg;

	seen_note(s, (events & EPOLLOUT) != 0 ? 'o' : 'i');
}

/*
 * The same storage is used at once for other descriptors: what was fetched for
 * the old ones must not come to the new callback.
 */
static void
on_ready_move(void *arg, uint32_t events)
{
	struct seen *s = arg;

	(void)events;
	for (int i = 0; i < 2; i++) {
		loop_unwatch(s->loop, &s->watch[i]);
		ck_assert_int_eq(loop_watch(s->loop, &s->watch[i], s->pair[i],
				     EPOLLOUT, on_ready_note, s),
		    0);
	}
	loop_stop(s->loop);
}

START_TEST(loop_watch_can_be_moved_within_a_round)
{
	struct seen s;
	int fd[2];

	seen_open(&s);
	net_unix_pair(s.pair);
	for (int i = 0; i < 2; i++) {
		fd[i] = wakeup_new();
		wakeup_signal(fd[i]);
		ck_assert_int_eq(loop_watch(s.loop, &s.watch[i], fd[i], EPOLLIN,
				     on_ready_move, &s),
		    0);
	}
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_str_eq(s.order, "");
	seen_close(&s);
	for (int i = 0; i < 2; i++) {
		close(fd[i]);
		close(s.pair[i]);
	}
}
END_TEST

enum { MANY = 100 };

static void
on_ready_count(void *arg, uint32_t events)
{
	struct seen *s = arg;

	(void)events;
	if (++s->count == MANY)
		loop_stop(s->loop);
}

/* More than one round takes: everybody still has a turn. */
START_TEST(loop_serves_many)
{
	struct loop_watch watch[MANY];
	struct seen s;
	int fd[MANY];

	seen_open(&s);
	for (int i = 0; i < MANY; i++) {
		fd[i] = wakeup_new();
		wakeup_signal(fd[i]);
		ck_assert_int_eq(
		    loop_watch(s.loop, &watch[i], fd[i], EPOLLIN | EPOLLONESHOT,
			on_ready_count, &s),
		    0);
	}
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_int_eq(s.count, MANY);
	seen_close(&s);
	for (int i = 0; i < MANY; i++)
		close(fd[i]);
}
END_TEST

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
	ck_assert_int_le(waits, 3);
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

	seen_note(s, 'a');
	loop_timer_cancel(s->loop, &s->timer[1]);
	loop_timer_set(s->loop, &s->timer[2], clock_after(5));
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
	ck_assert_int_eq(waits, 1);
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
	ck_assert_int_eq(waits, 3);
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

	while (waits == 0)
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
	ck_assert_int_eq(waits, 2);
	seen_close(&s);
}
END_TEST

static void *
toggle_watch(void *arg)
{
	struct seen *s = arg;

	for (int i = 0; i < CALLS; i++)
		ck_assert_int_eq(loop_rewatch(s->loop, &s->watch[0],
				     i % 2 == 0 ? 0 : EPOLLIN),
		    0);
	wakeup_signal(s->fd);
	return NULL;
}

START_TEST(loop_rewatch_from_another_thread)
{
	pthread_t thread;
	struct seen s;

	seen_open(&s);
	s.fd = wakeup_new();
	ck_assert_int_eq(
	    loop_watch(s.loop, &s.watch[0], s.fd, EPOLLIN, on_ready_stop, &s),
	    0);
	ck_assert_int_eq(pthread_create(&thread, NULL, toggle_watch, &s), 0);
	ck_assert_int_eq(loop_run(s.loop), 0);
	pthread_join(thread, NULL);
	ck_assert_int_eq(s.count, 1);
	seen_close(&s);
}
END_TEST

UNIT_SUITE("loop", loop_stop_before_run_is_kept, loop_stop_from_another_thread,
    loop_free_takes_null, loop_run_goes_on_after_eintr, loop_new_can_fail,
    loop_watch_tells_events, loop_watch_can_fail,
    loop_rewatch_to_nothing_is_quiet, loop_watch_once,
    loop_unwatch_drops_fetched_events, loop_watch_can_be_moved_within_a_round,
    loop_serves_many, loop_timers_come_in_order, loop_timer_moves_and_cancels,
    loop_timer_due_can_still_be_cancelled,
    loop_timer_does_not_starve_descriptors, loop_call_comes_after_the_events,
    loop_call_can_be_queued_anew, loop_call_may_free_itself,
    loop_free_runs_what_is_left, loop_defer_from_four_threads,
    loop_defer_wakes_once, loop_rewatch_from_another_thread)
