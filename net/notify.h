/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a service tells its manager, in systemd's protocol: a datagram to the
 * socket that $NOTIFY_SOCKET names. It is meant to be spoken without
 * libsystemd, which would bring a lot into a process that is to have little.
 */
#ifndef VSCARD_NET_NOTIFY_H
#define VSCARD_NET_NOTIFY_H

#include "util/err.h"

/*
 * The socket, connected, close-on-exec; -1 if no manager wants to know. Fails
 * if one does and cannot be reached.
 */
int notify_open(int *out_fd) MUST_CHECK;
/*
 * One datagram of "NAME=value" lines. Never waits: a manager that does not
 * listen has lost it.
 */
void notify_send(int fd, const char *text);

#endif
