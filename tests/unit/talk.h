/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One end of a conversation, for tests: messages go in and come out as short
 * texts. "Error 0 00000000" is a message, its reader and its payload in hex;
 * several are joined by "; ". WIRE_NO_READER is written as "-".
 */
#ifndef TESTS_UNIT_TALK_H
#define TESTS_UNIT_TALK_H

#include "vscard/vscard.h"
#include "vscard/wire.h"

struct talk {
	struct vscard_session *s;
	char text[2048];
};

#define TALK_ALL VSCARD_CAP_ALL
#define TALK_STOCK 0u

/* A session with these capabilities; its instance id is 16 times 0x11. */
void talk_open(struct talk *, enum vscard_role, uint32_t capabilities,
    uint32_t readers);
void talk_close(struct talk *);
/* A message comes in, `hex` is its payload; then what _next says at last. */
void talk_say(struct talk *, enum wire_type, uint32_t reader, const char *hex);
void talk_bytes(struct talk *, const void *, size_t len);
/* The events, e.g. "open 0 0; card insert 0 0 3B00". */
const char *talk_events(struct talk *);
/* The messages that wait to be sent; they are sent. */
const char *talk_out(struct talk *);
/* Says it, and compares both; a line tells which exchange differs. */
void talk_check(struct talk *, int line, enum wire_type, uint32_t reader,
    const char *hex, const char *events, const char *out);

#define SAY(t, type, reader, hex, events, out)                                 \
	talk_check(t, __LINE__, WIRE_##type, reader, hex, events, out)
#define EVENTS(t, events) ck_assert_str_eq(talk_events(t), events)
#define OUT(t, out) ck_assert_str_eq(talk_out(t), out)

#endif
