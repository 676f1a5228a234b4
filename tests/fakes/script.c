/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fakes/script.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/hex.h"

enum { HEX_MAX = 1024, SHOWN = 64 };

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_un local;
		struct sockaddr_in in;
	} at;
	socklen_t len;
};

void
script_fail(const char *here, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	ck_abort_msg("%s: %s", here, text);
	abort();
}

int64_t
script_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
address_local(const char *here, const char *path, struct address *out)
{
	out->at.local.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(out->at.local.sun_path))
		script_fail(here, "%s: too long", path);
	memcpy(out->at.local.sun_path, path, strlen(path) + 1);
	out->len = sizeof(out->at.local);
}

static void
address_in(const char *here, const char *text, struct address *out)
{
	const char *colon = strrchr(text, ':');
	char host[64];

	if (colon == NULL || colon - text >= (long)sizeof(host))
		script_fail(here, "%s: no ADDRESS:PORT", text);
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	out->at.in.sin_family = AF_INET;
	out->at.in.sin_port = htons((uint16_t)atoi(colon + 1));
	if (inet_pton(AF_INET, host, &out->at.in.sin_addr) != 1)
		script_fail(here, "%s: no address", host);
	out->len = sizeof(out->at.in);
}

static void
address_get(const char *here, const char *endpoint, struct address *out)
{
	memset(out, 0, sizeof(*out));
	if (strncmp(endpoint, "unix:", 5) == 0)
		address_local(here, endpoint + 5, out);
	else if (strncmp(endpoint, "tcp:", 4) == 0)
		address_in(here, endpoint + 4, out);
	else
		script_fail(here, "%s: no endpoint", endpoint);
}

