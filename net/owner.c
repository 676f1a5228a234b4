/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/owner.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "net/address.h"

enum { ANSWER_MAX = 4096 };

struct question {
	struct nlmsghdr head;
	struct inet_diag_req_v2 body;
};

static const struct in6_addr *
mapped4(const struct address *a)
{
	const struct in6_addr *in6 = &a->at.in6.sin6_addr;

	return a->at.any.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(in6)
		   ? in6
		   : NULL;
}

/* An address as the question holds it: IPv4 in the first word. */
static int
put_address(const struct address *a, __be32 out[4], __be16 *out_port)
{
	const struct in6_addr *in6 = mapped4(a);

	memset(out, 0, 4 * sizeof(*out));
	*out_port = a->at.in6.sin6_port;
	if (a->at.any.sa_family == AF_INET) {
		*out_port = a->at.in.sin_port;
		memcpy(out, &a->at.in.sin_addr, sizeof(a->at.in.sin_addr));
		return AF_INET;
	}
	if (in6 != NULL) {
		memcpy(out, in6->s6_addr + 12, sizeof(*out));
		return AF_INET;
	}
	memcpy(out, &a->at.in6.sin6_addr, sizeof(a->at.in6.sin6_addr));
	return AF_INET6;
}

/* From the peer's point of view: its own end is the source. */
static int
question_init(int fd, struct question *q)
{
	struct address us = {.len = sizeof(us.at)};
	struct address peer = {.len = sizeof(peer.at)};
	struct inet_diag_sockid *id = &q->body.id;

	if (getpeername(fd, &peer.at.any, &peer.len) < 0 ||
	    getsockname(fd, &us.at.any, &us.len) < 0)
		return -errno;
	if (peer.at.any.sa_family != AF_INET &&
	    peer.at.any.sa_family != AF_INET6)
		return -ENOENT;
	memset(q, 0, sizeof(*q));
	q->head.nlmsg_len = sizeof(*q);
	q->head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	q->head.nlmsg_flags = NLM_F_REQUEST;
	q->body.sdiag_protocol = IPPROTO_TCP;
	q->body.idiag_states = ~0u;
	id->idiag_cookie[0] = id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	q->body.sdiag_family =
	    (__u8)put_address(&peer, id->idiag_src, &id->idiag_sport);
	(void)put_address(&us, id->idiag_dst, &id->idiag_dport);
	if (peer.at.any.sa_family == AF_INET6)
		id->idiag_if = peer.at.in6.sin6_scope_id;
	return 0;
}

/*
 * A closed socket has no inode. Where there is no such connection the kernel
 * offers who listens on the port, and that one has no port at its other end.
 */
static bool
answer_fits(const struct inet_diag_msg *m, const struct inet_diag_sockid *id)
{
	return m->idiag_inode != 0 && m->id.idiag_dport == id->idiag_dport;
}

static int
answer_read(const void *room, size_t len, const struct question *q, uid_t *out)
{
	const struct nlmsghdr *head = room;
	const void *body = (const char *)room + NLMSG_HDRLEN;
	const struct inet_diag_msg *m = body;
	const struct nlmsgerr *err = body;

	if (len < NLMSG_LENGTH(sizeof(*err)) || head->nlmsg_len > len)
		return -EIO;
	if (head->nlmsg_type == NLMSG_ERROR)
		return err->error < 0 ? err->error : -EIO;
	if (head->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
	    len < NLMSG_LENGTH(sizeof(*m)))
		return -EIO;
	if (!answer_fits(m, &q->body.id))
		return -ENOENT;
	*out = m->idiag_uid;
	return 0;
}

/* The kernel has put the answer there before send returns. */
static int
ask(int fd, const struct question *q, uid_t *out_uid)
{
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	union {
		struct nlmsghdr head; /* for the alignment */
		char bytes[ANSWER_MAX];
	} room;
	struct sockaddr_nl from;
	socklen_t from_len = sizeof(from);
	ssize_t n;

	if (sendto(fd, q, sizeof(*q), 0, (const struct sockaddr *)&kernel,
		sizeof(kernel)) < 0)
		return -errno;
	n = recvfrom(fd, &room, sizeof(room), MSG_DONTWAIT,
	    (struct sockaddr *)&from, &from_len);
	if (n < 0)
		return -errno;
	if (from_len < sizeof(from) || from.nl_pid != 0)
		return -EIO;
	return answer_read(&room, (size_t)n, q, out_uid);
}

int
owner_get(int fd, uid_t *out_uid)
{
	struct question q;
	int diag, rc;

	rc = question_init(fd, &q);
	if (rc < 0)
		return rc;
	diag = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (diag < 0)
		return -errno;
	rc = ask(diag, &q, out_uid);
	close(diag);
	return rc;
}
