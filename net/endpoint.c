/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/endpoint.h"

#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "vscard/vscard.h"

enum { LABEL_MAX = 63, PORT_MAX = 65535 };

#define DIGITS "0123456789"
#define HEX_DIGITS DIGITS "abcdefABCDEF"
#define NAME_CHARS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "-_"

/*
 * Plain digits only: no sign, no blank, no leading zero (which some would take
 * for octal). -1 if it is anything else, or over max.
 */
static int64_t
number_get(const char *text, int64_t max)
{
	int64_t n = 0;

	if (*text == '\0' || (text[0] == '0' && text[1] != '\0'))
		return -1;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		n = n * 10 + (*text - '0');
		if (n > max)
			return -1;
	}
	return n;
}

/* Labels between dots, none of them empty or beginning with a hyphen. */
static bool
host_is_name(const char *host)
{
	size_t len;

	for (;; host += len + 1) {
		len = strspn(host, NAME_CHARS);
		if (len == 0 || len > LABEL_MAX || host[0] == '-')
			return false;
		if (host[len] == '\0')
			return true;
		if (host[len] != '.')
			return false;
	}
}

/*
 * What ends in a number the resolver takes for an address, in forms that
 * nobody expects ("127.1", "0x7f000001"); so it must be a plain one.
 */
static bool
host_is_number(const char *host)
{
	const char *dot = strrchr(host, '.');
	const char *last = dot != NULL ? dot + 1 : host;

	if (last[0] == '0' && (last[1] == 'x' || last[1] == 'X'))
		return last[2 + strspn(last + 2, HEX_DIGITS)] == '\0';
	return last[strspn(last, DIGITS)] == '\0';
}

/* The readers below return NULL, or what is wrong. */

static const char *
read_port(const char *text, struct endpoint *ep)
{
	int64_t port = number_get(text, PORT_MAX);

	if (port < 1)
		return "the port must be 1 to 65535, in plain digits";
	ep->port = (uint16_t)port;
	return NULL;
}

static const char *
read_host(const char *host, size_t len, struct endpoint *ep)
{
	if (len == 0)
		return "the host must not be empty";
	if (len > ENDPOINT_HOST_MAX)
		return "the host must not be longer than 255 characters";
	memcpy(ep->host, host, len);
	ep->host[len] = '\0';
	return NULL;
}

static const char why_host[] =
    "the host must be an IPv4 address, or a name of "
    "letters, digits, '-', '_' and single dots";
static const char why_ipv4[] =
    "an IPv4 address must be four numbers from 0 to 255";

static const char *
check_host4(const struct endpoint *ep)
{
	struct in_addr addr;

	if (strchr(ep->host, ':') != NULL)
		return "the host must have no colon; "
		       "an IPv6 address goes with tcp6:ADDR:PORT";
	if (!host_is_name(ep->host))
		return why_host;
	if (host_is_number(ep->host) &&
	    inet_pton(AF_INET, ep->host, &addr) != 1)
		return why_ipv4;
	return NULL;
}

static const char *
check_host6(const struct endpoint *ep)
{
	struct in6_addr addr;

	if (strpbrk(ep->host, "[]") != NULL)
		return "the IPv6 address must be without brackets";
	if (inet_pton(AF_INET6, ep->host, &addr) != 1)
		return "the host must be an IPv6 address such as ::1";
	return NULL;
}

static const char *
read_tcp(const char *text, struct endpoint *ep)
{
	const char *colon = strrchr(text, ':');
	const char *why;

	if (colon == NULL)
		return "expected tcp:HOST:PORT";
	why = read_host(text, (size_t)(colon - text), ep);
	if (why == NULL)
		why = check_host4(ep);
	return why != NULL ? why : read_port(colon + 1, ep);
}

static const char *
read_tcp6(const char *text, struct endpoint *ep)
{
	const char *colon = strrchr(text, ':');
	const char *why;

	if (colon == NULL)
		return "expected tcp6:ADDR:PORT";
	why = read_host(text, (size_t)(colon - text), ep);
	if (why == NULL)
		why = check_host6(ep);
	return why != NULL ? why : read_port(colon + 1, ep);
}

