/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's answer to whose socket is at the other end. Linked with --wrap
 * for the system calls that bring it.
 */
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/owner.h"
#include "tests/fuzz/fuzz.h"
#include "util/bytes.h"

static struct rd answer;

int __wrap_getpeername(int, struct sockaddr *, socklen_t *);
int __wrap_getsockname(int, struct sockaddr *, socklen_t *);
ssize_t __wrap_sendto(
    int, const void *, size_t, int, const struct sockaddr *, socklen_t);
ssize_t
__wrap_recvfrom(int, void *, size_t, int, struct sockaddr *, socklen_t *);

int
__wrap_getpeername(int fd, struct sockaddr *out, socklen_t *len)
{
	const struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons(4711),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	MUST(fd == STDIN_FILENO && *len >= sizeof(at));
	memcpy(out, &at, sizeof(at));
	*len = sizeof(at);
	return 0;
}

int
__wrap_getsockname(int fd, struct sockaddr *out, socklen_t *len)
{
	return __wrap_getpeername(fd, out, len);
}

ssize_t
__wrap_sendto(int fd, const void *data, size_t len, int flags,
    const struct sockaddr *to, socklen_t to_len)
{
	(void)fd, (void)data, (void)flags;
	MUST(to != NULL && to_len == sizeof(struct sockaddr_nl));
	return (ssize_t)len;
}

ssize_t
__wrap_recvfrom(int fd, void *out, size_t cap, int flags, struct sockaddr *from,
    socklen_t *from_len)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	size_t len;

	(void)fd, (void)flags;
	kernel.nl_pid = rd_u8(&answer);
	MUST(*from_len >= sizeof(kernel));
	memcpy(from, &kernel, sizeof(kernel));
	len = answer.len < cap ? answer.len : cap;
	if (len > 0)
		memcpy(out, rd_bytes(&answer, len), len);
	return (ssize_t)len;
}

/* Believed is only what has come from the kernel, whole. */
static void
check_owner(const uint8_t *data, size_t size, uid_t uid)
{
	struct inet_diag_msg m;

	MUST(size >= 1 + NLMSG_LENGTH(sizeof(m)) && data[0] == 0);
	memcpy(&m, data + 1 + NLMSG_HDRLEN, sizeof(m));
	MUST(m.idiag_uid == uid && m.idiag_inode != 0);
	MUST(m.id.idiag_dport == htons(4711));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uid_t uid = 0;
	int rc;

	rd_init(&answer, data, size);
	rc = owner_get(STDIN_FILENO, &uid);
	MUST(rc <= 0);
	if (rc == 0)
		check_owner(data, size, uid);
	return 0;
}
