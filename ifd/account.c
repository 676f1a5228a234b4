/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/account.h"

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRY_MAX = 1 << 20 };

static bool
number_get(const char *text, uid_t *out)
{
	char *end;
	unsigned long n;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	n = strtoul(text, &end, 10);
	/* The highest means "leave it as it is" to the kernel. */
	if (errno != 0 || *end != '\0' || n >= (uid_t)-1)
		return false;
	*out = (uid_t)n;
	return true;
}

/* An errno of its own, or 0 and perhaps no entry. */
static int
entry_try(const char *name, struct passwd *entry, char *room, size_t cap,
    struct passwd **out)
{
	uid_t uid;
	int rc = getpwnam_r(name, entry, room, cap, out);

	if (*out == NULL && rc != ERANGE && number_get(name, &uid))
		rc = getpwuid_r(uid, entry, room, cap, out);
	return rc;
}

/* The strings of the entry are in *out_room, to be freed. */
static int
entry_get(const char *name, struct passwd *entry, char **out_room)
{
	struct passwd *found = NULL;
	char *room = NULL, *more;
	int rc = ERANGE;

	for (size_t cap = 1024; rc == ERANGE && cap <= ENTRY_MAX; cap *= 2) {
		more = realloc(room, cap);
		if (more == NULL) {
			free(room);
			return -ENOMEM;
		}
		room = more;
		rc = entry_try(name, entry, room, cap, &found);
	}
	if (found == NULL) {
		free(room);
		/* Name services differ in how they say that there is none. */
		return -ENOENT;
	}
	*out_room = room;
	return 0;
}

static int
groups_get(const struct passwd *entry, struct spawn_user *user)
{
	gid_t *groups = NULL, *more;
	int n = 16, cap;

	do {
		cap = n;
		more = realloc(groups, (size_t)cap * sizeof(*groups));
		if (more == NULL) {
			free(groups);
			return -ENOMEM;
		}
		groups = more;
	} while (getgrouplist(entry->pw_name, entry->pw_gid, groups, &n) < 0 &&
		 n > cap);
	user->groups = groups;
	user->groups_len = (size_t)(n < cap ? n : cap);
	return 0;
}

int
account_init(struct account *account, const char *name)
{
	struct account a = {.user = {.groups = NULL}};
	struct passwd entry;
	char *room = NULL;
	int rc = entry_get(name, &entry, &room);

	if (rc < 0)
		return rc;
	a.user.uid = entry.pw_uid;
	a.user.gid = entry.pw_gid;
	a.name = strdup(entry.pw_name);
	a.home = strdup(entry.pw_dir);
	rc = a.name != NULL && a.home != NULL ? groups_get(&entry, &a.user)
					      : -ENOMEM;
	free(room);
	if (rc < 0)
		account_clear(&a);
	else
		*account = a;
	return rc;
}

void
account_clear(struct account *a)
{
	free((gid_t *)(uintptr_t)a->user.groups);
	free(a->name);
	free(a->home);
	memset(a, 0, sizeof(*a));
}
