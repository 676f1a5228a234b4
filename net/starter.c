/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/starter.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STARTER_FDS = 2 };

struct question {
	size_t index;
	int sig; /* 0: start it */
};

/* With the answer come the descriptors there are. */
struct reply {
	int rc;
	pid_t pid;
	int fds;
};

union control {
	struct cmsghdr align;
	char room[CMSG_SPACE(STARTER_FDS * sizeof(int))];
};

/* --- the starter -------------------------------------------------------- */

static void
starter_reply(int sock, const struct reply *reply, const int fds[])
{
	struct iovec data = {(void *)(uintptr_t)reply, sizeof(*reply)};
	union control control = {.room = {0}};
	struct msghdr msg = {.msg_iov = &data, .msg_iovlen = 1};
	size_t len = (size_t)reply->fds * sizeof(int);
	struct cmsghdr *c;

	if (reply->fds > 0) {
		msg.msg_control = control.room;
		msg.msg_controllen = CMSG_SPACE(len);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(len);
		memcpy(CMSG_DATA(c), fds, len);
	}
	while (sendmsg(sock, &msg, MSG_NOSIGNAL) < 0)
		if (errno != EINTR)
			_exit(0); /* nobody is left to start anything for */
}

/* False: there will be no more. */
static bool
starter_next(int sock, struct question *out)
{
	ssize_t n;

	do
		n = recv(sock, out, sizeof(*out), 0);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(*out);
}

/*
 * Nobody has waited for the child yet, so the number is still its own. What
 * could not be ended is not to be left running.
 */
static int
starter_remember(int *child, pid_t pid)
{
	int rc;

	if (*child >= 0)
		close(*child);
	*child = pidfd_open(pid, 0);
	if (*child >= 0)
		return 0;
	rc = -errno;
	(void)kill(pid, SIGKILL);
	return rc;
}

static void
starter_serve(int sock, const struct starter_command *command, int *child)
{
	struct spawn new = {.fd = -1};
	int fds[STARTER_FDS] = {-1, -1};
	struct reply reply = {0};
	int err = -1;

	reply.rc = spawn_sibling(command->argv, command->filter, &new, &err);
	if (reply.rc == 0)
		reply.rc = starter_remember(child, new.pid);
	reply.pid = new.pid;
	if (new.fd >= 0)
		fds[reply.fds++] = new.fd;
	if (err >= 0)
		fds[reply.fds++] = err;
	starter_reply(sock, &reply, fds);
	for (int i = 0; i < reply.fds; i++)
		close(fds[i]);
}

static void
starter_end(int sock, const int *child, int sig)
{
	struct reply reply = {.rc = -ESRCH};

	if (*child >= 0)
		reply.rc =
		    pidfd_send_signal(*child, sig, NULL, 0) < 0 ? -errno : 0;
	starter_reply(sock, &reply, NULL);
}

/* There is no such command. */
static void
starter_refuse(int sock)
{
	const struct reply reply = {.rc = -EINVAL};

	starter_reply(sock, &reply, NULL);
}

static _Noreturn void
starter_main(int sock, pid_t parent, const struct starter_command *commands,
    size_t count, int children[])
{
	struct question q;

	/* What its parent holds is not for it to keep open. */
	sock = dup2(sock, SPAWN_FD);
	(void)close_range(SPAWN_FD + 1, ~0U, 0);
	(void)fcntl(sock, F_SETFD, FD_CLOEXEC);
	(void)prctl(PR_SET_NAME, "vscclient-start");
	/* It may do what its parent has given up: nobody is to take it over. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* They reach whole groups; the parent decides what they mean. */
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	for (size_t i = 0; i < count; i++)
		children[i] = -1;
	while (getppid() == parent && starter_next(sock, &q))
		if (q.index >= count)
			starter_refuse(sock);
		else if (q.sig != 0)
			starter_end(sock, &children[q.index], q.sig);
		else
			starter_serve(sock, &commands[q.index],
			    &children[q.index]);
	_exit(0);
}

/* --- its parent --------------------------------------------------------- */

int
starter_init(struct starter *s, const struct starter_command *commands,
    size_t count)
{
	int *children = calloc(count, sizeof(*children));
	pid_t parent = getpid();
	int sock[2];
	int rc;

	*s = (struct starter){.fd = -1};
	if (children == NULL)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock) < 0) {
		rc = -errno;
		free(children);
		return rc;
	}
	s->pid = fork();
	if (s->pid == 0) {
		close(sock[0]);
		starter_main(sock[1], parent, commands, count, children);
	}
	rc = -errno;
	free(children);
	close(sock[1]);
	if (s->pid < 0) {
		close(sock[0]);
		return rc;
	}
	s->fd = sock[0];
	return 0;
}

/* It ends then. */
static void
starter_close(struct starter *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

bool
starter_reap(struct starter *s)
{
	if (s->pid <= 0 || waitpid(s->pid, NULL, WNOHANG) != s->pid)
		return false;
	s->pid = 0;
	starter_close(s);
	return true;
}

void
starter_clear(struct starter *s)
{
	starter_close(s);
	while (s->pid > 0 && waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
		;
	s->pid = 0;
}

static int
take_fds(struct msghdr *msg, int fds[])
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);

	if (c == NULL || c->cmsg_type != SCM_RIGHTS)
		return 0;
	memcpy(fds, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
	return (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
}

static int
starter_ask(int sock, size_t index, int sig)
{
	struct question q;
	ssize_t n;

	memset(&q, 0, sizeof(q)); /* what is between its members too */
	q.index = index;
	q.sig = sig;
	do
		n = send(sock, &q, sizeof(q), MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EPIPE ? -ECONNRESET : -errno;
	return 0;
}

static int
starter_answer(int sock, struct reply *reply, int fds[])
{
	struct iovec data = {reply, sizeof(*reply)};
	union control control;
	struct msghdr msg = {.msg_iov = &data, .msg_iovlen = 1,
	    .msg_control = control.room, .msg_controllen = sizeof(control)};
	ssize_t n;

	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(*reply))
		return -ECONNRESET;
	/* It may have come without them: the table of descriptors is full. */
	return take_fds(&msg, fds) == reply->fds ? 0 : -EMFILE;
}

/* The next answer would be taken for that of another question. */
static int
starter_exchange(
    struct starter *s, size_t index, int sig, struct reply *reply, int fds[])
{
	int rc;

	if (s->fd < 0)
		return -ECONNRESET;
	rc = starter_ask(s->fd, index, sig);
	if (rc < 0)
		return rc;
	rc = starter_answer(s->fd, reply, fds);
	if (rc == -ECONNRESET)
		starter_close(s);
	return rc == 0 ? reply->rc : rc;
}

int
starter_run(struct starter *s, size_t index, struct spawn *out, int *out_err)
{
	struct reply reply = {.rc = 0};
	int fds[STARTER_FDS] = {-1, -1};
	int rc = starter_exchange(s, index, 0, &reply, fds);

	if (rc == 0) {
		*out = (struct spawn){.pid = reply.pid, .fd = fds[0]};
		*out_err = fds[1];
		return 0;
	}
	for (int i = 0; i < STARTER_FDS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (reply.pid > 0) {
		/* It failed by itself, or has lost its other end. */
		while (waitpid(reply.pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	return rc;
}

int
starter_signal(struct starter *s, size_t index, int sig)
{
	struct reply reply = {.rc = 0};
	int fds[STARTER_FDS] = {-1, -1};

	return starter_exchange(s, index, sig, &reply, fds);
}
