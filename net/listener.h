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
	bool shared; /* the caller judges peers */
	dev_t dev;   /* UNIX: of the socket file, so that only our own */
	ino_t ino;   /* is removed */
};

/*
 * Listens at the endpoint (not FD: -EINVAL). -EADDRINUSE if somebody listens
 * there; a Unix socket file that nobody listens on any more is replaced, any
 * other file is left alone (-EADDRINUSE). Names that resolve to several
 * addresses: the first. A Unix socket is made with mode 0600; shared: 0666,
 * and whoever connects is the caller's to judge.
 */
int listener_open(
    const struct endpoint *, bool shared, struct listener *out) MUST_CHECK;
/* Closes, and removes its own Unix socket file. */
void listener_close(struct listener *);
/* Whether another machine could connect: TCP, and not at a loopback address. */
bool listener_is_exposed(const struct listener *);
/*
 * One connection, set up by stream_setup. -EAGAIN when there is none,
 * -EACCES for a peer that is not allowed (closed already; *out_peer says who):
 * at a Unix socket that is not shared all but root and our own user.
 * -ECONNABORTED: it could not be set up, and is closed; the next one may be.
 * Other errors are of the moment (-EMFILE …): try again later.
 */
int listener_accept(
    struct listener *, int *out_fd, struct peer *out_peer) MUST_CHECK;

#endif
