/* SPDX-License-Identifier: BSD-2-Clause */
/* A socket address of one of the three families, in storage of its own. */
#ifndef VSCARD_NET_ADDRESS_H
#define VSCARD_NET_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "net/endpoint.h"

struct address {
	socklen_t len;
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
		struct sockaddr_storage room;
	} at;
};

/*
 * The endpoint's address; of a name that has several, the first of the right
 * family. Only names go to the resolver. -ENOENT: no such host; -EINVAL: FD.
 */
int address_get(const struct endpoint *, struct address *out) MUST_CHECK;

#endif
