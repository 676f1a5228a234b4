/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "vscclient/cardspec.h"

#define WORDS_8 "a a a a a a a a"
#define WORDS_64 WORDS_8 " " WORDS_8 " " WORDS_8 " " WORDS_8 " " WORDS_8 " "   \
	WORDS_8 " " WORDS_8 " " WORDS_8
#define BARS_8 "|a|a|a|a|a|a|a|a"
#define BARS_64 BARS_8 BARS_8 BARS_8 BARS_8 BARS_8 BARS_8 BARS_8 BARS_8

/* What a text means, in one line: "kind|…", or the words of a refusal. */
static const struct {
	const char *text;
	const char *means; /* NULL: refused */
	const char *why;   /* a part of the refusal */
} rows[] = {
    {"pcsc", "pcsc|(any)", NULL},
    {"pcsc:Yubi", "pcsc|Yubi", NULL},
    {"pcsc:a:b", "pcsc|a:b", NULL},
    {"pcsc:Reader\\, the second", "pcsc|Reader, the second", NULL},
    {"pcsc:a\\b", "pcsc|a\\b", NULL},
    {"pcsc,exclusive", "pcsc|(any) exclusive", NULL},
    {"pcsc:a,exclusive", "pcsc|a exclusive", NULL},
    {"pcsc:a,no-transaction,exclusive", "pcsc|a exclusive no-transaction",
        NULL},
    {"pcsc:exclusive", "pcsc|exclusive", NULL},
    {"nss:db=/d,certs=a", "nss|/d|CAC|a", NULL},
    {"nss:db=sql:/d,certs=a", "nss|/d|CAC|a", NULL},
    {"nss:certs=a:b:c,db=/d", "nss|/d|CAC|a|b|c", NULL},
    {"nss:db=/d,certs=a b:c", "nss|/d|CAC|a b|c", NULL},
    {"nss:db=/d=e,certs=a", "nss|/d=e|CAC|a", NULL},
    {"nss:db=/d:e,certs=a", "nss|/d:e|CAC|a", NULL},
    {"nss:db=/d\\,e,certs=a", "nss|/d,e|CAC|a", NULL},
    {"nss:db=/d,certs=a\\,b:c\\:d,name=My, ", NULL, "unknown option ' '"},
    {"nss:db=/d,certs=a\\,b:c\\:d,name=My\\, CAC",
        "nss|/d|My, CAC|a,b|c:d", NULL},
    {"nss:db=/d,certs=1:2:3:4:5:6:7:8:9:10",
        "nss|/d|CAC|1|2|3|4|5|6|7|8|9|10", NULL},
    {"nss:db=/d,certs=1:2:3:4:5:6:7:8:9:10:11", NULL, "more than 10"},
    {"exec:/bin/card", "exec|/bin/card", NULL},
    {"exec:./card -v 'a b',c\\,d", "exec|./card|-v|a b,c,d", NULL},
    {"exec:", NULL, "names no program"},
    {"exec: ", NULL, "names no program"},
    {"exec:'' a", NULL, "names no program"},
    {"exec:a 'b", NULL, "quote"},
    {"exec:" WORDS_64, "exec" BARS_64, NULL},
    {"exec:" WORDS_64 " b", NULL, "more than 64 words"},
    {"exec", NULL, "exec:PROGRAM"},
    {"key", "key|(none)", NULL},
    {"key:/d/a.key", "key|/d/a.key", NULL},
    {"key:a:b", "key|a:b", NULL},
    {"key:a=b", "key|a=b", NULL},
    {"key:a\\,b", "key|a,b", NULL},
    {"key,name=N", "key|(none)|N", NULL},
    {"key:f,name=My\\, key", "key|f|My, key", NULL},
    {"key:f,passphrase-file=/p", "key|f passphrase /p", NULL},
    {"key:f,touch=yes", "key|f", NULL},
    {"key:f,touch=no", "key|f never", NULL},
    {"key:f,touch=no,passphrase-file=/p,name=N", "key|f passphrase /p|N never",
        NULL},
    {"key,touch=ask", "key|(none) ask|ask", NULL},
    {"key,touch=ask 'a b'\\,c d,name=N", "key|(none)|N ask|ask|a b,c|d",
        NULL},
    {"key,touch=a 'b", NULL, "quote"},
    {"key,touch=", NULL, "touch= is empty"},
    {"key,touch= ", NULL, "touch= is empty"},
    {"key,touch='' a", NULL, "touch= is empty"},
    {"key,touch", NULL, "'touch' needs a value"},
    {"key,touch=" WORDS_64, "key|(none) ask" BARS_64, NULL},
    {"key,touch=" WORDS_64 " b", NULL, "more than 64 words"},
    {"key:", NULL, "names no file"},
    {"key:,touch=no", NULL, "names no file"},
    {"key:f,", NULL, "unknown option ''"},
    {"key:f,touch=no,touch=no", NULL, "'touch' is given twice"},
    {"key:f,pin=1", NULL, "key takes passphrase-file=, touch= and name="},
    {"key:f,passphrase-file=", NULL, "names no file"},
    {"key,passphrase-file=/p", NULL, "throw-away key has no passphrase"},
    {"key,name=", NULL, "name= is empty"},
    {"key,name=my YUBICO YubiKey 5", NULL, "take the reader for a YubiKey"},
    {"key,name=Yubico", "key|(none)|Yubico", NULL},
    {"", NULL, "allowed: pcsc, pcsc:PATTERN, nss, nss:"},
    {"PCSC", NULL, "no kind of card"},
    {"pcsc ", NULL, "no kind of card"},
    {"piv:x", NULL, "'piv' is no kind of card"},
    {"pcsc:", NULL, "names no reader"},
    {"pcsc:,x", NULL, "names no reader"},
    {"pcsc:a,b", NULL, "takes no option 'b'"},
    {"pcsc,", NULL, "takes no option ''"},
    {"pcsc:a,exclusive,exclusive", NULL, "given twice"},
    {"nss,db=x", NULL, "needs certs="},
    {"nss,hw=yes", "nss|/etc/pki/nssdb|hw", NULL},
    {"pcsc:a,", NULL, "takes no option ''"},
    {"nss", "nss|/etc/pki/nssdb|hw", NULL},
    {"nss:hw=yes", "nss|/etc/pki/nssdb|hw", NULL},
    {"nss:db=/d,hw=removable", "nss|/d|hw removable", NULL},
    {"nss:db=/d,hw=yes,certs=a", "nss|/d|hw|CAC|a", NULL},
    {"nss:db=/d,hw=no,certs=a", "nss|/d|CAC|a", NULL},
    {"nss:db=/d,hw=no", NULL, "certs="},
    {"nss:hw=maybe", NULL, "hw=maybe: yes, no or removable"},
    {"nss:hw", NULL, "'hw' needs a value"},
    {"nss:", NULL, "unknown option ''"},
    {"nss:db=/d", NULL, "certs="},
    {"nss:certs=a", NULL, "db="},
    {"nss:db,certs=a", NULL, "'db' needs a value"},
    {"nss:db=,certs=a", NULL, "names no directory"},
    {"nss:db=sql:,certs=a", NULL, "names no directory"},
    {"nss:db=dbm:/d,certs=a", NULL, "only sql:"},
    {"nss:db=/d,certs=", NULL, "empty name"},
    {"nss:db=/d,certs=a::b", NULL, "empty name"},
    {"nss:db=/d,certs=a:", NULL, "empty name"},
    {"nss:db=/d,certs=a,name=", NULL, "name= is empty"},
    {"nss:db=/d,db=/e,certs=a", NULL, "'db' is given twice"},
    {"nss:db=/d,certs=a,", NULL, "unknown option ''"},
    {"nss:db=/d,certs=a,pin=1", NULL, "unknown option 'pin'"},
};

