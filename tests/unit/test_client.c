/* SPDX-License-Identifier: BSD-2-Clause */
/* The connection to the host, with a host of the test's own in its loop. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/dial.h"
#include "net/listener.h"
#include "tests/unit/net.h"
#include "util/clock.h"
#include "vscclient/client.h"

enum { WAIT_MS = 20000, HASTE = 50 };

struct bench {
	struct loop *loop;
	struct client *client;
	struct vscard_limits limits;
	struct endpoint endpoint;
	char dir[32];
	char path[64];
	struct listener listener;
	struct loop_watch watch;
	struct link host; /* what the listener accepted */
	struct loop_timer failsafe;
	int raw; /* the same, if it is to be mute */
	bool mute;
	/* What has happened. */
	int opened;
	int linked;
	int unlinked;
	int adds;
	int removes;
	int ready;
	int lost;
	int ended;
};

/* --- time -------------------------------------------------------------- */

/* Deadlines come so many times as soon: seconds are too long for a test. */
static int haste = 1;

void
__real_loop_timer_set(struct loop *, struct loop_timer *, int64_t deadline);
void
__wrap_loop_timer_set(struct loop *, struct loop_timer *, int64_t deadline);
void
__wrap_loop_timer_set(
    struct loop *loop, struct loop_timer *timer, int64_t deadline)
{
	if (haste > 1)
		deadline = clock_after(clock_left(deadline) / haste);
	__real_loop_timer_set(loop, timer, deadline);
}

/* --- the host --------------------------------------------------------- */

static void
host_on_event(void *arg, const struct vscard_event *ev)
{
	struct bench *b = arg;

	if (ev->type == VSCARD_EVENT_OPEN)
		b->opened++;
	if (ev->type == VSCARD_EVENT_READER_ADD)
		b->adds++;
	if (ev->type == VSCARD_EVENT_READER_REMOVE)
		b->removes++;
	loop_stop(b->loop);
}

static void
host_on_lost(void *arg, int err)
{
	struct bench *b = arg;

	(void)err;
	b->lost++;
	link_close(&b->host);
	loop_stop(b->loop);
}

static const struct link_ops host_ops = {host_on_event, host_on_lost};

/* Says Init as a host would, and nothing more. */
static void
host_be_mute(struct bench *b, int fd)
{
	static const uint8_t init[] = {0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0,
	    0, 0, 12, 'V', 'S', 'C', 'D', 0, 0, 0, 2, 0, 0, 0, 0};

	b->raw = fd;
	b->opened++;
	ck_assert_int_eq(write(fd, init, sizeof(init)), sizeof(init));
}

static void
on_accept(void *arg, uint32_t events)
{
	struct bench *b = arg;
	struct peer peer;
	int fd;

	(void)events;
	ck_assert_int_eq(listener_accept(&b->listener, &fd, &peer), 0);
	if (b->mute) {
		host_be_mute(b, fd);
		loop_stop(b->loop);
		return;
	}
	ck_assert_int_eq(link_open(&b->host, fd, VSCARD_ROLE_HOST,
	    &b->limits), 0);
}

static void
host_listen(struct bench *b)
{
	ck_assert_int_eq(listener_open(&b->endpoint, false, &b->listener), 0);
	ck_assert_int_eq(loop_watch(b->loop, &b->watch, b->listener.fd,
	    EPOLLIN, on_accept, b), 0);
}

/* Connects to a client that listens; nothing is said yet. */
static int
host_call(struct bench *b)
{
	bool done;
	int fd;

	ck_assert_int_eq(dial_start(&b->endpoint, &fd, &done), 0);
	ck_assert(done);
	return fd;
}

static void
host_speak(struct bench *b, int fd)
{
	ck_assert_int_eq(link_open(&b->host, fd, VSCARD_ROLE_HOST,
	    &b->limits), 0);
}

/* --- the client's owner ----------------------------------------------- */

static void
on_link(void *arg)
{
	struct bench *b = arg;
	unsigned reader;

	b->linked++;
	ck_assert_int_eq(vscard_session_add_reader(link_session(
	    &b->client->link), "reader", &reader), 0);
	link_kick(&b->client->link);
}

static void
on_event(void *arg, const struct vscard_event *ev)
{
	struct bench *b = arg;

	ck_assert_int_ne(ev->type, VSCARD_EVENT_OPEN);
	ck_assert_int_ne(ev->type, VSCARD_EVENT_FINISHED);
	if (ev->type == VSCARD_EVENT_READER_READY)
		b->ready++;
	loop_stop(b->loop);
}

static void
on_unlink(void *arg)
{
	struct bench *b = arg;

	b->unlinked++;
	loop_stop(b->loop);
}

static void
on_ended(void *arg)
{
	struct bench *b = arg;

	b->ended++;
	loop_stop(b->loop);
}

static const struct client_ops ops = {on_link, on_event, on_unlink, on_ended, NULL};

/* --- the bench -------------------------------------------------------- */

