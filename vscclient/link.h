/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A connection in the loop: bytes are read when they come and written when
 * there is room, events are handed out, and a loss is reported once. All of it
 * on the loop's thread.
 */
#ifndef VSCCLIENT_LINK_H
#define VSCCLIENT_LINK_H

#include <stdbool.h>

#include "net/conn.h"
#include "net/loop.h"

/* Writing one frame. */
enum { LINK_WRITE_MS = 10000 };

struct link_ops {
	void (*on_event)(void *arg, const struct vscard_event *);
	/*
	 * The connection is of no use any more; err is -ECONNRESET at its
	 * end, -EPROTO (the session tells the fault), -ETIMEDOUT … The link
	 * is still there to ask, and on_lost closes it. Never called from
	 * within another call of the link.
	 */
	void (*on_lost)(void *arg, int err);
};

struct link {
	struct loop *loop;
	const struct link_ops *ops;
	void *arg;
	/* Private. */
	struct conn conn;
	struct loop_watch watch;
	struct loop_timer stuck;
	struct loop_call lost_call;
	int lost;  /* why; 0: not lost */
	bool full; /* waits for room to write */
	bool busy; /* within link_kick */
};

/* Not open yet. Once per link. */
void link_init(struct link *, struct loop *, const struct link_ops *,
    void *arg);
/* Adopts fd. A link that was closed can be opened again. */
int link_open(struct link *, int fd, enum vscard_role,
    const struct vscard_limits *) MUST_CHECK;
/* Sends what can be sent at once and closes. Not from within on_event. */
void link_close(struct link *);
bool link_is_open(const struct link *);

/*
 * Takes waiting events and sends what is pending. Call it after each command
 * to the session; from within on_event it is done afterwards anyway.
 */
void link_kick(struct link *);
/* Gives the connection up: on_lost comes soon. */
void link_fail(struct link *, int err);

/* The session; NULL when closed. */
struct vscard_session *link_session(const struct link *);
/* The other side sends its readers' names, after the readers. */
bool link_has_names(const struct link *);
/* A few words for the log on why it was lost. */
const char *link_why(const struct link *, int err);

#endif
