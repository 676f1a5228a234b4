/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Eight readers in use all the time, while cards, readers and peers come and
 * go, applications are killed, and pcscd is restarted: soak.h tells how every
 * answer is known to be the right one. VSCARD_SOAK_APDUS (how many commands),
 * VSCARD_SOAK_SECONDS (in what time; 0: as fast as it goes) and
 * VSCARD_SOAK_SEED change it; `make soak` takes an hour.
 */
#include "tests/system/soak.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/system/local_pcscd.h"
#include "tests/system/pc.h"
#include "tests/system/system.h"
#include "tests/system/usage.h"
#include "util/clock.h"
#include "util/err.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

enum {
	APDUS = 3000,
	SECONDS = 2,
	LONG_SECONDS = 60,
	TURN_MS = 10,
	STUCK_MS = 45000,  /* a reader in which nothing happens */
	CALM_APDUS = 10,   /* of each application, in the end */
	KILLS = 40,        /* of applications, in a run */
	TOLD = 2,          /* of each: of the reset, and of the protocol */
	RESTARTS_MAX = 10, /* of pcscd, in the first half of a run */
	SAMPLES = 80,
	GROWTH_KB = 1024, /* of pcscd's memory, once it is warm */
	WARM_KB = 8192,
	REPORT_MS = 30000,
	ROUNDS = 4,
	END_MS = 3000
};

struct sample {
	unsigned long memory;
	unsigned threads, files;
};

struct run {
	struct soak *soak;
	struct local_pcscd host;
	int pcscd;
	struct soak_dice dice;
	unsigned target;   /* commands, in all */
	unsigned restarts; /* to be */
	bool is_long;
	unsigned restarted, killed, sampled;
	struct sample first; /* of a pcscd that has seen nothing yet */
	struct sample samples[SAMPLES];
	pid_t cards, apps[SOAK_READERS];
	unsigned answered[SOAK_READERS]; /* when it was last looked at */
	int64_t stuck;                   /* when one has to have gone on */
	int64_t report;                  /* when to say how it goes */
};

static unsigned long
number_from(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? strtoul(text, NULL, 0) : otherwise;
}

/* For who reads TAP: a comment. */
PRINTF_LIKE(1, 2)
static void
say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)printf("# ");
	(void)vprintf(fmt, args);
	(void)printf("\n");
	va_end(args);
	(void)fflush(stdout);
}

static void
nap(int ms)
{
	(void)usleep((useconds_t)ms * 1000);
}

static unsigned
sum(const struct run *run)
{
	unsigned all = 0;

	for (unsigned i = 0; i < SOAK_READERS; i++)
		all += atomic_load(&run->soak->apps[i].answered);
	return all;
}

/* --- processes -------------------------------------------------------- */

static void
check_broken(const struct run *run)
{
	if (atomic_load(&run->soak->broken))
		script_fail(HERE, "%s (seed %#llx, after %u commands)",
		    run->soak->why, (unsigned long long)run->soak->seed,
		    sum(run));
}

static void
app_start(struct run *run, unsigned i)
{
	run->apps[i] = fork();
	ck_assert_int_ge(run->apps[i], 0);
	if (run->apps[i] == 0)
		soak_app_main(run->soak, i);
}

/* In the middle of whatever it does. */
static void
app_kill(struct run *run, unsigned i)
{
	atomic_fetch_add(&run->soak->apps[i].strays, 1);
	atomic_fetch_add(&run->soak->apps[i].resets, TOLD);
	ck_assert_int_eq(kill(run->apps[i], SIGKILL), 0);
	ck_assert_int_eq(waitpid(run->apps[i], NULL, 0), run->apps[i]);
	app_start(run, i);
	run->killed++;
}

static void
cards_start(struct run *run)
{
	run->cards = fork();
	ck_assert_int_ge(run->cards, 0);
	if (run->cards == 0)
		soak_cards_main(run->soak);
}

static void
host_start(struct run *run)
{
	local_pcscd_start(&run->host, SOAK_READERS);
	run->pcscd = system_listener(run->host.link);
}

