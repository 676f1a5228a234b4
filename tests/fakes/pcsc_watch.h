/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records what SCardGetStatusChange tells of the readers "vscard 00 00",
 * "vscard 00 01", …: a thread sits in it and appends every change with the
 * moment at which the call returned. Tests take the record event by event and
 * wait on a condition, never on time.
 *
 * Events read as text: "detached" (SCARD_STATE_UNAVAILABLE), "empty",
 * "card ATR", "mute" (a card that did not power up). Changes of sharing alone
 * are not recorded. Two changes that follow each other faster than the thread
 * wakes up are one event; the counter tells how many they were.
 */
#ifndef TESTS_FAKES_PCSC_WATCH_H
#define TESTS_FAKES_PCSC_WATCH_H

#include <stddef.h>
#include <stdint.h>
#include <winscard.h>

#include "tests/fakes/script.h"

enum { PCSC_WATCH_READERS = 16, PCSC_WATCH_TEXT = 80 };

struct pcsc_event {
	unsigned reader;
	char text[PCSC_WATCH_TEXT];
	unsigned counter; /* pcscd's, of insertions and removals; 0 if detached */
	int64_t ns;       /* monotonic clock */
};

struct pcsc_watch;

/*
 * SCardGetStatusChange, again with a new context as long as the library of 2.5
 * takes an event that comes between its questions to pcscd for an answer.
 */
LONG pcsc_watch_wait(SCARDCONTEXT *inout_context, DWORD timeout,
    SCARD_READERSTATE *, DWORD count);

/*
 * Watches that many readers. The first event of each is its state now. The
 * thread lives as long as the process: every Check test is one.
 */
struct pcsc_watch *pcsc_watch_new(unsigned readers);

/* The next event of the reader that was not taken yet. */
struct pcsc_event pcsc_watch_next_at(const char *here, struct pcsc_watch *,
    unsigned reader);
/* The next event is this one. */
struct pcsc_event pcsc_watch_expect_at(const char *here, struct pcsc_watch *,
    unsigned reader, const char *text);
/* The same, but "empty" may come before it, seen or not. */
struct pcsc_event pcsc_watch_past_empty_at(const char *here,
    struct pcsc_watch *, unsigned reader, const char *text);
/*
 * Waits until pcscd has counted at least so many insertions and removals;
 * returns how many. An event's own counter may be one behind.
 */
unsigned pcsc_watch_counter_at(const char *here, struct pcsc_watch *,
    unsigned reader, unsigned least);
/* Nothing was recorded that was not taken. */
void pcsc_watch_nothing_at(const char *here, struct pcsc_watch *,
    unsigned reader);
/* Waits until the reader shows this, taking everything up to it. */
struct pcsc_event pcsc_watch_until_at(const char *here, struct pcsc_watch *,
    unsigned reader, const char *text);

/* "vscard 00 NN" */
const char *pcsc_watch_name(unsigned reader);

#define pcsc_watch_next(w, r) pcsc_watch_next_at(HERE, w, r)
#define pcsc_watch_expect(w, r, text) pcsc_watch_expect_at(HERE, w, r, text)
#define pcsc_watch_past_empty(w, r, text)                                      \
	pcsc_watch_past_empty_at(HERE, w, r, text)
#define pcsc_watch_counter(w, r, n) pcsc_watch_counter_at(HERE, w, r, n)
#define pcsc_watch_nothing(w, r) pcsc_watch_nothing_at(HERE, w, r)
#define pcsc_watch_until(w, r, text) pcsc_watch_until_at(HERE, w, r, text)

#endif
