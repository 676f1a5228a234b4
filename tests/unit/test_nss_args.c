/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "vscclient/nss_args.h"

static const struct {
	const char *spec;
	const char *args; /* NULL: refused */
	const char *why;
} rows[] = {
    {"nss:db=/d,certs=a",
        "db=\"sql:/d\" use_hw=no soft=(,vscard0,CAC,,a)", NULL},
    {"nss:db=/a b,certs=id cert:b ",
        "db=\"sql:/a b\" use_hw=no soft=(,vscard0,CAC,,id cert,b )", NULL},
    {"nss:db=/d,certs=a,name=The one (with\\, words)",
        "db=\"sql:/d\" use_hw=no soft=(,vscard0,CAC,,a)", NULL},
    {"nss:db=/d,hw=removable", "db=\"sql:/d\" use_hw=removable", NULL},
    {"nss:db=/d,hw=yes,certs=a",
        "db=\"sql:/d\" use_hw=yes soft=(,vscard0,CAC,,a)", NULL},
    {"nss:db=/d\"e,certs=a", NULL, "/d\"e"},
    {"nss:db=/d\ne,certs=a", NULL, "quote"},
    {"nss:db=/d,certs=a:b\\,c", NULL, "'b,c'"},
    {"nss:db=/d,certs=a)", NULL, "'a)'"},
    {"nss:db=/d,certs=a: b", NULL, "' b'"},
    {"nss:db=/d,certs=\tb", NULL, "blank"},
};

static void
check_row(size_t i)
{
	struct cardspec spec;
	char why[REFUSE_MAX] = "";
	char *args = NULL;
	int rc;

	rc = cardspec_init(&spec, rows[i].spec, why);
	ck_assert_msg(rc == 0, "%s: %s", rows[i].spec, why);
	rc = nss_args_new(&spec.nss, &args, why);
	if (rows[i].args == NULL) {
		ck_assert_msg(rc == -EINVAL, "%s was taken", rows[i].spec);
		ck_assert_msg(strstr(why, rows[i].why) != NULL, "%s: %s",
		    rows[i].spec, why);
	} else {
		ck_assert_msg(rc == 0, "%s: %s", rows[i].spec, why);
		ck_assert_str_eq(args, rows[i].args);
	}
	free(args);
	cardspec_clear(&spec);
}

START_TEST(args_are_safe)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(i);
}
END_TEST

START_TEST(names_of_ours_are_known)
{
	struct cardspec_nss nss = {.soft_count = 11};

	ck_assert_int_eq(nss_args_find(&nss, "vscard0"), 0);
	ck_assert_int_eq(nss_args_find(&nss, "vscard10"), 10);
	ck_assert_int_eq(nss_args_find(&nss, "vscard11"), -ENOENT);
	ck_assert_int_eq(nss_args_find(&nss, "vscard"), -ENOENT);
	ck_assert_int_eq(nss_args_find(&nss, "SoftHSM slot 0"), -ENOENT);
}
END_TEST

UNIT_SUITE("nss_args", args_are_safe, names_of_ours_are_known)
