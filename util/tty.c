/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/tty.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

/* What ends a question, and in what state the terminal has to be then. */
struct asking {
	int signals; /* signalfd */
	struct termios modes; /* before */
};

/* The lock is the terminal's own file's: /dev/tty is everybody's. */
static int
tty_open(void)
{
	char name[64];
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	int own;

	if (fd < 0 || ttyname_r(fd, name, sizeof(name)) != 0)
		return fd;
	own = open(name, O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (own < 0)
		return fd;
	close(fd);
	return own;
}

int
tty_init(struct tty *t, int host)
{
	int fd = tty_open();

	if (fd < 0)
		return -ENOTTY;
	if (tcgetpgrp(fd) != getpgrp()) {
		close(fd);
		return -ENOTTY;
	}
	t->fd = fd;
	t->host = host;
	return 0;
}

void
tty_clear(struct tty *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

/* --- one question ------------------------------------------------------- */

/* Signals wait until the caller has cleaned up; most of them end the wait. */
static int
asking_begin_signals(struct asking *a)
{
	static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaddset(&set, ends[i]);
	a->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (a->signals < 0)
		return -errno;
	sigaddset(&set, SIGTSTP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return 0;
}

static int
asking_begin(struct asking *a, const struct tty *t, bool secret)
{
	struct termios modes;
	int rc;

	if (tcgetattr(t->fd, &a->modes) < 0)
		return -errno;
	rc = asking_begin_signals(a);
	if (rc < 0)
		return rc;
	modes = a->modes;
	modes.c_lflag |= ICANON | ISIG | ECHO;
	if (secret) {
		modes.c_lflag &= ~(tcflag_t)ECHO;
		modes.c_lflag |= ECHONL;
	}
	/* What was typed before was meant for somebody else. */
	(void)tcsetattr(t->fd, TCSAFLUSH, &modes);
	return 0;
}

static void
asking_end(struct asking *a, int fd)
{
	(void)tcsetattr(fd, TCSAFLUSH, &a->modes);
	close(a->signals);
}

/* 0 when there is something to read. */
static int
asking_wait(const struct asking *a, const struct tty *t)
{
	struct pollfd fds[] = {{.fd = t->fd, .events = POLLIN},
	    {.fd = a->signals, .events = POLLIN},
	    {.fd = t->host, .events = POLLRDHUP}};

	while (poll(fds, 3, -1) < 0)
		if (errno != EINTR)
			return -errno;
	return fds[1].revents != 0 || fds[2].revents != 0 ? -ECANCELED : 0;
}

static int
asking_read(const struct asking *a, const struct tty *t, struct buf *out)
{
	char line[TTY_LINE_MAX + 1];
	ssize_t n;
	int rc;

	rc = asking_wait(a, t);
	if (rc < 0)
		return rc;
	n = read(t->fd, line, sizeof(line));
	if (n <= 0)
		return n < 0 && errno != EINTR ? -errno : -ECANCELED;
	if (line[n - 1] == '\n')
		rc = buf_put(out, line, (size_t)n - 1);
	else
		rc = (size_t)n == sizeof(line) ? -EMSGSIZE : -ECANCELED;
	explicit_bzero(line, sizeof(line));
	return rc;
}

static int
tty_ask(struct tty *t, const char *question, bool secret, struct buf *out)
{
	struct asking a;
	int rc;

	while (flock(t->fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return -errno;
	rc = asking_begin(&a, t, secret);
	if (rc == 0) {
		if (write(t->fd, question, strlen(question)) >= 0)
			rc = asking_read(&a, t, out);
		else
			rc = -errno;
		/* Nobody has ended the line then. */
		if (rc == -ECANCELED && write(t->fd, "\n", 1) < 0)
			rc = -errno;
		asking_end(&a, t->fd);
	}
	(void)flock(t->fd, LOCK_UN);
	return rc;
}

int
tty_ask_secret(struct tty *t, const char *question, struct buf *out)
{
	return tty_ask(t, question, true, out);
}

int
tty_confirm(struct tty *t, const char *question)
{
	struct buf answer;
	bool yes;
	int rc;

	buf_init(&answer, TTY_LINE_MAX);
	rc = tty_ask(t, question, false, &answer);
	yes = (buf_len(&answer) == 1 &&
		  strncasecmp((const char *)buf_get(&answer), "y", 1) == 0) ||
	      (buf_len(&answer) == 3 &&
		  strncasecmp((const char *)buf_get(&answer), "yes", 3) == 0);
	buf_clear(&answer);
	return rc < 0 ? rc : yes;
}
