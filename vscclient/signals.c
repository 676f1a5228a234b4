/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void
signals_on_ready(void *arg, uint32_t events)
{
	struct signals *s = arg;
	struct signalfd_siginfo info;

	(void)events;
	if (read(s->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		s->on_signal(s->arg, (int)info.ssi_signo);
}

int
signals_init(struct signals *s, struct loop *loop, const int list[],
    void (*on_signal)(void *arg, int signo), void *arg)
{
	sigset_t set;
	int rc;

	*s = (struct signals){.loop = loop, .fd = -1, .watch = {.fd = -1},
	    .on_signal = on_signal, .arg = arg};
	sigemptyset(&set);
	for (; *list != 0; list++)
		sigaddset(&set, *list);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	s->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->fd < 0)
		return -errno;
	rc = loop_watch(loop, &s->watch, s->fd, EPOLLIN, signals_on_ready, s);
	if (rc < 0) {
		close(s->fd);
		s->fd = -1;
	}
	return rc;
}

void
signals_clear(struct signals *s)
{
	if (s->fd < 0)
		return;
	loop_unwatch(s->loop, &s->watch);
	close(s->fd);
	s->fd = -1;
}
