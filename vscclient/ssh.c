/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/ssh.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/log.h"
#include "vscard/vscard.h"

#define SSH_COMMAND "VSCCLIENT_SSH"

enum { SSH_END_MS = 2000 };

/*
 * A dead server is noticed within 30 s, as with TCP. -W forwards nothing but
 * this one stream, and makes ssh end when it cannot.
 */
static const char *const ssh_options[] = {"-o", "ConnectTimeout=10", "-o",
    "ServerAliveInterval=8", "-o", "ServerAliveCountMax=2"};

enum { SSH_OPTIONS = sizeof(ssh_options) / sizeof(ssh_options[0]) };

/* --- the command line --------------------------------------------------- */

static void
command_add(struct ssh_command *c, const char *word)
{
	/* execve does not write to them, whatever its prototype says. */
	c->argv[c->argc++] = (char *)(uintptr_t)word;
	c->argv[c->argc] = NULL;
}

/* Words of the user's come first, since ssh takes the first of two values. */
static int
command_add_user(struct ssh_command *c)
{
	const char *text = getenv(SSH_COMMAND);
	char *save = NULL;
	char *word;

	c->words = strdup(text != NULL && *text != '\0' ? text : "ssh");
	if (c->words == NULL)
		return -ENOMEM;
	for (word = strtok_r(c->words, " \t", &save); word != NULL;
	     word = strtok_r(NULL, " \t", &save)) {
		if (c->argc == SSH_ARGS_MAX - SSH_OPTIONS - 8)
			return -EINVAL;
		command_add(c, word);
	}
	return c->argc > 0 ? 0 : -EINVAL;
}

/* Where nobody can be asked, nobody is to be waited for. */
static bool
has_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

int
ssh_command_init(struct ssh_command *c, const struct endpoint *ep)
{
	unsigned port = ep->port != 0 ? ep->port : VSCARD_PORT;
	int rc;

	memset(c, 0, sizeof(*c));
	rc = command_add_user(c);
	if (rc < 0)
		return rc;
	for (int i = 0; i < SSH_OPTIONS; i++)
		command_add(c, ssh_options[i]);
	if (!has_terminal()) {
		command_add(c, "-o");
		command_add(c, "BatchMode=yes");
	}
	snprintf(c->forward, sizeof(c->forward), "127.0.0.1:%u", port);
	command_add(c, "-W");
	command_add(c, c->forward);
	command_add(c, "--");
	command_add(c, ep->host);
	return 0;
}

void
ssh_command_clear(struct ssh_command *c)
{
	free(c->words);
	c->words = NULL;
}

/* --- what it says ------------------------------------------------------- */

/* FNV-1a: that two lines are taken for one costs nothing but a line. */
static uint32_t
line_hash(const char *line)
{
	uint32_t hash = 2166136261u;

	for (; *line != '\0'; line++)
		hash = (hash ^ (unsigned char)*line) * 16777619u;
	return hash;
}

static bool
ssh_is_news(struct ssh *s, const char *line)
{
	uint32_t hash = line_hash(line);

	for (size_t i = 0; i < s->said_count; i++)
		if (s->said[i] == hash)
			return false;
	if (s->said_count < SSH_SAID_MAX)
		s->said[s->said_count++] = hash;
	return true;
}

static void
ssh_say(struct ssh *s)
{
	s->line[s->len] = '\0';
	s->len = 0;
	if (s->line[0] == '\0')
		return;
	if (ssh_is_news(s, s->line))
		log_warning("ssh: %s", s->line);
	else
		log_debug("ssh: %s", s->line);
}

static void
ssh_hear(struct ssh *s, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n' || s->len == sizeof(s->line) - 1)
			ssh_say(s);
		if (text[i] != '\n' && text[i] != '\r')
			s->line[s->len++] = text[i];
	}
}

static void
ssh_close_err(struct ssh *s)
{
	int fd = s->err;

	if (fd < 0)
		return;
	ssh_say(s);
	loop_unwatch(s->loop, &s->watch);
	s->err = -1;
	close(fd);
}

