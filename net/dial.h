/* SPDX-License-Identifier: BSD-2-Clause */
/* Connecting out. */
#ifndef VSCARD_NET_DIAL_H
#define VSCARD_NET_DIAL_H

#include <stdbool.h>

#include "net/endpoint.h"

/*
 * Starts to connect; names are resolved here, which may take a moment. 0 with
 * a descriptor: *out_done tells whether it is connected already; if not, watch
 * it for EPOLLOUT and call dial_finish. FD endpoints: the descriptor itself
 * (adopted). SSH endpoints are not for it: -EINVAL. -ENOENT: no such host or no such socket file; -ECONNREFUSED and
 * others as the kernel says.
 */
int dial_start(const struct endpoint *, int *out_fd, bool *out_done)
    MUST_CHECK;
/*
 * After EPOLLOUT: 0 with the stream set up (stream_setup), or why it failed.
 * The descriptor stays the caller's either way.
 */
int dial_finish(int fd) MUST_CHECK;

#endif
