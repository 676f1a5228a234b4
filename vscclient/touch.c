/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/touch.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/stream.h"
#include "util/clock.h"
#include "util/log.h"

/* As long as a person may think about it. */
enum { TOUCH_MS = 60000 };

enum { TOUCH_LINE_MAX = 200 };

int
touch_init(struct touch *t, const struct cardspec_key *spec)
{
	*t = (struct touch){.mode = spec->touch, .starter.fd = -1};
	if (t->mode != CARDSPEC_TOUCH_COMMAND)
		return 0;
	t->program = spec->touch_argv[0];
	t->command.argv = (char **)(uintptr_t)spec->touch_argv;
	t->command.filter = true;
	return starter_init(&t->starter, &t->command, 1);
}

void
touch_clear(struct touch *t)
{
	starter_clear(&t->starter);
}

/* Its end; it is made, should it take too long. */
static int
wait_for(struct touch *t, pid_t pid, int *out_status)
{
	struct pollfd fd = {.events = POLLIN};
	int64_t deadline = clock_after(TOUCH_MS);
	int rc = 0;

	fd.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	while (fd.fd >= 0 && rc == 0) {
		rc = poll(&fd, 1, clock_left(deadline));
		if (rc < 0 && errno == EINTR)
			rc = 0;
		else if (rc == 0 && clock_left(deadline) == 0)
			break;
	}
	if (fd.fd >= 0)
		close(fd.fd);
	/* Without the starter it ends with this process. */
	if (rc <= 0 && starter_signal(&t->starter, 0, SIGKILL) < 0)
		return -ETIMEDOUT;
	while (waitpid(pid, out_status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return rc <= 0 ? -ETIMEDOUT : 0;
}

/* The first line of what it has to say about a failure. */
static void
say(const struct touch *t, int err, const char *why)
{
	struct pollfd fd = {.fd = err, .events = POLLIN};
	char line[TOUCH_LINE_MAX] = "";
	ssize_t n = 0;

	if (poll(&fd, 1, 0) == 1)
		n = read(err, line, sizeof(line) - 1);
	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	log_warning("touch: %s %s%s%s", t->program, why,
	    *line != '\0' ? ": " : "", line);
}

static int
run(struct touch *t, const struct spawn *child, int err, const char *what)
{
	char line[TOUCH_LINE_MAX];
	int status = 0;
	int rc, len;

	len = snprintf(line, sizeof(line), "%s\n", what);
	if (len < 0 || stream_send(child->fd, line, (size_t)len) != len)
		log_debug("touch: %s reads nothing", t->program);
	stream_finish(child->fd);
	rc = wait_for(t, child->pid, &status);
	if (rc < 0)
		say(t, err, "did not end in time");
	else if (WIFSIGNALED(status))
		say(t, err, "was killed");
	else if (WEXITSTATUS(status) != 0)
		say(t, err, "said no");
	return rc == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int
touch_ask(struct touch *t, const char *what)
{
	struct spawn child;
	int err, rc;

	if (t->mode != CARDSPEC_TOUCH_COMMAND)
		return t->mode == CARDSPEC_TOUCH_YES;
	rc = starter_run(&t->starter, 0, &child, &err);
	if (rc < 0) {
		log_error("touch: cannot run %s: %s", t->program, err_text(rc));
		return 0;
	}
	rc = run(t, &child, err, what);
	close(child.fd);
	close(err);
	return rc;
}
