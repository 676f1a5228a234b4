/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop: its sleep, its end, and descriptors. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "net/wakeup.h"
#include "tests/unit/fault.h"
#include "tests/unit/net.h"
#include "tests/unit/seen.h"
#include "util/clock.h"

/* --- stop and sleep ------------------------------------------------------- */

START_TEST(loop_stop_before_run_is_kept)
{
	struct seen s;

	seen_open(&s);
	loop_stop(s.loop);
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_int_eq(seen_waits, 0);
	/* And is used up: this run ends by the second stop. */
	s.timer[0].on_time = on_time_stop;
	s.timer[0].arg = &s;
	loop_timer_set(s.loop, &s.timer[0], clock_after(1));
	ck_assert_int_eq(loop_run(s.loop), 0);
	ck_assert_int_gt(seen_waits, 0);
	seen_close(&s);
}
END_TEST

static void *
stop_it(void *arg)
{
	struct seen *s = arg;

	while (seen_waits == 0)
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
	ck_assert_int_eq(seen_waits, 1);
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
	ck_assert_int_eq(seen_waits, 2);
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
	ck_assert_int_eq(seen_waits, 1);
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

enum { TOGGLES = 2000 };

static void *
toggle_watch(void *arg)
{
	struct seen *s = arg;

	for (int i = 0; i < TOGGLES; i++)
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
    loop_serves_many, loop_rewatch_from_another_thread)
