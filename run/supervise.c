/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/supervise.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/child.h"
#include "run/daemon.h"
#include "run/place.h"
#include "run/ready.h"
#include "run/sandbox.h"
#include "run/sockfile.h"
#include "util/clock.h"
#include "util/log.h"

/* How long each daemon may take to leave, and all the rest to be killed. */
enum { STOP_MS = 2000, KILL_MS = 5000 };

/* What is awaited. */
enum stage { STAGE_READERS, STAGE_CARDS, STAGE_COMMAND, STAGE_END };

static const char *const stage_names[] = {
    [STAGE_READERS] = "waiting for pcscd",
    [STAGE_CARDS] = "waiting for the cards",
    [STAGE_COMMAND] = "running the command",
    [STAGE_END] = "ending",
};

/* For a signal that is sent to the supervisor itself. */
static const int own_signals[] = {SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};

struct super {
	const struct supervise_plan *plan;
	enum stage stage;
	int64_t deadline; /* of the stage */
	int signals;      /* signalfd */
	int watch;        /* for pcscd's socket */
	char *outside;    /* PCSCLITE_CSOCK_NAME=... for vscclient */
	struct sockfile sockfile;
	struct daemon pcscd;
	struct daemon client;
	pid_t probe; /* 0: none, so the others */
	pid_t command;
	int status; /* the exit status to be */
};

static const char *
stage_name(enum stage stage)
{
	return (unsigned)stage <= STAGE_END ? stage_names[stage] : "?";
}

static void
stage_set(struct super *super, enum stage stage)
{
	super->stage = stage;
	log_debug("%s", stage_name(stage));
}

static void
super_end(struct super *super, int status)
{
	super->status = status;
	stage_set(super, STAGE_END);
}

/* With what the daemons have to say about it. */
static void
super_fail(struct super *super)
{
	daemon_tell(&super->pcscd);
	daemon_tell(&super->client);
	super_end(super, SUPERVISE_EXIT_FAILED);
}

