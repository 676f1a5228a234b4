/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ifd/config.h"

static struct config_why why;

static int
parse(const char *text, struct config *out)
{
	why.text[0] = '\0';
	return config_parse("t.conf", text, out, &why);
}

START_TEST(good_files)
{
	struct config c;

	ck_assert_int_eq(parse("listen = tcp:127.0.0.1:2001\n", &c), 0);
	ck_assert_int_eq(c.listen.kind, ENDPOINT_TCP);
	ck_assert_uint_eq(c.slots, 4);
	ck_assert_uint_eq(c.apdu_timeout, 600);

	ck_assert_int_eq(parse("# all\n; of it\n\nslots=200\r\n"
	                       "listen = unix:/run/pcscd/x ; here\n"
	                       "apdu_timeout = 1\n", &c), 0);
	ck_assert_int_eq(c.listen.kind, ENDPOINT_UNIX);
	ck_assert_str_eq(c.listen.path, "/run/pcscd/x");
	ck_assert_uint_eq(c.slots, 200);
	ck_assert_uint_eq(c.apdu_timeout, 1);
}
END_TEST

/* Each with a word that the line for the user must hold. */
static const struct {
	const char *text, *word;
} bad_files[] = {
    {"", "listen is missing"},
    {"slots = 2\n", "listen is missing"},
    {"listen = fd:3\n", "line 1: listen = fd:3: a driver listens at"},
    {"listen =\n", "line 1: listen"},
    {"\nlisten = tcp:localhost:0\n", "line 2: listen = tcp:localhost:0"},
    {"listen = tcp:h:1\nslots = 0\n", "line 2: slots = 0: must be a number"},
    {"listen = tcp:h:1\nslots = 201\n", "from 1 to 200"},
    {"listen = tcp:h:1\nslots = -1\n", "from 1 to 200"},
    {"listen = tcp:h:1\nslots = 4x\n", "from 1 to 200"},
    {"listen = tcp:h:1\nslots = 99999999999999999999\n", "from 1 to 200"},
    {"listen = tcp:h:1\napdu_timeout = never\n", "from 1 to 86400"},
    {"listen = tcp:h:1\nslot = 4\n", "line 2: slot: no such key"},
    {"listen = tcp:h:1\n[more]\nslots = 2\n", "sections are not known"},
    {"listen = tcp:h:1\nnonsense\n", "line 2: must read 'key = value'"},
    {"listen = tcp:h:1\nslots = 0\nslot = 1\n", "line 2: slots = 0"},
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
	ck_assert_int_eq(c.listen.kind, ENDPOINT_TCP6);
	ck_assert_uint_eq(c.slots, CONFIG_SLOTS_DEFAULT);
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
	static const char good[] = "listen = tcp:127.0.0.1:2001\nslots = 4\n"
				   "# words\napdu_timeout = 600\n";
	unsigned seed = 1;

	for (int i = 0; i < 1000; i++) {
		char text[sizeof(good)];
		struct config c = {.slots = 1};

		memcpy(text, good, sizeof(good));
		for (int k = 0; k < 3; k++) {
			seed = seed * 1103515245u + 12345u;
			text[(seed >> 8) % (sizeof(good) - 1)] =
			    (char)(seed >> 24);
		}
		if (parse(text, &c) < 0)
			ck_assert_uint_gt(strlen(why.text), 8);
		ck_assert_uint_ge(c.slots, 1);
		ck_assert_uint_le(c.slots, CONFIG_SLOTS_MAX);
	}
}
END_TEST

UNIT_SUITE("config", good_files, bad_files_say_where_and_what, devicenames,
    odd_files, mutations_do_no_harm)
