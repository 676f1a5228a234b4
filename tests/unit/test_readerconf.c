/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/readerconf.h"

static const char sample[] =
    "# all of it\n"
    "FRIENDLYNAME      \"vscard\"\n"
    "DEVICENAME        tcp:127.0.0.1:2001   # here\n"
    "LIBPATH           /usr/lib/pcsc/drivers/serial/libifdvscard.so\r\n"
    "CHANNELID         1\n"
    "\n"
    "  FRIENDLYNAME \"Other \\ reader\"\n"
    "LIBPATH /x/libifdother.so\n";

static void
parse(struct readerconf *conf, const char *text)
{
	char copy[1024];

	snprintf(copy, sizeof(copy), "%s", text);
	ck_assert_int_eq(readerconf_parse(conf, "f", copy), 0);
}

START_TEST(entries)
{
	struct readerconf conf = {.entries = NULL};

	parse(&conf, sample);
	ck_assert_uint_eq(conf.entries_len, 2);
	ck_assert_str_eq(conf.entries[0].file, "f");
	ck_assert_str_eq(conf.entries[0].name, "vscard");
	ck_assert_str_eq(conf.entries[0].device, "tcp:127.0.0.1:2001");
	ck_assert_str_eq(conf.entries[0].path,
	    "/usr/lib/pcsc/drivers/serial/libifdvscard.so");
	ck_assert(readerconf_is_ours(&conf.entries[0]));
	ck_assert_str_eq(conf.entries[1].name, "Other \\ reader");
	ck_assert_str_eq(conf.entries[1].device, "");
	ck_assert(!readerconf_is_ours(&conf.entries[1]));
	readerconf_clear(&conf);
	ck_assert_uint_eq(conf.entries_len, 0);
}
END_TEST

/* What pcscd would refuse is no entry here, and does no harm. */
START_TEST(odd_texts)
{
	static const char *const texts[] = {"", "\n\n", "LIBPATH /x\n",
	    "friendlyname \"x\"\n", "FRIENDLYNAMES \"x\"\n", "DEVICENAME",
	    "\"\"\"", "LIBPATH \"/never/closed\n"};
	struct readerconf conf = {.entries = NULL};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		parse(&conf, texts[i]);
		ck_assert_uint_eq(conf.entries_len, 0);
	}
	parse(&conf, "FRIENDLYNAME");
	ck_assert_uint_eq(conf.entries_len, 1);
	ck_assert_str_eq(conf.entries[0].name, "");
	readerconf_clear(&conf);
}
END_TEST

static void
file_of(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

START_TEST(directories)
{
	char dir[] = "/tmp/vscard-test-XXXXXX";
	struct readerconf conf = {.entries = NULL};
	char path[64];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/a", dir);
	file_of(path, sample);
	snprintf(path, sizeof(path), "%s/a~", dir);
	file_of(path, sample);
	snprintf(path, sizeof(path), "%s/.a", dir);
	file_of(path, sample);
	snprintf(path, sizeof(path), "%s/deeper", dir);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(readerconf_load(&conf, dir), 0);
	ck_assert_uint_eq(conf.entries_len, 2);
	ck_assert_int_gt(conf.changed, 0);
	readerconf_clear(&conf);
	ck_assert_int_eq(readerconf_load(&conf, "/nonexistent"), -ENOENT);
	snprintf(path, sizeof(path), "rm -r %s", dir);
	ck_assert_int_eq(system(path), 0);
}
END_TEST

START_TEST(mutations_do_no_harm)
{
	unsigned seed = 1;

	for (int i = 0; i < 5000; i++) {
		struct readerconf conf = {.entries = NULL};
		char copy[sizeof(sample)];

		memcpy(copy, sample, sizeof(sample));
		for (int k = 0; k < 4; k++) {
			seed = seed * 1103515245u + 12345u;
			copy[(seed >> 8) % (sizeof(sample) - 1)] =
			    (char)(seed >> 24);
		}
		ck_assert_int_eq(readerconf_parse(&conf, "f", copy), 0);
		ck_assert_uint_le(conf.entries_len, 4);
		readerconf_clear(&conf);
	}
}
END_TEST

UNIT_SUITE("readerconf", entries, odd_texts, directories, mutations_do_no_harm)
