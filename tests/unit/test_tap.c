/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include "trace/tap.h"

struct count {
	struct tap_observer observer;
	unsigned calls;
	enum trace_kind kind; /* of the last one */
	uint64_t time;
};

static void
on_event(void *arg, const struct trace_event *event)
{
	struct count *count = arg;

	ck_assert_uint_ge(event->time, count->time);
	count->calls++;
	count->kind = event->kind;
	count->time = event->time;
}

static void
count_init(struct count *count)
{
	*count = (struct count){.observer = {.on_event = on_event}};
	count->observer.arg = count;
}

static void
tell(struct tap *tap, enum trace_kind kind)
{
	struct trace_event event = {.kind = kind};

	tap_tell(tap, &event);
}

START_TEST(a_tap_is_off_without_observers)
{
	struct tap tap = TAP_INITIALIZER;
	struct count count;

	count_init(&count);
	ck_assert(!tap_is_on(&tap));
	tell(&tap, TRACE_ATTACH);
	tap_add(&tap, &count.observer);
	ck_assert(tap_is_on(&tap));
	tap_remove(&tap, &count.observer);
	ck_assert(!tap_is_on(&tap));
	tell(&tap, TRACE_ATTACH);
	ck_assert_uint_eq(count.calls, 0);
}
END_TEST

START_TEST(all_observers_are_told_until_they_leave)
{
	struct tap tap = TAP_INITIALIZER;
	struct count counts[3];

	for (int i = 0; i < 3; i++) {
		count_init(&counts[i]);
		tap_add(&tap, &counts[i].observer);
	}
	tell(&tap, TRACE_COMMAND);
	tap_remove(&tap, &counts[1].observer);
	tap_remove(&tap, &counts[1].observer); /* is nothing */
	tell(&tap, TRACE_RESPONSE);
	ck_assert_uint_eq(counts[0].calls, 2);
	ck_assert_uint_eq(counts[1].calls, 1);
	ck_assert_uint_eq(counts[2].calls, 2);
	ck_assert_int_eq(counts[0].kind, TRACE_RESPONSE);
	ck_assert_int_eq(counts[1].kind, TRACE_COMMAND);
	ck_assert_uint_gt(counts[2].time, 1000000000u);
}
END_TEST

enum { RACERS = 4, ROUNDS = 2000 };

static void *
racer(void *arg)
{
	struct tap *tap = arg;

	for (int i = 0; i < ROUNDS; i++)
		tell(tap, TRACE_COMMAND);
	return NULL;
}

/* What an observer counts needs no lock of its own. */
START_TEST(events_come_one_after_the_other)
{
	struct tap tap = TAP_INITIALIZER;
	struct count count, guest;
	pthread_t threads[RACERS];

	count_init(&count);
	count_init(&guest);
	tap_add(&tap, &count.observer);
	for (int i = 0; i < RACERS; i++)
		ck_assert_int_eq(
		    pthread_create(&threads[i], NULL, racer, &tap), 0);
	for (int i = 0; i < ROUNDS; i++) {
		tap_add(&tap, &guest.observer);
		tap_remove(&tap, &guest.observer);
	}
	for (int i = 0; i < RACERS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(count.calls, RACERS * ROUNDS);
}
END_TEST

START_TEST(every_kind_has_a_name)
{
	for (int kind = TRACE_ATTACH; kind <= TRACE_FAILURE; kind++)
		ck_assert_str_ne(trace_kind_name((enum trace_kind)kind), "?");
	ck_assert_str_eq(trace_kind_name((enum trace_kind)99), "?");
}
END_TEST

UNIT_SUITE("tap", a_tap_is_off_without_observers,
    all_observers_are_told_until_they_leave, events_come_one_after_the_other,
    every_kind_has_a_name)