static bool
has_control(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

static const char *
read_unix(const char *text, struct endpoint *ep)
{
	size_t len = strlen(text);

	if (text[0] != '/')
		return "the path must be absolute: unix:/PATH";
	if (len > ENDPOINT_PATH_MAX)
		return "the path must not be longer than 107 bytes";
	if (has_control(text))
		return "the path must have no control characters";
	if (text[len - 1] == '/')
		return "the path must name a socket, not a directory";
	memcpy(ep->path, text, len);
	return NULL;
}

static const char *
read_fd(const char *text, struct endpoint *ep)
{
	int64_t fd = number_get(text, INT_MAX);

	if (fd < 0)
		return "the descriptor must be 0 or more, in plain digits";
	ep->fd = (int)fd;
	return NULL;
}

/*
 * ssh_config may put it into a shell's command line, so nothing but what is
 * harmless there gets in.
 */
static bool
user_is_name(const char *user, size_t len)
{
	return len > 0 && user[0] != '-' &&
	       strspn(user, NAME_CHARS ".+") >= len;
}

/* Names that only ssh_config knows are as good as real ones. */
static const char *
check_ssh(const struct endpoint *ep)
{
	const char *at = strchr(ep->host, '@');
	const char *host = at != NULL ? at + 1 : ep->host;
	struct in_addr addr;

	if (at != NULL && !user_is_name(ep->host, (size_t)(at - ep->host)))
		return "the user must be of letters, digits, '-', '_', '+' "
		       "and '.'";
	if (strchr(host, ':') != NULL)
		return "the host must have no colon; an IPv6 address needs a "
		       "name in ssh_config";
	if (!host_is_name(host))
		return why_host;
	if (host_is_number(host) && inet_pton(AF_INET, host, &addr) != 1)
		return why_ipv4;
	return NULL;
}

static const char *
read_ssh(const char *text, struct endpoint *ep)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon != NULL ? (size_t)(colon - text) : strlen(text);
	const char *why;

	why = read_host(text, len, ep);
	if (why == NULL)
		why = check_ssh(ep);
	if (why == NULL && colon != NULL)
		why = read_port(colon + 1, ep);
	return why;
}

static const struct {
	const char *name;
	const char *(*read)(const char *text, struct endpoint *);
} kinds[] = {
    [ENDPOINT_TCP] = {"tcp", read_tcp},
    [ENDPOINT_TCP6] = {"tcp6", read_tcp6},
    [ENDPOINT_UNIX] = {"unix", read_unix},
    [ENDPOINT_FD] = {"fd", read_fd},
    [ENDPOINT_SSH] = {"ssh", read_ssh},
};

enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

const char *
endpoint_kind_name(enum endpoint_kind kind)
{
	return (unsigned)kind < KIND_COUNT ? kinds[kind].name : "?";
}

static const char *
read_any(const char *text, struct endpoint *ep)
{
	size_t len = strcspn(text, ":");

	if (text[len] == '\0')
		len = SIZE_MAX;
	for (int i = 0; i < KIND_COUNT; i++)
		if (strlen(kinds[i].name) == len &&
		    memcmp(kinds[i].name, text, len) == 0) {
			ep->kind = (enum endpoint_kind)i;
			return kinds[i].read(text + len + 1, ep);
		}
	return "expected tcp:HOST:PORT, tcp6:ADDR:PORT, unix:/PATH, fd:N or "
	       "ssh:USER@HOST";
}

static const char *
read_words(const char *host, const char *port, struct endpoint *ep)
{
	const char *why = read_host(host, strlen(host), ep);

	if (why != NULL)
		return why;
	if (strpbrk(host, ":[") != NULL) {
		ep->kind = ENDPOINT_TCP6;
		why = check_host6(ep);
	} else {
		ep->kind = ENDPOINT_TCP;
		why = check_host4(ep);
	}
	if (why != NULL || port == NULL)
		return why;
	return read_port(port, ep);
}

/* Hands out what a reader made, or its complaint. */
static int
endpoint_done(const struct endpoint *ep, const char *why, struct endpoint *out,
    const char **out_why)
{
	if (why == NULL) {
		*out = *ep;
		return 0;
	}
	if (out_why != NULL)
		*out_why = why;
	return -EINVAL;
}

int
endpoint_get(const char *text, struct endpoint *out, const char **out_why)
{
	struct endpoint ep = {.fd = -1};

	return endpoint_done(&ep, read_any(text, &ep), out, out_why);
}

int
endpoint_from_words(const char *host, const char *port, struct endpoint *out,
    const char **out_why)
{
	struct endpoint ep = {.fd = -1, .port = VSCARD_PORT};

	return endpoint_done(&ep, read_words(host, port, &ep), out, out_why);
}

char *
endpoint_text(const struct endpoint *ep, char *out, size_t cap)
{
	const char *kind = endpoint_kind_name(ep->kind);

	switch (ep->kind) {
	case ENDPOINT_TCP:
	case ENDPOINT_TCP6:
		snprintf(
		    out, cap, "%s:%s:%u", kind, ep->host, (unsigned)ep->port);
		break;
	case ENDPOINT_UNIX:
		snprintf(out, cap, "%s:%s", kind, ep->path);
		break;
	case ENDPOINT_FD:
		snprintf(out, cap, "%s:%d", kind, ep->fd);
		break;
	case ENDPOINT_SSH:
		if (ep->port == 0)
			snprintf(out, cap, "%s:%s", kind, ep->host);
		else
			snprintf(out, cap, "%s:%s:%u", kind, ep->host,
			    (unsigned)ep->port);
		break;
	}
	return out;
}

bool
endpoint_can_listen(const struct endpoint *ep)
{
	return ep->kind != ENDPOINT_FD && ep->kind != ENDPOINT_SSH;
}
