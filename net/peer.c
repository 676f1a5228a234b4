/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/peer.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/address.h"

static int
peer_unix(int fd, struct peer *p)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return -errno;
	p->local = p->has_user = true;
	p->pid = cred.pid;
	p->uid = cred.uid;
	p->gid = cred.gid;
	snprintf(p->name, sizeof(p->name), "pid %ld, user %lu", (long)p->pid,
	    (unsigned long)p->uid);
	return 0;
}

/* IPv4 stands behind this. */
static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

static void
peer_tcp(const struct sockaddr_in *in, struct peer *p)
{
	char host[INET_ADDRSTRLEN] = "?";

	p->has_address = true;
	memcpy(p->address, mapped, sizeof(mapped));
	memcpy(p->address + sizeof(mapped), &in->sin_addr,
	    sizeof(in->sin_addr));

	inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
	snprintf(p->name, sizeof(p->name), "%s:%u", host,
	    (unsigned)ntohs(in->sin_port));
}

static void
peer_tcp6(const struct sockaddr_in6 *in6, struct peer *p)
{
	char host[INET6_ADDRSTRLEN] = "?";

	p->has_address = true;
	memcpy(p->address, &in6->sin6_addr, sizeof(p->address));

	inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
	snprintf(p->name, sizeof(p->name), "[%s]:%u", host,
	    (unsigned)ntohs(in6->sin6_port));
}

int
peer_get(int fd, struct peer *out)
{
	struct address a = {.len = sizeof(a.at)};
	struct peer p;
	int rc = 0;

	if (getpeername(fd, &a.at.any, &a.len) < 0)
		return -errno;
	memset(&p, 0, sizeof(p));
	switch (a.at.any.sa_family) {
	case AF_UNIX:
		rc = peer_unix(fd, &p);
		break;
	case AF_INET:
		peer_tcp(&a.at.in, &p);
		break;
	case AF_INET6:
		peer_tcp6(&a.at.in6, &p);
		break;
	default:
		snprintf(p.name, sizeof(p.name), "address family %u",
		    (unsigned)a.at.any.sa_family);
		break;
	}
	if (rc == 0)
		*out = p;
	return rc;
}

bool
peer_is_allowed(const struct peer *p)
{
	return !p->local || p->uid == 0 || p->uid == geteuid();
}

static bool
is_at(const struct peer *p, const struct sockaddr *at)
{
	struct peer other;

	if (at == NULL)
		return false;
	if (at->sa_family == AF_INET)
		peer_tcp((const void *)at, &other);
	else if (at->sa_family == AF_INET6)
		peer_tcp6((const void *)at, &other);
	else
		return false;
	return memcmp(p->address, other.address, sizeof(p->address)) == 0;
}

/* All of 127.0.0.0/8, of which the interface has one. */
static bool
is_loopback(const struct peer *p)
{
	if (memcmp(p->address, mapped, sizeof(mapped)) == 0)
		return p->address[sizeof(mapped)] == IN_LOOPBACKNET;
	return memcmp(p->address, &in6addr_loopback, sizeof(p->address)) == 0;
}

bool
peer_is_own(const struct peer *p)
{
	struct ifaddrs *list;
	bool own = false;

	if (is_loopback(p) || getifaddrs(&list) < 0)
		return true;
	for (const struct ifaddrs *a = list; a != NULL && !own; a = a->ifa_next)
		own = is_at(p, a->ifa_addr);
	freeifaddrs(list);
	return own;
}
