/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A conversation on a socket, word for word, on plain sockets: nothing of
 * libvscard or net/ is behind it, so that it is a witness of its own. Bytes
 * are written as hex digits, blanks between bytes allowed.
 *
 * Whatever does not go as written fails the running Check test and says where
 * the script stood; every wait has the deadline SCRIPT_DEADLINE.
 */
#ifndef TESTS_FAKES_SCRIPT_H
#define TESTS_FAKES_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

/* Message types, by the protocol's numbers. */
enum script_type {
	SAY_INIT = 1,
	SAY_ERROR = 2,
	SAY_READER_ADD = 3,
	SAY_READER_REMOVE = 4,
	SAY_ATR = 5,
	SAY_CARD_REMOVE = 6,
	SAY_APDU = 7,
	SAY_FLUSH = 8,
	SAY_FLUSH_COMPLETE = 9
};

enum {
	SCRIPT_DEADLINE = 10000, /* ms */
	SCRIPT_HEADER = 12,
	SCRIPT_PAYLOAD_MAX = 70000
};

#define SCRIPT_NOBODY 0xffffffffu
#define SCRIPT_INIT "56534344 00000002 00000000"
#define SCRIPT_OK "00000000"
#define SCRIPT_GENERAL "00000001"
#define SCRIPT_FULL "00000002"

#define SCRIPT_TEXT(x) #x
#define SCRIPT_TEXT2(x) SCRIPT_TEXT(x)
#define HERE __FILE__ ":" SCRIPT_TEXT2(__LINE__)

struct script_message {
	uint32_t type;
	uint32_t id;
	uint32_t len;
	uint8_t payload[SCRIPT_PAYLOAD_MAX];
};

/* Fails the running test. */
void script_fail(const char *here, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/* The monotonic clock, in nanoseconds. */
int64_t script_ns(void);

/* Endpoints: "unix:/PATH" and "tcp:ADDRESS:PORT". Descriptors: the caller's. */
int script_dial_at(const char *here, const char *endpoint);
/* The same, but -1 if nobody is there. */
int script_try_dial_at(const char *here, const char *endpoint);
int script_listen_at(const char *here, const char *endpoint);
int script_accept_at(const char *here, int listener);

void script_send_at(const char *here, int fd, const char *hex);
void script_send_bytes_at(const char *here, int fd, const void *, size_t len);
void script_expect_bytes_at(const char *here, int fd, const void *,
    size_t len);
/* One message out: header and payload. */
void script_say_at(const char *here, int fd, uint32_t type, uint32_t id,
    const char *payload);
/* Exactly these bytes come in. */
void script_hear_bytes_at(const char *here, int fd, const char *hex);
/* One message in, exactly this one. */
void script_hear_at(const char *here, int fd, uint32_t type, uint32_t id,
    const char *payload);
/* One message in, whatever it is; at most SCRIPT_PAYLOAD_MAX. */
void script_take_at(const char *here, int fd, struct script_message *out);
/* The stream ends here (a reset counts), with nothing before its end. */
void script_end_at(const char *here, int fd);
/* Reads to the end, whatever comes. */
void script_drain_at(const char *here, int fd);
/*
 * To a host: nothing was said until now. The barrier is a message of a type
 * that nobody knows; the answer to it must be the next thing heard.
 */
void script_quiet_at(const char *here, int fd);

#define script_dial(endpoint) script_dial_at(HERE, endpoint)
#define script_try_dial(endpoint) script_try_dial_at(HERE, endpoint)
#define script_listen(endpoint) script_listen_at(HERE, endpoint)
#define script_accept(fd) script_accept_at(HERE, fd)
#define script_send(fd, hex) script_send_at(HERE, fd, hex)
#define script_send_bytes(fd, p, len) script_send_bytes_at(HERE, fd, p, len)
#define script_expect_bytes(fd, p, len)                                        \
	script_expect_bytes_at(HERE, fd, p, len)
#define script_hear_bytes(fd, hex) script_hear_bytes_at(HERE, fd, hex)
#define script_say(fd, type, id, hex) script_say_at(HERE, fd, type, id, hex)
#define script_hear(fd, type, id, hex) script_hear_at(HERE, fd, type, id, hex)
#define script_take(fd, out) script_take_at(HERE, fd, out)
#define script_end(fd) script_end_at(HERE, fd)
#define script_drain(fd) script_drain_at(HERE, fd)
#define script_quiet(fd) script_quiet_at(HERE, fd)

#endif
