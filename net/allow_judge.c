/* SPDX-License-Identifier: BSD-2-Clause */
/* What the lists of allow.c mean for a peer that is there. */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/allow.h"
#include "net/owner.h"

enum {
	/* Whoever cannot be named here: /proc/sys/kernel/overflowuid. */
	ID_UNSEEN = 65534,
	GROUPS_FIRST = 64,
	GROUPS_LAST = 65536, /* NGROUPS_MAX */
	NAME_ROOM_FIRST = 1024,
	NAME_ROOM_LAST = 1 << 20
};

static const char *const verdict_names[] = {
    [ALLOW_NO] = "no",
    [ALLOW_YES] = "yes",
    [ALLOW_ASK] = "ask",
};

const char *
allow_verdict_name(enum allow_verdict verdict)
{
	return (unsigned)verdict <= ALLOW_ASK ? verdict_names[verdict] : "?";
}

bool
allow_has_others(const struct allow *allow)
{
	return allow->everybody || allow->users_len > 0 ||
	       allow->groups_len > 0;
}

static bool
is_listed(unsigned id, const unsigned *list, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (list[i] == id && id != ID_UNSEEN)
			return true;
	return false;
}

static bool
user_is_allowed(const struct allow *allow, uid_t uid)
{
	return uid == 0 || uid == geteuid() || allow->everybody ||
	       is_listed(uid, allow->users, allow->users_len);
}

static bool
any_is_listed(const struct allow *allow, const gid_t *ids, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (is_listed(ids[i], allow->groups, allow->groups_len))
			return true;
	return false;
}

/* --- the peer of a Unix socket ---------------------------------------- */

/* Its other groups, when it connected. */
static bool
socket_has_group(const struct allow *allow, int fd)
{
	gid_t few[GROUPS_FIRST], *ids = few;
	socklen_t len = sizeof(few);
	bool has = false;
	int rc = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, ids, &len);

	if (rc < 0 && errno == ERANGE) {
		ids = malloc(len);
		if (ids == NULL)
			return false;
		rc = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, ids, &len);
	}
	if (rc == 0)
		has = any_is_listed(allow, ids, len / sizeof(*ids));
	if (ids != few)
		free(ids);
	return has;
}

/* --- a peer on another machine ---------------------------------------- */

static bool
prefix_has(const struct allow_prefix *p, const uint8_t *address)
{
	unsigned bytes = p->bits / 8, bits = p->bits % 8;

	if (memcmp(p->address, address, bytes) != 0)
		return false;
	return bits == 0 ||
	       (p->address[bytes] ^ address[bytes]) >> (8 - bits) == 0;
}

static bool
address_is_allowed(const struct allow *allow, const uint8_t *address)
{
	for (size_t i = 0; i < allow->prefixes_len; i++)
		if (prefix_has(&allow->prefixes[i], address))
			return true;
	return allow->prefixes_len == 0;
}

/* --- the verdict ------------------------------------------------------ */

static enum allow_verdict
judge_unix(const struct allow *allow, int fd, const struct peer *peer)
{
	if (user_is_allowed(allow, peer->uid) ||
	    any_is_listed(allow, &peer->gid, 1) || socket_has_group(allow, fd))
		return ALLOW_YES;
	return ALLOW_NO;
}

static enum allow_verdict
judge_local(const struct allow *allow, uid_t uid, struct peer *peer)
{
	size_t len = strlen(peer->name);

	peer->uid = uid;
	peer->has_user = true;
	snprintf(peer->name + len, sizeof(peer->name) - len, ", user %lu",
	    (unsigned long)uid);
	if (user_is_allowed(allow, uid))
		return ALLOW_YES;
	return allow->groups_len > 0 && uid != ID_UNSEEN ? ALLOW_ASK : ALLOW_NO;
}

enum allow_verdict
allow_judge(const struct allow *allow, int fd, struct peer *peer)
{
	uid_t uid;
	int rc;

	if (peer->local)
		return judge_unix(allow, fd, peer);
	if (!peer->has_address)
		return ALLOW_NO;
	rc = owner_get(fd, &uid);
	if (rc == 0)
		return judge_local(allow, uid, peer);
	if (rc != -ENOENT || !address_is_allowed(allow, peer->address))
		return ALLOW_NO;
	/*
	 * A user of this machine must not get in because the kernel does not
	 * find his socket: it is closed, tied to an interface, behind our own
	 * address translation, or the kernel has no inet_diag.
	 */
	return peer_is_own(peer) ? ALLOW_NO : ALLOW_YES;
}

/* --- the groups of a user --------------------------------------------- */

static bool
user_has_group(const struct allow *allow, const struct passwd *user)
{
	int len = GROUPS_FIRST, cap;
	gid_t *ids = NULL, *more;
	bool has = false;

	do {
		cap = len;
		more = realloc(ids, (size_t)cap * sizeof(*ids));
		if (more == NULL)
			break;
		ids = more;
		if (getgrouplist(user->pw_name, user->pw_gid, ids, &len) >= 0)
			has = any_is_listed(allow, ids, (size_t)len);
	} while (len > cap && len <= GROUPS_LAST);
	free(ids);
	return has;
}

bool
allow_ask(const struct allow *allow, uid_t uid)
{
	size_t cap = NAME_ROOM_FIRST;
	struct passwd entry, *found = NULL;
	char *room = NULL, *more;
	int err = ERANGE;
	bool has;

	while (err == ERANGE && cap <= NAME_ROOM_LAST) {
		more = realloc(room, cap);
		if (more == NULL)
			break;
		room = more;
		err = getpwuid_r(uid, &entry, room, cap, &found);
		cap *= 2;
	}
	has = err == 0 && found != NULL && user_has_group(allow, found);
	free(room);
	return has;
}
