/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/system/pc.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/fakes/pcsc_watch.h"
#include "util/clock.h"
#include "util/hex.h"

enum { SHOWN = 64 };

LONG
pc_try_open(struct pc *pc, unsigned reader, DWORD share, DWORD protocols)
{
	LONG rv;

	memset(pc, 0, sizeof(*pc));
	rv = pcsc_watch_establish(&pc->context);
	if (rv != SCARD_S_SUCCESS)
		return rv;
	rv = SCardConnect(pc->context, pcsc_watch_name(reader), share,
	    protocols, &pc->card, &pc->protocol);
	if (rv != SCARD_S_SUCCESS)
		(void)SCardReleaseContext(pc->context);
	return rv;
}

void
pc_open_at(const char *here, struct pc *pc, unsigned reader)
{
	LONG rv = pc_try_open(pc, reader, SCARD_SHARE_SHARED,
	    SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1);

	if (rv != SCARD_S_SUCCESS)
		script_fail(here, "SCardConnect: %s", pcsc_stringify_error(rv));
}

void
pc_close(struct pc *pc, DWORD disposition)
{
	(void)SCardDisconnect(pc->card, disposition);
	(void)SCardReleaseContext(pc->context);
}

void
pc_reconnect_at(const char *here, struct pc *pc, DWORD initialization)
{
	LONG rv = SCardReconnect(pc->card, SCARD_SHARE_SHARED,
	    SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, initialization,
	    &pc->protocol);

	if (rv != SCARD_S_SUCCESS)
		script_fail(here, "SCardReconnect: %s",
		    pcsc_stringify_error(rv));
}

LONG
pc_try_transmit(struct pc *pc, const uint8_t *command, size_t command_len,
    uint8_t *response, size_t *len)
{
	const SCARD_IO_REQUEST *pci = pc->protocol == SCARD_PROTOCOL_T1 ?
	    SCARD_PCI_T1 : SCARD_PCI_T0;
	DWORD got = *len;
	LONG rv = SCardTransmit(pc->card, pci, command, command_len, NULL,
	    response, &got);

	*len = got;
	return rv;
}

static size_t
from_hex(const char *here, const char *hex, uint8_t *out, size_t cap)
{
	int n = hex_get(hex, out, cap);

	if (n < 0)
		script_fail(here, "bad hex %s", hex);
	return (size_t)n;
}

static void
check(const char *here, const uint8_t *response, size_t len, const char *want)
{
	char hex[2 * SHOWN + 1];
	uint8_t bytes[1024];
	size_t n = from_hex(here, want, bytes, sizeof(bytes));

	if (n != len || memcmp(bytes, response, n) != 0)
		script_fail(here, "expected response %s, got %zu bytes %s",
		    want, len, hex_put(hex, sizeof(hex), response, len));
}

static LONG
transmit_hex(const char *here, struct pc *pc, const char *hex,
    uint8_t *response, size_t *len)
{
	uint8_t command[1024];

	return pc_try_transmit(pc, command,
	    from_hex(here, hex, command, sizeof(command)), response, len);
}

void
pc_transmit_at(const char *here, struct pc *pc, const char *command,
    const char *want)
{
	uint8_t response[1024];
	size_t len = sizeof(response);
	LONG rv = transmit_hex(here, pc, command, response, &len);

	if (rv != SCARD_S_SUCCESS)
		script_fail(here, "SCardTransmit: %s",
		    pcsc_stringify_error(rv));
	check(here, response, len, want);
}

void
pc_refused_at(const char *here, struct pc *pc, const char *command, LONG want)
{
	uint8_t response[1024];
	size_t len = sizeof(response);
	LONG rv = transmit_hex(here, pc, command, response, &len);

	if (rv != want)
		script_fail(here, "SCardTransmit: 0x%08lX, not 0x%08lX", rv,
		    want);
}

static void *
call_run(void *arg)
{
	struct pc_call *call = arg;

	call->rv = pc_try_transmit(call->pc, call->command, call->command_len,
	    call->response, &call->response_len);
	call->ended = script_ns();
	return NULL;
}

void
pc_call_start_bytes(struct pc_call *call, struct pc *pc, const uint8_t *command,
    size_t len)
{
	memset(call, 0, sizeof(*call));
	call->pc = pc;
	if (len > sizeof(call->command))
		script_fail(HERE, "a command of %zu bytes", len);
	memcpy(call->command, command, len);
	call->command_len = len;
	call->response_len = sizeof(call->response);
	if (pthread_create(&call->thread, NULL, call_run, call) != 0)
		script_fail(HERE, "pthread_create");
}

void
pc_call_start(struct pc_call *call, struct pc *pc, const char *command)
{
	uint8_t bytes[1024];

	pc_call_start_bytes(call, pc, bytes,
	    from_hex(HERE, command, bytes, sizeof(bytes)));
}

LONG
pc_call_end_at(const char *here, struct pc_call *call)
{
	struct timespec until = clock_spec(clock_after(SCRIPT_DEADLINE));

	if (pthread_clockjoin_np(call->thread, NULL, CLOCK_MONOTONIC, &until))
		script_fail(here, "SCardTransmit does not return");
	return call->rv;
}

void
pc_call_check_at(const char *here, struct pc_call *call, const char *response)
{
	LONG rv = pc_call_end_at(here, call);

	if (rv != SCARD_S_SUCCESS)
		script_fail(here, "SCardTransmit: %s",
		    pcsc_stringify_error(rv));
	check(here, call->response, call->response_len, response);
}