/* Killed, told to end, or ended with all that vscard-run has started. */
static void
host_restart(struct run *run)
{
	static const int signals[] = {SIGKILL, SIGTERM, 0};

	atomic_fetch_add(&run->soak->host, 1);
	(void)kill(run->pcscd, signals[run->restarted % 3]);
	local_pcscd_kill(&run->host);
	host_start(run);
	atomic_fetch_add(&run->soak->host, 1);
	run->restarted++;
	run->stuck = clock_after(STUCK_MS);
}

static bool
has_moved(const struct run *run, unsigned i)
{
	return atomic_load(&run->soak->apps[i].answered) > run->answered[i];
}

static void
stands_still(const struct run *run)
{
	const struct soak_app *app = run->soak->apps;
	unsigned i = 0;

	while (i < SOAK_READERS - 1 && has_moved(run, i))
		i++;
	script_fail(HERE,
	    "reader %u stands still: %s (seed %#llx, after %u commands)", i,
	    pcsc_stringify_error(atomic_load(&app[i].connected)),
	    (unsigned long long)run->soak->seed, sum(run));
}

/* None of them ends by itself, and no reader stands still. */
static void
watch(struct run *run)
{
	unsigned moved = 0;
	pid_t pid;

	check_broken(run);
	pid = waitpid(-1, NULL, WNOHANG);
	if (pid > 0)
		script_fail(HERE, "process %d has ended: %s", (int)pid,
		    pid == run->cards          ? "the cards"
		    : pid == run->host.run.pid ? "vscard-run"
					       : "an application");
	for (unsigned i = 0; i < SOAK_READERS; i++)
		moved += has_moved(run, i);
	if (moved == SOAK_READERS) {
		run->stuck = clock_after(STUCK_MS);
		for (unsigned i = 0; i < SOAK_READERS; i++)
			run->answered[i] =
			    atomic_load(&run->soak->apps[i].answered);
	}
	if (clock_left(run->stuck) == 0)
		stands_still(run);
	nap(TURN_MS);
}

/* --- figures ---------------------------------------------------------- */

static struct sample
sample_take(const struct run *run)
{
	return (struct sample){.memory = usage_memory(run->pcscd),
	    .threads = usage_threads(run->pcscd),
	    .files = system_open_files(run->pcscd)};
}

static void
report(const struct run *run)
{
	const struct sample now = sample_take(run);
	const struct soak *soak = run->soak;
	unsigned failed = 0, handles = 0;
	unsigned long bytes = 0;

	for (unsigned i = 0; i < SOAK_READERS; i++) {
		failed += atomic_load(&soak->apps[i].failed);
		handles += atomic_load(&soak->apps[i].handles);
		bytes += atomic_load(&soak->apps[i].bytes);
	}
	say("%5lld s: %u commands (%lu MiB), %u failed with a cause, %u "
	    "handles; "
	    "%u incidents, %u refusals, %u applications killed, "
	    "%u restarts; pcscd: %lu KiB, %u threads, %u descriptors",
	    (long long)(script_ns() - soak->began) / 1000000000, sum(run),
	    bytes >> 20, failed, handles, atomic_load(&soak->incidents),
	    atomic_load(&soak->refusals), run->killed, run->restarted,
	    now.memory, now.threads, now.files);
}

static int
by_memory(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return x->memory < y->memory ? -1 : x->memory > y->memory;
}

/* Sorts them, too. */
static unsigned long
median_memory(struct sample *samples, size_t n)
{
	qsort(samples, n, sizeof(*samples), by_memory);
	return samples[n / 2].memory;
}

/* The second half of the run is one pcscd's. */
static void
judge_samples(struct run *run)
{
	struct sample *half = &run->samples[SAMPLES / 2];
	const size_t n = SAMPLES / 8;
	unsigned long early, late;
	unsigned most = 0;

	for (size_t i = 0; i < SAMPLES / 2; i++)
		most = half[i].threads > most ? half[i].threads : most;
	early = median_memory(half, n);
	late = median_memory(half + SAMPLES / 2 - n, n);
	say("pcscd's memory in the second half: %lu KiB, then %lu KiB; at "
	    "most %u threads",
	    early, late, most);
	/* Each application has one, and one that was killed, for a moment. */
	ck_assert_uint_le(most, run->first.threads + 2 * SOAK_READERS);
#ifndef __SANITIZE_ADDRESS__
	ck_assert_uint_le(late, early + (run->is_long ? GROWTH_KB : WARM_KB));
#endif
}

