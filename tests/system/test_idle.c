/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * As many readers as pcscd takes: with cards, one without, a detached one.
 * While nothing happens nobody is awake, in pcscd or in vscclient, and no
 * message comes; for VSCARD_IDLE_SECONDS. And what a reader keeps in memory.
 */
#include "tests/system/system.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <winscard.h>

#include "tests/fakes/child.h"
#include "tests/fakes/fake_card.h"
#include "tests/fakes/stock_peer.h"
#include "tests/system/pc.h"
#include "tests/system/usage.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

enum {
	READERS = 16,
	CARDS = READERS - 3, /* but for empty, vscclient's, and detached */
	REST_S = 15,
	SETTLE_TRIES = 20,
	PROCESSES_MAX = 8,
	THREADS_MAX = 128
};

/*
 * Of memory, in KiB for a reader, without what pcscd itself has for it (13).
 * In the second one is the room for a message, which is as large as the message
 * and lies in whole pages, so that the last of them depends on the system.
 */
enum { SHORT_KB = 32 - 13, LARGE_KB = 100, LARGE = 65000 };

struct thread {
	int id;
	char name[32];
	unsigned long switches; /* of both kinds */
};

struct watched {
	int pids[PROCESSES_MAX];
	size_t processes;
	struct thread threads[THREADS_MAX];
	size_t count;
	unsigned long ticks; /* who never sleeps is not switched, either */
};

/* False: it has just ended. */
static bool
thread_read(int pid, int id, struct thread *out)
{
	char path[64], line[256];
	unsigned long n;
	FILE *file;

	memset(out, 0, sizeof(*out));
	out->id = id;
	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/status", pid, id);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	while (fgets(line, sizeof(line), file) != NULL) {
		(void)sscanf(line, "Name: %31s", out->name);
		if (sscanf(line, "voluntary_ctxt_switches: %lu", &n) == 1 ||
		    sscanf(line, "nonvoluntary_ctxt_switches: %lu", &n) == 1)
			out->switches += n;
	}
	(void)fclose(file);
	return out->name[0] != '\0';
}

static void
threads_read(int pid, struct watched *w)
{
	char path[64];
	struct dirent *entry;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		ck_assert_uint_lt(w->count, THREADS_MAX);
		w->count += thread_read(
		    pid, atoi(entry->d_name), &w->threads[w->count]);
	}
	(void)closedir(dir);
}

static void
watched_read(struct watched *w)
{
	w->count = 0;
	w->ticks = 0;
	for (size_t i = 0; i < w->processes; i++) {
		threads_read(w->pids[i], w);
		w->ticks += usage_ticks(w->pids[i]);
	}
}

/* A process and those that it has started. */
static void
watched_add(struct watched *w, int pid)
{
	FILE *file;
	int child;

	ck_assert_uint_lt(w->processes, PROCESSES_MAX);
	w->pids[w->processes++] = pid;
	file = fopen(system_text("/proc/%d/task/%d/children", pid, pid), "re");
	ck_assert_ptr_nonnull(file);
	while (fscanf(file, "%d", &child) == 1)
		watched_add(w, child);
	(void)fclose(file);
}

/* The first thread that was awake in between, or NULL. */
static const struct thread *
awake(const struct watched *before, const struct watched *after)
{
	size_t i;

	for (i = 0; i < after->count; i++)
		if (i >= before->count ||
		    before->threads[i].id != after->threads[i].id ||
		    before->threads[i].switches != after->threads[i].switches)
			return &after->threads[i];
	return NULL;
}

/* Until all that was going on has come to its end. */
static void
settle(struct watched *w)
{
	struct watched before;
	int tries = SETTLE_TRIES;

	watched_read(w);
	do {
		ck_assert_int_gt(tries--, 0);
		before = *w;
		(void)sleep(1);
		watched_read(w);
	} while (awake(&before, w) != NULL);
}

/* Asks once whether the reader is in that state, leaving no thread behind. */
static void
wait_for(unsigned reader, DWORD state)
{
	SCARD_READERSTATE wanted = {.szReader = pcsc_watch_name(reader)};
	SCARDCONTEXT context;
	LONG rv;

	rv = pcsc_watch_establish(&context);
	while (rv == SCARD_S_SUCCESS && !(wanted.dwEventState & state)) {
		wanted.dwCurrentState = wanted.dwEventState;
		rv = pcsc_watch_wait(&context, SCRIPT_DEADLINE, &wanted, 1);
	}
	ck_assert_msg(rv == SCARD_S_SUCCESS, "%s", pcsc_stringify_error(rv));
	(void)SCardReleaseContext(context);
}

static void
cards_start(struct fake_card **cards, unsigned first, unsigned count)
{
	for (unsigned i = first; i < first + count; i++) {
		cards[i] = fake_card_start(system_endpoint(), STOCK_ATR_T1);
		wait_for(i, SCARD_STATE_PRESENT);
	}
}

