/* SPDX-License-Identifier: BSD-2-Clause */
/* What pcscd does to a driver, in the words of the tests. */
#ifndef TESTS_IFD_HOST_H
#define TESTS_IFD_HOST_H

#include <ifdhandler.h>
#include <stddef.h>
#include <stdint.h>

enum { HOST_LUN = 0x10000, HOST_PORTS = 4 };

/*
 * A free port of loopback. Until host_close a socket stays bound to it (which lets
 * the driver listen there), or somebody's outgoing connection might get it meanwhile.
 */
int host_port(void);
void host_ports_free(void);
/* Listens at that port of loopback, for a driver that dials. */
int host_listen(int port);
/*
 * Opens `slots` channels of one reader that listens at the port, or does what
 * the keys say if that is 0; keys: more lines of its file, or NULL. Aborts if
 * it cannot.
 */
void host_open(int port, unsigned slots, const char *keys);
void host_close(unsigned slots);

/* The polling function that the driver gave, and presence after it. */
RESPONSECODE host_poll(DWORD lun, int timeout);
/* Polls and asks until presence is `want` or 10 s are over: what it was. */
RESPONSECODE host_await(DWORD lun, RESPONSECODE want);

/* What pcscd does to a new card before an application's first command. */
RESPONSECODE host_connect(DWORD lun);
/* … and once the last application has gone: it ends the poll. */
void host_disconnect(DWORD lun);
/*
 * Connects, transmits, and its result; *inout_len: room, then length of the
 * answer.
 */
RESPONSECODE host_transmit(DWORD lun, const void *cmd, size_t len, void *out,
    DWORD *inout_len);
RESPONSECODE host_power(DWORD lun, DWORD action, uint8_t *atr, DWORD *len);
/* FEATURE_GET_TLV_PROPERTIES' dwMaxAPDUDataSize, asked as applications do. */
uint32_t host_max_apdu(DWORD lun);

#endif