int
script_try_dial_at(const char *here, const char *endpoint)
{
	struct address address;
	int fd;

	address_get(here, endpoint, &address);
	fd = socket(address.at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		script_fail(here, "socket: %m");
	if (connect(fd, &address.at.any, address.len) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

int
script_dial_at(const char *here, const char *endpoint)
{
	int fd = script_try_dial_at(here, endpoint);

	if (fd < 0)
		script_fail(here, "%s: nobody is there", endpoint);
	return fd;
}

int
script_listen_at(const char *here, const char *endpoint)
{
	struct address address;
	int fd, on = 1;

	address_get(here, endpoint, &address);
	fd = socket(address.at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(fd, &address.at.any, address.len) != 0 || listen(fd, 8) != 0)
		script_fail(here, "%s: %m", endpoint);
	return fd;
}

static void
wait_readable(const char *here, int fd, int64_t deadline, const char *what)
{
	struct pollfd poller = {.fd = fd, .events = POLLIN};
	int n;

	do
		n = poll(&poller, 1, clock_left(deadline));
	while (n < 0 && errno == EINTR);
	if (n == 0)
		script_fail(here, "%s did not come in time", what);
	if (n < 0)
		script_fail(here, "poll: %m");
}

int
script_accept_at(const char *here, int listener)
{
	int fd;

	wait_readable(here, listener, clock_after(SCRIPT_DEADLINE),
	    "a connection");
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		script_fail(here, "accept: %m");
	return fd;
}

void
script_send_bytes_at(const char *here, int fd, const void *data, size_t len)
{
	const uint8_t *p = data;
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n < 0)
			script_fail(here, "send: %m");
	}
}

static size_t
from_hex(const char *here, const char *hex, uint8_t *out)
{
	int n = hex_get(hex, out, HEX_MAX);

	if (n < 0)
		script_fail(here, "script: bad hex \"%s\"", hex);
	return (size_t)n;
}

void
script_send_at(const char *here, int fd, const char *hex)
{
	uint8_t bytes[HEX_MAX];

	script_send_bytes_at(here, fd, bytes, from_hex(here, hex, bytes));
}

/* Up to len bytes; fewer only at the end of the stream. */
static size_t
read_upto(const char *here, int fd, void *room, size_t len)
{
	int64_t deadline = clock_after(SCRIPT_DEADLINE);
	size_t have = 0;
	ssize_t n;

	while (have < len) {
		wait_readable(here, fd, deadline, "the peer's word");
		n = recv(fd, (uint8_t *)room + have, len - have, 0);
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			break;
		if (n < 0 && errno != EINTR)
			script_fail(here, "recv: %m");
		have += n > 0 ? (size_t)n : 0;
	}
	return have;
}

void
script_expect_bytes_at(const char *here, int fd, const void *want, size_t len)
{
	char want_hex[2 * SHOWN + 1], have_hex[2 * SHOWN + 1];
	uint8_t *have = calloc(1, len + 1);
	size_t n;

	if (have == NULL)
		script_fail(here, "no memory");
	n = read_upto(here, fd, have, len);
	if (n != len || memcmp(have, want, len) != 0)
		script_fail(here, "expected %zu bytes %s, heard %zu bytes %s",
		    len, hex_put(want_hex, sizeof(want_hex), want, len), n,
		    hex_put(have_hex, sizeof(have_hex), have, n));
	free(have);
}

void
script_hear_bytes_at(const char *here, int fd, const char *hex)
{
	uint8_t bytes[HEX_MAX];

	script_expect_bytes_at(here, fd, bytes, from_hex(here, hex, bytes));
}

static void
put_be32(uint8_t *p, uint32_t value)
{
	value = htonl(value);
	memcpy(p, &value, 4);
}

static uint32_t
get_be32(const uint8_t *p)
{
	uint32_t value;

	memcpy(&value, p, 4);
	return ntohl(value);
}

static size_t
message(const char *here, uint32_t type, uint32_t id, const char *payload,
    uint8_t *out)
{
	size_t len = from_hex(here, payload, out + SCRIPT_HEADER);

	put_be32(out, type);
	put_be32(out + 4, id);
	put_be32(out + 8, (uint32_t)len);
	return SCRIPT_HEADER + len;
}

void
script_say_at(const char *here, int fd, uint32_t type, uint32_t id,
    const char *payload)
{
	uint8_t bytes[SCRIPT_HEADER + HEX_MAX];

	script_send_bytes_at(here, fd, bytes,
	    message(here, type, id, payload, bytes));
}

void
script_hear_at(const char *here, int fd, uint32_t type, uint32_t id,
    const char *payload)
{
	uint8_t bytes[SCRIPT_HEADER + HEX_MAX];

	script_expect_bytes_at(here, fd, bytes,
	    message(here, type, id, payload, bytes));
}

void
script_take_at(const char *here, int fd, struct script_message *out)
{
	uint8_t header[SCRIPT_HEADER];

	if (read_upto(here, fd, header, SCRIPT_HEADER) != SCRIPT_HEADER)
		script_fail(here, "the stream ended");
	out->type = get_be32(header);
	out->id = get_be32(header + 4);
	out->len = get_be32(header + 8);
	if (out->len > SCRIPT_PAYLOAD_MAX)
		script_fail(here, "a message of %u bytes", out->len);
	if (read_upto(here, fd, out->payload, out->len) != out->len)
		script_fail(here, "the stream ended within a message");
}

void
script_end_at(const char *here, int fd)
{
	char hex[2 * SHOWN + 1];
	uint8_t rest[SHOWN];
	size_t n = read_upto(here, fd, rest, sizeof(rest));

	if (n != 0)
		script_fail(here, "expected the end, heard %s",
		    hex_put(hex, sizeof(hex), rest, n));
}

void
script_drain_at(const char *here, int fd)
{
	uint8_t rest[SHOWN];

	while (read_upto(here, fd, rest, sizeof(rest)) == sizeof(rest))
		;
}

void
script_quiet_at(const char *here, int fd)
{
	enum { UNKNOWN_TYPE = 99, SOME_ID = 0x51 };

	script_say_at(here, fd, UNKNOWN_TYPE, SOME_ID, "616263");
	script_hear_at(here, fd, SAY_ERROR, SOME_ID, SCRIPT_GENERAL);
}
