/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The floor: drivers that do the least that can be done, without a check, a
 * deadline or a lock. What a real one takes beyond them is its own.
 *
 *	floor = null     answers in place; pcscd asks for the card now and then
 *	floor = events   the same, but it says when pcscd has to ask
 *	floor = hop      one send and one blocking receive, in the calling thread
 *	watch = yes      hop sees that its peer has gone, which is its removal
 *
 * The keys stand in the file that DEVICENAME names, beside listen and slots.
 */
#include <arpa/inet.h>
#include <ifdhandler.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/tcp.h>
#include <unistd.h>

#define IFD_API __attribute__((visibility("default")))

enum { FLOOR_SLOTS = 16, FLOOR_ROOM = 80000, HEAD = 12, APDU = 7 };

static const uint8_t floor_atr[] = {0x3b, 0x80, 0x80, 0x01, 0x01};

/* A floor has no manners: it is for one pcscd, for one run. */
static struct {
	bool events, hop, watch;
	unsigned slots;
	int listener;
	struct floor_slot {
		int fd, stop;
		uint8_t out[FLOOR_ROOM], in[FLOOR_ROOM];
	} slot[FLOOR_SLOTS];
} floor_state = {.slots = 1, .listener = -1};

static struct floor_slot *
slot_of(DWORD lun)
{
	return &floor_state.slot[lun & (FLOOR_SLOTS - 1)];
}

static int
listen_at(const char *where)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct sockaddr_in in = {.sin_family = AF_INET};
	const char *colon = strrchr(where, ':');
	int fd, one = 1;

	if (strncmp(where, "unix:", 5) == 0) {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		snprintf(un.sun_path, sizeof(un.sun_path), "%.100s", where + 5);
		if (bind(fd, (struct sockaddr *)&un, sizeof(un)) < 0)
			return -1;
	} else {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		in.sin_port = htons((uint16_t)atoi(colon + 1));
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		if (bind(fd, (struct sockaddr *)&in, sizeof(in)) < 0)
			return -1;
	}
	return listen(fd, FLOOR_SLOTS) < 0 ? -1 : fd;
}

static void
keys_read(const char *path)
{
	char line[256], value[200];
	FILE *file = fopen(path, "re");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "slots = %u", &floor_state.slots) == 1)
			continue;
		if (sscanf(line, "floor = %199s", value) == 1) {
			floor_state.hop = strcmp(value, "hop") == 0;
			floor_state.events = strcmp(value, "null") != 0;
		} else if (sscanf(line, "watch = %199s", value) == 1)
			floor_state.watch = true;
		else if (sscanf(line, "listen = %199s", value) == 1)
			floor_state.listener = listen_at(value);
	}
	if (file != NULL)
		fclose(file);
}

IFD_API RESPONSECODE
IFDHCreateChannelByName(DWORD Lun, LPSTR DeviceName)
{
	if ((Lun & 0xffff) == 0)
		keys_read(DeviceName);
	slot_of(Lun)->fd = -1;
	slot_of(Lun)->stop = eventfd(0, EFD_CLOEXEC);
	return IFD_SUCCESS;
}

IFD_API RESPONSECODE
IFDHCreateChannel(DWORD Lun, DWORD Channel)
{
	(void)Lun;
	(void)Channel;
	return IFD_COMMUNICATION_ERROR;
}

IFD_API RESPONSECODE
IFDHCloseChannel(DWORD Lun)
{
	(void)Lun;
	return IFD_SUCCESS;
}

IFD_API RESPONSECODE
IFDHICCPresence(DWORD Lun)
{
	return floor_state.hop && slot_of(Lun)->fd < 0 ? IFD_ICC_NOT_PRESENT
						       : IFD_ICC_PRESENT;
}

