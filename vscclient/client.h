/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The connection to the network host: dial, hello, and again with back-off,
 * for ever, until it is told to finish; or just once. Or the other way round: the host
 * dials, and one is served after the other.
 */
#ifndef VSCCLIENT_CLIENT_H
#define VSCCLIENT_CLIENT_H

#include <stdbool.h>

#include "net/backoff.h"
#include "net/endpoint.h"
#include "net/listener.h"
#include "vscclient/link.h"
#include "vscclient/ssh.h"

enum {
	CLIENT_HELLO_MS = 10000, /* connecting, and the handshake */
	CLIENT_FINISH_MS = 2000, /* removals acknowledged */
	CLIENT_STEADY_MS = 2000  /* open for so long, it was worth it */
};

enum client_state {
	CLIENT_IDLE,    /* not told to start yet */
	CLIENT_DIALING, /* connect() is on its way, or a host awaited */
	CLIENT_HELLO,   /* connected; Inits are exchanged */
	CLIENT_OPEN,    /* readers and cards can be told */
	CLIENT_WAITING, /* for the next try */
	CLIENT_CLOSING, /* removals are told, acknowledgements awaited */
	CLIENT_ENDED
};

enum client_event {
	CLIENT_EV_START,
	CLIENT_EV_CONNECTED,
	CLIENT_EV_OPENED,
	CLIENT_EV_LOST, /* or could not be had */
	CLIENT_EV_TIME,
	CLIENT_EV_FINISH,
	CLIENT_EV_FINISHED
};

struct client_ops {
	/* The link is open; the session takes readers and cards from now. */
	void (*on_link)(void *arg);
	/* All but OPEN and FINISHED. */
	void (*on_event)(void *arg, const struct vscard_event *);
	/* The link is about to go; after each on_link. */
	void (*on_unlink)(void *arg);
	/* After client_finish, or by itself: nothing more comes. */
	void (*on_ended)(void *arg);
	/* Whatever changed; it may only be looked at. May be NULL. */
	void (*on_change)(void *arg);
};

/* How it was with client_set_once, when it ended by itself. */
enum client_result {
	CLIENT_RESULT_NONE, /* it was told to finish */
	CLIENT_RESULT_NO_HOST,
	CLIENT_RESULT_LOST,
	CLIENT_RESULT_BYE /* the host ended the session in order */
};

struct client {
	struct link link;
	/* Private. */
	struct loop *loop;
	const struct client_ops *ops;
	void *arg;
	const struct endpoint *endpoint;
	const struct vscard_limits *limits;
	char text[ENDPOINT_TEXT_MAX]; /* the endpoint, for the log */
	enum client_state state;
	struct listener listener; /* fd -1: this side dials */
	struct loop_watch door; /* while a host is awaited */
	struct loop_watch dial; /* while dialing */
	struct ssh ssh;         /* for an SSH endpoint */
	struct loop_timer timer;
	struct loop_call end_call; /* after FINISHED */
	struct loop_call over_call; /* after giving up */
	struct backoff backoff;
	int err;           /* why it was lost, or not had */
	bool linked;       /* on_link was called */
	bool complained;   /* said so; no more until it succeeds */
	bool accepted;     /* a reader was taken on this connection */
	bool bye;          /* the host has said that it goes */
	bool once;
	enum client_result result;
	int64_t opened_at;
};

/* Borrows endpoint and limits. */
int client_new(struct loop *, const struct endpoint *,
    const struct vscard_limits *, const struct client_ops *, void *arg,
    struct client **out_client) MUST_CHECK;
/* Closes what is open. *client may be NULL. */
void client_free(struct client **client);

/*
 * Before client_start: listens at the endpoint instead of dialing it. While
 * a host is served, others wait to be accepted. As listener_open fails.
 */
int client_listen(struct client *) MUST_CHECK;
/* Before client_start, for an SSH endpoint: what starts ssh. */
void client_set_starter(struct client *, struct starter *, size_t index);
/* Before client_start: after one connection, or none, it has ended. */
void client_set_once(struct client *);
enum client_result client_result(const struct client *);
void client_start(struct client *);
/* Call it at each SIGCHLD. */
void client_reap(struct client *);
/*
 * Removes cards and readers, waits for the acknowledgements, and ends. Not
 * from within a callback of the client.
 */
void client_finish(struct client *);
const char *client_state_name(enum client_state);

#endif
