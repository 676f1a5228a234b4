/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "vscclient/cardspec.h"

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
    {"", NULL, "allowed: pcsc, pcsc:PATTERN, nss:"},
    {"PCSC", NULL, "no kind of card"},
    {"pcsc ", NULL, "no kind of card"},
    {"piv:x", NULL, "'piv' is no kind of card"},
    {"pcsc:", NULL, "names no reader"},
    {"pcsc:,x", NULL, "names no reader"},
    {"pcsc:a,b", NULL, "takes no option 'b'"},
    {"pcsc,", NULL, "takes no option ''"},
    {"pcsc:a,exclusive,exclusive", NULL, "given twice"},
    {"nss,db=x", NULL, "alone says too little"},
    {"pcsc:a,", NULL, "takes no option ''"},
    {"nss", NULL, "allowed"},
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
	snprintf(out, cap, "nss|%s|%s", spec->nss.db, spec->nss.name);
	for (size_t i = 0; i < spec->nss.cert_count; i++) {
		used = strlen(out);
		snprintf(out + used, cap - used, "|%s", spec->nss.certs[i]);
	}
}

static void
check_row(size_t i)
{
	struct cardspec spec;
	char why[CARDSPEC_WHY_MAX] = "";
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
	char why[CARDSPEC_WHY_MAX];
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
}
END_TEST

UNIT_SUITE("cardspec", texts_mean, long_words_are_refused_in_short,
    kinds_have_names)
