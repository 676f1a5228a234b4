/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ifd/config.h"
#include "util/log.h"

#define AT "listen = tcp:127.0.0.1:2001\n"

static struct config_why why;

static int
parse(const char *text, struct config *out)
{
	why.text[0] = '\0';
	return config_parse("t.conf", text, out, &why);
}

START_TEST(defaults)
{
	struct config c;

	ck_assert_int_eq(parse(AT, &c), 0);
	ck_assert_str_eq(c.name, "t.conf");
	ck_assert_int_eq(c.way, CONFIG_LISTEN);
	ck_assert_int_eq(c.endpoint.kind, ENDPOINT_TCP);
	ck_assert_uint_eq(c.slots, 4);
	ck_assert_uint_eq(c.detached, CONFIG_UNAVAILABLE);
	ck_assert_uint_eq(c.legacy_reset, CONFIG_LOCAL);
	ck_assert_uint_eq(c.apdu_timeout, 600);
	ck_assert_uint_eq(c.reset_timeout, 10);
	ck_assert_uint_eq(c.handshake_timeout, 10);
	ck_assert_uint_eq(c.write_timeout, 10);
	ck_assert(!c.allow.everybody);
	ck_assert_uint_eq(c.allow.users_len, 0);
	ck_assert_uint_le(c.allow.groups_len, 1); /* if there is vscard */
	ck_assert(!c.has_log_level);
	ck_assert_uint_eq(c.cards_len, 0);
	ck_assert_str_eq(c.user, "");
	ck_assert_str_eq(c.trace, "");
	ck_assert_uint_eq(c.trace_secrets, 0);
}
END_TEST

START_TEST(ways_in)
{
	struct config c;

	ck_assert_int_eq(parse("# all\n; of it\n\nslots=200\r\n"
	                       "listen = unix:/run/pcscd/x ; here\n",
	                     &c),
	    0);
	ck_assert_int_eq(c.way, CONFIG_LISTEN);
	ck_assert_str_eq(c.endpoint.path, "/run/pcscd/x");
	ck_assert_uint_eq(c.slots, 200);
	ck_assert_int_eq(parse("connect = tcp:desk.example:2001\n", &c), 0);
	ck_assert_int_eq(c.way, CONFIG_CONNECT);
	ck_assert_str_eq(c.endpoint.host, "desk.example");
	ck_assert_int_eq(parse("card = key:/a b,x=y\ncard = nss\n", &c), 0);
	ck_assert_int_eq(c.way, CONFIG_NOWHERE);
	ck_assert_uint_eq(c.cards_len, 2);
	ck_assert_str_eq(c.cards[0], "key:/a b,x=y");
	ck_assert_str_eq(c.cards[1], "nss");
}
END_TEST

START_TEST(choices)
{
	struct config c;

	ck_assert_int_eq(parse(AT "detached = empty\nlegacy_reset = reinsert\n"
	                          "log_level = debug\ntrace_secrets = yes\n",
	                     &c),
	    0);
	ck_assert_uint_eq(c.detached, CONFIG_EMPTY);
	ck_assert_uint_eq(c.legacy_reset, CONFIG_REINSERT);
	ck_assert(c.has_log_level);
	ck_assert_uint_eq(c.log_level, LOG_LEVEL_DEBUG);
	ck_assert_uint_eq(c.trace_secrets, 1);
	for (int i = 0; i <= LOG_LEVEL_DEBUG; i++) {
		char text[64];

		snprintf(text, sizeof(text), AT "log_level = %s\n",
		    log_level_name((enum log_level)i));
		ck_assert_int_eq(parse(text, &c), 0);
		ck_assert_uint_eq(c.log_level, (unsigned)i);
	}
}
END_TEST

START_TEST(numbers_and_texts)
{
	struct config c;

	ck_assert_int_eq(parse(AT "apdu_timeout = 1\nreset_timeout = 86400\n"
	                          "handshake_timeout = 3\nwrite_timeout = 4\n"
	                          "user = nobody\ntrace = /var/log/x.pcapng\n",
	                     &c),
	    0);
	ck_assert_uint_eq(c.apdu_timeout, 1);
	ck_assert_uint_eq(c.reset_timeout, 86400);
	ck_assert_uint_eq(c.handshake_timeout, 3);
	ck_assert_uint_eq(c.write_timeout, 4);
	ck_assert_str_eq(c.user, "nobody");
	ck_assert_str_eq(c.trace, "/var/log/x.pcapng");
}
END_TEST

