/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cards that the driver starts: it reaps what it starts, whenever that ends
 * and whoever is inside. Run it under ThreadSanitizer.
 */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/ifd/host.h"
#include "util/clock.h"
#include "util/log.h"

enum { CARDS = 3, KILLS = 4, STEP_MS = 5, LONG_MS = 20000 };

/* The programs that were just built; and root says that it is meant. */
static void
open_cards(const char *spec, unsigned slots, const char *more)
{
	const char *top = getenv("top_builddir");
	char keys[2048] = "", program[512], real[PATH_MAX];
	size_t len = 0;

	snprintf(program, sizeof(program), "%s/vscclient/vscclient",
	    top != NULL ? top : ".");
	ck_assert_ptr_nonnull(realpath(program, real));
	setenv("VSCARD_VSCCLIENT", real, 1);
	for (unsigned i = 0; i < slots; i++)
		len += (size_t)snprintf(
		    keys + len, sizeof(keys) - len, "card = %s\n", spec);
	snprintf(keys + len, sizeof(keys) - len, "%s%s",
	    geteuid() == 0 ? "user = root\n" : "", more);
	host_open(host_port(), slots, keys);
}

static const char *
example(void)
{
	static char spec[512];
	const char *top = getenv("top_builddir");

	snprintf(spec, sizeof(spec), "exec:%s/docs/example-card",
	    top != NULL ? top : ".");
	return spec;
}

/* One process that this one is the parent of, but for those in `known`. */
static pid_t
child_find(const pid_t *known, size_t count)
{
	char path[64], line[64];
	pid_t found = 0;
	FILE *file;
	struct dirent *entry;
	DIR *dir = opendir("/proc/self/task");

	ck_assert_ptr_nonnull(dir);
	while (found == 0 && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "/proc/self/task/%.16s/children",
		    entry->d_name);
		file = fopen(path, "re");
		if (file == NULL)
			continue;
		while (found == 0 && fscanf(file, "%63s", line) == 1) {
			found = (pid_t)atoi(line);
			for (size_t i = 0; i < count; i++)
				if (known[i] == found)
					found = 0;
		}
		fclose(file);
	}
	closedir(dir);
	return found;
}

static pid_t
child_await(const pid_t *known, size_t count)
{
	int64_t deadline = clock_after(LONG_MS);
	pid_t pid;

	while ((pid = child_find(known, count)) == 0) {
		ck_assert_int_gt(clock_left(deadline), 0);
		host_poll(HOST_LUN, STEP_MS);
	}
	return pid;
}

static RESPONSECODE
command(DWORD lun)
{
	static const uint8_t select[] = {
	    0x00, 0xa4, 0x04, 0x00, 0x05, 0xf0, 'c', 'a', 'r', 'd'};
	uint8_t out[258];
	DWORD len = sizeof(out);

	return host_transmit(lun, select, sizeof(select), out, &len);
}

START_TEST(card_is_there_and_comes_back)
{
	pid_t pid;

	open_cards(example(), 1, "");
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_PRESENT), IFD_ICC_PRESENT);
	ck_assert_int_eq(command(HOST_LUN), IFD_SUCCESS);
	for (int i = 0; i < 2; i++) {
		pid = child_await(NULL, 0);
		kill(pid, SIGKILL);
		ck_assert_int_eq(host_await(HOST_LUN, IFD_COMMUNICATION_ERROR),
		    IFD_COMMUNICATION_ERROR);
		ck_assert_int_eq(
		    host_await(HOST_LUN, IFD_ICC_PRESENT), IFD_ICC_PRESENT);
		ck_assert_int_ne(child_await(NULL, 0), pid);
	}
	ck_assert_int_eq(command(HOST_LUN), IFD_SUCCESS);
	host_close(1);
	unit_no_child();
}
END_TEST

/* Neither greets nor ends: killed in time, and started again. */
START_TEST(silent_program_is_replaced)
{
	pid_t pid;

	open_cards("exec:/bin/sleep 1000", 1, "handshake_timeout = 1\n");
	pid = child_await(NULL, 0);
	ck_assert_int_gt(child_await(&pid, 1), 0);
	host_close(1);
	unit_no_child();
}
END_TEST

static char heard[8192];
static pthread_mutex_t heard_lock = PTHREAD_MUTEX_INITIALIZER;

static void
sink(enum log_level level, const char *line)
{
	pthread_mutex_lock(&heard_lock);
	if (level <= LOG_LEVEL_WARNING)
		snprintf(heard + strlen(heard), sizeof(heard) - strlen(heard),
		    "%s|", line);
	pthread_mutex_unlock(&heard_lock);
}

static bool
has_heard(const char *text)
{
	bool is;

	pthread_mutex_lock(&heard_lock);
	is = strstr(heard, text) != NULL;
	pthread_mutex_unlock(&heard_lock);
	return is;
}

START_TEST(missing_client_is_one_line)
{
	log_set_sink(sink);
	open_cards(example(), 1, "");
	host_close(1);
	setenv("VSCARD_VSCCLIENT", "/no/such/vscclient", 1);
	heard[0] = '\0';
	host_open(host_port(), 1,
	    geteuid() == 0 ? "card = pcsc\nuser = 0\n" : "card = pcsc\n");
	host_close(1);
	ck_assert(has_heard("card 'pcsc': /no/such/vscclient cannot be run: No "
			    "such file or directory|"));
	ck_assert_ptr_eq(strchr(heard, '|'), heard + strlen(heard) - 1);
	unit_no_child();
}
END_TEST

static struct {
	bool closing; /* atomic */
	sem_t answered;
} stage;

/* The semaphore tells of the first answer. */
static void *
application_main(void *arg)
{
	DWORD lun = HOST_LUN + (DWORD)(uintptr_t)arg;
	unsigned answered = 0;

	while (!__atomic_load_n(&stage.closing, __ATOMIC_ACQUIRE)) {
		host_poll(lun, STEP_MS);
		if (IFDHICCPresence(lun) == IFD_ICC_PRESENT &&
		    command(lun) == IFD_SUCCESS && answered++ == 0)
			sem_post(&stage.answered);
	}
	return NULL;
}

START_TEST(killed_and_closed_while_in_use)
{
	pthread_t threads[CARDS];
	pid_t seen[KILLS];

	ck_assert_int_eq(sem_init(&stage.answered, 0, 0), 0);
	open_cards(example(), CARDS, "");
	for (unsigned i = 0; i < CARDS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL,
				     application_main, (void *)(uintptr_t)i),
		    0);
	for (unsigned i = 0; i < CARDS; i++)
		while (sem_wait(&stage.answered) < 0)
			ck_assert_int_eq(errno, EINTR);
	for (unsigned i = 0; i < KILLS; i++) {
		seen[i] = child_await(seen, i);
		kill(seen[i], SIGKILL);
	}
	host_close(CARDS);
	__atomic_store_n(&stage.closing, true, __ATOMIC_RELEASE);
	for (unsigned i = 0; i < CARDS; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	sem_destroy(&stage.answered);
	unit_no_child();
}
END_TEST

UNIT_SUITE("card", card_is_there_and_comes_back, silent_program_is_replaced,
    missing_client_is_one_line, killed_and_closed_while_in_use)