/* What is there, without waiting for more. */
static void
ssh_drain(struct ssh *s)
{
	struct pollfd pfd = {.fd = s->err, .events = POLLIN};
	char text[512];
	ssize_t n;

	while (s->err >= 0 && poll(&pfd, 1, 0) == 1) {
		n = read(s->err, text, sizeof(text));
		if (n > 0)
			ssh_hear(s, text, (size_t)n);
		else if (n == 0 || errno != EINTR)
			ssh_close_err(s);
	}
}

static void
ssh_on_err(void *arg, uint32_t events)
{
	struct ssh *s = arg;
	char text[512];
	ssize_t n;

	(void)events;
	n = read(s->err, text, sizeof(text));
	if (n > 0)
		ssh_hear(s, text, (size_t)n);
	else if (n == 0 || errno != EINTR)
		ssh_close_err(s);
}

/* --- its life ----------------------------------------------------------- */

static void
ssh_await(const struct ssh *s)
{
	struct pollfd pfd = {.fd = pidfd_open(s->pid, 0), .events = POLLIN};

	if (pfd.fd < 0)
		return;
	(void)poll(&pfd, 1, SSH_END_MS);
	close(pfd.fd);
}

/*
 * SIGTERM, not SIGKILL, because only then it puts the terminal back that it
 * asks for a passphrase; but it has had its time.
 */
static void
ssh_end(struct ssh *s)
{
	int how = 0;

	if (s->pid == 0)
		return;
	/* Killed or not: without the starter it ends with this process. */
	if (starter_signal(s->starter, s->index, SIGKILL) < 0) {
		ssh_await(s);
		how = WNOHANG;
	}
	while (waitpid(s->pid, NULL, how) < 0 && errno == EINTR)
		;
	s->pid = 0;
}

static int
ssh_run(struct ssh *s, int *out_fd)
{
	struct spawn child;
	int rc;

	rc = starter_run(s->starter, s->index, &child, &s->err);
	if (rc < 0) {
		if (ssh_is_news(s, "start"))
			log_error("ssh cannot be run: %s", err_text(rc));
		return rc;
	}
	s->pid = child.pid;
	*out_fd = child.fd;
	return 0;
}

int
ssh_start(struct ssh *s, int *out_fd)
{
	int fd = -1;
	int rc;

	ssh_stop(s);
	ssh_end(s);
	rc = ssh_run(s, &fd);
	if (rc < 0)
		return rc;
	s->len = 0;
	rc = loop_watch(s->loop, &s->watch, s->err, EPOLLIN, ssh_on_err, s);
	if (rc < 0) {
		close(s->err);
		s->err = -1;
		close(fd);
		ssh_stop(s);
		return rc;
	}
	*out_fd = fd;
	return 0;
}

void
ssh_stop(struct ssh *s)
{
	ssh_drain(s);
	ssh_close_err(s);
	if (s->pid != 0 && starter_signal(s->starter, s->index, SIGTERM) < 0)
		log_debug("ssh: nobody is left to end it");
}

void
ssh_reap(struct ssh *s)
{
	if (s->pid != 0 && waitpid(s->pid, NULL, WNOHANG) == s->pid)
		s->pid = 0;
}

void
ssh_worked(struct ssh *s)
{
	s->said_count = 0;
}

void
ssh_init(struct ssh *s, struct loop *loop)
{
	memset(s, 0, sizeof(*s));
	s->loop = loop;
	s->err = -1;
	s->watch.fd = -1;
}

void
ssh_set_starter(struct ssh *s, struct starter *starter, size_t index)
{
	s->starter = starter;
	s->index = index;
}

/* In the foreground the terminal must be in order before we are gone. */
void
ssh_clear(struct ssh *s)
{
	ssh_stop(s);
	if (s->pid == 0)
		return;
	ssh_await(s);
	ssh_end(s);
}
