/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The application's end of the benchmark. Times are in nanoseconds, one line
 * a result on standard output: "median p99 least".
 *
 *	bench_pc apdu COMMAND RESPONSE COUNT     one reader
 *	bench_pc parallel READERS MILLISECONDS   "APDUs per second"
 *	bench_pc beside READERS COUNT            the first, others loaded
 *	bench_pc reset COUNT                     connect, reset, disconnect
 *	bench_pc insert COUNT FIFO               remove and insert by the card
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <winscard.h>

enum { READERS = 16, ROOM = 70000 };

static char names[READERS][128];
static unsigned reader_count;
static bool over; /* atomic */

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

static int
earlier(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
report(int64_t *t, size_t n)
{
	qsort(t, n, sizeof(*t), earlier);
	printf("%lld %lld %lld\n", (long long)t[n / 2],
	    (long long)t[n * 99 / 100], (long long)t[0]);
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
	for (p = all; *p != '\0' && reader_count < READERS;
	    p += strlen(p) + 1)
		snprintf(names[reader_count++], sizeof(*names), "%.100s", p);
}

/* Sleeps until the reader has a card, or has none. */
static void
await(SCARDCONTEXT context, const char *name, DWORD flag)
{
	SCARD_READERSTATE state = {.szReader = name};

	while ((state.dwEventState & flag) == 0) {
		state.dwCurrentState = state.dwEventState;
		must(SCardGetStatusChange(context, 60000, &state, 1), "card");
	}
}

static SCARDHANDLE
card_connect(SCARDCONTEXT context, const char *name)
{
	SCARDHANDLE card;
	DWORD protocol;

	await(context, name, SCARD_STATE_PRESENT);
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
	must(SCardTransmit(card, SCARD_PCI_T1, room, command, NULL,
	         room + ROOM, &len),
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
	int64_t *t = calloc((size_t)count, sizeof(*t));
	SCARDHANDLE card = card_connect(context, names[0]);

	if (room == NULL || t == NULL)
		exit(1);
	for (int i = 0; i < count / 10; i++)
		transmit(card, command, response, room);
	for (int i = 0; i < count; i++)
		t[i] = transmit(card, command, response, room);
	report(t, (size_t)count);
	SCardDisconnect(card, SCARD_LEAVE_CARD);
	free(room);
	free(t);
}

/* A thread that keeps one reader busy; returns how many it did. */
static void *
load_main(void *arg)
{
	SCARDCONTEXT context = context_new();
	SCARDHANDLE card = card_connect(context, arg);
	uint8_t *room = calloc(2, ROOM);
	uintptr_t done = 0;

	while (room != NULL && !__atomic_load_n(&over, __ATOMIC_RELAXED)) {
		transmit(card, 5, 0, room);
		done++;
	}
	free(room);
	SCardDisconnect(card, SCARD_LEAVE_CARD);
	SCardReleaseContext(context);
	return (void *)done;
}

static void
load_start(pthread_t *threads, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++)
		if (pthread_create(&threads[i], NULL, load_main, names[i]) != 0)
			exit(1);
}

static unsigned long
load_stop(pthread_t *threads, unsigned from, unsigned to)
{
	unsigned long sum = 0;
	void *done;

	__atomic_store_n(&over, true, __ATOMIC_RELAXED);
	for (unsigned i = from; i < to; i++) {
		pthread_join(threads[i], &done);
		sum += (uintptr_t)done;
	}
	return sum;
}

static void
parallel(unsigned readers, int ms)
{
	pthread_t threads[READERS];
	struct timespec ts = {ms / 1000, (long)(ms % 1000) * 1000000};
	int64_t from;
	unsigned long sum;

	from = now();
	load_start(threads, 0, readers);
	nanosleep(&ts, NULL); /* the length of the measurement */
	sum = load_stop(threads, 0, readers);
	printf("%.0f 0 0\n", (double)sum * 1e9 / (double)(now() - from));
}

static void
beside(SCARDCONTEXT context, unsigned readers, int count)
{
	pthread_t threads[READERS];

	load_start(threads, 1, readers);
	apdu(context, 5, 0, count);
	load_stop(threads, 1, readers);
}

static void
reset(SCARDCONTEXT context, int count)
{
	int64_t *t = calloc((size_t)count, sizeof(*t)), from;

	for (int i = 0; t != NULL && i < count; i++) {
		from = now();
		SCardDisconnect(
		    card_connect(context, names[0]), SCARD_RESET_CARD);
		t[i] = now() - from;
	}
	if (t != NULL)
		report(t, (size_t)count);
	free(t);
}

/* The card is steered through the card's standard input, a FIFO. */
static void
insert(SCARDCONTEXT context, int count, const char *fifo)
{
	int64_t *in = calloc((size_t)count, sizeof(*in)), from;
	FILE *card = fopen(fifo, "w");

	if (in == NULL || card == NULL)
		exit(1);
	await(context, names[0], SCARD_STATE_PRESENT);
	for (int i = 0; i < count; i++) {
		fprintf(card, "remove\n");
		fflush(card);
		await(context, names[0], SCARD_STATE_EMPTY);
		from = now();
		fprintf(card, "insert\n");
		fflush(card);
		await(context, names[0], SCARD_STATE_PRESENT);
		in[i] = now() - from;
	}
	report(in, (size_t)count);
	fclose(card);
	free(in);
}

int
main(int argc, char *argv[])
{
	SCARDCONTEXT context = context_new();
	const char *what = argc > 1 ? argv[1] : "";

	readers_get(context);
	if (strcmp(what, "apdu") == 0 && argc == 5)
		apdu(context, (size_t)atol(argv[2]), (size_t)atol(argv[3]),
		    atoi(argv[4]));
	else if (strcmp(what, "parallel") == 0 && argc == 4)
		parallel((unsigned)atoi(argv[2]), atoi(argv[3]));
	else if (strcmp(what, "beside") == 0 && argc == 4)
		beside(context, (unsigned)atoi(argv[2]), atoi(argv[3]));
	else if (strcmp(what, "reset") == 0 && argc == 3)
		reset(context, atoi(argv[2]));
	else if (strcmp(what, "insert") == 0 && argc == 4)
		insert(context, atoi(argv[2]), argv[3]);
	else
		return 2;
	SCardReleaseContext(context);
	return 0;
}
