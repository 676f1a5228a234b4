/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A connected stream socket. The descriptor itself is blocking, so that a
 * driver thread can sleep in one receive with a deadline; every call here says
 * for itself whether it waits.
 */
#ifndef VSCARD_NET_STREAM_H
#define VSCARD_NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "util/err.h"

enum { STREAM_ASIDE = 512 };

/*
 * Makes a fresh socket fit for use: close-on-exec, blocking, no delay, and for
 * TCP keep-alive and TCP_USER_TIMEOUT so that a dead peer is noticed within
 * 30 s. Unix sockets only get what concerns them.
 */
int stream_setup(int fd) MUST_CHECK;

/*
 * The same socket by a number from STREAM_ASIDE on, which the program that we
 * are loaded into does not come to: pcscd may write to a number whose client
 * has left, and then to whoever has that number by now. Where the process may
 * have no more or no such numbers, it stays what it is.
 */
void stream_set_aside(int *fd);

/*
 * One recv. Count > 0; -EAGAIN if nothing is there (or, when waiting, the
 * receive deadline passed); -ECONNRESET at the end of the stream, however it
 * came. wait: sleep until something comes, at most the receive deadline.
 */
ssize_t stream_recv(int fd, void *room, size_t len, bool wait) MUST_CHECK;
/* The deadline of waiting receives, in milliseconds, > 0. */
int stream_set_deadline(int fd, int ms) MUST_CHECK;
/* One send, never waiting, never SIGPIPE. Count, -EAGAIN or -ECONNRESET. */
ssize_t stream_send(int fd, const void *, size_t len) MUST_CHECK;
/* The same, of count runs of bytes, in one. */
ssize_t stream_send_all(int fd, struct iovec *, size_t count) MUST_CHECK;
/* Ends what is sent: the other side reads to its end, and may still answer. */
void stream_finish(int fd);
/* Ends both directions: every thread asleep on it wakes up. Any thread. */
void stream_shutdown(int fd);

#endif