static void
describe_key(const struct cardspec_key *key, char *out, size_t cap)
{
	static const char *const touch[] = {"", " never", " ask"};
	size_t used;

	used = (size_t)snprintf(out, cap, "key|%s%s%s%s%s%s",
	    key->file != NULL ? key->file : "(none)",
	    key->passphrase_file != NULL ? " passphrase " : "",
	    key->passphrase_file != NULL ? key->passphrase_file : "",
	    key->name != NULL ? "|" : "", key->name != NULL ? key->name : "",
	    touch[key->touch]);
	for (char *const *word = key->touch_argv; *word != NULL; word++)
		used += (size_t)snprintf(out + used, cap - used, "|%s", *word);
}

static void
describe(const struct cardspec *spec, char *out, size_t cap)
{
	size_t used;

	if (spec->kind == CARDSPEC_PCSC) {
		snprintf(out, cap, "pcsc|%s%s%s", spec->pcsc.pattern != NULL ?
		    spec->pcsc.pattern : "(any)",
		    spec->pcsc.exclusive ? " exclusive" : "",
		    spec->pcsc.no_transaction ? " no-transaction" : "");
		return;
	}
	if (spec->kind == CARDSPEC_KEY) {
		describe_key(&spec->key, out, cap);
		return;
	}
	if (spec->kind == CARDSPEC_EXEC) {
		used = (size_t)snprintf(out, cap, "exec");
		for (char *const *word = spec->exec.argv; *word != NULL; word++)
			used += (size_t)snprintf(out + used, cap - used, "|%s",
			    *word);
		return;
	}
	used = (size_t)snprintf(out, cap, "nss|%s", spec->nss.db);
	if (spec->nss.hw != CARDSPEC_HW_NO)
		used += (size_t)snprintf(out + used, cap - used, "|hw%s",
		    spec->nss.hw == CARDSPEC_HW_YES ? "" : " removable");
	if (spec->nss.soft_count > 0)
		used += (size_t)snprintf(out + used, cap - used, "|%s",
		    spec->nss.soft[0].name);
	for (size_t i = 0; i < spec->nss.soft[0].cert_count; i++)
		used += (size_t)snprintf(out + used, cap - used, "|%s",
		    spec->nss.soft[0].certs[i]);
}