static void
on_failsafe(void *arg)
{
	(void)arg;
	ck_abort_msg("nothing came any more");
}

static void
on_tick(void *arg)
{
	loop_stop(arg);
}

static void
want(struct bench *b, const int *counter, int value)
{
	__real_loop_timer_set(b->loop, &b->failsafe, clock_after(WAIT_MS));
	while (*counter < value)
		ck_assert_int_eq(loop_run(b->loop), 0);
	loop_timer_cancel(b->loop, &b->failsafe);
}

/* Rounds of the loop until the client is in that state. */
static void
want_state(struct bench *b, enum client_state state)
{
	struct loop_timer tick = {.deadline = CLOCK_NEVER,
	    .on_time = on_tick, .arg = b->loop};

	__real_loop_timer_set(b->loop, &b->failsafe, clock_after(WAIT_MS));
	while (b->client->state != state) {
		loop_timer_set(b->loop, &tick, clock_after(1));
		ck_assert_int_eq(loop_run(b->loop), 0);
		loop_timer_cancel(b->loop, &tick);
	}
	loop_timer_cancel(b->loop, &b->failsafe);
}

static struct bench *
bench_new(void)
{
	struct bench *b = calloc(1, sizeof(*b));

	ck_assert_ptr_nonnull(b);
	net_dir_make(b->dir);
	snprintf(b->path, sizeof(b->path), "%s/socket", b->dir);
	b->endpoint = net_endpoint(ENDPOINT_UNIX, 0, b->path);
	b->watch.fd = -1;
	b->listener.fd = -1;
	b->raw = -1;
	b->failsafe.deadline = CLOCK_NEVER;
	b->failsafe.on_time = on_failsafe;
	ck_assert_int_eq(loop_new(&b->loop), 0);
	vscard_limits_init(&b->limits);
	link_init(&b->host, b->loop, &host_ops, b);
	ck_assert_int_eq(client_new(b->loop, &b->endpoint, &b->limits, &ops,
	    b, &b->client), 0);
	return b;
}

static void
bench_free(struct bench *b)
{
	client_free(&b->client);
	link_close(&b->host);
	if (b->raw >= 0)
		close(b->raw);
	if (b->watch.fd >= 0)
		loop_unwatch(b->loop, &b->watch);
	if (b->listener.fd >= 0)
		listener_close(&b->listener);
	loop_free(&b->loop);
	net_dir_remove(b->dir);
	free(b);
}

static struct bench *
bench_open(void)
{
	struct bench *b = bench_new();

	host_listen(b);
	client_start(b->client);
	want(b, &b->opened, 1);
	want(b, &b->adds, 1);
	return b;
}

/* --- tests ------------------------------------------------------------ */

START_TEST(waits_for_a_host)
{
	struct bench *b = bench_new();

	client_start(b->client);
	ck_assert_int_eq(b->client->state, CLIENT_WAITING);
	ck_assert_int_eq(b->linked, 0);
	host_listen(b);
	want(b, &b->opened, 1);
	want(b, &b->adds, 1);
	ck_assert_int_eq(b->linked, 1);
	bench_free(b);
}
END_TEST

START_TEST(comes_back)
{
	struct bench *b = bench_open();

	for (int i = 2; i < 5; i++) {
		link_close(&b->host);
		want(b, &b->opened, i);
		want(b, &b->adds, i);
		ck_assert_int_eq(b->linked, i);
		ck_assert_int_eq(b->unlinked, i - 1);
	}
	ck_assert_int_eq(b->ended, 0);
	bench_free(b);
}
END_TEST

START_TEST(a_reader_taken_makes_the_next_try_quick)
{
	struct bench *b = bench_open();
	unsigned seen = 0;
	int64_t since;

	for (int i = 2; i < 8; i++) {
		want(b, &b->ready, i - 1);
		since = clock_now();
		link_close(&b->host);
		want(b, &b->opened, i);
		/* But not at once. */
		ck_assert_int_ge(clock_now() - since, BACKOFF_FIRST_MS / 2);
		want(b, &b->adds, i);
		seen = b->client->backoff.base;
	}
	ck_assert_uint_le(seen, 2 * BACKOFF_FIRST_MS);
	bench_free(b);
}
END_TEST

START_TEST(finish_removes_and_ends)
{
	struct bench *b = bench_open();

	client_finish(b->client);
	want(b, &b->ended, 1);
	ck_assert_int_eq(b->unlinked, 1);
	want(b, &b->removes, 1);
	want(b, &b->lost, 1);
	bench_free(b);
}
END_TEST

START_TEST(finish_without_a_host_ends_at_once)
{
	struct bench *b = bench_new();

	client_start(b->client);
	client_finish(b->client);
	ck_assert_int_eq(b->ended, 1);
	bench_free(b);
	b = bench_new();
	client_finish(b->client);
	ck_assert_int_eq(b->ended, 1);
	bench_free(b);
}
END_TEST

