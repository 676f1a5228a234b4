/* SPDX-License-Identifier: BSD-2-Clause */
/* A listening socket. */
#ifndef VSCARD_NET_LISTENER_H
#define VSCARD_NET_LISTENER_H

#include <stdbool.h>
#include <sys/types.h>

#include "net/endpoint.h"
#include "net/peer.h"

struct listener {
	int fd; /* -1: closed; close-on-exec, not blocking */
	struct endpoint endpoint;
	dev_t dev; /* UNIX: of the socket file, so that only our own */
	ino_t ino; /* is removed */
};

/*
 * Listens at the endpoint (not FD: -EINVAL). -EADDRINUSE if somebody listens
 * there; a Unix socket file that nobody listens on any more is replaced, any
 * other file is left alone (-EADDRINUSE). A Unix socket is made with mode
 * 0600. Names that resolve to several addresses: the first.
 */
int listener_open(const struct endpoint *, struct listener *out) MUST_CHECK;
/* Closes, and removes its own Unix socket file. */
void listener_close(struct listener *);
/*
 * One connection, set up by stream_setup. -EAGAIN when there is none,
 * -EACCES for a peer that is not allowed (closed already; *out_peer says who).
 * Other errors are of the moment (-EMFILE …): try again later.
 */
int listener_accept(struct listener *, int *out_fd, struct peer *out_peer)
    MUST_CHECK;

#endif
