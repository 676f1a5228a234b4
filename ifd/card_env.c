/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/card_env.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OWN_MAX = 4 };

/* Meant for pcscd, and for nobody whom it starts. */
static const char *const managers[] = {"INVOCATION_ID", "JOURNAL_STREAM",
    "LISTEN_FDNAMES", "LISTEN_FDS", "LISTEN_PID", "MAINPID", "NOTIFY_SOCKET",
    "SYSTEMD_EXEC_PID", "WATCHDOG_PID", "WATCHDOG_USEC"};
static const char *const users[] = {
    "HOME", "LOGNAME", "MAIL", "SHELL", "USER", "XDG_RUNTIME_DIR"};

#define IS_AMONG(word, list) \
	is_among(word, list, sizeof(list) / sizeof(*(list)))

static bool
is_among(const char *entry, const char *const *names, size_t count)
{
	size_t len = strcspn(entry, "=");

	for (size_t i = 0; i < count; i++)
		if (strlen(names[i]) == len &&
		    memcmp(entry, names[i], len) == 0)
			return true;
	return false;
}

static PRINTF_LIKE(2, 3) int env_add(char **at, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(at, fmt, ap);
	va_end(ap);
	if (len >= 0)
		return 0;
	*at = NULL;
	return -ENOMEM;
}

static int
env_add_account(char **at, const struct account *account)
{
	int rc = env_add(at++, "HOME=%s", account->home);

	if (rc == 0)
		rc = env_add(at++, "USER=%s", account->name);
	if (rc == 0)
		rc = env_add(at, "LOGNAME=%s", account->name);
	return rc;
}

static size_t
env_count(void)
{
	size_t n = 0;

	while (environ != NULL && environ[n] != NULL)
		n++;
	return n;
}

/* env has room for all that there is, and OWN_MAX more. */
static int
env_fill(char **env, const struct account *account, const struct stat *err)
{
	size_t n = 0, count = env_count();
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++)
		if (!IS_AMONG(environ[i], managers) &&
		    (account == NULL || !IS_AMONG(environ[i], users)))
			rc = env_add(&env[n++], "%s", environ[i]);
	if (rc == 0)
		rc = env_add(&env[n++], "JOURNAL_STREAM=%" PRIuMAX ":%" PRIuMAX,
		    (uintmax_t)err->st_dev, (uintmax_t)err->st_ino);
	if (rc == 0 && account != NULL)
		rc = env_add_account(&env[n], account);
	return rc;
}

int
card_env_new(const struct account *account, int err, char ***out_env)
{
	struct stat st;
	char **env;
	int rc;

	if (fstat(err, &st) < 0)
		return -errno;
	env = calloc(env_count() + OWN_MAX + 1, sizeof(*env));
	if (env == NULL)
		return -ENOMEM;
	rc = env_fill(env, account, &st);
	if (rc < 0)
		card_env_free(&env);
	else
		*out_env = env;
	return rc;
}

void
card_env_free(char ***env)
{
	for (char **at = *env; at != NULL && *at != NULL; at++)
		free(*at);
	free(*env);
	*env = NULL;
}