/* --- at rest ---------------------------------------------------------- */

/* The card in the reader, which is there by now. */
static struct soak_card
ask(struct run *run, unsigned reader)
{
	unsigned number = atomic_fetch_add(&run->soak->apps[reader].number, 1);
	uint8_t command[SOAK_ROOM], response[SOAK_ROOM];
	int64_t deadline = clock_after(SCRIPT_DEADLINE);
	size_t len = sizeof(response), n;
	struct soak_card card;
	struct pc pc;

	while (pc_try_open(&pc, reader, SCARD_SHARE_SHARED,
		   SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1) != SCARD_S_SUCCESS) {
		ck_assert_int_ne(clock_left(deadline), 0);
		nap(1);
	}
	n = soak_command(run->soak, reader, ++number, false, command);
	ck_assert_int_eq(
	    pc_try_transmit(&pc, command, n, response, &len), SCARD_S_SUCCESS);
	ck_assert(
	    soak_is_response(run->soak, reader, number, response, len, &card));
	pc_close(&pc, SCARD_LEAVE_CARD);
	return card;
}

/* Every card is in one reader, and what pcscd then holds. */
static struct sample
inspect(struct run *run)
{
	struct sample before, after;
	unsigned seen = 0;

	while (atomic_load(&run->soak->ready) < SOAK_READERS)
		watch(run);
	for (unsigned i = 0; i < SOAK_READERS; i++)
		seen |= 1u << ask(run, i).card;
	ck_assert_uint_eq(seen, (1u << SOAK_READERS) - 1);
	/* Its threads of these clients end in their own time. */
	for (before = sample_take(run);; before = after) {
		nap(10 * TURN_MS);
		after = sample_take(run);
		if (after.threads == before.threads &&
		    after.files == before.files)
			return after;
	}
}

static void
calm_down(struct run *run)
{
	unsigned goal[SOAK_READERS];

	atomic_store(&run->soak->calm, true);
	for (unsigned i = 0; i < SOAK_READERS; i++)
		goal[i] =
		    atomic_load(&run->soak->apps[i].answered) + CALM_APDUS;
	for (unsigned i = 0; i < SOAK_READERS; i++)
		while (atomic_load(&run->soak->apps[i].answered) < goal[i])
			watch(run);
	atomic_store(&run->soak->stop, true);
	for (unsigned i = 0; i < SOAK_READERS; i++)
		ck_assert_int_eq(waitpid(run->apps[i], NULL, 0), run->apps[i]);
}

/* --- the run ---------------------------------------------------------- */

