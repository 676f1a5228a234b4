/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "net/endpoint.h"
#include "vscard/vscard.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *text;
	enum endpoint_kind kind;
	const char *host;
	unsigned port;
	const char *path;
	int fd;
} good[] = {
    {"tcp:127.0.0.1:2001", ENDPOINT_TCP, "127.0.0.1", 2001, "", -1},
    {"tcp:localhost:1", ENDPOINT_TCP, "localhost", 1, "", -1},
    {"tcp:my-host_2.example.org:65535", ENDPOINT_TCP, "my-host_2.example.org",
	65535, "", -1},
    {"tcp:3com:10", ENDPOINT_TCP, "3com", 10, "", -1},
    {"tcp:0xyz:10", ENDPOINT_TCP, "0xyz", 10, "", -1},
    {"tcp:0.0.0.0:80", ENDPOINT_TCP, "0.0.0.0", 80, "", -1},
    {"tcp6:::1:2001", ENDPOINT_TCP6, "::1", 2001, "", -1},
    {"tcp6::::2001", ENDPOINT_TCP6, "::", 2001, "", -1},
    {"tcp6:fe80::1:2:3:9", ENDPOINT_TCP6, "fe80::1:2:3", 9, "", -1},
    {"tcp6:::ffff:1.2.3.4:9", ENDPOINT_TCP6, "::ffff:1.2.3.4", 9, "", -1},
    {"unix:/run/vscard/a", ENDPOINT_UNIX, "", 0, "/run/vscard/a", -1},
    {"unix:/a:b c", ENDPOINT_UNIX, "", 0, "/a:b c", -1},
    {"fd:0", ENDPOINT_FD, "", 0, "", 0},
    {"fd:3", ENDPOINT_FD, "", 0, "", 3},
    {"fd:2147483647", ENDPOINT_FD, "", 0, "", 2147483647},
    {"ssh:host", ENDPOINT_SSH, "host", 0, "", -1},
    {"ssh:10.1.2.3", ENDPOINT_SSH, "10.1.2.3", 0, "", -1},
    {"ssh:jo.doe+card@my-host.example.org", ENDPOINT_SSH,
	"jo.doe+card@my-host.example.org", 0, "", -1},
    {"ssh:jo@host:2001", ENDPOINT_SSH, "jo@host", 2001, "", -1},
    {"ssh:host:7", ENDPOINT_SSH, "host", 7, "", -1},
};

static const char why_kind[] =
    "expected tcp:HOST:PORT, tcp6:ADDR:PORT, unix:/PATH, fd:N or "
    "ssh:USER@HOST";
static const char why_port[] = "the port must be 1 to 65535, in plain digits";
static const char why_fd[] =
    "the descriptor must be 0 or more, in plain digits";
static const char why_name[] = "the host must be an IPv4 address, or a name of "
			       "letters, digits, '-', '_' and single dots";
static const char why_user[] =
    "the user must be of letters, digits, '-', '_', '+' and '.'";
static const char why_empty[] = "the host must not be empty";
static const char why_ipv4[] =
    "an IPv4 address must be four numbers from 0 to 255";
static const char why_ipv6[] = "the host must be an IPv6 address such as ::1";
static const char why_absolute[] = "the path must be absolute: unix:/PATH";

