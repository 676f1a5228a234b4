/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <libcacard.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vscclient/emul.h"
#include "vscclient/nss_args.h"

#define TEN "1,2,3,4,5,6,7,8,9,10"

/*
 * What a string means, in one line, or the words of a refusal. The rows marked
 * with a comment are those that libcacard 2.8.0 itself gets wrong.
 */
static const struct {
	const char *args;
	const char *means; /* NULL: refused */
	const char *why;
} rows[] = {
    /* As QEMU's documentation writes it. */
    {"db=\"/d\" use_hw=no soft=(,Test,CAC,,cert1,cert2,cert3)",
        "/d|Test:cert1,cert2,cert3", NULL},
    {"db=\"sql:/d\" use_hw=no soft=(,V R,CAC,,a,b,c)", "/d|V R:a,b,c", NULL},
    {"use_hw=no db=\"sql:/d\",soft=(,V,CAC,,a)", "/d|V:a", NULL},
    /* Refused, or the tail is swallowed. */
    {"db=\"sql:/d\",use_hw=no,soft=(,V,CAC,,a)", "/d|V:a", NULL},
    /* The database is ignored. */
    {"use_hw=no,db=\"sql:/d\" soft=(,V,CAC,,a)", "/d|V:a", NULL},
    {"db=sql:/d use_hw=no soft=(,V,CAC,,a)", NULL,
        "must be quoted: db=\"sql:/d\""},
    /* Refused for the blank. */
    {"soft=(,V,CAC,,a) use_hw=no ", "/etc/pki/nssdb|V:a", NULL},
    {"soft=(,V,CAC,,a), use_hw=no,\n", "/etc/pki/nssdb|V:a", NULL},
    {"", NULL, "empty"},
    {" ,", NULL, "empty"},
    /* Refused for the order. */
    {"hw_type=CAC use_hw=no soft=(,V,CAC,,a)", "/etc/pki/nssdb|V:a", NULL},
    {"use_hw=no soft=(,V,CAC,,a) hw_type=cac", "/etc/pki/nssdb|V:a", NULL},
    {"use_hw=no soft=(,V,CAC,,a,)", "/etc/pki/nssdb|V:a", NULL},
    /* A reader without a card. */
    {"use_hw=no soft=(,V,CAC,,)", NULL, "names no certificate"},
    {"use_hw=no soft=(,V,CAC,)", NULL, "too few words"},
    {"use_hw=no soft=(,V,CAC)", NULL, "too few words"},
    {"use_hw=no soft=()", NULL, "too few words"},
    /* Aborts. */
    {"use_hw=no soft=(,V,CAC,,a", NULL, "not closed"},
    {"use_hw=no soft=(", NULL, "not closed"},
    {"use_hw=no soft=(,V,CAC,,a soft=(,W,CAC,,b)", NULL, "not closed"},
    {"use_hw=no soft=,V,CAC,,a)", NULL, "needs brackets"},
    {"use_hw=no soft=(,V,CAC,," TEN ")", "/etc/pki/nssdb|V:" TEN, NULL},
    /* A card without applications. */
    {"use_hw=no soft=(,V,CAC,," TEN ",11)", NULL, "at most 10"},
    {"use_hw=no soft=(,V,PASSTHRU,,a)", NULL, "'PASSTHRU': only CAC"},
    /* The blank behind the name makes it another one. */
    {"use_hw=no soft=( , V R , cac , x , a b , c )",
        "/etc/pki/nssdb|V R:a b,c", NULL},
    {"use_hw=no soft=(,V,CAC,,a,,b)", NULL, "name is empty"},
    {"use_hw=no soft=(,,CAC,,a)", "/etc/pki/nssdb|Virtual Reader:a", NULL},
    {"use_hw=no soft=(My Token,V,CAC,,a)", "/etc/pki/nssdb|[My Token]V:a",
        NULL},
    {"use_hw=no soft=(,V,CAC,,a) soft=(,W,CAC,,b)",
        "/etc/pki/nssdb|V:a|W:b", NULL},
    {"use_hw=no soft=(,V,CAC,,a)soft=(,W,CAC,,b)", NULL, "without a blank"},
    {"use_hw=no", NULL, "no card"},
    {"soft=(,V,CAC,,a)", "/etc/pki/nssdb|hw|V:a", NULL},
    {"use_hw=yes", "/etc/pki/nssdb|hw", NULL},
    {"use_hw=removable db=\"/d\"", "/d|removable", NULL},
    {"use_hw=No soft=(,V,CAC,,a)", "/etc/pki/nssdb|V:a", NULL},
    /* Means yes. */
    {"use_hw=false soft=(,V,CAC,,a)", "/etc/pki/nssdb|V:a", NULL},
    {"use_hw=0 soft=(,V,CAC,,a)", "/etc/pki/nssdb|V:a", NULL},
    {"use_hw=maybe", NULL, "use_hw=maybe: yes, no or removable"},
    {"use_hw=", NULL, "use_hw=: yes"},
    {"use_hw", NULL, "'use_hw' needs a value"},
    {"use_hw=no use_hw=yes", "/etc/pki/nssdb|hw", NULL},
    {"hw_type=PIV", NULL, "hw_type=PIV: CAC or PASSTHRU"},
    {"hw_params=x,use_hw=yes", "/etc/pki/nssdb|hw", NULL},
    {"hw_params=x hw_params=y", NULL, "twice"},
    {"nssemul", "/etc/pki/nssdb|hw", NULL},
    {"use_hw=no nssemul", "/etc/pki/nssdb|hw", NULL},
    {"nssemul=1", NULL, "takes no value"},
    {"passthru", "pcsc", NULL},
    {"use_hw=yes hw_type=passthru", "pcsc", NULL},
    {"hw_type=PASSTHRU use_hw=yes", "pcsc", NULL},
    {"use_hw=no hw_type=PASSTHRU", NULL, "no card"},
    {"passthru soft=(,V,CAC,,a)", NULL, "do not go together"},
    {"db=\"/d\" db=\"/e\"", NULL, "twice"},
    {"db=\"", NULL, "not closed"},
    {"db=\"/d", NULL, "not closed"},
    {"db=\"\"", NULL, "no directory"},
    {"db=\"sql:\"", NULL, "no directory"},
    {"db=\"dbm:/d\"", NULL, "only sql:"},
    {"db=\"/a b,c\"", "/a b,c|hw", NULL},
    {"db=\"/d\"x", NULL, "'x' follows db"},
    {"db=", NULL, "must be quoted"},
    {"colour=red", NULL, "'colour' is unknown (known: db="},
    {"Soft=(,V,CAC,,a)", NULL, "'Soft' is unknown"},
    {"(,V,CAC,,a)", NULL, "'(' is unknown"},
    {"use_hw=no soft=(,V,CAC\n,,a)", "/etc/pki/nssdb|V:a", NULL},
    {"use_hw=no soft=(,V,P\nIV,,a)", NULL, "'P?IV'"},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void
describe_nss(const struct cardspec_nss *nss, char *out, size_t cap)
{
	static const char *const hw[] = {"", "|hw", "|removable"};
	size_t n = (size_t)snprintf(out, cap, "%s%s", nss->db, hw[nss->hw]);

	for (size_t i = 0; i < nss->soft_count; i++) {
		const struct cardspec_soft *s = &nss->soft[i];
		bool slot = *s->slot != '\0';

		n += (size_t)snprintf(out + n, cap - n, "|%s%s%s%s",
		    slot ? "[" : "", s->slot, slot ? "]" : "", s->name);
		for (size_t j = 0; j < s->cert_count; j++)
			n += (size_t)snprintf(out + n, cap - n, "%c%s",
			    j == 0 ? ':' : ',', s->certs[j]);
	}
}

/* libcacard itself must read what it gets as a string, too. */
static void
check_libcacard(const struct cardspec_nss *nss)
{
	char why[REFUSE_MAX];
	char *args;

	ck_assert_int_eq(nss_args_new(nss, &args, why), 0);
	ck_assert_msg(vcard_emul_options(args) != NULL, "%s", args);
	free(args);
}

static void
check_row(size_t i)
{
	char why[REFUSE_MAX] = "", got[512] = "pcsc";
	struct cardspec spec;
	int rc;

	rc = emul_init(&spec, rows[i].args, NULL, 0, why);
	if (rows[i].means == NULL) {
		ck_assert_msg(rc == -EINVAL, "%s was taken", rows[i].args);
		ck_assert_msg(strstr(why, rows[i].why) != NULL, "%s: %s",
		    rows[i].args, why);
		ck_assert_ptr_null(strchr(why, '\n'));
		return;
	}
	ck_assert_msg(rc == 0, "%s: %s", rows[i].args, why);
	if (spec.kind == CARDSPEC_NSS) {
		describe_nss(&spec.nss, got, sizeof(got));
		check_libcacard(&spec.nss);
	}
	ck_assert_str_eq(got, rows[i].means);
	cardspec_clear(&spec);
}

START_TEST(strings_mean)
{
	for (size_t i = 0; i < ROWS; i++)
		check_row(i);
}
END_TEST

/* -c NAME -c NAME, with and without -e. */
START_TEST(names_are_one_more_reader)
{
	static const char *const names[] = {"a", "b c"};
	static const struct {
		const char *args;
		const char *means;
	} with[] = {
	    {NULL, "/etc/pki/nssdb|hw|Virtual Reader:a,b c"},
	    {"db=\"/d\"", "/d|hw|Virtual Reader:a,b c"},
	    /* libcacard swallows them all. */
	    {"db=\"/d\" use_hw=no", "/d|Virtual Reader:a,b c"},
	    {"use_hw=no soft=(,V,CAC,,x)",
	        "/etc/pki/nssdb|V:x|Virtual Reader:a,b c"},
	};
	char why[REFUSE_MAX], got[512];
	struct cardspec spec;

	for (size_t i = 0; i < sizeof(with) / sizeof(with[0]); i++) {
		ck_assert_int_eq(emul_init(&spec, with[i].args, names, 2, why),
		    0);
		describe_nss(&spec.nss, got, sizeof(got));
		ck_assert_str_eq(got, with[i].means);
		check_libcacard(&spec.nss);
		cardspec_clear(&spec);
	}
	ck_assert_int_eq(emul_init(&spec, "passthru", names, 2, why), -EINVAL);
	ck_assert_int_eq(emul_init(&spec, NULL, (const char *[]){""}, 1, why),
	    -EINVAL);
}
END_TEST

START_TEST(readers_have_a_limit)
{
	char args[1024] = "use_hw=no", why[REFUSE_MAX];
	struct cardspec spec;

	for (int i = 0; i < CARDSPEC_SOFT_MAX; i++)
		strcat(args, " soft=(,V,CAC,,a)");
	ck_assert_int_eq(emul_init(&spec, args, NULL, 0, why), 0);
	check_libcacard(&spec.nss);
	cardspec_clear(&spec);
	strcat(args, " soft=(,V,CAC,,a)");
	ck_assert_int_eq(emul_init(&spec, args, NULL, 0, why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, "more than 16"));
}
END_TEST

/* Whatever a slip of the finger makes of a string: a card, or a line. */
static void
check_mutant(const char *args)
{
	char why[REFUSE_MAX] = "", line[REFUSE_MAX];
	struct cardspec spec;
	char *out;
	int rc;

	rc = emul_init(&spec, args, NULL, 0, why);
	if (rc < 0) {
		ck_assert_int_eq(rc, -EINVAL);
		ck_assert_msg(why[0] != '\0', "%s", args);
		return;
	}
	if (spec.kind == CARDSPEC_NSS &&
	    nss_args_new(&spec.nss, &out, line) == 0) {
		ck_assert_msg(vcard_emul_options(out) != NULL, "%s", out);
		free(out);
	}
	cardspec_clear(&spec);
}

START_TEST(mutants_are_cards_or_lines)
{
	static const char chars[] = "\"(),= \n\\x";
	char mutant[256];

	for (size_t i = 0; i < ROWS; i++)
		for (size_t at = 0; at < strlen(rows[i].args); at++) {
			snprintf(mutant, sizeof(mutant), "%.*s%s", (int)at,
			    rows[i].args, rows[i].args + at + 1);
			check_mutant(mutant); /* one is missing */
			mutant[at] = '\0';
			check_mutant(mutant); /* it ends there */
			for (size_t c = 0; c < strlen(chars); c++) {
				snprintf(mutant, sizeof(mutant), "%s",
				    rows[i].args);
				mutant[at] = chars[c];
				check_mutant(mutant);
			}
		}
}
END_TEST

UNIT_SUITE("emul", strings_mean, names_are_one_more_reader,
    readers_have_a_limit, mutants_are_cards_or_lines)