static void
run_init(struct run *run)
{
	unsigned seconds =
	    (unsigned)number_from("VSCARD_SOAK_SECONDS", SECONDS);
	struct soak *soak = mmap(NULL, sizeof(*soak), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(soak, MAP_FAILED);
	run->soak = soak;
	run->target = (unsigned)number_from("VSCARD_SOAK_APDUS", APDUS);
	run->restarts = run->target / 1500;
	if (run->restarts > RESTARTS_MAX)
		run->restarts = RESTARTS_MAX;
	soak->seed =
	    number_from("VSCARD_SOAK_SEED", (unsigned long)script_ns() >> 8);
	run->dice.state = soak->seed | 1;
	run->is_long = seconds >= LONG_SECONDS;
	soak->trouble_ms = run->is_long ? 250 : 15;
	soak->period =
	    (int64_t)seconds * SOAK_READERS * 1000000000 / run->target;
	soak->calm = true;
	say("VSCARD_SOAK_SEED=%#llx VSCARD_SOAK_APDUS=%u "
	    "VSCARD_SOAK_SECONDS=%u",
	    (unsigned long long)soak->seed, run->target, seconds);
}

/* How many of `all` are due by now, when they end after `end` commands. */
static unsigned
due(unsigned all, unsigned now, unsigned end)
{
	unsigned long long n = (unsigned long long)now * (all + 1) / end;

	return n < all ? (unsigned)n : all;
}

static void
turn(struct run *run)
{
	unsigned now = sum(run);

	watch(run);
	if (run->restarted < due(run->restarts, now, run->target / 2))
		host_restart(run);
	if (run->killed < due(KILLS, now, run->target))
		app_kill(run, soak_draw(&run->dice, SOAK_READERS));
	if (run->sampled < SAMPLES &&
	    run->sampled <= due(SAMPLES - 1, now, run->target)) {
		run->samples[run->sampled] = sample_take(run);
		run->sampled++;
	}
	if (clock_left(run->report) == 0) {
		report(run);
		run->report = clock_after(REPORT_MS);
	}
}

START_TEST(soak)
{
	struct run *run = calloc(1, sizeof(*run));
	struct sample last;

	run_init(run);
	run->soak->endpoint = system_socket("local");
	host_start(run);
	(void)putenv(run->host.env);
	run->stuck = clock_after(STUCK_MS);
	cards_start(run);
	run->first = inspect(run);
	run->soak->began = script_ns();
	report(run);
	run->report = clock_after(REPORT_MS);
	atomic_store(&run->soak->calm, false);
	for (unsigned i = 0; i < SOAK_READERS; i++)
		app_start(run, i);
	while (sum(run) < run->target || run->sampled < SAMPLES)
		turn(run);
	calm_down(run);
	last = inspect(run);
	report(run);
	ck_assert_uint_eq(last.threads, run->first.threads);
	ck_assert_uint_eq(last.files, run->first.files);
	judge_samples(run);
	check_broken(run);
	(void)kill(run->cards, SIGKILL);
	local_pcscd_kill(&run->host);
	/* Check keeps the time of a test in an int, in microseconds. */
	if (run->is_long)
		_exit(EXIT_SUCCESS);
	free(run);
}
END_TEST

/* --- the end of pcscd ------------------------------------------------- */

/* With commands in flight, some of them of applications that are no more. */
static void
host_end(struct run *run)
{
	unsigned goal = sum(run) + soak_draw(&run->dice, 50);
	unsigned kills = soak_draw(&run->dice, 4);
	int64_t began;

	run->stuck = clock_after(STUCK_MS);
	while (sum(run) < goal)
		watch(run);
	nap((int)soak_draw(&run->dice, 2 * TURN_MS));
	while (kills-- > 0)
		app_kill(run, soak_draw(&run->dice, SOAK_READERS));
	atomic_fetch_add(&run->soak->host, 1);
	began = clock_now();
	ck_assert_int_eq(kill(run->pcscd, SIGTERM), 0);
	child_says(&run->host.run, "pcscd ended with status 0");
	ck_assert_int_lt(clock_now() - began, END_MS);
	local_pcscd_kill(&run->host);
}

/*
 * pcscd goes while commands are being carried out: 1.9 exits among its
 * threads, without closing a channel. VSCARD_TEST_ROUNDS makes it do so more
 * often.
 */
START_TEST(the_end_of_pcscd)
{
	unsigned rounds = (unsigned)number_from("VSCARD_TEST_ROUNDS", ROUNDS);
	struct run *run = calloc(1, sizeof(*run));

	run_init(run);
	run->soak->endpoint = system_socket("local");
	run->soak->trouble_ms = 5;
	/* Most of them are still in flight in the end. */
	run->soak->slow = 10;
	run->soak->slow_ms = 8000;
	run->soak->nuisance = true;
	host_start(run);
	(void)putenv(run->host.env);
	cards_start(run);
	atomic_store(&run->soak->calm, false);
	for (unsigned i = 0; i < SOAK_READERS; i++)
		app_start(run, i);
	for (unsigned i = 1; i < rounds; i++) {
		host_end(run);
		host_start(run);
		atomic_fetch_add(&run->soak->host, 1);
	}
	host_end(run);
	run->soak->began = script_ns();
	say("%u commands, %u applications killed, %u times the end of pcscd",
	    sum(run), run->killed, rounds);
	check_broken(run);
	free(run);
}
END_TEST

SYSTEM_SUITE("soak", 0, NULL, false, the_end_of_pcscd, soak)
