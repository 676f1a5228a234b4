/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A minute in which nothing happens: a reader with a card, one without and a
 * detached one cause no message and no wake-up of any thread of pcscd.
 */
#include "tests/system/system.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <winscard.h>

#include "tests/fakes/fake_card.h"
#include "tests/fakes/stock_peer.h"

enum { REST_S = 60, THREADS_MAX = 64 };

struct thread {
	int id;
	char name[32];
	unsigned long switches; /* of both kinds */
};

struct threads {
	struct thread at[THREADS_MAX];
	size_t count;
};

static void
thread_read(int pid, int id, struct thread *out)
{
	char path[64], line[256];
	unsigned long n;
	FILE *file;

	memset(out, 0, sizeof(*out));
	out->id = id;
	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/status", pid, id);
	file = fopen(path, "re");
	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		(void)sscanf(line, "Name: %31s", out->name);
		if (sscanf(line, "voluntary_ctxt_switches: %lu", &n) == 1 ||
		    sscanf(line, "nonvoluntary_ctxt_switches: %lu", &n) == 1)
			out->switches += n;
	}
	(void)fclose(file);
}

static void
threads_read(int pid, struct threads *out)
{
	char path[64];
	struct dirent *entry;
	DIR *dir;

	out->count = 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' && out->count < THREADS_MAX)
			thread_read(pid, atoi(entry->d_name),
			    &out->at[out->count++]);
	(void)closedir(dir);
}

/* Fails for a thread that was awake in between. */
static void
compare(const struct threads *before, const struct threads *after)
{
	size_t i;

	ck_assert_uint_eq(before->count, after->count);
	for (i = 0; i < before->count; i++)
		ck_assert_msg(before->at[i].id == after->at[i].id &&
		    before->at[i].switches == after->at[i].switches,
		    "thread %d (%s) was awake: %lu, then %lu",
		    before->at[i].id, before->at[i].name,
		    before->at[i].switches, after->at[i].switches);
}

/* Asks once whether the reader is in that state, leaving no thread behind. */
static void
wait_for(unsigned reader, DWORD state)
{
	SCARD_READERSTATE wanted = {.szReader = pcsc_watch_name(reader)};
	SCARDCONTEXT context;
	LONG rv;

	rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
	while (rv == SCARD_S_SUCCESS && !(wanted.dwEventState & state)) {
		wanted.dwCurrentState = wanted.dwEventState;
		rv = pcsc_watch_wait(&context, SCRIPT_DEADLINE, &wanted, 1);
	}
	ck_assert_msg(rv == SCARD_S_SUCCESS, "%s", pcsc_stringify_error(rv));
	(void)SCardReleaseContext(context);
}

START_TEST(nothing_happens)
{
	struct threads before, after;
	struct fake_card *card;
	unsigned messages;
	int pid = system_pcscd(), fd;

	fd = stock_peer_open(system_endpoint());
	stock_peer_add(fd);
	wait_for(0, SCARD_STATE_EMPTY);
	card = fake_card_start(system_endpoint(), STOCK_ATR);
	wait_for(1, SCARD_STATE_PRESENT);
	wait_for(2, SCARD_STATE_UNAVAILABLE);
	/* pcscd turns a card off that nobody uses; that is not rest yet. */
	fake_card_wait(card, FAKE_POWER_DOWN, 1);

	/* Time is what is measured here. */
	(void)sleep(2);
	messages = fake_card_count(card, FAKE_MESSAGES);
	threads_read(pid, &before);
	(void)sleep(REST_S);
	threads_read(pid, &after);
	compare(&before, &after);
	ck_assert_uint_eq(fake_card_count(card, FAKE_MESSAGES), messages);
	script_quiet(fd);
	fake_card_free(&card);
}
END_TEST

SYSTEM_SUITE("idle", 3, NULL, true, nothing_happens)