static const struct {
	const char *text;
	const char *why;
} bad[] = {
    {"", why_kind},
    {"tcp", why_kind},
    {"tcp7:a:1", why_kind},
    {"TCP:a:1", why_kind},
    {" tcp:a:1", why_kind},
    {":", why_kind},
    {"/etc/vscard/a.conf", why_kind},
    {"tcp:", "expected tcp:HOST:PORT"},
    {"tcp:host", "expected tcp:HOST:PORT"},
    {"tcp6:", "expected tcp6:ADDR:PORT"},
    {"tcp6:1", "expected tcp6:ADDR:PORT"},
    {"tcp::1", why_empty},
    {"tcp6::1", why_empty},
    {"tcp:a:", why_port},
    {"tcp:a:0", why_port},
    {"tcp:a:65536", why_port},
    {"tcp:a:99999999999999999999", why_port},
    {"tcp:a:+1", why_port},
    {"tcp:a:-1", why_port},
    {"tcp:a: 1", why_port},
    {"tcp:a:1 ", why_port},
    {"tcp:a:1\n", why_port},
    {"tcp:a:01", why_port},
    {"tcp:a:0x10", why_port},
    {"tcp:a:http", why_port},
    {"tcp6:::1:0", why_port},
    {"tcp6:::1:65536", why_port},
    {"tcp:::1:2001", "the host must have no colon; "
		     "an IPv6 address goes with tcp6:ADDR:PORT"},
    {"tcp:a b:1", why_name},
    {"tcp:-a:1", why_name},
    {"tcp:.a:1", why_name},
    {"tcp:a..b:1", why_name},
    {"tcp:a.:1", why_name},
    {"tcp:a.-b:1", why_name},
    {"tcp:[::1]:1", "the host must have no colon; "
		    "an IPv6 address goes with tcp6:ADDR:PORT"},
    {"tcp:b\303\274cher:1", why_name},
    {"tcp:user@host:1", why_name},
    {"tcp:1:1", why_ipv4},
    {"tcp:127.1:1", why_ipv4},
    {"tcp:127.0.0.256:1", why_ipv4},
    {"tcp:127.0.0.1.1:1", why_ipv4},
    {"tcp:host.5:1", why_ipv4},
    {"tcp:0x7f000001:1", why_ipv4},
    {"tcp:127.0.0.0X1:1", why_ipv4},
    {"tcp6:[::1]:1", "the IPv6 address must be without brackets"},
    {"tcp6:localhost:1", why_ipv6},
    {"tcp6:127.0.0.1:1", why_ipv6},
    {"tcp6:fe80::1%lo:1", why_ipv6},
    {"tcp6:1:2:3:4:5:6:7:8:9:1", why_ipv6},
    {"unix:", why_absolute},
    {"unix:a", why_absolute},
    {"unix:@a", why_absolute},
    {"unix:/", "the path must name a socket, not a directory"},
    {"unix:/run/", "the path must name a socket, not a directory"},
    {"unix:/a\nb", "the path must have no control characters"},
    {"unix:/a\177b", "the path must have no control characters"},
    {"fd:", why_fd},
    {"fd:-1", why_fd},
    {"fd:+1", why_fd},
    {"fd:03", why_fd},
    {"fd:3 ", why_fd},
    {"fd:2147483648", why_fd},
    {"ssh:", why_empty},
    {"ssh::7", why_empty},
    {"ssh:@host", why_user},
    {"ssh:-oProxyCommand=x@host", why_user},
    {"ssh:jo doe@host", why_user},
    {"ssh:$(id)@host", why_user},
    {"ssh:jo@", why_name},
    {"ssh:jo@-host", why_name},
    {"ssh:-oProxyCommand=x", why_name},
    {"ssh:a@b@c", why_name},
    {"ssh:host;id", why_name},
    {"ssh:jo@host:", why_port},
    {"ssh:jo@host:0", why_port},
    {"ssh:jo@host:ssh", why_port},
    {"ssh:jo@127.1", why_ipv4},
    {"ssh:jo@::1", "the host must have no colon; an IPv6 address needs a "
		   "name in ssh_config"},
};

static void
check_good(size_t i)
{
	char text[ENDPOINT_TEXT_MAX];
	struct endpoint ep;
	const char *why = "untouched";
	int rc = endpoint_get(good[i].text, &ep, &why);

	ck_assert_msg(rc == 0, "%s: %s", good[i].text, why);
	ck_assert_str_eq(why, "untouched");
	ck_assert_int_eq((int)ep.kind, (int)good[i].kind);
	ck_assert_str_eq(ep.host, good[i].host);
	ck_assert_uint_eq(ep.port, good[i].port);
	ck_assert_str_eq(ep.path, good[i].path);
	ck_assert_int_eq(ep.fd, good[i].fd);
	ck_assert_ptr_eq(endpoint_text(&ep, text, sizeof(text)), text);
	ck_assert_str_eq(text, good[i].text);
}

START_TEST(endpoint_reads_and_writes)
{
	for (size_t i = 0; i < COUNT(good); i++)
		check_good(i);
}
END_TEST

static void
check_bad(const char *text, const char *expected)
{
	struct endpoint ep, before;
	const char *why = "untouched";
	int rc;

	memset(&ep, 0x5a, sizeof(ep));
	before = ep;
	rc = endpoint_get(text, &ep, &why);
	ck_assert_msg(rc == -EINVAL, "%s: taken", text);
	ck_assert_msg(strcmp(why, expected) == 0, "%s: %s", text, why);
	ck_assert_mem_eq(&ep, &before, sizeof(ep));
	ck_assert_int_eq(endpoint_get(text, &ep, NULL), -EINVAL);
}

START_TEST(endpoint_says_what_is_wrong)
{
	for (size_t i = 0; i < COUNT(bad); i++)
		check_bad(bad[i].text, bad[i].why);
}
END_TEST

/* "prefix", then `len` times the character, then "suffix". */
static int
get_long(const char *prefix, size_t len, const char *suffix,
    struct endpoint *out, const char **out_why)
{
	char text[1024];
	size_t n = strlen(prefix);

	memcpy(text, prefix, n);
	memset(text + n, 'a', len);
	/* Labels of 63, or it would be no name. */
	if (strcmp(prefix, "tcp:") == 0)
		for (size_t i = 63; i < len; i += 64)
			text[n + i] = '.';
	strcpy(text + n + len, suffix);
	return endpoint_get(text, out, out_why);
}

