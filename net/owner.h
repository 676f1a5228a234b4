/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whose socket the other end of a TCP connection is, if it is on this machine:
 * the kernel tells (sock_diag(7)), without any help of the peer.
 */
#ifndef VSCARD_NET_OWNER_H
#define VSCARD_NET_OWNER_H

#include <sys/types.h>

#include "util/err.h"

/*
 * The user who made the socket that fd, connected, leads to. -ENOENT: the
 * kernel does not find it, because it is another machine's (or another network
 * namespace's), is not accepted yet, has been closed meanwhile (then the kernel
 * would say root), is tied to an interface, or has other addresses than are
 * seen here; or because the kernel has no inet_diag. So it does not mean that
 * the peer is another machine. Others as the kernel says. Does not wait.
 */
int owner_get(int fd, uid_t *out_uid) MUST_CHECK;

#endif
