/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The application's end of the benchmark:
 *
 *	bench_pc CARDS [FIFO]
 *
 * It waits until that many readers hold a card, says so with an empty line, and
 * then does what each line of its input says, and answers with a line of
 * numbers: a time in nanoseconds for each time that it was done (-1: nothing
 * came of it for three seconds), or one rate.
 *
 *	apdu COMMAND RESPONSE COUNT     one reader
 *	parallel READERS MILLISECONDS   APDUs per second of all together
 *	beside READERS COUNT            the first, while the others are loaded
 *	reset COUNT                     connect, reset, disconnect
 *	insert|remove|swap COUNT        by the card, which reads FIFO
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <winscard.h>

enum { READERS = 16, ROOM = 70000, PATIENCE_MS = 3000 };

static char names[READERS][128];
static unsigned reader_count;
static int64_t last_move; /* what it took */

static void
must(LONG rc, const char *what)
{
	if (rc == SCARD_S_SUCCESS)
		return;
	fprintf(stderr, "bench_pc: %s: %s\n", what, pcsc_stringify_error(rc));
	exit(1);
}

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void
say(int64_t ns)
{
	printf("%lld ", (long long)ns);
}

static SCARDCONTEXT
context_new(void)
{
	SCARDCONTEXT context;

	must(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context),
	    "context");
	return context;
}

static void
readers_get(SCARDCONTEXT context)
{
	char all[READERS * 128], *p;
	DWORD len = sizeof(all);

	must(SCardListReaders(context, NULL, all, &len), "readers");
	for (p = all; *p != '\0' && reader_count < READERS; p += strlen(p) + 1)
		snprintf(names[reader_count++], sizeof(*names), "%.100s", p);
}

/* Sleeps until the reader has a card. */
static void
await(SCARDCONTEXT context, const char *name)
{
	SCARD_READERSTATE state = {.szReader = name};

	while ((state.dwEventState & SCARD_STATE_PRESENT) == 0) {
		state.dwCurrentState = state.dwEventState;
		must(SCardGetStatusChange(context, PATIENCE_MS, &state, 1),
		    "card");
	}
}

static SCARDHANDLE
card_connect(SCARDCONTEXT context, const char *name)
{
	SCARDHANDLE card;
	DWORD protocol;

	must(SCardConnect(context, name, SCARD_SHARE_SHARED,
		 SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol),
	    "connect");
	return card;
}

static int64_t
transmit(SCARDHANDLE card, size_t command, size_t response, uint8_t *room)
{
	int64_t from;
	DWORD len = ROOM;

	memset(room, 0, 5);
	room[1] = 0xec;
	room[2] = (uint8_t)(response >> 16);
	room[3] = (uint8_t)(response >> 8);
	room[4] = (uint8_t)response;
	from = now();
	must(SCardTransmit(
		 card, SCARD_PCI_T1, room, command, NULL, room + ROOM, &len),
	    "transmit");
	from = now() - from;
	if (len != response + 2)
		must(SCARD_E_UNEXPECTED, "response");
	return from;
}

static void
apdu(SCARDCONTEXT context, size_t command, size_t response, int count)
{
	uint8_t *room = calloc(2, ROOM);
	SCARDHANDLE card = card_connect(context, names[0]);

	if (room == NULL)
		exit(1);
	for (int i = 0; i < count / 10; i++)
		transmit(card, command, response, room);
	for (int i = 0; i < count; i++)
		say(transmit(card, command, response, room));
	SCardDisconnect(card, SCARD_LEAVE_CARD);
	free(room);
}

/* --- several readers at a time ------------------------------------------ */

struct load {
	pthread_t threads[READERS];
	pthread_barrier_t ready;
	unsigned from, to;
	bool over; /* atomic */
};

struct load_thread {
	struct load *load;
	unsigned reader;
};

/* Keeps one reader busy; returns how many APDUs that were. */
static void *
load_main(void *arg)
{
	struct load_thread self = *(struct load_thread *)arg;
	SCARDCONTEXT context = context_new();
	SCARDHANDLE card = card_connect(context, names[self.reader]);
	uint8_t *room = calloc(2, ROOM);
	uintptr_t done = 0;

	free(arg);
	pthread_barrier_wait(&self.load->ready);
	while (room != NULL &&
	       !__atomic_load_n(&self.load->over, __ATOMIC_RELAXED)) {
		transmit(card, 5, 0, room);
		done++;
	}
	free(room);
	SCardDisconnect(card, SCARD_LEAVE_CARD);
	SCardReleaseContext(context);
	return (void *)done;
}

static void
load_start(struct load *load, unsigned from, unsigned to)
{
	*load = (struct load){.from = from, .to = to};
	pthread_barrier_init(&load->ready, NULL, to - from + 1);
	for (unsigned i = from; i < to; i++) {
		struct load_thread *self = malloc(sizeof(*self));

		if (self == NULL)
			exit(1);
		*self = (struct load_thread){load, i};
		if (pthread_create(&load->threads[i], NULL, load_main, self) !=
		    0)
			exit(1);
	}
	pthread_barrier_wait(&load->ready);
}

