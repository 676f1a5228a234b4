/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/conn.h"

#include <unistd.h>

#include "net/stream.h"
#include "vscard/lend.h"

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
	*c = (struct conn){.fd = fd, .session = session};
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

static ssize_t
conn_send(int fd, const struct session_piece *pieces, size_t count)
{
	struct iovec iov[SESSION_PIECES];

	if (count == 1)
		return stream_send(fd, pieces[0].data, pieces[0].len);
	for (size_t i = 0; i < count; i++) {
		iov[i].iov_base = (void *)(uintptr_t)pieces[i].data;
		iov[i].iov_len = pieces[i].len;
	}
	return stream_send_all(fd, iov, count);
}

int
conn_flush(struct conn *c)
{
	struct session_piece pieces[SESSION_PIECES];
	ssize_t n = 0;
	size_t count;
	int rc;

	while (n >= 0 && (count = session_pieces(c->session, pieces)) > 0) {
		n = conn_send(c->fd, pieces, count);
		if (n > 0) {
			vscard_session_sent(c->session, (size_t)n);
			c->sent += (uint64_t)n;
		}
	}
	rc = session_end_loan(c->session);
	return n < 0 && rc == 0 ? (int)n : rc;
}
