/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may connect: users and groups of this machine, and addresses of others.
 * root and the user that this process runs as are always allowed: either could
 * do without being so.
 */
#ifndef VSCARD_NET_ALLOW_H
#define VSCARD_NET_ALLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/peer.h"
#include "util/err.h"

enum { ALLOW_MAX = 32 };

/* The first `bits` of an IPv6 address; of IPv4 behind ::ffff:0:0/96. */
struct allow_prefix {
	uint8_t address[16];
	unsigned bits;
};

/*
 * Zeros: nobody else of this machine, and everybody of another one who gets to
 * the endpoint.
 */
struct allow {
	bool everybody; /* every user of this machine */
	size_t users_len, groups_len, prefixes_len;
	uid_t users[ALLOW_MAX];
	gid_t groups[ALLOW_MAX];
	struct allow_prefix prefixes[ALLOW_MAX];
};

/*
 * Each adds one word: a user's name or number, or "*" for all of them; a
 * group's name or number; an address, or a prefix such as 192.0.2.0/24. On
 * -EINVAL (no such word), -ENOENT (no such name) and -ENOBUFS *out_why says
 * what is wrong in a few static words. Names are looked up at once, which may
 * take the time that the machine's name services take.
 */
int allow_add_user(
    struct allow *, const char *word, const char **out_why) MUST_CHECK;
int allow_add_group(
    struct allow *, const char *word, const char **out_why) MUST_CHECK;
int allow_add_address(
    struct allow *, const char *word, const char **out_why) MUST_CHECK;

enum allow_verdict {
	ALLOW_NO,
	ALLOW_YES,
	ALLOW_ASK /* that takes time: allow_ask */
};

/*
 * Judges who is at the other end of fd, without waiting and without reading a
 * byte. For a TCP peer of this machine its user is found out and put into
 * *peer. A user whom this process cannot see (of another user namespace; he
 * goes by the name of nobody) is in no list.
 */
enum allow_verdict
allow_judge(const struct allow *, int fd, struct peer *peer) MUST_CHECK;
/*
 * Whether the user is a member of one of the groups. The machine's name
 * services are asked, which may take long.
 */
bool allow_ask(const struct allow *, uid_t);
/* "no", "yes", "ask". */
const char *allow_verdict_name(enum allow_verdict);
/* Whether a user can be allowed who is neither root nor our own. */
bool allow_has_others(const struct allow *);

#endif
