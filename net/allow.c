/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/allow.h"

#include <arpa/inet.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

enum {
	NAME_ROOM_FIRST = 1024,
	NAME_ROOM_LAST = 1 << 20, /* a group may have many members */
	PREFIX_TEXT_MAX = 64,
	V4_BITS = 32,
	V6_BITS = 128
};

static const char why_full[] = "at most 32 are allowed";

/* --- users and groups ------------------------------------------------- */

/* Looks a name up in that much room: 0, -ENOENT, or -ERANGE for more room. */
typedef int look_fn(const char *name, char *room, size_t cap, unsigned *out);

static int
look_user(const char *name, char *room, size_t cap, unsigned *out)
{
	struct passwd entry, *found;
	int err = getpwnam_r(name, &entry, room, cap, &found);

	if (err == ERANGE)
		return -ERANGE;
	if (err != 0 || found == NULL)
		return -ENOENT;
	*out = entry.pw_uid;
	return 0;
}

static int
look_group(const char *name, char *room, size_t cap, unsigned *out)
{
	struct group entry, *found;
	int err = getgrnam_r(name, &entry, room, cap, &found);

	if (err == ERANGE)
		return -ERANGE;
	if (err != 0 || found == NULL)
		return -ENOENT;
	*out = entry.gr_gid;
	return 0;
}

/* A plain number that is not (uid_t)-1, which is nobody at all. */
static bool
number_get(const char *word, unsigned *out)
{
	unsigned long n;
	char *end;

	if (*word < '0' || *word > '9')
		return false;
	errno = 0;
	n = strtoul(word, &end, 10);
	if (errno != 0 || *end != '\0' || n >= UINT32_MAX)
		return false;
	*out = (unsigned)n;
	return true;
}

static int
id_get(const char *word, look_fn *look, unsigned *out)
{
	size_t cap = NAME_ROOM_FIRST;
	char *room = NULL, *more;
	int rc = -ERANGE;

	if (number_get(word, out))
		return 0;
	while (rc == -ERANGE && cap <= NAME_ROOM_LAST) {
		more = realloc(room, cap);
		if (more == NULL)
			break;
		room = more;
		rc = look(word, room, cap, out);
		cap *= 2;
	}
	free(room);
	return rc == -ERANGE ? -ENOMEM : rc;
}

static int
id_add(const char *word, look_fn *look, unsigned *list, size_t *len,
    const char **out_why)
{
	unsigned id;
	int rc;

	if (*len >= ALLOW_MAX) {
		*out_why = why_full;
		return -ENOBUFS;
	}
	rc = id_get(word, look, &id);
	if (rc == 0)
		list[(*len)++] = id;
	return rc;
}

int
allow_add_user(struct allow *allow, const char *word, const char **out_why)
{
	_Static_assert(sizeof(uid_t) == sizeof(unsigned), "for id_add");

	if (strcmp(word, "*") == 0) {
		allow->everybody = true;
		return 0;
	}
	*out_why = "must be users by name or number, or * for all, "
		   "with commas between; there is no such user";
	return id_add(
	    word, look_user, allow->users, &allow->users_len, out_why);
}

int
allow_add_group(struct allow *allow, const char *word, const char **out_why)
{
	_Static_assert(sizeof(gid_t) == sizeof(unsigned), "for id_add");

	*out_why = "must be groups by name or number, with commas between; "
		   "there is no such group";
	return id_add(
	    word, look_group, allow->groups, &allow->groups_len, out_why);
}

/* --- addresses -------------------------------------------------------- */

static bool
address_read(const char *text, struct allow_prefix *p, unsigned *out_bits)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (inet_pton(AF_INET, text, p->address + sizeof(mapped)) == 1) {
		memcpy(p->address, mapped, sizeof(mapped));
		*out_bits = V4_BITS;
		return true;
	}
	*out_bits = V6_BITS;
	return inet_pton(AF_INET6, text, p->address) == 1;
}

/* What lies behind the prefix must be zero, or the author was mistaken. */
static bool
prefix_is_clean(const struct allow_prefix *p)
{
	for (unsigned bit = p->bits; bit < V6_BITS; bit++)
		if ((p->address[bit / 8] & 0x80 >> bit % 8) != 0)
			return false;
	return true;
}

static bool
prefix_read(const char *word, struct allow_prefix *out)
{
	char text[PREFIX_TEXT_MAX];
	unsigned bits, all;
	char *slash;

	if (strlen(word) >= sizeof(text))
		return false;
	strcpy(text, word);
	slash = strchr(text, '/');
	if (slash != NULL)
		*slash = '\0';
	if (!address_read(text, out, &all))
		return false;
	bits = all;
	if (slash != NULL && (!number_get(slash + 1, &bits) || bits > all))
		return false;
	out->bits = V6_BITS - all + bits;
	return true;
}

int
allow_add_address(struct allow *allow, const char *word, const char **out_why)
{
	struct allow_prefix prefix;

	*out_why = why_full;
	if (allow->prefixes_len >= ALLOW_MAX)
		return -ENOBUFS;
	*out_why = "must be addresses such as 192.0.2.7, 192.0.2.0/24 or "
		   "2001:db8::/32, with commas between";
	if (!prefix_read(word, &prefix))
		return -EINVAL;
	*out_why = "there are bits set behind the prefix";
	if (!prefix_is_clean(&prefix))
		return -EINVAL;
	allow->prefixes[allow->prefixes_len++] = prefix;
	return 0;
}
