/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/link.h"

#include <string.h>

#include "util/clock.h"

static void
link_on_lost(void *arg)
{
	struct link *l = arg;

	/* Closed, perhaps opened anew, since the call was queued. */
	if (l->lost == 0)
		return;
	l->ops->on_lost(l->arg, l->lost);
}

static void
link_on_stuck(void *arg)
{
	link_fail(arg, -ETIMEDOUT);
}

void
link_init(struct link *l, struct loop *loop, const struct link_ops *ops,
    void *arg)
{
	memset(l, 0, sizeof(*l));
	l->loop = loop;
	l->ops = ops;
	l->arg = arg;
	l->conn.fd = -1;
	l->watch.fd = -1;
	l->stuck.deadline = CLOCK_NEVER;
	l->stuck.on_time = link_on_stuck;
	l->stuck.arg = l;
	l->lost_call.on_call = link_on_lost;
	l->lost_call.arg = l;
}

static void
link_drain(struct link *l)
{
	struct vscard_event ev;
	int rc = 0;

	while (l->lost == 0 &&
	    (rc = vscard_session_next(l->conn.session, &ev)) == 1)
		l->ops->on_event(l->arg, &ev);
	if (rc < 0)
		link_fail(l, rc);
}

static void
link_set_full(struct link *l, bool full)
{
	int rc;

	if (full == l->full)
		return;
	l->full = full;
	if (full)
		loop_timer_set(l->loop, &l->stuck, clock_after(LINK_WRITE_MS));
	else
		loop_timer_cancel(l->loop, &l->stuck);
	rc = loop_rewatch(l->loop, &l->watch,
	    full ? EPOLLIN | EPOLLOUT : EPOLLIN);
	if (rc < 0)
		link_fail(l, rc);
}

static void
link_flush(struct link *l)
{
	int rc;

	if (l->lost != 0)
		return;
	rc = conn_flush(&l->conn);
	if (rc == 0 || rc == -EAGAIN)
		link_set_full(l, rc == -EAGAIN);
	else
		link_fail(l, rc);
}

void
link_kick(struct link *l)
{
	if (l->busy || l->lost != 0 || !link_is_open(l))
		return;
	l->busy = true;
	link_drain(l);
	link_flush(l);
	l->busy = false;
}

static void
link_on_ready(void *arg, uint32_t events)
{
	struct link *l = arg;
	int rc = 0;

	if ((events & ~(uint32_t)EPOLLOUT) != 0)
		rc = conn_recv(&l->conn, false);
	link_kick(l);
	if (rc < 0 && rc != -EAGAIN)
		link_fail(l, rc);
}

int
link_open(struct link *l, int fd, enum vscard_role role,
    const struct vscard_limits *limits)
{
	int rc;

	rc = conn_init(&l->conn, fd, role, limits);
	if (rc < 0)
		return rc;
	l->lost = 0;
	l->full = false;
	rc = loop_watch(l->loop, &l->watch, fd, EPOLLIN, link_on_ready, l);
	if (rc < 0) {
		conn_clear(&l->conn);
		return rc;
	}
	link_kick(l);
	return 0;
}

void
link_close(struct link *l)
{
	if (!link_is_open(l))
		return;
	if (l->lost == 0) {
		/* What does not fit now has nobody to wait for it. */
		(void)!conn_flush(&l->conn);
		loop_unwatch(l->loop, &l->watch);
	}
	loop_timer_cancel(l->loop, &l->stuck);
	conn_clear(&l->conn);
	l->lost = 0;
}

bool
link_is_open(const struct link *l)
{
	return l->conn.session != NULL;
}

void
link_fail(struct link *l, int err)
{
	if (l->lost != 0 || !link_is_open(l))
		return;
	l->lost = err;
	loop_unwatch(l->loop, &l->watch);
	loop_timer_cancel(l->loop, &l->stuck);
	loop_defer(l->loop, &l->lost_call);
}

struct vscard_session *
link_session(const struct link *l)
{
	return l->conn.session;
}

bool
link_has_names(const struct link *l)
{
	return (vscard_session_capabilities(l->conn.session) &
	    VSCARD_CAP_NAME) != 0;
}

const char *
link_why(const struct link *l, int err)
{
	enum vscard_fault fault = VSCARD_FAULT_NONE;

	if (l->conn.session != NULL)
		fault = vscard_session_fault(l->conn.session);
	if (err == -EPROTO && fault != VSCARD_FAULT_NONE)
		return vscard_fault_name(fault);
	if (err == -ECONNRESET)
		return "closed by the other side";
	return err_text(err);
}