static unsigned long
load_stop(struct load *load)
{
	unsigned long sum = 0;
	void *done;

	__atomic_store_n(&load->over, true, __ATOMIC_RELAXED);
	for (unsigned i = load->from; i < load->to; i++) {
		pthread_join(load->threads[i], &done);
		sum += (uintptr_t)done;
	}
	pthread_barrier_destroy(&load->ready);
	return sum;
}

static void
parallel(unsigned readers, int ms)
{
	struct timespec ts = {ms / 1000, (long)(ms % 1000) * 1000000};
	struct load load;
	int64_t from;
	unsigned long sum;

	load_start(&load, 0, readers);
	from = now();
	nanosleep(&ts, NULL); /* the length of the measurement */
	sum = load_stop(&load);
	say((int64_t)((double)sum * 1e9 / (double)(now() - from)));
}

static void
beside(SCARDCONTEXT context, unsigned readers, int count)
{
	struct load load;

	load_start(&load, 1, readers);
	apdu(context, 5, 0, count);
	load_stop(&load);
}

/* --- cards that come and go --------------------------------------------- */

static void
reset(SCARDCONTEXT context, int count)
{
	int64_t from;

	for (int i = 0; i < count; i++) {
		from = now();
		SCardDisconnect(
		    card_connect(context, names[0]), SCARD_RESET_CARD);
		say(now() - from);
	}
}

/* A driver that polls is not to be met at the same moment each time. */
static void
wander(void)
{
	struct timespec ts = {0, last_move > 0 ? random() % last_move : 0};

	nanosleep(&ts, NULL);
}

/*
 * Until `events` more have come and the reader has a card, or has none; -1 if
 * pcscd does not notice.
 */
static int64_t
move(SCARDCONTEXT context, FILE *card, const char *word, DWORD events,
    DWORD flag)
{
	SCARD_READERSTATE state = {.szReader = names[0]};
	DWORD first, n;
	int64_t from;
	LONG rc;

	must(SCardGetStatusChange(context, 0, &state, 1), "state");
	first = state.dwEventState >> 16;
	wander();
	from = now();
	fprintf(card, "%s\n", word);
	fflush(card);
	do {
		state.dwCurrentState = state.dwEventState;
		rc = SCardGetStatusChange(context, PATIENCE_MS, &state, 1);
		if (rc == SCARD_E_TIMEOUT)
			return -1;
		must(rc, word);
		n = ((state.dwEventState >> 16) - first) & 0xffff;
	} while (n < events || (state.dwEventState & flag) == 0);
	return last_move = now() - from;
}

static void
moves(SCARDCONTEXT context, const char *fifo, const char *word, int count)
{
	FILE *card = fifo == NULL ? NULL : fopen(fifo, "w");
	int64_t gone, there;

	if (card == NULL)
		must(SCARD_E_INVALID_PARAMETER, "fifo");
	for (int i = 0; i < count; i++) {
		if (strcmp(word, "swap") == 0) {
			say(move(context, card, word, 2, SCARD_STATE_PRESENT));
			continue;
		}
		gone = move(context, card, "remove", 1, SCARD_STATE_EMPTY);
		there = move(context, card, "insert", 1, SCARD_STATE_PRESENT);
		say(strcmp(word, "remove") == 0 ? gone : there);
	}
	fclose(card);
}

/* --- what it is told ----------------------------------------------------- */

static void
obey(SCARDCONTEXT context, const char *line, const char *fifo)
{
	unsigned a, b;
	char word[16];
	int n;

	if (sscanf(line, "apdu %u %u %d", &a, &b, &n) == 3)
		apdu(context, a, b, n);
	else if (sscanf(line, "parallel %u %d", &a, &n) == 2 && a <= READERS)
		parallel(a, n);
	else if (sscanf(line, "beside %u %d", &a, &n) == 2 && a <= READERS)
		beside(context, a, n);
	else if (sscanf(line, "reset %d", &n) == 1)
		reset(context, n);
	else if (sscanf(line, "%15s %d", word, &n) == 2)
		moves(context, fifo, word, n);
	else
		exit(2);
}

int
main(int argc, char *argv[])
{
	SCARDCONTEXT context = context_new();
	unsigned cards = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
	char line[80];

	readers_get(context);
	if (cards < 1 || cards > reader_count)
		must(SCARD_E_UNKNOWN_READER, "readers");
	for (unsigned i = 0; i < cards; i++)
		await(context, names[i]);
	for (;;) {
		printf("\n");
		fflush(stdout);
		if (fgets(line, sizeof(line), stdin) == NULL)
			break;
		obey(context, line, argc > 2 ? argv[2] : NULL);
	}
	SCardReleaseContext(context);
	return 0;
}
