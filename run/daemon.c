/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/daemon.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "run/child.h"
#include "run/place.h"
#include "util/clock.h"
#include "util/log.h"

/* "pcscd --help" takes no longer, or it is no pcscd. */
enum { HELP_MS = 5000, HELP_MAX = 16384 };
/* The lines that matter are the last ones. */
enum { TELL_LINES = 10, TELL_MAX = 4096 };

void
daemon_init(struct daemon *daemon, const char *name)
{
	*daemon = (struct daemon){.name = name, .log = -1};
}

void
daemon_clear(struct daemon *daemon)
{
	if (daemon->log >= 0)
		close(daemon->log);
	daemon->log = -1;
}

static void
put_driver_conf(FILE *f, const struct options *opt)
{
	if (!opt->connects)
		fprintf(f, "listen = %s\n", opt->listen);
	fprintf(f, "slots = %u\n", opt->slots);
	if (opt->trace != NULL)
		fprintf(f, "trace = %s\ntrace_secrets = %s\n", opt->trace,
		    opt->trace_secrets ? "yes" : "no");
	for (size_t i = 0; i < opt->n_sets; i++)
		fprintf(f, "%s\n", opt->sets[i]);
}

static void
put_reader_conf(FILE *f, const struct options *opt)
{
	(void)opt;
	fputs("FRIENDLYNAME \"vscard\"\n"
	      "DEVICENAME " PLACE_DRIVER_CONF "\n"
	      "LIBPATH " PLACE_DRIVER "\n",
	    f);
}

static int
file_write(const char *path, const struct options *opt,
    void (*put)(FILE *, const struct options *))
{
	FILE *f = fopen(path, "we");
	int r = 0;

	if (f == NULL) {
		r = -errno;
	} else {
		put(f, opt);
		if (ferror(f))
			r = -EIO;
		if (fclose(f) != 0 && r == 0)
			r = -errno;
	}
	if (r < 0)
		log_error("cannot write %s: %s", path, err_text(r));
	return r;
}

int
daemon_write_files(const struct options *opt)
{
	int r = file_write(PLACE_DRIVER_CONF, opt, put_driver_conf);

	return r < 0 ? r : file_write(PLACE_READER_CONF, opt, put_reader_conf);
}

/* Everything of the caller's that would reach into pcscd or vscclient. */
static int
apart_start(struct child_plan *plan, pid_t *out_pid)
{
	sigset_t none;
	int r;

	sigemptyset(&none);
	plan->apart = true;
	plan->mask = &none;
	if ((r = child_start(plan, out_pid)) < 0)
		log_error("cannot start %s: %s", plan->argv[0], err_text(r));
	plan->mask = NULL;
	return r;
}

static bool
help_has(int fd, const char *word)
{
	char text[HELP_MAX];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n < 0)
		return false;
	text[n] = '\0';
	return strstr(text, word) != NULL;
}

/* Some pcscd ask polkit, which a private one must not; others do not know. */
static bool
pcscd_knows_polkit(const char *pcscd)
{
	char *argv[] = {
	    (char *)(uintptr_t)pcscd, (char *)(uintptr_t) "--help", NULL};
	struct child_plan plan = {.argv = argv};
	bool knows = false;
	int status;
	pid_t pid;

	if ((plan.out = memfd_create("help", MFD_CLOEXEC)) < 0)
		return false;
	if (apart_start(&plan, &pid) < 0)
		goto out;
	if (child_wait(pid, clock_after(HELP_MS), &status) == 0)
		knows = help_has(plan.out, "--disable-polkit");
	else
		kill(pid, SIGKILL);
out:
	close(plan.out);
	return knows;
}

static int
daemon_start(struct daemon *daemon, struct child_plan *plan, const char *log,
    bool verbose)
{
	if (!verbose)
		daemon->log = open(log,
		    O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (!verbose && daemon->log < 0) {
		log_error("cannot write %s: %s", log, err_text(errno));
		return -EIO;
	}
	plan->out = verbose ? STDERR_FILENO : daemon->log;
	return apart_start(plan, &daemon->pid);
}

/* For cards that the driver starts; pcscd does not stay in our directory. */
static int
client_env(const char *vscclient, char **out)
{
	char *path = realpath(vscclient, NULL);
	int n = path == NULL ? -1 : asprintf(out, "VSCARD_VSCCLIENT=%s", path);

	free(path);
	if (n >= 0)
		return 0;
	log_error("no memory");
	return -ENOMEM;
}

int
daemon_start_pcscd(struct daemon *daemon, const struct options *opt,
    const struct programs *programs)
{
	const char *argv[8];
	struct child_plan plan = {.argv = (char *const *)(uintptr_t)argv};
	char *env = NULL;
	size_t n = 0;
	int r;

	argv[n++] = programs->pcscd;
	argv[n++] = "--foreground";
	argv[n++] = "--config";
	argv[n++] = PLACE_READER_CONF;
	if (pcscd_knows_polkit(programs->pcscd))
		argv[n++] = "--disable-polkit";
	if (opt->verbose)
		argv[n++] = "--info";
	argv[n] = NULL;
	if (programs->vscclient != NULL &&
	    (r = client_env(programs->vscclient, &env)) < 0)
		return r;
	plan.env = env;
	r = daemon_start(daemon, &plan, PLACE_PCSCD_LOG, opt->verbose);
	free(env);
	return r;
}

int
daemon_start_client(struct daemon *daemon, const struct options *opt,
    const struct programs *programs, const char *outside)
{
	const char **argv = calloc(opt->n_cards * 2 + 4, sizeof(*argv));
	struct child_plan plan = {
	    .argv = (char *const *)(uintptr_t)argv, .env = outside};
	size_t n = 0;
	int r;

	if (argv == NULL) {
		log_error("no memory");
		return -ENOMEM;
	}
	argv[n++] = programs->vscclient;
	argv[n++] = "--connect";
	argv[n++] = opt->listen;
	for (size_t i = 0; i < opt->n_cards; i++) {
		argv[n++] = "--card";
		argv[n++] = opt->cards[i];
	}
	r = daemon_start(daemon, &plan, PLACE_CLIENT_LOG, opt->verbose);
	free(argv);
	return r;
}

void
daemon_stop(struct daemon *daemon, int64_t deadline)
{
	int status;

	if (daemon->pid == 0)
		return;
	kill(daemon->pid, SIGTERM);
	if (child_wait(daemon->pid, deadline, &status) == 0)
		daemon->pid = 0;
}

/* The start of the last lines. */
static char *
lines_last(char *text, size_t len)
{
	int lines = 0;
	char *p = text + len;

	while (p > text && lines <= TELL_LINES)
		if (*--p == '\n')
			lines++;
	return p > text ? p + 1 : p;
}

/* pcscd starts each line with the microseconds since the one before. */
static const char *
line_text(const char *line)
{
	size_t digits = strspn(line, "0123456789");

	return digits == 8 && line[8] == ' ' ? line + 9 : line;
}

void
daemon_tell(const struct daemon *daemon)
{
	char text[TELL_MAX + 1], *next, *line;
	off_t size, from;
	ssize_t n;

	if (daemon->log < 0)
		return;
	size = lseek(daemon->log, 0, SEEK_END);
	from = size > TELL_MAX ? size - TELL_MAX : 0;
	if ((n = pread(daemon->log, text, TELL_MAX, from)) <= 0)
		return;
	if (text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	next = lines_last(text, (size_t)n);
	while ((line = strsep(&next, "\n")) != NULL)
		log_info("%s says: %s", daemon->name, line_text(line));
}