START_TEST(finish_does_not_wait_for_ever)
{
	struct bench *b = bench_new();
	int64_t start;

	b->mute = true;
	host_listen(b);
	client_start(b->client);
	want(b, &b->opened, 1);
	want_state(b, CLIENT_OPEN);
	start = clock_now();
	client_finish(b->client);
	want(b, &b->ended, 1);
	ck_assert_int_ge(clock_now() - start, CLIENT_FINISH_MS - 1);
	ck_assert_int_lt(clock_now() - start, 2 * CLIENT_FINISH_MS);
	bench_free(b);
}
END_TEST

static struct bench *
bench_listen(void)
{
	struct bench *b = bench_new();

	ck_assert_int_eq(client_listen(b->client), 0);
	client_start(b->client);
	ck_assert_int_eq(b->client->state, CLIENT_DIALING);
	return b;
}

START_TEST(listens_and_serves_whoever_calls)
{
	struct bench *b = bench_listen();

	for (int i = 1; i < 5; i++) {
		host_speak(b, host_call(b));
		want(b, &b->opened, i);
		want(b, &b->adds, i);
		want(b, &b->ready, i);
		ck_assert_int_eq(b->linked, i);
		ck_assert_int_eq(b->unlinked, i - 1);
		link_close(&b->host);
	}
	client_finish(b->client);
	want(b, &b->ended, 1);
	bench_free(b);
}
END_TEST

/* The second is not even greeted until the first has gone. */
START_TEST(listens_and_serves_one_at_a_time)
{
	struct bench *b = bench_listen();
	int second;

	host_speak(b, host_call(b));
	want(b, &b->opened, 1);
	second = host_call(b);
	want(b, &b->ready, 1);
	ck_assert_int_eq(recv(second, &(char){0}, 1, MSG_DONTWAIT), -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_eq(b->unlinked, 0);
	link_close(&b->host);
	host_speak(b, second);
	want(b, &b->opened, 2);
	want(b, &b->ready, 2);
	bench_free(b);
}
END_TEST

START_TEST(listens_on_after_a_caller_that_says_nothing)
{
	struct bench *b = bench_listen();

	close(host_call(b));
	want(b, &b->unlinked, 1);
	want_state(b, CLIENT_DIALING);
	host_speak(b, host_call(b));
	want(b, &b->ready, 1);
	bench_free(b);
}
END_TEST

/* In the deadline's time, as it passes here. */
static void
check_dropped(struct bench *b, int64_t since)
{
	want(b, &b->unlinked, 1);
	ck_assert_int_ge(clock_now() - since, CLIENT_HELLO_MS / HASTE / 2);
	ck_assert_int_eq(b->client->err, -ETIMEDOUT);
	haste = 1;
}

START_TEST(half_a_greeting_has_its_time)
{
	static const uint8_t half[] = {0, 0, 0, 1, 0xff};
	struct bench *b = bench_listen();
	int64_t since = clock_now();
	int fd = host_call(b);

	haste = HASTE;
	ck_assert_int_eq(write(fd, half, sizeof(half)), sizeof(half));
	check_dropped(b, since);
	close(fd);
	want_state(b, CLIENT_DIALING);
	host_speak(b, host_call(b));
	want(b, &b->ready, 1);
	bench_free(b);
}
END_TEST

START_TEST(so_has_a_host_that_was_dialed)
{
	struct bench *b = bench_new();
	int64_t since = clock_now();

	haste = HASTE;
	ck_assert_int_eq(listener_open(&b->endpoint, false, &b->listener), 0);
	client_start(b->client);
	check_dropped(b, since);
	bench_free(b);
}
END_TEST

START_TEST(listens_only_where_nobody_does)
{
	struct bench *b = bench_new();

	host_listen(b);
	ck_assert_int_eq(client_listen(b->client), -EADDRINUSE);
	bench_free(b);
}
END_TEST

START_TEST(listener_goes_with_the_client)
{
	struct bench *b = bench_listen();

	ck_assert_int_eq(access(b->path, F_OK), 0);
	client_finish(b->client);
	ck_assert_int_eq(b->ended, 1);
	client_free(&b->client);
	ck_assert_int_eq(access(b->path, F_OK), -1);
	bench_free(b);
}
END_TEST

START_TEST(states_have_names)
{
	for (int i = 0; i <= CLIENT_ENDED; i++)
		ck_assert_str_ne(client_state_name((enum client_state)i), "?");
	ck_assert_str_eq(client_state_name((enum client_state)99), "?");
}
END_TEST

UNIT_SUITE("client", waits_for_a_host, comes_back,
    a_reader_taken_makes_the_next_try_quick, finish_removes_and_ends,
    finish_without_a_host_ends_at_once, finish_does_not_wait_for_ever,
    listens_and_serves_whoever_calls, listens_and_serves_one_at_a_time,
    listens_on_after_a_caller_that_says_nothing, half_a_greeting_has_its_time,
    so_has_a_host_that_was_dialed, listens_only_where_nobody_does,
    listener_goes_with_the_client, states_have_names)
