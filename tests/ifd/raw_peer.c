/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/ifd/raw_peer.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "tests/ifd/card_peer.h"

enum { RAW_ROOM = 4096, RAW_MESSAGE = 256 };

int
raw_peer_new(int port)
{
	struct sockaddr_in addr = {
	    .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	int room = RAW_ROOM;

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0 ||
	    connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		abort();
	return fd;
}

static void
raw_send(int fd, const struct wr *wr, const void *data)
{
	int len = wr_end(wr);

	if (len < 0 || send(fd, data, (size_t)len, MSG_NOSIGNAL) != len)
		abort();
}

void
raw_peer_put(
    int fd, enum wire_type type, uint32_t reader, const void *data, size_t len)
{
	uint8_t room[RAW_MESSAGE];
	struct wr wr;

	wr_init(&wr, room, sizeof(room));
	wire_put(&wr, type, reader, data, len);
	raw_send(fd, &wr, room);
}

void
raw_peer_add(int fd)
{
	raw_peer_put(fd, WIRE_READER_ADD, WIRE_NO_READER, "raw", 3);
}

void
raw_peer_card(int fd, uint32_t capabilities)
{
	uint8_t room[RAW_MESSAGE], atr[4];
	size_t len = card_peer_atr(1, atr);
	struct wr wr;

	wr_init(&wr, room, sizeof(room));
	wire_put_init(&wr, 0, capabilities);
	if ((capabilities & VSCARD_CAP_SIZE) != 0)
		wire_put_word(&wr, WIRE_SIZE, WIRE_NO_READER, VSCARD_APDU_MAX);
	raw_send(fd, &wr, room);
	raw_peer_add(fd);
	raw_peer_put(fd, WIRE_ATR, 0, atr, len);
}

static void
raw_read(int fd, void *room, size_t len)
{
	if (len > 0 && recv(fd, room, len, MSG_WAITALL) != (ssize_t)len)
		abort();
}

void
raw_peer_await(int fd, enum wire_type type)
{
	struct wire_message m = {0};
	uint8_t room[RAW_MESSAGE];
	uint32_t part;

	do {
		raw_read(fd, room, WIRE_HEADER_LEN);
		if (!wire_get_header(room, WIRE_HEADER_LEN, &m))
			abort();
		for (; m.len > 0; m.len -= part) {
			part = m.len < RAW_MESSAGE ? m.len : RAW_MESSAGE;
			raw_read(fd, room, part);
		}
	} while (m.type != type);
}

void
raw_peer_drain(int fd)
{
	int left = 1;

	while (left > 0) {
		if (ioctl(fd, SIOCOUTQ, &left) < 0)
			abort();
		sched_yield();
	}
}
