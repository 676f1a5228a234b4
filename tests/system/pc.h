/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PC/SC application: connects, transmits, and waits on another thread where
 * a test has to play the card meanwhile. Calls without "try" fail the running
 * test if PC/SC does.
 */
#ifndef TESTS_SYSTEM_PC_H
#define TESTS_SYSTEM_PC_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <winscard.h>

#include "tests/fakes/script.h"

enum { PC_ROOM = 65538 };

struct pc {
	SCARDCONTEXT context;
	SCARDHANDLE card;
	DWORD protocol;
};

/* Shared, T=0 or T=1 as the card likes. */
void pc_open_at(const char *here, struct pc *, unsigned reader);
LONG pc_try_open(struct pc *, unsigned reader, DWORD share, DWORD protocols);
void pc_close(struct pc *, DWORD disposition);
void pc_reconnect_at(const char *here, struct pc *, DWORD initialization);

/* One SCardTransmit; *len is room, then length. */
LONG pc_try_transmit(struct pc *, const uint8_t *command, size_t command_len,
    uint8_t *response, size_t *len);
/* The same in hex digits: the response is this one. */
void pc_transmit_at(const char *here, struct pc *, const char *command,
    const char *response);
/* The transmit fails, in this way. */
void pc_refused_at(const char *here, struct pc *, const char *command, LONG rv);

struct pc_call {
	struct pc *pc;
	uint8_t command[1024];
	size_t command_len;
	uint8_t response[1024];
	size_t response_len;
	LONG rv;
	int64_t ended; /* script_ns */
	pthread_t thread;
};

/* A transmit on a thread of its own. */
void pc_call_start(struct pc_call *, struct pc *, const char *command);
void pc_call_start_bytes(struct pc_call *, struct pc *, const uint8_t *command,
    size_t len);
/* Waits for it, within SCRIPT_DEADLINE. */
LONG pc_call_end_at(const char *here, struct pc_call *);
/* It went well and the response is this one. */
void pc_call_check_at(const char *here, struct pc_call *, const char *response);

#define pc_open(pc, reader) pc_open_at(HERE, pc, reader)
#define pc_reconnect(pc, how) pc_reconnect_at(HERE, pc, how)
#define pc_transmit(pc, c, r) pc_transmit_at(HERE, pc, c, r)
#define pc_refused(pc, c, rv) pc_refused_at(HERE, pc, c, (LONG)(rv))
#define pc_call_end(call) pc_call_end_at(HERE, call)
#define pc_call_check(call, r) pc_call_check_at(HERE, call, r)

#endif