START_TEST(endpoint_keeps_its_ceilings)
{
	char text[ENDPOINT_TEXT_MAX];
	struct endpoint ep;
	const char *why;

	ck_assert_int_eq(get_long("tcp:", 255, ":65535", &ep, &why), 0);
	ck_assert_uint_eq(strlen(ep.host), 255);
	endpoint_text(&ep, text, sizeof(text));
	ck_assert_uint_eq(strlen(text), 4 + 255 + 6);
	ck_assert_int_eq(get_long("tcp:", 256, ":1", &ep, &why), -EINVAL);
	ck_assert_str_eq(why, "the host must not be longer than 255 "
			      "characters");
	ck_assert_int_eq(get_long("tcp:b.", 63, ":1", &ep, &why), 0);
	ck_assert_int_eq(get_long("tcp:b.", 64, ":1", &ep, &why), -EINVAL);
	ck_assert_str_eq(why, why_name);

	ck_assert_int_eq(get_long("unix:/", 106, "", &ep, &why), 0);
	ck_assert_uint_eq(strlen(ep.path), 107);
	ck_assert_int_eq(get_long("unix:/", 107, "", &ep, &why), -EINVAL);
	ck_assert_str_eq(why, "the path must not be longer than 107 bytes");
}
END_TEST

START_TEST(endpoint_text_fits_its_room)
{
	struct endpoint ep;
	char text[8] = "";

	ck_assert_int_eq(endpoint_get("unix:/run/a", &ep, NULL), 0);
	ck_assert_str_eq(endpoint_text(&ep, text, sizeof(text)), "unix:/r");
	ck_assert_str_eq(endpoint_text(&ep, text, 1), "");
}
END_TEST

static const struct {
	const char *host;
	const char *port;
	const char *text; /* or why not */
	int rc;
} words[] = {
    {"host", NULL, "tcp:host:2001", 0},
    {"host", "7", "tcp:host:7", 0},
    {"127.0.0.1", "7", "tcp:127.0.0.1:7", 0},
    {"::1", NULL, "tcp6:::1:2001", 0},
    {"fe80::1", "65535", "tcp6:fe80::1:65535", 0},
    {"", NULL, why_empty, -EINVAL},
    {"a b", NULL, why_name, -EINVAL},
    {"1.2", NULL, why_ipv4, -EINVAL},
    {"host:1", NULL, why_ipv6, -EINVAL},
    {"[::1]", NULL, "the IPv6 address must be without brackets", -EINVAL},
    {"host", "", why_port, -EINVAL},
    {"host", "0", why_port, -EINVAL},
    {"host", "2001x", why_port, -EINVAL},
    {"::1", "65536", why_port, -EINVAL},
};

static void
check_words(size_t i)
{
	char text[ENDPOINT_TEXT_MAX];
	struct endpoint ep;
	const char *why = NULL;
	int rc;

	rc = endpoint_from_words(words[i].host, words[i].port, &ep, &why);
	ck_assert_msg(rc == words[i].rc, "%s: %d", words[i].host, rc);
	if (rc == 0)
		why = endpoint_text(&ep, text, sizeof(text));
	ck_assert_str_eq(why, words[i].text);
}

START_TEST(endpoint_takes_words)
{
	ck_assert_int_eq(VSCARD_PORT, 2001);
	for (size_t i = 0; i < COUNT(words); i++)
		check_words(i);
}
END_TEST

START_TEST(endpoint_kinds_have_names)
{
	ck_assert_str_eq(endpoint_kind_name(ENDPOINT_TCP), "tcp");
	ck_assert_str_eq(endpoint_kind_name(ENDPOINT_TCP6), "tcp6");
	ck_assert_str_eq(endpoint_kind_name(ENDPOINT_UNIX), "unix");
	ck_assert_str_eq(endpoint_kind_name(ENDPOINT_FD), "fd");
	ck_assert_str_eq(endpoint_kind_name(ENDPOINT_SSH), "ssh");
	ck_assert_str_eq(endpoint_kind_name((enum endpoint_kind)99), "?");
}
END_TEST

START_TEST(endpoint_listens_where_it_can)
{
	for (size_t i = 0; i < COUNT(good); i++) {
		const struct endpoint ep = {.kind = good[i].kind};

		ck_assert_int_eq(endpoint_can_listen(&ep),
		    good[i].kind <= ENDPOINT_UNIX);
	}
}
END_TEST

UNIT_SUITE("endpoint", endpoint_reads_and_writes, endpoint_says_what_is_wrong,
    endpoint_keeps_its_ceilings, endpoint_text_fits_its_room,
    endpoint_takes_words, endpoint_kinds_have_names,
    endpoint_listens_where_it_can)