START_TEST(allowed_peers)
{
	struct config c;

	ck_assert_int_eq(parse(AT "allow_users = root , 4711\n"
	                          "allow_users=12\nallow_groups = daemon,99\n"
	                          "allow_addresses = 192.0.2.7, 10.0.0.0/8\n"
	                          "allow_addresses = 2001:db8::/32\n",
	                     &c),
	    0);
	ck_assert_uint_eq(c.allow.users_len, 3);
	ck_assert_uint_eq(c.allow.users[0], 0);
	ck_assert_uint_eq(c.allow.users[1], 4711);
	ck_assert_uint_eq(c.allow.users[2], 12);
	ck_assert_uint_eq(c.allow.groups_len, 2);
	ck_assert_uint_eq(c.allow.groups[1], 99);
	ck_assert_uint_eq(c.allow.prefixes_len, 3);
	ck_assert_uint_eq(c.allow.prefixes[0].bits, 128);
	ck_assert_uint_eq(c.allow.prefixes[1].bits, 104);
	ck_assert_uint_eq(c.allow.prefixes[2].bits, 32);
	ck_assert_int_eq(parse(AT "allow_users = *\n", &c), 0);
	ck_assert(c.allow.everybody);
	ck_assert_uint_eq(c.allow.groups_len, 0);
}
END_TEST

#define LONG                                                                   \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* Each with a word that the line for the user must hold. */
static const struct {
	const char *text, *word;
} bad_files[] = {
    {"", "listen, connect and card must be given"},
    {"slots = 2\n", "listen, connect and card must be given"},
    {"listen = fd:3\n", "line 1: listen = fd:3: a driver listens at"},
    {"listen =\n", "line 1: listen"},
    {"\nlisten = tcp:localhost:0\n", "line 2: listen = tcp:localhost:0"},
    {"connect = ssh:h\n", "line 1: connect = ssh:h: a driver connects to"},
    {AT "connect = tcp:h:1\n", "line 2: connect = tcp:h:1: listen or conn"},
    {AT AT, "line 2: listen = tcp:127.0.0.1:2001: is given for the second"},
    {AT "slots = 0\n", "line 2: slots = 0: must be a number"},
    {AT "slots = 201\n", "from 1 to 200"},
    {AT "slots = -1\n", "from 1 to 200"},
    {AT "slots = 4x\n", "from 1 to 200"},
    {AT "slots = 99999999999999999999\n", "from 1 to 200"},
    {AT "detached = gone\n", "line 2: detached = gone: must be unavailable "
                             "or empty"},
    {AT "legacy_reset = yes\n", "must be local or reinsert"},
    {AT "apdu_timeout = never\n", "from 1 to 86400"},
    {AT "reset_timeout = 86401\n", "reset_timeout = 86401: must be a number"},
    {AT "handshake_timeout = 0\n", "from 1 to 86400"},
    {AT "write_timeout = 1s\n", "from 1 to 86400"},
    {AT "allow_addresses = 10.0.0.1/8\n", "bits set behind the prefix"},
    {AT "allow_addresses = 10.0.0.0/33\n", "must be addresses such as"},
    {AT "allow_addresses = ::/129\n", "must be addresses such as"},
    {AT "allow_addresses = here\n", "must be addresses such as"},
    {AT "allow_addresses = 10.0.0.1,\n", "must be addresses such as"},
    {AT "allow_users = nobody-here\n", "no such user"},
    {AT "allow_users = 4294967295\n", "no such user"},
    {AT "allow_groups = nobody-here\n", "no such group"},
    {AT "allow_groups = *\n", "no such group"},
    {AT "log_level = loud\n", "must be error, warning, info or debug"},
    {"card =\n", "line 1: card = : must not be empty"},
    {"card=a\ncard=b\nslots = 1\n", "slots = 1: too few for 2 cards"},
    {"card=a\ncard=a\ncard=a\ncard=a\ncard=a\ncard=a\ncard=a\ncard=a\ncard=a\n",
        "line 9: card = a: at most 8"},
    {AT "user =\n", "line 2: user = : must not be empty"},
    {AT "trace = here\n", "must be an absolute path"},
    {AT "trace_secrets = true\n", "must be no or yes"},
    {AT "slot = 4\n", "line 2: slot: no such key; must be listen, connect,"},
    {AT "slot = 4\n", "trace or trace_secrets"},
    {AT "[more]\nslots = 2\n", "sections are not known"},
    {AT "nonsense\n", "line 2: must read 'key = value'"},
    {AT "slots = 0\nslot = 1\n", "line 2: slots = 0"},
    {AT "card = " LONG "\n", "line 2: a line may have at most 198"},
};

