/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/conn.h"

#include <unistd.h>

#include "net/stream.h"

int
conn_init(struct conn *c, int fd, enum vscard_role role,
    const struct vscard_limits *limits)
{
	struct vscard_session *session;
	int rc;

	rc = vscard_session_new(role, limits, &session);
	if (rc < 0) {
		close(fd);
		return rc;
	}
	c->fd = fd;
	c->session = session;
	return 0;
}

void
conn_clear(struct conn *c)
{
	vscard_session_free(&c->session);
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

/* Truncation is a fault of the session; a clean end is only an end. */
static int
conn_end(struct conn *c)
{
	return vscard_session_feed_end(c->session) < 0 ? -EPROTO : -ECONNRESET;
}

int
conn_recv(struct conn *c, bool wait)
{
	void *room;
	size_t len;
	ssize_t n;
	int rc;

	rc = vscard_session_space(c->session, &room, &len);
	/* Without memory the session has failed as well. */
	if (rc < 0)
		return rc == -EBUSY ? rc : -EPROTO;
	n = stream_recv(c->fd, room, len, wait);
	if (n == -ECONNRESET)
		return conn_end(c);
	if (n < 0)
		return (int)n;
	vscard_session_fed(c->session, (size_t)n);
	return 0;
}

int
conn_flush(struct conn *c)
{
	const void *data;
	size_t len;
	ssize_t n;

	while ((data = vscard_session_pending(c->session, &len)) != NULL) {
		n = stream_send(c->fd, data, len);
		if (n < 0)
			return (int)n;
		vscard_session_sent(c->session, (size_t)n);
	}
	return 0;
}
