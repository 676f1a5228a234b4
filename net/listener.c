/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/listener.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/address.h"
#include "net/stream.h"

enum {
	SOCKET_FLAGS = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	SHARED_MODE = S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH
};

static int
option_on(int fd, int level, int name)
{
	const int on = 1;

	return setsockopt(fd, level, name, &on, sizeof(on)) < 0 ? -errno : 0;
}

/* Ports in TIME_WAIT must not keep a restarted driver out. */
static int
prepare_tcp(int fd, int family)
{
	int rc = option_on(fd, SOL_SOCKET, SO_REUSEADDR);

	if (rc == 0 && family == AF_INET6)
		rc = option_on(fd, IPPROTO_IPV6, IPV6_V6ONLY);
	return rc;
}

/*
 * The kernel makes the file with the mode of the socket's own inode (less the
 * umask), so a chmod of the descriptor before bind leaves no moment at which
 * somebody else could connect, and the umask, which all threads of a foreign
 * process share, is left alone.
 */
static int
prepare_unix(int fd)
{
	return fchmod(fd, S_IRUSR | S_IWUSR) < 0 ? -errno : 0;
}

/*
 * What the umask took away of a shared socket's mode. By way of a descriptor,
 * so that it cannot be a link to something else by now.
 */
static int
share_unix(const char *path)
{
	char self[sizeof("/proc/self/fd/") + 10];
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC), rc = 0;
	struct stat st;

	if (fd < 0)
		return -errno;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (fstat(fd, &st) < 0)
		rc = -errno;
	else if (!S_ISSOCK(st.st_mode))
		rc = -EADDRINUSE;
	else if (chmod(self, SHARED_MODE) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

/*
 * 0 if the file is a socket that nobody listens on. Whatever else it is, or
 * if it cannot be told: somebody's.
 */
static int
check_stale(const struct address *a)
{
	struct stat st;
	int fd, err = 0;

	if (lstat(a->at.un.sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return -EADDRINUSE;
	fd = socket(AF_UNIX, SOCKET_FLAGS, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, &a->at.any, a->len) < 0)
		err = errno;
	close(fd);
	return err == ECONNREFUSED ? 0 : -EADDRINUSE;
}

/*
 * Of two that replace the same stale socket at the same instant the later has
 * it. Only two drivers configured for one path can get there.
 */
static int
bind_unix(int fd, const struct address *a)
{
	int rc;

	if (bind(fd, &a->at.any, a->len) == 0)
		return 0;
	if (errno != EADDRINUSE)
		return -errno;
	rc = check_stale(a);
	if (rc < 0)
		return rc;
	if (unlink(a->at.un.sun_path) < 0 && errno != ENOENT)
		return -errno;
	return bind(fd, &a->at.any, a->len) < 0 ? -errno : 0;
}

static int
bind_any(int fd, const struct address *a)
{
	int rc;

	if (a->at.any.sa_family == AF_UNIX) {
		rc = prepare_unix(fd);
		return rc < 0 ? rc : bind_unix(fd, a);
	}
	rc = prepare_tcp(fd, a->at.any.sa_family);
	if (rc < 0)
		return rc;
	return bind(fd, &a->at.any, a->len) < 0 ? -errno : 0;
}

/*
 * Before the descriptor is closed: until then the socket keeps its inode, so
 * that the number cannot be another file's.
 */
static void
remove_own(const struct listener *l)
{
	struct stat st;

	if (l->endpoint.kind != ENDPOINT_UNIX || l->ino == 0)
		return;
	if (lstat(l->endpoint.path, &st) == 0 && st.st_dev == l->dev &&
	    st.st_ino == l->ino)
		(void)unlink(l->endpoint.path);
}

static int
note_own(struct listener *l)
{
	struct stat st;

	if (l->endpoint.kind != ENDPOINT_UNIX)
		return 0;
	if (lstat(l->endpoint.path, &st) < 0)
		return -errno;
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	return 0;
}

int
listener_open(const struct endpoint *ep, bool shared, struct listener *out)
{
	struct listener l = {.endpoint = *ep, .shared = shared};
	struct address a;
	int rc;

	rc = address_get(ep, &a);
	if (rc < 0)
		return rc;
	l.fd = socket(a.at.any.sa_family, SOCKET_FLAGS, 0);
	if (l.fd < 0)
		return -errno;
	rc = bind_any(l.fd, &a);
	if (rc == 0)
		rc = note_own(&l);
	if (rc == 0 && shared && ep->kind == ENDPOINT_UNIX)
		rc = share_unix(ep->path);
	if (rc == 0 && listen(l.fd, SOMAXCONN) < 0)
		rc = -errno;
	if (rc < 0)
		listener_close(&l);
	else
		*out = l;
	return rc;
}

bool
listener_is_exposed(const struct listener *l)
{
	struct address a = {.len = sizeof(a.at)};

	if (getsockname(l->fd, &a.at.any, &a.len) < 0)
		return false;
	if (a.at.any.sa_family == AF_INET)
		return ntohl(a.at.in.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET;
	return a.at.any.sa_family == AF_INET6 &&
	    !IN6_IS_ADDR_LOOPBACK(&a.at.in6.sin6_addr);
}

void
listener_close(struct listener *l)
{
	if (l->fd < 0)
		return;
	remove_own(l);
	close(l->fd);
	l->fd = -1;
}

/*
 * Linux hands out what happened to the connection as an error of accept; then
 * there is no connection any more, and that is all.
 */
static int
accept_errno(int err)
{
	switch (err) {
	case ECONNABORTED:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENETDOWN:
	case ENETUNREACH:
	case ENONET:
	case ENOPROTOOPT:
	case EPROTO:
	case ETIMEDOUT:
		return -EAGAIN;
	default:
		return -err;
	}
}

/* ENOTCONN: it was reset while it waited to be accepted. */
static int
accept_peer(const struct listener *l, int fd, struct peer *peer)
{
	int rc = peer_get(fd, peer);

	if (rc == -ENOTCONN)
		return -EAGAIN;
	if (rc == 0 && !l->shared && !peer_is_allowed(peer))
		return -EACCES;
	if (rc == 0)
		rc = stream_setup(fd);
	return rc < 0 ? -ECONNABORTED : 0;
}

int
listener_accept(struct listener *l, int *out_fd, struct peer *out_peer)
{
	struct peer peer;
	int fd, rc;

	do
		fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return accept_errno(errno);
	rc = accept_peer(l, fd, &peer);
	if (rc == 0 || rc == -EACCES)
		*out_peer = peer;
	if (rc < 0) {
		close(fd);
		return rc;
	}
	*out_fd = fd;
	return 0;
}