static void
peer_accept(struct floor_slot *s)
{
	int one = 1;

	s->fd = accept(floor_state.listener, NULL, NULL);
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static RESPONSECODE
polling(DWORD Lun, int timeout)
{
	struct floor_slot *s = slot_of(Lun);
	struct pollfd fds[3] = {{.fd = s->stop, .events = POLLIN},
	    {.fd = s->fd < 0 ? floor_state.listener : -1, .events = POLLIN},
	    {.fd = floor_state.watch ? s->fd : -1, .events = POLLRDHUP}};
	uint64_t count;

	poll(fds, 3, timeout);
	if (fds[0].revents != 0 && read(s->stop, &count, sizeof(count)) < 0)
		return IFD_COMMUNICATION_ERROR;
	if (fds[1].revents != 0)
		peer_accept(s);
	if (fds[2].revents != 0) {
		close(s->fd);
		s->fd = -1;
	}
	return IFD_SUCCESS;
}

static RESPONSECODE
stop_polling(DWORD Lun)
{
	uint64_t one = 1;

	return write(slot_of(Lun)->stop, &one, sizeof(one)) < 0
		   ? IFD_COMMUNICATION_ERROR
		   : IFD_SUCCESS;
}

IFD_API RESPONSECODE
IFDHGetCapabilities(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value)
{
	(void)Lun;
	switch (Tag) {
	case TAG_IFD_SLOTS_NUMBER:
		*Length = 1;
		*Value = (UCHAR)floor_state.slots;
		return IFD_SUCCESS;
	case TAG_IFD_SIMULTANEOUS_ACCESS:
		*Length = 1;
		*Value = FLOOR_SLOTS;
		return IFD_SUCCESS;
	case TAG_IFD_THREAD_SAFE:
	case TAG_IFD_SLOT_THREAD_SAFE:
		*Length = 1;
		*Value = 1;
		return IFD_SUCCESS;
	case TAG_IFD_POLLING_THREAD_WITH_TIMEOUT:
		if (!floor_state.events)
			return IFD_ERROR_TAG;
		*Length = sizeof(void *);
		*(void **)(void *)Value = (void *)polling;
		return IFD_SUCCESS;
	case TAG_IFD_STOP_POLLING_THREAD:
		if (!floor_state.events)
			return IFD_ERROR_TAG;
		*Length = sizeof(void *);
		*(void **)(void *)Value = (void *)stop_polling;
		return IFD_SUCCESS;
	default:
		return IFD_ERROR_TAG;
	}
}

IFD_API RESPONSECODE
IFDHSetCapabilities(DWORD Lun, DWORD Tag, DWORD Length, PUCHAR Value)
{
	(void)Lun;
	(void)Tag;
	(void)Length;
	(void)Value;
	return IFD_NOT_SUPPORTED;
}

IFD_API RESPONSECODE
IFDHSetProtocolParameters(
    DWORD Lun, DWORD Protocol, UCHAR Flags, UCHAR PTS1, UCHAR PTS2, UCHAR PTS3)
{
	(void)Lun;
	(void)Protocol;
	(void)Flags;
	(void)PTS1;
	(void)PTS2;
	(void)PTS3;
	return IFD_SUCCESS;
}

IFD_API RESPONSECODE
IFDHPowerICC(DWORD Lun, DWORD Action, PUCHAR Atr, PDWORD AtrLength)
{
	(void)Lun;
	if (Action == IFD_POWER_DOWN)
		return IFD_SUCCESS;
	memcpy(Atr, floor_atr, sizeof(floor_atr));
	*AtrLength = sizeof(floor_atr);
	return IFD_SUCCESS;
}

static size_t
answer_here(const uint8_t *cmd, size_t len, uint8_t *out)
{
	size_t n = 0;

	if (len >= 5 && cmd[1] == 0xec)
		n = (size_t)cmd[2] << 16 | (size_t)cmd[3] << 8 | cmd[4];
	out[n] = 0x90;
	out[n + 1] = 0;
	return n + 2;
}

static size_t
answer_there(struct floor_slot *s, const uint8_t *cmd, size_t len, uint8_t *out)
{
	uint32_t head[3] = {htonl(APDU), 0, htonl((uint32_t)len)};
	size_t have = 0, want = HEAD;

	memcpy(s->out, head, HEAD);
	memcpy(s->out + HEAD, cmd, len);
	if (send(s->fd, s->out, HEAD + len, 0) < 0)
		return 0;
	do {
		ssize_t n = recv(s->fd, s->in + have, FLOOR_ROOM - have, 0);

		if (n <= 0)
			return 0;
		have += (size_t)n;
		memcpy(head, s->in, HEAD);
		want = HEAD + ntohl(head[2]);
	} while (have < want);
	memcpy(out, s->in + HEAD, want - HEAD);
	return want - HEAD;
}

IFD_API RESPONSECODE
IFDHTransmitToICC(DWORD Lun, SCARD_IO_HEADER SendPci, PUCHAR TxBuffer,
    DWORD TxLength, PUCHAR RxBuffer, PDWORD RxLength, PSCARD_IO_HEADER RecvPci)
{
	(void)SendPci;
	(void)RecvPci;
	*RxLength = floor_state.hop ? answer_there(slot_of(Lun), TxBuffer,
					  TxLength, RxBuffer)
				    : answer_here(TxBuffer, TxLength, RxBuffer);
	return *RxLength > 0 ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR;
}

IFD_API RESPONSECODE
IFDHControl(DWORD Lun, DWORD dwControlCode, PUCHAR TxBuffer, DWORD TxLength,
    PUCHAR RxBuffer, DWORD RxLength, LPDWORD pdwBytesReturned)
{
	(void)Lun;
	(void)dwControlCode;
	(void)TxBuffer;
	(void)TxLength;
	(void)RxBuffer;
	(void)RxLength;
	*pdwBytesReturned = 0;
	return IFD_ERROR_NOT_SUPPORTED;
}
