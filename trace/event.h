/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is seen of a reader and its card: the exchanges, and what happens
 * around them. The bytes are as they went, secrets included; see mask.h.
 */
#ifndef VSCARD_TRACE_EVENT_H
#define VSCARD_TRACE_EVENT_H

#include <stddef.h>
#include <stdint.h>

enum trace_kind {
	TRACE_ATTACH, /* a peer's reader has come into the slot */
	TRACE_NAME,   /* the peer has named it: reader */
	TRACE_DETACH, /* it has left the slot */
	TRACE_INSERT, /* data: the ATR */
	TRACE_EJECT,
	TRACE_CONTROL,  /* what the host asked of the card besides APDUs, and
	                   its result; data: the ATR of a reset or power-up */
	TRACE_COMMAND,  /* data: a command APDU */
	TRACE_RESPONSE, /* data: the response APDU to the slot's last command */
	TRACE_FAILURE   /* the slot's last command has no response */
};

/* All of it is lent for the call that it is told in. */
struct trace_event {
	enum trace_kind kind;
	uint64_t time;      /* nanoseconds since 1970 */
	const void *source; /* whose slot: the same pointer, the same place */
	const char *place;  /* the source's endpoint */
	unsigned slot;      /* of the source */
	const char *reader; /* its name at the peer, often empty */
	const char *peer;   /* who has it */
	const char *what;   /* CONTROL: "reset", …; else NULL */
	int result;         /* CONTROL, FAILURE: 0 or a negative errno */
	const void *data;   /* NULL if len is 0 */
	size_t len;
};

/* Now, as in the time of an event. */
uint64_t trace_now(void);
/* "attach", "command", …; never NULL. */
const char *trace_kind_name(enum trace_kind);

#endif
