/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include "vscclient/readermatch.h"

static const struct {
	const char *name;
	const char *pattern;
	bool match;
} rows[] = {
    {"Alcor AU9560 [CCID] 00 00", NULL, true},
    {"Alcor AU9560 [CCID] 00 00", "alcor", true},
    {"Alcor AU9560 [CCID] 00 00", "[CCID]", true},
    {"Alcor AU9560 [CCID] 00 00", "alcor*00", true},
    {"Alcor AU9560 [CCID] 00 00", "Alcor*01", false},
    {"Alcor AU9560 [CCID] 00 00", "*", true},
    {"Alcor AU9560 [CCID] 00 00", "yubi", false},
    {"Yubico YubiKey 00 00", "YUBI?ey*", false},
    {"Yubico YubiKey 00 00", "yubico yubi?ey*", true},
    {"vscard 00 00", NULL, false},
    {"VSCard virtual reader 00 01", NULL, false},
    {"vscard 00 00", "*", false},
    {"vscard 00 00", "00 00", false},
    {"vscard 00 00", "vscard", true},
    {"vscard 00 01", "VSCARD*01", true},
    {"vscard 00 01", "vscard*00", false},
    {"Not a vscard 00 00", NULL, true},
};

START_TEST(names_match)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(readermatch(rows[i].name, rows[i].pattern) ==
		    rows[i].match, "%s against %s", rows[i].name,
		    rows[i].pattern != NULL ? rows[i].pattern : "nothing");
}
END_TEST

START_TEST(own_readers_are_meant)
{
	ck_assert(readermatch_is_meant("My reader 00 00", "vscard"));
	ck_assert(readermatch_is_meant("My reader 00 00", "my READER 00 00"));
	ck_assert(!readermatch_is_meant("My reader 00 00", "my reader"));
	ck_assert(!readermatch_is_meant("My reader 00 00", "*"));
	ck_assert(!readermatch_is_meant("My reader 00 00", NULL));
}
END_TEST

UNIT_SUITE("readermatch", names_match, own_readers_are_meant)