static void
check_row(size_t i)
{
	struct cardspec spec;
	char why[REFUSE_MAX] = "";
	char got[256];
	int rc;

	rc = cardspec_init(&spec, rows[i].text, why);
	if (rows[i].means == NULL) {
		ck_assert_msg(rc == -EINVAL, "%s was taken", rows[i].text);
		ck_assert_msg(strstr(why, rows[i].why) != NULL, "%s: %s",
		    rows[i].text, why);
		return;
	}
	ck_assert_msg(rc == 0, "%s: %s", rows[i].text, why);
	describe(&spec, got, sizeof(got));
	ck_assert_str_eq(got, rows[i].means);
	cardspec_clear(&spec);
}

START_TEST(texts_mean)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(i);
}
END_TEST

/* However long the words are, the refusal is a whole string. */
START_TEST(long_words_are_refused_in_short)
{
	struct cardspec spec;
	char why[REFUSE_MAX];
	char text[2000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(cardspec_init(&spec, text, why), -EINVAL);
	ck_assert_uint_lt(strlen(why), sizeof(why));
	memcpy(text, "nss:db=/d,certs=a,name=", 23);
	ck_assert_int_eq(cardspec_init(&spec, text, why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, "255"));
}
END_TEST

START_TEST(kinds_have_names)
{
	ck_assert_str_eq(cardspec_kind_name(CARDSPEC_PCSC), "pcsc");
	ck_assert_str_eq(cardspec_kind_name(CARDSPEC_NSS), "nss");
	ck_assert_str_eq(cardspec_kind_name(CARDSPEC_KEY), "key");
	ck_assert_str_eq(cardspec_kind_name(CARDSPEC_EXEC), "exec");
}
END_TEST

UNIT_SUITE("cardspec", texts_mean, long_words_are_refused_in_short,
    kinds_have_names)
