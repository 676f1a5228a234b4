/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the control socket share. */
#ifndef VSCARD_IFD_CONTROL_CLIENT_H
#define VSCARD_IFD_CONTROL_CLIENT_H

#include <pthread.h>

#include "ifd/control.h"
#include "ifd/hub.h"
#include "net/control.h"
#include "trace/tap.h"
#include "util/buf.h"
#include "util/lock.h"
#include "util/record.h"

/* A reader that is told of. */
struct control_reader {
	struct reader *reader;
	unsigned id;
	struct control_reader *next;
};

struct control {
	struct hub *hub;
	struct allow allow;

	/* the hub's thread */
	struct listener listener;
	struct loop_watch accepting;
	struct loop_timer pause; /* no descriptors left: a moment's rest */
	struct control_reader *readers;
	unsigned readers_made;
	struct control_client *clients;
	unsigned clients_len;
	bool told_refusal;
};

struct watch_state;

/* One who has connected. */
struct control_client {
	struct control *control;
	struct control_client *next;
	struct peer peer;

	/* the hub's thread */
	struct loop_watch watch;
	struct loop_timer timer;
	struct loop_call send; /* deferred by an event's thread */
	struct loop_call bury;
	int fd;        /* -1: to be buried */
	bool answered; /* when all is sent, it is over */
	size_t request_len;
	char request[CONTROL_REQUEST_MAX];

	struct lock lock; /* the rest; taken under a link's and the tap's */
	struct buf out;
	uint64_t lost; /* events that had no room */
	struct tap_observer observer;
	struct watch_state *watch_state; /* control_watch.c; NULL: no watcher */
};

/* Appends the record to what is to be sent; with the client locked. */
int control_put(struct control_client *, struct record_line *) MUST_CHECK;
/* The record "error", and that is the answer. */
void control_error(struct control_client *, int err, const char *text);

/* control_list.c */
int control_list(struct control_client *) MUST_CHECK;
/* control_watch.c: from now on it is told of events; secrets are masked. */
int control_watch(struct control_client *) MUST_CHECK;
void control_unwatch(struct control_client *);

#endif
