/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fault.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "tests/unit/unit.h"

enum { QUICK = 7, END_S = 10, CASE_S = 120 };

const struct fault_way fault_talk_ways[FAULT_TALK_WAYS] = {
    {"epoll_ctl", ENOMEM},
    {"epoll_wait", EINTR},
    {"epoll_wait", ENOMEM},
    {"eventfd_read", EAGAIN},
    {"recv", EINTR},
    {"recv", EAGAIN},
    {"recv", FAULT_SHORT},
    {"recv", ECONNRESET},
    {"recv", ENOMEM},
    {"send", EINTR},
    {"send", EAGAIN},
    {"send", FAULT_SHORT},
    {"send", EPIPE},
    {"send", ENOBUFS},
};

struct fault {
	const char *call; /* atomic, as the next two; NULL: none is ordered */
	int nth;
	int err;
	int first;     /* nth, as it was ordered */
	char note[80]; /* what fault_tell says */
};

static struct fault *fault;
static __thread bool spared;

/* Before anything is forked, Check's tests for one. */
__attribute__((constructor)) static void
fault_init(void)
{
	fault = mmap(NULL, sizeof(*fault), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fault == MAP_FAILED)
		abort();
}

void
fault_set(const char *call, int nth, int err)
{
	fault->first = nth;
	__atomic_store_n(&fault->nth, nth, __ATOMIC_RELAXED);
	__atomic_store_n(&fault->err, err, __ATOMIC_RELAXED);
	__atomic_store_n(&fault->call, call, __ATOMIC_RELEASE);
}

bool
fault_take(void)
{
	const char *call =
	    __atomic_exchange_n(&fault->call, NULL, __ATOMIC_ACQ_REL);

	return call == NULL;
}

bool
fault_was(const char *call)
{
	size_t len = strlen(call);

	return __atomic_load_n(&fault->call, __ATOMIC_ACQUIRE) == NULL &&
	    strncmp(fault->note, call, len) == 0 && fault->note[len] == ' ';
}

unsigned
fault_count(void)
{
	return (unsigned)(fault->first -
			  __atomic_load_n(&fault->nth, __ATOMIC_RELAXED));
}

bool
fault_hits(const char *call)
{
	const char *ordered;

	/* What allocates may run before the constructor. */
	if (spared || fault == NULL)
		return false;
	ordered = __atomic_load_n(&fault->call, __ATOMIC_ACQUIRE);
	if (ordered == NULL || strcmp(ordered, call) != 0 ||
	    __atomic_sub_fetch(&fault->nth, 1, __ATOMIC_ACQ_REL) != 0)
		return false;
	__atomic_store_n(&fault->call, NULL, __ATOMIC_RELEASE);
	errno = __atomic_load_n(&fault->err, __ATOMIC_RELAXED);
	return true;
}

bool
fault_spare(bool spare)
{
	bool before = spared;

	spared = spare;
	return before;
}

/* --- the n-th of all -------------------------------------------------- */

int
fault_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	int count = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

/*
 * A thread that was joined is in its folder a moment longer, and a descriptor
 * may be another thread's to close.
 */
static void
count_await(int (*count)(void), int want)
{
	time_t deadline = time(NULL) + END_S;
	int now;

	while ((now = count()) != want && time(NULL) < deadline)
		sched_yield();
	ck_assert_int_eq(now, want);
}

unsigned
fault_every(unsigned n)
{
	return getenv("VSCARD_TEST_QUICK") != NULL ? n * QUICK : n;
}

/* Returns whether there was an nth call. */
static bool
sweep_once(
    const struct fault_way *way, unsigned nth, void (*scene)(void *), void *arg)
{
	int fds = unit_fds(), before = fault_threads();
	bool came;

	snprintf(fault->note, sizeof(fault->note), "%s %u: error %d", way->call,
	    nth, way->err);
	if (getenv("VSCARD_TEST_FAULTS") != NULL)
		fprintf(stderr, "# %s\n", fault->note);
	fault_set(way->call, (int)nth, way->err);
	scene(arg);
	came = fault_take();
	count_await(fault_threads, before);
	count_await(unit_fds, fds);
	fault->note[0] = '\0';
	return came;
}

static void *
thread_ends(void *arg)
{
	return arg;
}

/* ThreadSanitizer has a thread of its own from the first one on. */
static void
threads_warm_up(void)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, thread_ends, NULL), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

unsigned
fault_sweep(const struct fault_way *ways, size_t len, unsigned every,
    void (*scene)(void *arg), void *arg)
{
	bool before = fault_spare(true);
	unsigned count = 0;

	threads_warm_up();
	for (size_t i = 0; i < len; i++) {
		unsigned nth = 1, step = fault_every(every);

		for (; sweep_once(&ways[i], nth, scene, arg); nth += step)
			count += step;
	}
	fault_spare(before);
	return count;
}

void
fault_case_add(Suite *suite, const char *name, void (*setup)(void),
    void (*teardown)(void), const TTest *const tests[])
{
	TCase *each = tcase_create(name);

	tcase_set_timeout(each, CASE_S);
	tcase_add_checked_fixture(each, setup, teardown);
	for (; *tests != NULL; tests++)
		tcase_add_test(each, *tests);
	suite_add_tcase(suite, each);
}

void
fault_tell(void)
{
	if (fault->note[0] != '\0')
		printf("# the fault was %s\n", fault->note);
}