static unsigned
rest_seconds(void)
{
	const char *text = getenv("VSCARD_IDLE_SECONDS");

	return text != NULL ? (unsigned)atoi(text) : REST_S;
}

START_TEST(nothing_happens)
{
	struct watched before = {.processes = 0}, after;
	struct fake_card *cards[READERS];
	unsigned messages[READERS], i;
	const struct thread *thread;
	struct child client;
	int fd;

	fd = stock_peer_open(system_endpoint());
	stock_peer_add(fd);
	wait_for(0, SCARD_STATE_EMPTY);
	child_start(&client, system_program("vscclient/vscclient"), "--connect",
	    system_endpoint(), "--card", "key");
	wait_for(1, SCARD_STATE_PRESENT);
	cards_start(cards, 2, CARDS);
	wait_for(READERS - 1, SCARD_STATE_UNAVAILABLE);
	/* pcscd turns a card off that nobody uses; that is not rest yet. */
	for (i = 2; i < 2 + CARDS; i++)
		fake_card_wait(cards[i], FAKE_POWER_DOWN, 1);
	watched_add(&before, system_pcscd());
	watched_add(&before, client.pid);
	settle(&before);

	/* Time is what is measured here. */
	for (i = 2; i < 2 + CARDS; i++)
		messages[i] = fake_card_count(cards[i], FAKE_MESSAGES);
	after = before;
	(void)sleep(rest_seconds());
	watched_read(&after);
	thread = awake(&before, &after);
	ck_assert_msg(thread == NULL, "thread %d (%s) was awake", thread->id,
	    thread->name);
	ck_assert_uint_eq(after.count, before.count);
	ck_assert_uint_eq(after.ticks, before.ticks);
	for (i = 2; i < 2 + CARDS; i++)
		ck_assert_uint_eq(
		    fake_card_count(cards[i], FAKE_MESSAGES), messages[i]);
	script_quiet(fd);
	for (i = 2; i < 2 + CARDS; i++)
		fake_card_free(&cards[i]);
	child_kill(&client, SIGTERM);
	(void)child_wait(&client);
}
END_TEST

/* pcscd, and how many threads it has while nobody talks to it. */
struct resting {
	int pid;
	unsigned threads;
};

static struct resting
rest(void)
{
	struct watched w = {.processes = 0};

	watched_add(&w, system_pcscd());
	settle(&w);
	return (struct resting){w.pids[0], (unsigned)w.count};
}

/*
 * A command of that length is echoed. Whoever has talked to pcscd is gone
 * afterwards, with the thread that pcscd had for him and its stack.
 */
static void
exchange(const struct resting *pcscd, unsigned reader, size_t len)
{
	static const uint8_t command[LARGE] = {0x80, 0x01};
	int64_t deadline = script_ns() + SCRIPT_DEADLINE * INT64_C(1000000);
	uint8_t response[PC_ROOM];
	size_t got = sizeof(response);
	struct pc pc;

	pc_open(&pc, reader);
	ck_assert_int_eq(pc_try_transmit(&pc, command, len, response, &got),
	    SCARD_S_SUCCESS);
	ck_assert_uint_eq(got, len + 2);
	pc_close(&pc, SCARD_LEAVE_CARD);
	while (usage_threads(pcscd->pid) > pcscd->threads)
		ck_assert_int_lt(script_ns(), deadline);
}

/* KiB, for each reader from 1 on, with a command of that length to each. */
static unsigned long
growth(const struct resting *pcscd, unsigned long since, size_t len)
{
	unsigned long now;

	for (unsigned i = 1; i < READERS; i++)
		exchange(pcscd, i, len);
	now = usage_memory(pcscd->pid);
	return now > since ? (now - since) / (READERS - 1) : 0;
}

/* The first test: what others have freed would be used again, uncounted. */
START_TEST(little_is_kept)
{
	struct fake_card *cards[READERS];
	const struct resting pcscd = rest();
	unsigned long since, small, large;

	cards_start(cards, 0, 1);
	/* What pcscd and libc have once, they have now. */
	exchange(&pcscd, 0, 5);
	since = usage_memory(pcscd.pid);
	cards_start(cards, 1, READERS - 1);
	small = growth(&pcscd, since, 5);
	exchange(&pcscd, 0, LARGE);
	since = usage_memory(pcscd.pid);
	large = small + growth(&pcscd, since, LARGE);
	printf("# for a reader: %lu KiB, after %d bytes %lu KiB\n", small,
	    LARGE, large);
	(void)fflush(stdout);
/* The sanitizer keeps what is freed for a while. */
#ifndef __SANITIZE_ADDRESS__
	ck_assert_uint_le(small, SHORT_KB);
	ck_assert_uint_le(large, LARGE_KB);
#endif
	for (unsigned i = 0; i < READERS; i++)
		fake_card_free(&cards[i]);
}
END_TEST

SYSTEM_SUITE("idle", READERS, NULL, true, little_is_kept, nothing_happens)