static int
probe_start(struct super *super)
{
	const struct options *opt = super->plan->options;
	int r = child_fork(&super->probe);

	if (r < 0)
		log_error("cannot start a process: %s", err_text(r));
	if (r != 0)
		return r < 0 ? r : 0;
	r = super->stage == STAGE_READERS
		? ready_readers(super->watch, opt->slots)
		: ready_cards((unsigned)opt->n_cards);
	_exit(r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

static int
cards_start(struct super *super)
{
	const struct supervise_plan *plan = super->plan;
	int r;

	stage_set(super, STAGE_CARDS);
	r = daemon_start_client(
	    &super->client, plan->options, plan->programs, super->outside);
	return r < 0 ? r : probe_start(super);
}

static int
command_start(struct super *super)
{
	const struct supervise_plan *plan = super->plan;
	struct child_plan child = {.argv = plan->options->command,
	    .out = -1,
	    .group = plan->group,
	    .mask = &plan->mask};
	int r;

	stage_set(super, STAGE_COMMAND);
	super->deadline = CLOCK_NEVER;
	if ((r = child_start(&child, &super->command)) < 0)
		log_error("cannot start a process: %s", err_text(r));
	return r;
}

static int
readers_done(struct super *super)
{
	const struct options *opt = super->plan->options;

	sockfile_set(&super->sockfile, opt->listen);
	return opt->n_cards > 0 ? cards_start(super) : command_start(super);
}

static void
on_probe(struct super *super, int status)
{
	int r;

	super->probe = 0;
	if (super->stage == STAGE_END)
		return;
	if (child_exit_status(status) != EXIT_SUCCESS)
		r = -EIO;
	else if (super->stage == STAGE_READERS)
		r = readers_done(super);
	else
		r = command_start(super);
	if (r < 0)
		super_fail(super);
}

static void
on_daemon(struct super *super, struct daemon *daemon, int status)
{
	daemon->pid = 0;
	if (super->stage == STAGE_END)
		return;
	if (WIFSIGNALED(status))
		log_error("%s was killed by signal %d", daemon->name,
		    WTERMSIG(status));
	else
		log_error("%s ended with status %d", daemon->name,
		    WEXITSTATUS(status));
	daemon_tell(daemon);
	/* What COMMAND makes of it is its own. */
	if (super->stage != STAGE_COMMAND)
		super_end(super, SUPERVISE_EXIT_FAILED);
}

static void
on_exit_of(struct super *super, pid_t pid, int status)
{
	if (pid == super->probe) {
		on_probe(super, status);
	} else if (pid == super->pcscd.pid) {
		on_daemon(super, &super->pcscd, status);
	} else if (pid == super->client.pid) {
		on_daemon(super, &super->client, status);
	} else if (pid == super->command) {
		super->command = 0;
		super_end(super, child_exit_status(status));
	}
}

static void
on_children(struct super *super)
{
	int status;
	pid_t pid;

	while (super->stage != STAGE_END &&
	       (pid = waitpid(-1, &status, WNOHANG)) > 0)
		on_exit_of(super, pid, status);
}

static void
on_signal(struct super *super, int sig, bool from_tty)
{
	if (super->stage != STAGE_COMMAND)
		super_end(super, 128 + sig);
	else if (!from_tty)
		kill(super->command, sig);
}

static void
on_signals(struct super *super)
{
	struct signalfd_siginfo info;

	if (read(super->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD)
		on_children(super);
	else
		on_signal(super, (int)info.ssi_signo, false);
}

static void
on_control(struct super *super)
{
	unsigned char byte;

	if (read(super->plan->control, &byte, 1) != 1)
		super_end(super, 128 + SIGKILL); /* which nobody will see */
	else
		on_signal(super, byte & ~SUPERVISE_FROM_TTY,
		    (byte & SUPERVISE_FROM_TTY) != 0);
}

static void
on_deadline(struct super *super)
{
	log_error("%s took longer than %d s (see --timeout)",
	    stage_name(super->stage), super->plan->options->timeout_ms / 1000);
	super_fail(super);
}

static void
super_loop(struct super *super)
{
	struct pollfd fds[] = {
	    {.fd = super->plan->control, .events = POLLIN},
	    {.fd = super->signals, .events = POLLIN},
	};
	int n;

	/* One may have ended while another was waited for by itself. */
	on_children(super);
	while (super->stage != STAGE_END) {
		n = poll(fds, 2, clock_left(super->deadline));
		if (n == 0)
			on_deadline(super);
		if (n <= 0)
			continue;
		if (fds[0].revents != 0)
			on_control(super);
		else
			on_signals(super);
	}
}

/*
 * vscclient gets real readers from the pcscd outside, never from the private
 * one, which would be a loop: the socket that the caller names, or else what
 * was at the usual place.
 */
static int
outside_set(struct super *super)
{
	const char *socket = getenv("PCSCLITE_CSOCK_NAME");

	if (socket == NULL || strcmp(socket, PLACE_SOCKET) == 0)
		socket = PLACE_OUTSIDE_SOCKET;
	if (asprintf(&super->outside, "PCSCLITE_CSOCK_NAME=%s", socket) >= 0)
		return 0;
	super->outside = NULL;
	log_error("no memory");
	return -ENOMEM;
}

/*
 * COMMAND learns the endpoint, of a driver that nothing hides, and, as pcscd
 * does, where that driver can be asked. What would
 * lead it to another pcscd, or hide readers from this one, goes.
 */
static int
environment_set(const struct options *opt)
{
	int r;

	r = opt->connects ? unsetenv("VSCARD_ENDPOINT")
			  : setenv("VSCARD_ENDPOINT", opt->listen, 1);
	if (r == 0 && unsetenv("PCSCLITE_CSOCK_NAME") == 0 &&
	    unsetenv("PCSCLITE_FILTER_IGNORE_READER_NAMES") == 0 &&
	    unsetenv("PCSCLITE_FILTER_EXTEND_READER_NAMES") == 0 &&
	    setenv("VSCARD_DRIVER", PLACE_DRIVER, 1) == 0 &&
	    setenv("VSCARD_CONTROL", PLACE_CONTROL, 1) == 0)
		return 0;
	log_error("no memory");
	return -ENOMEM;
}

static int
pcscd_start(struct super *super)
{
	const struct supervise_plan *plan = super->plan;
	int r;

	if ((r = daemon_write_files(plan->options)) < 0)
		return r;
	if ((super->watch = ready_watch()) < 0) {
		log_error(
		    "cannot watch %s: %s", PLACE_DIR, err_text(super->watch));
		return super->watch;
	}
	stage_set(super, STAGE_READERS);
	super->deadline = clock_after(plan->options->timeout_ms);
	r = daemon_start_pcscd(&super->pcscd, plan->options, plan->programs);
	return r < 0 ? r : probe_start(super);
}

static int
signals_open(struct super *super)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(own_signals) / sizeof(*own_signals); i++)
		sigaddset(&set, own_signals[i]);
	if ((super->signals = signalfd(-1, &set, SFD_CLOEXEC)) >= 0)
		return 0;
	log_error("cannot make a signalfd: %s", err_text(errno));
	return -EIO;
}

static int
super_start(struct super *super)
{
	int r;

	if ((r = signals_open(super)) < 0 ||
	    (r = sandbox_enter(super->plan->programs->driver)) < 0 ||
	    (r = outside_set(super)) < 0 ||
	    (r = environment_set(super->plan->options)) < 0)
		return r;
	/* Orphans of COMMAND fall to this process, not to init. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return pcscd_start(super);
}

/*
 * COMMAND first if it still runs; then the client, which says goodbye, and
 * pcscd; then all the rest without asking.
 */
static void
super_stop(struct super *super)
{
	if (super->command > 0)
		kill(super->command, SIGKILL);
	if (super->probe > 0)
		kill(super->probe, SIGKILL);
	daemon_stop(&super->client, clock_after(STOP_MS));
	daemon_stop(&super->pcscd, clock_after(STOP_MS));
	sockfile_remove(&super->sockfile);
	if (child_kill_all(clock_after(KILL_MS)) < 0)
		log_warning("some processes would not die");
	daemon_clear(&super->client);
	daemon_clear(&super->pcscd);
	free(super->outside);
	if (super->watch >= 0)
		close(super->watch);
	if (super->signals >= 0)
		close(super->signals);
}

int
supervise(const struct supervise_plan *plan)
{
	struct super super = {.plan = plan,
	    .deadline = CLOCK_NEVER,
	    .signals = -1,
	    .watch = -1,
	    .status = SUPERVISE_EXIT_FAILED};

	sockfile_init(&super.sockfile);
	daemon_init(&super.pcscd, "pcscd");
	daemon_init(&super.client, "vscclient");
	if (super_start(&super) == 0)
		super_loop(&super);
	super_stop(&super);
	return super.status;
}
