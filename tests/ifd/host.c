/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/ifd/host.h"

#include <arpa/inet.h>
#include <reader.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <winscard.h>

#include "tests/unit/fault.h"
#include "util/clock.h"

typedef RESPONSECODE poll_fn(DWORD, int);

/* Bound to the ports that host_port gave, until host_ports_free. */
static int host_reserved[HOST_PORTS];
static unsigned host_ports;

/*
 * The driver's control socket is never at its usual place: nowhere, unless the
 * test says where.
 */
__attribute__((constructor)) static void
no_control(void)
{
	if (setenv("VSCARD_CONTROL", "", 0) != 0)
		abort();
}

int
host_port(void)
{
	struct sockaddr_in addr = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, (struct sockaddr *)&addr, len) < 0 ||
	    getsockname(fd, (struct sockaddr *)&addr, &len) < 0)
		abort();
	if (host_ports == HOST_PORTS)
		abort();
	host_reserved[host_ports++] = fd;
	return ntohs(addr.sin_port);
}

void
host_ports_free(void)
{
	while (host_ports > 0)
		close(host_reserved[--host_ports]);
}

int
host_listen(int port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    listen(fd, 4) < 0)
		abort();
	return fd;
}

static void
keys_write(const char *path, int fd, int port, unsigned slots, const char *keys)
{
	FILE *file = fdopen(fd, "w");

	if (file == NULL)
		abort();
	if (port != 0)
		fprintf(file, "listen = tcp:127.0.0.1:%d\n", port);
	fprintf(file, "slots = %u\n%s", slots, keys != NULL ? keys : "");
	if (fclose(file) != 0) {
		perror(path);
		abort();
	}
}

void
host_open(int port, unsigned slots, const char *keys)
{
	char path[] = "/tmp/vscard-test-XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0)
		abort();
	keys_write(path, fd, port, slots, keys);
	for (unsigned i = 0; i < slots; i++) {
		if (IFDHCreateChannelByName(HOST_LUN + i, path) != IFD_SUCCESS)
			abort();
		if (IFDHICCPresence(HOST_LUN + i) != IFD_ICC_NOT_PRESENT)
			abort();
	}
	unlink(path);
}

void
host_close(unsigned slots)
{
	for (unsigned i = slots; i-- > 0;)
		if (IFDHCloseChannel(HOST_LUN + i) != IFD_SUCCESS)
			abort();
	host_ports_free();
}

RESPONSECODE
host_poll(DWORD lun, int timeout)
{
	poll_fn *fn;
	DWORD len = sizeof(fn);

	if (FAULT_IN(IFDHGetCapabilities(
		lun, TAG_IFD_POLLING_THREAD_WITH_TIMEOUT, &len, (PUCHAR)&fn)) !=
	    IFD_SUCCESS)
		return IFD_COMMUNICATION_ERROR;
	return FAULT_IN(fn(lun, timeout));
}

RESPONSECODE
host_connect(DWORD lun)
{
	return FAULT_IN(
	    IFDHSetProtocolParameters(lun, SCARD_PROTOCOL_T0, 0, 0, 0, 0));
}

void
host_disconnect(DWORD lun)
{
	RESPONSECODE (*stop)(DWORD);
	DWORD len = sizeof(stop);

	if (FAULT_IN(IFDHGetCapabilities(lun, TAG_IFD_STOP_POLLING_THREAD,
		&len, (PUCHAR)&stop)) == IFD_SUCCESS)
		(void)FAULT_IN(stop(lun));
}

RESPONSECODE
host_await(DWORD lun, RESPONSECODE want)
{
	int64_t deadline = clock_after(10000);
	RESPONSECODE code;

	while ((code = FAULT_IN(IFDHICCPresence(lun))) != want &&
	       clock_left(deadline) > 0)
		host_poll(lun, clock_left(deadline));
	return code;
}

RESPONSECODE
host_transmit(
    DWORD lun, const void *cmd, size_t len, void *out, DWORD *inout_len)
{
	SCARD_IO_HEADER send = {.Protocol = 0}, recv = {.Protocol = 0};
	unsigned char *copy = malloc(len);
	RESPONSECODE code;

	if (copy == NULL)
		abort();
	memcpy(copy, cmd, len);
	(void)host_connect(lun);
	code = FAULT_IN(
	    IFDHTransmitToICC(lun, send, copy, len, out, inout_len, &recv));
	free(copy);
	return code;
}

RESPONSECODE
host_power(DWORD lun, DWORD action, uint8_t *atr, DWORD *len)
{
	*len = MAX_ATR_SIZE;
	return FAULT_IN(IFDHPowerICC(lun, action, atr, len));
}

uint32_t
host_max_apdu(DWORD lun)
{
	unsigned char out[64];
	DWORD len = 0, code;

	if (IFDHControl(lun, CM_IOCTL_GET_FEATURE_REQUEST, NULL, 0, out,
		sizeof(out), &len) != IFD_SUCCESS ||
	    len != 6 || out[0] != FEATURE_GET_TLV_PROPERTIES)
		return 0;
	code = (DWORD)out[2] << 24 | (DWORD)out[3] << 16 | (DWORD)out[4] << 8 |
	       out[5];
	if (IFDHControl(lun, code, NULL, 0, out, sizeof(out), &len) !=
		IFD_SUCCESS ||
	    len != 6 || out[0] != PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize)
		return 0;
	return (uint32_t)out[2] | (uint32_t)out[3] << 8 |
	       (uint32_t)out[4] << 16 | (uint32_t)out[5] << 24;
}
