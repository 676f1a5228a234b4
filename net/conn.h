/* SPDX-License-Identifier: BSD-2-Clause */
/* One stream bound to one session. No lock: the owner's business. */
#ifndef VSCARD_NET_CONN_H
#define VSCARD_NET_CONN_H

#include <stdbool.h>

#include "net/endpoint.h"
#include "vscard/vscard.h"

struct conn {
	int fd; /* -1: none */
	struct vscard_session *session;
	uint64_t sent; /* bytes */
};

/*
 * Adopts fd (closed on failure too) and makes the session.
 */
int conn_init(struct conn *, int fd, enum vscard_role,
    const struct vscard_limits *) MUST_CHECK;
/* Closes and frees; a conn of zeros with fd -1 is left alone. */
void conn_clear(struct conn *);

/*
 * One receive straight into the session; take the events afterwards. Returns
 * 0; -EAGAIN as stream_recv; -ECONNRESET at the end; -EPROTO for a failed
 * session (vscard_session_fault says why, TRUNCATED included); -EBUSY if it
 * is full of events not taken.
 */
int conn_recv(struct conn *, bool wait) MUST_CHECK;
/*
 * Sends what is pending, never waiting. 0 when all is sent, -EAGAIN when the
 * socket is full, -ECONNRESET, -ENOMEM. A loan (vscard/lend.h) is at its end.
 */
int conn_flush(struct conn *) MUST_CHECK;

#endif
