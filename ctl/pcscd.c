/* SPDX-License-Identifier: BSD-2-Clause */
#include "ctl/pcscd.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/control.h"

#define PCSCD_SOCKET "/run/pcscd/pcscd.comm"
#define PCSCD_PIDFILE "/run/pcscd/pcscd.pid"

enum { TEXT_MAX = 4096, NS = 1000000000 };

/* All of a small file; the length, or a negative errno. */
static ssize_t
file_get(const char *path, char *out, size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, out, cap - 1);
	if (n < 0)
		n = -errno;
	else
		out[n] = '\0';
	close(fd);
	return n;
}

static bool
is_pcscd(pid_t pid)
{
	char path[64], name[32];

	snprintf(path, sizeof(path), "/proc/%ld/comm", (long)pid);
	return file_get(path, name, sizeof(name)) > 0 &&
	       strcmp(name, "pcscd\n") == 0;
}

/* --- what it was started with ----------------------------------------- */

static void
word_take(struct pcscd *out, const char *word, const char *next)
{
	if (strcmp(word, "--auto-exit") == 0 || strcmp(word, "-x") == 0)
		out->auto_exit = true;
	else if (strncmp(word, "--config=", 9) == 0)
		snprintf(out->config, sizeof(out->config), "%s", word + 9);
	else if (strcmp(word, "--config") == 0 || strcmp(word, "-c") == 0)
		snprintf(out->config, sizeof(out->config), "%s", next);
}

static void
words_get(struct pcscd *out)
{
	char path[64], text[TEXT_MAX], *word, *next;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%ld/cmdline", (long)out->pid);
	n = file_get(path, text, sizeof(text));
	for (word = text; n > 0 && word < text + n; word = next) {
		next = word + strlen(word) + 1;
		word_take(out, word, next < text + n ? next : "");
	}
}

static int64_t
ns_of(const struct timespec *ts)
{
	return (int64_t)ts->tv_sec * NS + ts->tv_nsec;
}

time_t
pcscd_started(const struct timespec *now, const struct timespec *up,
    unsigned long long ticks, long hertz)
{
	int64_t whole, rest;

	if (ticks / (unsigned long)hertz > (unsigned long long)up->tv_sec)
		return 0;
	whole = (int64_t)ticks / hertz * NS;
	rest = (int64_t)ticks % hertz * NS / hertz;
	return (time_t)((ns_of(now) - ns_of(up) + whole + rest + NS - 1) / NS);
}

static void
start_get(struct pcscd *out)
{
	unsigned long long ticks;
	char path[64], text[TEXT_MAX];
	struct timespec now, up;
	const char *p;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)out->pid);
	if (file_get(path, text, sizeof(text)) <= 0)
		return;
	/* The name, in brackets, may hold anything. */
	p = strrchr(text, ')');
	if (p == NULL ||
	    sscanf(p + 1,
		" %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d "
		"%*d %*d %*d %*d %*d %llu",
		&ticks) != 1 ||
	    clock_gettime(CLOCK_REALTIME, &now) < 0 ||
	    clock_gettime(CLOCK_BOOTTIME, &up) < 0)
		return;
	out->started = pcscd_started(&now, &up, ticks, sysconf(_SC_CLK_TCK));
}

void
pcscd_get_process(pid_t pid, struct pcscd *out)
{
	*out = (struct pcscd){.pid = pid, .config = READERCONFDIR};
	words_get(out);
	start_get(out);
}

/* --- which it is ------------------------------------------------------ */

/*
 * Whose socket it is: pcscd's own, or the service manager's that has started
 * it; then pcscd's file says its number.
 */
static pid_t
pid_get(int fd, bool *out_system)
{
	struct peer peer;
	char text[32];
	pid_t pid;

	if (control_owner(fd, &peer) == 0 && is_pcscd(peer.pid))
		return peer.pid;
	*out_system = true;
	if (file_get(PCSCD_PIDFILE, text, sizeof(text)) <= 0)
		return 0;
	pid = (pid_t)strtol(text, NULL, 10);
	return pid > 0 && is_pcscd(pid) ? pid : 0;
}

void
pcscd_get(struct pcscd *out)
{
	const char *named = getenv("PCSCLITE_CSOCK_NAME");
	const char *path = named != NULL ? named : PCSCD_SOCKET;
	bool by_system = false;
	pid_t pid = 0;
	int fd, rc = control_dial(path, &fd);

	if (rc == 0) {
		pid = pid_get(fd, &by_system);
		close(fd);
	}
	*out = (struct pcscd){.config = READERCONFDIR};
	if (pid != 0)
		pcscd_get_process(pid, out);
	out->error = rc;
	out->started_by_system = by_system;
	snprintf(out->socket, sizeof(out->socket), "%s", path);
}