START_TEST(bad_files_say_where_and_what)
{
	struct config c, untouched;

	memset(&c, 0x5a, sizeof(c));
	untouched = c;
	for (size_t i = 0; i < sizeof(bad_files) / sizeof(*bad_files); i++) {
		ck_assert_int_eq(parse(bad_files[i].text, &c), -EINVAL);
		ck_assert_msg(strstr(why.text, bad_files[i].word) != NULL,
		    "file %zu: '%s' lacks '%s'", i, why.text,
		    bad_files[i].word);
		ck_assert_ptr_eq(strstr(why.text, "t.conf: "), why.text);
		ck_assert_mem_eq(&c, &untouched, sizeof(c));
	}
}
END_TEST

START_TEST(devicenames)
{
	struct config c;

	ck_assert_int_eq(config_get("tcp6:::1:99", &c, &why), 0);
	ck_assert_int_eq(c.endpoint.kind, ENDPOINT_TCP6);
	ck_assert_int_eq(c.way, CONFIG_LISTEN);
	ck_assert_uint_eq(c.slots, 4);
	ck_assert_str_eq(c.name, "tcp6:::1:99");
	ck_assert_int_eq(config_get("fd:3", &c, &why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "fd:3: "));
	ck_assert_int_eq(config_get("/nonexistent/x", &c, &why), -ENOENT);
	ck_assert_ptr_nonnull(strstr(why.text, "/nonexistent/x: No such"));
	ck_assert_int_eq(config_get("/dev/null", &c, &why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "not a regular file"));
}
END_TEST

static void
file_of(char *path, const void *data, size_t len)
{
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, data, len), (ssize_t)len);
	close(fd);
}

START_TEST(odd_files)
{
	static char big[CONFIG_FILE_MAX + 2];
	char a[] = "/tmp/vscard-test-XXXXXX", b[] = "/tmp/vscard-test-XXXXXX";
	struct config c;

	memset(big, '\n', sizeof(big));
	file_of(a, big, CONFIG_FILE_MAX + 1);
	ck_assert_int_eq(config_load(a, &c, &why), -EMSGSIZE);
	ck_assert_ptr_nonnull(strstr(why.text, "larger than 64 KiB"));
	unlink(a);
	file_of(b, "listen = tcp:h:1\n\0slots = 0\n", 28);
	ck_assert_int_eq(config_load(b, &c, &why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "not a text file"));
	unlink(b);
}
END_TEST

/* Whatever is done to a good file, the loader lives. */
START_TEST(mutations_do_no_harm)
{
	static const char good[] =
	    AT "slots = 4\ndetached = empty\nlegacy_reset = local\n"
	       "# words\napdu_timeout = 600\nallow_users = root, 5\n"
	       "allow_addresses = 10.0.0.0/8, 2001:db8::1\n"
	       "allow_groups = 7\nlog_level = info\ncard = key:/x\n"
	       "user = daemon\ntrace = /x\ntrace_secrets = no\n";
	unsigned seed = 1;
	int accepted = 0;

	for (int i = 0; i < 1000; i++) {
		char text[sizeof(good)];
		struct config c = {.slots = 1};

		memcpy(text, good, sizeof(good));
		for (int k = 0; k < 1 + i % 3; k++) {
			seed = seed * 1103515245u + 12345u;
			text[(seed >> 8) % (sizeof(good) - 1)] =
			    (char)(seed >> 24);
		}
		if (parse(text, &c) < 0)
			ck_assert_uint_gt(strlen(why.text), 8);
		else
			accepted++;
		ck_assert_uint_ge(c.slots, 1);
		ck_assert_uint_le(c.slots, CONFIG_SLOTS_MAX);
	}
	/* Some in a comment, a name or a number. */
	ck_assert_int_gt(accepted, 10);
}
END_TEST

UNIT_SUITE("config", defaults, ways_in, choices, numbers_and_texts,
    allowed_peers, bad_files_say_where_and_what, devicenames, odd_files,
    mutations_do_no_harm)
