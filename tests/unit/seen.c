/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/seen.h"

#include <check.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/fault.h"

atomic_int seen_waits;

FAULT_CALL(eventfd, (unsigned count, int flags), (count, flags))
FAULT_CALL(epoll_create1, (int flags), (flags))
FAULT_CALL(epoll_ctl, (int epoll, int op, int fd, struct epoll_event *ev),
    (epoll, op, fd, ev))

int __real_epoll_wait(int fd, struct epoll_event *, int max, int timeout);
int __wrap_epoll_wait(int fd, struct epoll_event *, int max, int timeout);
int
__wrap_epoll_wait(int fd, struct epoll_event *events, int max, int timeout)
{
	seen_waits++;
	if (fault_hits("epoll_wait"))
		return -1;
	return __real_epoll_wait(fd, events, max, timeout);
}

void
seen_note(struct seen *s, char what)
{
	size_t len = strlen(s->order);

	ck_assert_uint_lt(len, sizeof(s->order) - 1);
	s->order[len] = what;
	s->order[len + 1] = '\0';
}

void
on_ready_stop(void *arg, uint32_t events)
{
	struct seen *s = arg;

	s->events = events;
	s->count++;
	loop_stop(s->loop);
}

void
on_time_stop(void *arg)
{
	loop_stop(((struct seen *)arg)->loop);
}

void
on_call_stop(void *arg)
{
	struct seen *s = arg;

	seen_note(s, 's');
	loop_stop(s->loop);
}

void
seen_open(struct seen *s)
{
	memset(s, 0, sizeof(*s));
	s->fd = -1;
	ck_assert_int_eq(loop_new(&s->loop), 0);
	seen_waits = 0;
}

void
seen_close(struct seen *s)
{
	loop_free(&s->loop);
	ck_assert_ptr_null(s->loop);
	if (s->fd >= 0)
		close(s->fd);
}
