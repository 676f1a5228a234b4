/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/dial.h"
#include "net/stream.h"

const char *
control_path(void)
{
	const char *path = getenv(CONTROL_VARIABLE);

	if (path == NULL)
		return CONTROL_PATH;
	return *path != '\0' ? path : NULL;
}

static int
control_endpoint(const char *path, struct endpoint *out)
{
	struct endpoint ep = {.kind = ENDPOINT_UNIX};
	size_t len = strlen(path);

	if (*path != '/' || len > ENDPOINT_PATH_MAX)
		return -EINVAL;
	memcpy(ep.path, path, len + 1);
	*out = ep;
	return 0;
}

/* The umask of a daemon must not make it one that nobody can enter. */
static int
dir_make(void)
{
	if (mkdir(CONTROL_DIR, 0755) < 0)
		return errno == EEXIST ? 0 : -errno;
	return chmod(CONTROL_DIR, 0755) < 0 ? -errno : 0;
}

int
control_listen(const char *path, struct listener *out)
{
	struct endpoint ep;
	int rc = control_endpoint(path, &ep);

	if (rc == 0 && strcmp(path, CONTROL_PATH) == 0)
		rc = dir_make();
	return rc < 0 ? rc : listener_open(&ep, true, out);
}

void
control_allow(struct allow *out)
{
	const char *why;

	memset(out, 0, sizeof(*out));
	/* Without such a group it is for root and our own user. */
	if (allow_add_group(out, CONTROL_GROUP, &why) < 0)
		out->groups_len = 0;
}

int
control_accept(struct listener *listener, const struct allow *allow,
    int *out_fd, struct peer *out_peer, bool *out_allowed)
{
	struct peer peer;
	int fd, rc;

	do
		fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return -errno;
	rc = peer_get(fd, &peer);
	if (rc == 0)
		rc = stream_setup(fd);
	if (rc < 0) {
		close(fd);
		return rc == -ENOTCONN ? -EAGAIN : -ECONNABORTED;
	}
	*out_allowed = allow_judge(allow, fd, &peer) == ALLOW_YES;
	*out_fd = fd;
	*out_peer = peer;
	return 0;
}

int
control_dial(const char *path, int *out_fd)
{
	struct endpoint ep;
	bool done;
	int fd, rc = control_endpoint(path, &ep);

	if (rc == 0)
		rc = dial_start(&ep, &fd, &done);
	if (rc < 0)
		return rc;
	rc = dial_finish(fd);
	if (rc < 0) {
		close(fd);
		return rc;
	}
	*out_fd = fd;
	return 0;
}

int
control_owner(int fd, struct peer *out)
{
	return peer_get(fd, out);
}
