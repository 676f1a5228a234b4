/* SPDX-License-Identifier: BSD-2-Clause */
#include "run/front.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/child.h"
#include "run/supervise.h"
#include "util/clock.h"
#include "util/log.h"

struct front {
	int control[2]; /* a pipe to the supervisor */
	int signals;
	pid_t supervisor;
	bool adopts; /* what the supervisor would leave */
};

enum { KILL_MS = 5000 };

static const int passed_on[] = {
    SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};

/*
 * SIGPIPE and SIGTTOU are blocked in both of our processes: neither a dead
 * supervisor nor a terminal that lets only the foreground write stops us.
 */
static int
signals_open(struct front *front, sigset_t *out_old)
{
	sigset_t set;

	/* A caller that ignores SIGCHLD would take our children from us. */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t i = 0; i < sizeof(passed_on) / sizeof(*passed_on); i++)
		sigaddset(&set, passed_on[i]);
	if ((front->signals = signalfd(-1, &set, SFD_CLOEXEC)) < 0)
		return -errno;
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGTTOU);
	return sigprocmask(SIG_BLOCK, &set, out_old) < 0 ? -errno : 0;
}

/*
 * If the supervisor itself is killed, what it looked after falls to us; but
 * only where we could not mistake children that the caller had before.
 */
static bool
adopts_orphans(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 &&
	       errno == ECHILD && prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
}

static void
front_clear(struct front *front)
{
	for (int i = 0; i < 2; i++)
		if (front->control[i] >= 0)
			close(front->control[i]);
	if (front->signals >= 0)
		close(front->signals);
}

static int
front_init(struct front *front, sigset_t *out_old)
{
	int r;

	*front = (struct front){.control = {-1, -1}, .signals = -1};
	if (pipe2(front->control, O_CLOEXEC) < 0)
		r = -errno;
	else
		r = signals_open(front, out_old);
	if (r < 0) {
		log_error("cannot set up: %s", err_text(r));
		front_clear(front);
	}
	return r;
}

/*
 * In a process group of its own, so that a signal for the user's job, even
 * SIGKILL, leaves somebody to clean up. COMMAND goes back to the job.
 */
static int
supervisor_run(struct front *front, const struct options *opt,
    const struct programs *programs, const sigset_t *mask)
{
	pid_t group = getpgrp();
	struct supervise_plan plan = {.options = opt,
	    .programs = programs,
	    .control = front->control[0],
	    .mask = *mask};

	/* 0: its leader is outside of our PID namespace; nobody could return. */
	if (group > 0 && setpgid(0, 0) == 0)
		plan.group = group;
	close(front->control[1]);
	front->control[1] = -1;
	return supervise(&plan);
}

static void
signal_pass(struct front *front, const struct signalfd_siginfo *info)
{
	unsigned char byte = (unsigned char)info->ssi_signo;

	if (info->ssi_code == SI_KERNEL)
		byte |= SUPERVISE_FROM_TTY;
	if (write(front->control[1], &byte, 1) < 0)
		log_debug("the supervisor is gone");
}

/* Whether it has ended, with what. */
static bool
supervisor_ended(const struct front *front, int *out_status)
{
	int status;

	if (waitpid(front->supervisor, &status, WNOHANG) != front->supervisor)
		return false;
	if (WIFSIGNALED(status)) {
		log_error(
		    "the supervisor was killed by signal %d", WTERMSIG(status));
		if (front->adopts && child_kill_all(clock_after(KILL_MS)) < 0)
			log_warning("some processes would not die");
		*out_status = SUPERVISE_EXIT_FAILED;
	} else {
		*out_status = WEXITSTATUS(status);
	}
	return true;
}

static int
front_wait(struct front *front)
{
	struct signalfd_siginfo info;
	int status;

	while (!supervisor_ended(front, &status)) {
		if (read(front->signals, &info, sizeof(info)) != sizeof(info))
			continue;
		if (info.ssi_signo != SIGCHLD)
			signal_pass(front, &info);
	}
	return status;
}

int
front_run(const struct options *opt, const struct programs *programs)
{
	struct front front;
	sigset_t mask;
	int status = SUPERVISE_EXIT_FAILED;

	if (front_init(&front, &mask) < 0)
		return status;
	front.adopts = adopts_orphans();
	front.supervisor = fork();
	if (front.supervisor == 0) {
		status = supervisor_run(&front, opt, programs, &mask);
	} else if (front.supervisor > 0) {
		close(front.control[0]);
		front.control[0] = -1;
		status = front_wait(&front);
	} else {
		log_error("cannot start a process: %s", err_text(errno));
	}
	front_clear(&front);
	return status;
}
