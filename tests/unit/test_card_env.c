/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ifd/card_env.h"

/* The value of a name that may be there once; NULL: it is not. */
static const char *
value(char **env, const char *name)
{
	const char *found = NULL;
	size_t len = strlen(name);

	for (; *env != NULL; env++)
		if (strncmp(*env, name, len) == 0 && (*env)[len] == '=') {
			ck_assert_ptr_null(found);
			found = *env + len + 1;
		}
	return found;
}

static void
pcscd_has(void)
{
	clearenv();
	setenv("PATH", "/bin", 1);
	setenv("NOTIFY_SOCKET", "/run/notify", 1);
	setenv("NOTIFY_SOCKETS", "mine", 1);
	setenv("LISTEN_FDS", "1", 1);
	setenv("JOURNAL_STREAM", "1:2", 1);
	setenv("HOME", "/root", 1);
	setenv("SHELL", "/bin/zsh", 1);
	setenv("EMPTY", "", 1);
}

START_TEST(manager_is_not_its_own)
{
	char **env;
	char here[64];
	struct stat st;

	pcscd_has();
	ck_assert_int_eq(fstat(STDERR_FILENO, &st), 0);
	snprintf(here, sizeof(here), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	ck_assert_int_eq(card_env_new(NULL, STDERR_FILENO, &env), 0);
	ck_assert_str_eq(value(env, "PATH"), "/bin");
	ck_assert_str_eq(value(env, "NOTIFY_SOCKETS"), "mine");
	ck_assert_str_eq(value(env, "EMPTY"), "");
	ck_assert_str_eq(value(env, "HOME"), "/root");
	ck_assert_ptr_null(value(env, "NOTIFY_SOCKET"));
	ck_assert_ptr_null(value(env, "LISTEN_FDS"));
	ck_assert_str_eq(value(env, "JOURNAL_STREAM"), here);
	card_env_free(&env);
	ck_assert_ptr_null(env);
}
END_TEST

START_TEST(account_is_at_home)
{
	char name[] = "jo", home[] = "/homes/jo";
	struct account jo = {.name = name, .home = home};
	char **env;

	pcscd_has();
	ck_assert_int_eq(card_env_new(&jo, STDERR_FILENO, &env), 0);
	ck_assert_str_eq(value(env, "HOME"), "/homes/jo");
	ck_assert_str_eq(value(env, "USER"), "jo");
	ck_assert_str_eq(value(env, "LOGNAME"), "jo");
	ck_assert_ptr_null(value(env, "SHELL"));
	card_env_free(&env);
}
END_TEST

START_TEST(nothing_is_no_environment_either)
{
	char **env;

	clearenv();
	ck_assert_int_eq(card_env_new(NULL, STDERR_FILENO, &env), 0);
	ck_assert_ptr_nonnull(env[0]);
	ck_assert_ptr_null(env[1]);
	card_env_free(&env);
	ck_assert_int_eq(card_env_new(NULL, -1, &env), -EBADF);
}
END_TEST

UNIT_SUITE("card_env", manager_is_not_its_own, account_is_at_home,
    nothing_is_no_environment_either)
