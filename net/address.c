/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

/* That the name server is silent is no different to the user: no host. */
static int
lookup_errno(int eai)
{
	if (eai == EAI_MEMORY)
		return -ENOMEM;
	if (eai == EAI_SYSTEM && errno != 0)
		return -errno;
	return -ENOENT;
}

static int
address_lookup(const char *host, struct in_addr *out)
{
	const struct addrinfo hints = {
	    .ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	struct sockaddr_in first;
	struct addrinfo *list;
	int eai;

	eai = getaddrinfo(host, NULL, &hints, &list);
	if (eai != 0)
		return lookup_errno(eai);
	memcpy(&first, list->ai_addr, sizeof(first));
	freeaddrinfo(list);
	*out = first.sin_addr;
	return 0;
}

static int
address_tcp(const struct endpoint *ep, struct address *a)
{
	a->len = sizeof(a->at.in);
	a->at.in.sin_family = AF_INET;
	a->at.in.sin_port = htons(ep->port);
	if (inet_pton(AF_INET, ep->host, &a->at.in.sin_addr) == 1)
		return 0;
	return address_lookup(ep->host, &a->at.in.sin_addr);
}

static int
address_tcp6(const struct endpoint *ep, struct address *a)
{
	a->len = sizeof(a->at.in6);
	a->at.in6.sin6_family = AF_INET6;
	a->at.in6.sin6_port = htons(ep->port);
	if (inet_pton(AF_INET6, ep->host, &a->at.in6.sin6_addr) != 1)
		return -EINVAL;
	return 0;
}

static int
address_unix(const struct endpoint *ep, struct address *a)
{
	_Static_assert(sizeof(a->at.un.sun_path) >= sizeof(ep->path),
	    "the longest path has room, with its NUL");

	a->len = sizeof(a->at.un);
	a->at.un.sun_family = AF_UNIX;
	memcpy(a->at.un.sun_path, ep->path, sizeof(ep->path));
	return 0;
}

int
address_get(const struct endpoint *ep, struct address *out)
{
	struct address a;
	int rc = -EINVAL;

	memset(&a, 0, sizeof(a));
	switch (ep->kind) {
	case ENDPOINT_TCP:
		rc = address_tcp(ep, &a);
		break;
	case ENDPOINT_TCP6:
		rc = address_tcp6(ep, &a);
		break;
	case ENDPOINT_UNIX:
		rc = address_unix(ep, &a);
		break;
	case ENDPOINT_FD:
	case ENDPOINT_SSH:
		break;
	}
	if (rc == 0)
		*out = a;
	return rc;
}
