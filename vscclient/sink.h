/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a backend says about its readers and cards, from any thread, on its way
 * to the session on the loop's thread. It keeps the last word on each reader
 * and not a queue: nothing here can run full or fail, and a card that was
 * swapped in between is still told as removed and inserted.
 */
#ifndef VSCCLIENT_SINK_H
#define VSCCLIENT_SINK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vscclient/link.h"
#include "vscclient/origin.h"

enum { SINK_READERS_MAX = 16 };

struct sink_reader {
	/* The backend's word, under the lock. */
	bool reader;
	bool card;
	bool new_reader; /* since the session was told last */
	bool new_card;
	char name[VSCARD_NAME_MAX + 1];
	uint8_t atr[VSCARD_ATR_MAX];
	size_t atr_len;
	unsigned card_number; /* counts insertions */
	/* What the session was told, on the loop's thread. */
	bool admitted; /* may be announced, and was not yet */
	struct origin origin;
	bool added;
	bool inserted;
	unsigned id; /* in the session */
};

/* On the loop's thread; these call nothing of the sink. */
struct sink_ops {
	/* Somebody is to decide about a new reader, by sink_admit. */
	void (*on_reader)(void *arg, unsigned reader);
	/* The card that the session knew has left. */
	void (*on_gone)(void *arg, unsigned reader);
};

struct sink {
	pthread_mutex_t lock;
	const struct sink_ops *ops;
	void *arg;
	struct loop_call call;
	struct link *link;
	struct sink_reader readers[SINK_READERS_MAX];
};

/* Borrows the link, which may be closed as yet; see sink_apply. */
void sink_init(struct sink *, struct link *, const struct sink_ops *,
    void *arg);
void sink_clear(struct sink *);

/*
 * Any thread. reader: the backend's own number, below SINK_READERS_MAX. A
 * reader added again, or a card inserted again, is a new one.
 */
void sink_reader_add(struct sink *, unsigned reader, const char *name);
void sink_reader_remove(struct sink *, unsigned reader);
void sink_card_insert(struct sink *, unsigned reader, const uint8_t *atr,
    size_t len);
void sink_card_remove(struct sink *, unsigned reader);
/* The card that is there was reset by somebody else: told as a new one. */
void sink_card_reset(struct sink *, unsigned reader, const uint8_t *atr,
    size_t len);

/* Loop's thread: brings the session up to date. */
void sink_apply(struct sink *);
/* Loop's thread: the reader that on_reader told last may be announced. */
void sink_admit(struct sink *, unsigned reader, const uint8_t *origin,
    size_t len);
/* Loop's thread: the backend's number of a reader, or -ENODEV. */
int sink_find(const struct sink *, unsigned id) MUST_CHECK;
/*
 * Any thread: the number of the card that the host knows of, another for
 * each insertion. -ENOMEDIUM if it is not there any more, even if the host has
 * not heard so yet: a command meant for it must not reach its successor.
 */
int sink_card(struct sink *, unsigned reader, unsigned *out_number) MUST_CHECK;
/* Loop's thread: the session has forgotten the reader (refused). */
void sink_forget(struct sink *, unsigned id);

#endif
