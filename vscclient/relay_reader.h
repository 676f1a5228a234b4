/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One reader of the relay: what the host is told of it, and what it is doing.
 * For the relay's own files.
 */
#ifndef VSCCLIENT_RELAY_READER_H
#define VSCCLIENT_RELAY_READER_H

#include "vscclient/relay.h"

/* The session with the host, or NULL. */
struct vscard_session *reader_net(const struct relay_reader *);
/* For calls whose failure only means that the host has moved on. */
void reader_said(const struct relay_reader *, int rc, const char *what);

/* True, and said, if it would go back to where it comes from. */
bool reader_is_circle(struct relay_reader *);
/* Brings the host up to date as far as it may know. */
void reader_show(struct relay_reader *);
void reader_hide_card(struct relay_reader *);
void reader_hide(struct relay_reader *);

/* One is on its way to the card process. */
void reader_request(struct relay_reader *, enum relay_request);
/* The answer has come, or never will. True if the host waits for it. */
bool reader_done(struct relay_reader *);
/* A used card whose host has gone: power it down, once it is idle. */
void reader_settle(struct relay_reader *);
/* The host has lost the card: nobody waits, and what it did must not stay. */
void reader_leave(struct relay_reader *);

#endif
