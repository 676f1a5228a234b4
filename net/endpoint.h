/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An endpoint: where a stream is made, and the text for it. One grammar
 * everywhere, within what pcscd allows in a DEVICENAME:
 *
 *	tcp:HOST:PORT      IPv4; HOST a name or an address
 *	tcp6:ADDR:PORT     IPv6; ADDR without brackets, PORT after the last ':'
 *	unix:/PATH         absolute path of a Unix socket
 *	fd:N               an inherited descriptor
 *	ssh:[USER@]HOST[:PORT]
 *	                   PORT of HOST's own loopback, reached through ssh;
 *	                   VSCARD_PORT if not given
 *
 * PORT is 1 … 65535 in digits.
 */
#ifndef VSCARD_NET_ENDPOINT_H
#define VSCARD_NET_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

enum endpoint_kind {
	ENDPOINT_TCP,
	ENDPOINT_TCP6,
	ENDPOINT_UNIX,
	ENDPOINT_FD,
	ENDPOINT_SSH
};

enum { ENDPOINT_HOST_MAX = 255, ENDPOINT_PATH_MAX = 107,
	ENDPOINT_TEXT_MAX = 300 };

struct endpoint {
	enum endpoint_kind kind;
	char host[ENDPOINT_HOST_MAX + 1]; /* TCP, TCP6; SSH, with USER@ */
	uint16_t port;                    /* TCP, TCP6; SSH, 0: not given */
	char path[ENDPOINT_PATH_MAX + 1]; /* UNIX */
	int fd;                           /* FD */
};

/*
 * Reads the text. On -EINVAL *out_why says in a few static words what is
 * wrong and *out is untouched. out_why may be NULL.
 */
int endpoint_get(const char *text, struct endpoint *out, const char **out_why)
    MUST_CHECK;
/* HOST and PORT as two words of a command line; port NULL: VSCARD_PORT. */
int endpoint_from_words(const char *host, const char *port,
    struct endpoint *out, const char **out_why) MUST_CHECK;
/* Writes the text back, at most cap bytes with the NUL; returns out. */
char *endpoint_text(const struct endpoint *, char *out, size_t cap);
/* "tcp", "tcp6", "unix", "fd", "ssh". */
const char *endpoint_kind_name(enum endpoint_kind);
/* Whether somebody can be awaited there: TCP, TCP6 and UNIX. */
bool endpoint_can_listen(const struct endpoint *);

#endif
