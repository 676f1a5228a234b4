/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/dial.h"

#include <string.h>
#include <unistd.h>

#include "net/address.h"
#include "net/stream.h"

/*
 * A TCP socket that dials a free port of its own machine over and over is one
 * day given that very port for its own end, and then talks to itself.
 */
static bool
is_self(const struct address *a, const struct address *b)
{
	if (a->at.any.sa_family == AF_UNIX)
		return false;
	return a->len == b->len && memcmp(&a->at, &b->at, a->len) == 0;
}

static int
check_ends(int fd)
{
	struct address us = {.len = sizeof(us.at)};
	struct address peer = {.len = sizeof(peer.at)};

	if (getpeername(fd, &peer.at.any, &peer.len) < 0 ||
	    getsockname(fd, &us.at.any, &us.len) < 0)
		return -errno;
	return is_self(&us, &peer) ? -ECONNREFUSED : 0;
}

int
dial_finish(int fd)
{
	socklen_t len;
	int err, rc;

	len = sizeof(err);
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		return -errno;
	if (err != 0)
		return -err;
	rc = check_ends(fd);
	return rc < 0 ? rc : stream_setup(fd);
}

static int
dial_fd(int fd, int *out_fd, bool *out_done)
{
	int rc = dial_finish(fd);

	if (rc < 0) {
		close(fd);
		return rc;
	}
	*out_fd = fd;
	*out_done = true;
	return 0;
}

/* 1: connected, 0: under way. */
static int
connect_begin(int fd, const struct address *a)
{
	int rc;

	if (connect(fd, &a->at.any, a->len) == 0) {
		rc = dial_finish(fd);
		return rc < 0 ? rc : 1;
	}
	return errno == EINPROGRESS ? 0 : -errno;
}

int
dial_start(const struct endpoint *ep, int *out_fd, bool *out_done)
{
	struct address a;
	int fd, rc;

	if (ep->kind == ENDPOINT_FD)
		return dial_fd(ep->fd, out_fd, out_done);
	rc = address_get(ep, &a);
	if (rc < 0)
		return rc;
	fd = socket(
	    a.at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	rc = connect_begin(fd, &a);
	if (rc < 0) {
		close(fd);
		return rc;
	}
	*out_fd = fd;
	*out_done = rc == 1;
	return 0;
}
