/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/desk.h"

#include <check.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

void
desk_init(struct desk *d, int (*child)(void *arg, int host), void *arg)
{
	int host[2];

	memset(d, 0, sizeof(*d));
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, host), 0);
	d->pid = forkpty(&d->tty, NULL, NULL, NULL);
	if (d->pid == 0) {
		/* Check's handlers would be the whole group's end, and
		 * nohup(1) or a shell's & may have started it all. */
		signal(SIGHUP, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		close(host[0]);
		_exit(child(arg, host[1]));
	}
	ck_assert_int_gt(d->pid, 0);
	close(host[1]);
	d->host = host[0];
}

void
desk_leave(struct desk *d)
{
	close(d->host);
	d->host = -1;
}

/* Its end is an error, once nobody has the other side. */
static bool
desk_read(struct desk *d)
{
	size_t room = sizeof(d->seen) - 1 - d->len;
	ssize_t n = room > 0 ? read(d->tty, d->seen + d->len, room) : 0;

	if (n <= 0)
		return false;
	d->len += (size_t)n;
	d->seen[d->len] = '\0';
	return true;
}

void
desk_await(struct desk *d, const char *text)
{
	char *found;

	while ((found = strstr(d->seen, text)) == NULL)
		ck_assert_msg(desk_read(d), "'%s' is not shown, but: %s", text,
		    d->seen);
	/* What is awaited next comes behind it. */
	d->len -= (size_t)(found + strlen(text) - d->seen);
	memmove(d->seen, found + strlen(text), d->len + 1);
}

void
desk_type(const struct desk *d, const char *text)
{
	ck_assert_int_eq(write(d->tty, text, strlen(text)),
	    (ssize_t)strlen(text));
}

bool
desk_echoes(const struct desk *d)
{
	struct termios modes;

	ck_assert_int_eq(tcgetattr(d->tty, &modes), 0);
	return (modes.c_lflag & ECHO) != 0;
}

int
desk_end(struct desk *d)
{
	int status;

	ck_assert_int_eq(waitpid(d->pid, &status, 0), d->pid);
	ck_assert_msg(desk_echoes(d), "the terminal is left without echo");
	while (desk_read(d))
		;
	close(d->tty);
	if (d->host >= 0)
		desk_leave(d);
	return status;
}
