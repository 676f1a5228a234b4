/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/system/log.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fakes/script.h"
#include "util/clock.h"

enum { SHOWN = 600000 };

const char *
system_log_path(void)
{
	const char *dir = getenv("VSCARD_TEST_DIR");
	char *path;

	if (asprintf(&path, "%s/log", dir != NULL ? dir : ".") < 0)
		abort();
	return path;
}

const char *
system_log_self(void)
{
	char *text;

	if (asprintf(&text, "pid %d, user %u", (int)getpid(), getuid()) < 0)
		abort();
	return text;
}

/* The whole log; free it. */
static char *
log_read(void)
{
	FILE *file = fopen(system_log_path(), "re");
	struct stat st;
	char *text;
	size_t n;

	if (file == NULL || fstat(fileno(file), &st) != 0)
		return strdup("no log");
	text = calloc(1, (size_t)st.st_size + 1);
	if (text == NULL)
		abort();
	n = fread(text, 1, (size_t)st.st_size, file);
	text[n] = '\0';
	(void)fclose(file);
	return text;
}

unsigned
system_log_count(const char *text)
{
	char *log = log_read();
	const char *p = log;
	unsigned n = 0;

	while ((p = strstr(p, text)) != NULL) {
		p += strlen(text);
		n++;
	}
	free(log);
	return n;
}

void
system_log_wait_at(const char *here, const char *text, unsigned n)
{
	int64_t deadline = clock_after(SCRIPT_DEADLINE);
	struct pollfd poller = {.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK),
	    .events = POLLIN};
	char events[1024];

	if (inotify_add_watch(poller.fd, system_log_path(), IN_MODIFY) < 0)
		script_fail(here, "inotify: %m");
	while (system_log_count(text) < n) {
		if (poll(&poller, 1, clock_left(deadline)) == 0)
			script_fail(here, "the log has \"%s\" %u times",
			    text, system_log_count(text));
		(void)!read(poller.fd, events, sizeof(events));
	}
	(void)close(poller.fd);
}

void
system_log_show(void)
{
	char *log = log_read(), *line, *rest = NULL;
	size_t len = strlen(log);

	line = strtok_r(log + (len > SHOWN ? len - SHOWN : 0), "\n", &rest);
	for (; line != NULL; line = strtok_r(NULL, "\n", &rest))
		(void)printf("# %s\n", line);
	free(log);
}
