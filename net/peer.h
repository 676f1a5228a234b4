/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is at the other end of a connected socket. */
#ifndef VSCARD_NET_PEER_H
#define VSCARD_NET_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/err.h"

enum { PEER_NAME_MAX = 112 };

struct peer {
	char name[PEER_NAME_MAX]; /* for the log: "127.0.0.1:4711",
	                           * "pid 12, user 1000" */
	bool local;               /* a Unix socket: pid and gid hold */
	bool has_user;            /* uid holds; TCP: see allow_judge */
	pid_t pid;
	uid_t uid;
	gid_t gid;
	bool has_address; /* TCP; IPv4 stands behind ::ffff:0:0/96 */
	uint8_t address[16];
};

int peer_get(int fd, struct peer *out) MUST_CHECK;
/* Over a Unix socket: root, or the user this process runs as. Else true. */
bool peer_is_allowed(const struct peer *);
/*
 * With has_address: the address is a loopback one or one of this machine's
 * interfaces (of this network namespace). If the kernel does not say which
 * these are, true.
 */
bool peer_is_own(const struct peer *);

#endif
