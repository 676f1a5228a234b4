/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/door.h"

#include <stdlib.h>
#include <unistd.h>

#include "ifd/clerk.h"
#include "ifd/hub.h"
#include "ifd/link.h"
#include "ifd/reader.h"
#include "net/stream.h"
#include "util/clock.h"
#include "util/log.h"

/* Somebody whom only his groups may let in, while they are asked for. */
struct visitor {
	struct door *door; /* NULL: it has been shut; the hub's thread */
	int fd;
	struct peer peer;
	struct allow allow; /* the clerk's copy */
	bool allowed;
	struct clerk_job job;
	struct visitor *next, **prev;
};

static struct loop *
door_loop(const struct door *door)
{
	return hub_loop(door->reader->hub);
}

/* --- room for one more ------------------------------------------------ */

static bool
link_has_reader(const struct link *link)
{
	for (unsigned i = 0; i < link->reader->config.slots; i++)
		if (link->slots[i] != NULL)
			return true;
	return false;
}

static bool
link_evict(struct link *link)
{
	bool idle;

	if (cards_has(&link->reader->cards, link))
		return false;
	lock_take(&link->lock);
	idle = !link->dead && !link_has_reader(link);
	if (idle)
		link_kill(link, -ECONNRESET, NULL);
	lock_release(&link->lock);
	return idle;
}

static bool
link_is_dead(struct link *link)
{
	bool dead;

	lock_take(&link->lock);
	dead = link->dead;
	lock_release(&link->lock);
	return dead;
}

/* Who is on his way out takes no room, or all who leave at once would do. */
static bool
door_has_room(const struct reader *reader)
{
	const unsigned room = reader->config.slots + DOOR_SPARE_LINKS;
	unsigned living = reader->links_len;

	if (living < room)
		return true;
	for (struct link *link = reader->links; link != NULL; link = link->next)
		living -= link_is_dead(link);
	return living < room;
}

/* The oldest that has no reader goes: it keeps out those who may have one. */
static bool
door_make_room(struct door *door)
{
	struct reader *reader = door->reader;
	struct link *link, *oldest = NULL;

	if (door_has_room(reader)) {
		door->told_full = false;
		return true;
	}
	if (!door->told_full)
		log_warning("%s: too many connections; for each new one the "
			    "oldest without a reader is closed",
		    reader->text);
	door->told_full = true;
	for (link = reader->links; link != NULL; link = link->next)
		oldest = link;
	while (oldest != NULL && !link_evict(oldest))
		oldest = reader_link_before(reader, oldest);
	return oldest != NULL;
}

/* --- in or out -------------------------------------------------------- */

static void
door_welcome(struct door *door, int fd, const struct peer *peer)
{
	struct reader *reader = door->reader;
	struct link *link;
	int rc = -EBUSY;

	if (door_make_room(door))
		rc = link_new(reader, fd, peer, &link);
	else
		close(fd);
	if (rc == 0) {
		log_info("%s: connected to %s", peer->name, reader->text);
		caller_linked(&door->caller, link);
		return;
	}
	log_error("%s: connection dropped: %s", peer->name, err_text(rc));
	caller_lost(&door->caller);
}

static const char *
refusal_of(const struct peer *peer)
{
	if (peer->has_user)
		return "this user is neither root, nor pcscd's own, nor "
		       "allowed (members of group vscard are, unless "
		       "allow_users or allow_groups say otherwise)";
	return "this address is not in allow_addresses, or is of this "
	       "machine and its user cannot be found";
}

static void
door_refuse(struct door *door, int fd, const struct peer *peer)
{
	unsigned withheld;

	door->reader->refused++;
	if (fd >= 0)
		close(fd);
	if (ration_take(&door->refusals, clock_now(), &withheld))
		log_warning("%s: refused %s: %s%s", door->reader->text,
		    peer->name, refusal_of(peer),
		    withheld > 0 ? " (and many more before)" : "");
	caller_lost(&door->caller);
}

/* --- visitors --------------------------------------------------------- */

static void
visitor_leave(struct visitor *v)
{
	*v->prev = v->next;
	if (v->next != NULL)
		v->next->prev = v->prev;
	v->door->visitors_len--;
	v->door = NULL;
}

static void
on_work(void *arg)
{
	struct visitor *v = arg;

	v->allowed = allow_ask(&v->allow, v->peer.uid);
}

static void
on_answer(void *arg)
{
	struct visitor *v = arg;
	struct door *door = v->door;

	if (door != NULL) {
		visitor_leave(v);
		if (v->allowed)
			door_welcome(door, v->fd, &v->peer);
		else
			door_refuse(door, v->fd, &v->peer);
	}
	free(v);
}

/* One who connects again and again does not fill all places by himself. */
static unsigned
visitors_of(const struct door *door, uid_t uid)
{
	unsigned n = 0;

	for (struct visitor *v = door->visitors; v != NULL; v = v->next)
		n += v->peer.uid == uid;
	return n;
}

static int
visitor_new(struct door *door, int fd, const struct peer *peer)
{
	struct visitor *v;
	int rc;

	if (door->visitors_len >= DOOR_VISITORS_MAX ||
	    visitors_of(door, peer->uid) >= DOOR_VISITORS_EACH)
		return -EBUSY;
	v = calloc(1, sizeof(*v));
	if (v == NULL)
		return -ENOMEM;
	v->door = door;
	v->fd = fd;
	v->peer = *peer;
	v->allow = door->reader->config.allow;
	v->job = (struct clerk_job){.work = on_work,
	    .done = {.on_call = on_answer, .arg = v},
	    .arg = v};
	rc = clerk_post(hub_clerk(door->reader->hub), &v->job);
	if (rc < 0) {
		free(v);
		return rc;
	}
	v->next = door->visitors;
	v->prev = &door->visitors;
	if (v->next != NULL)
		v->next->prev = &v->next;
	door->visitors = v;
	door->visitors_len++;
	return 0;
}

void
door_admit(struct door *door, int fd, struct peer *peer)
{
	switch (allow_judge(&door->reader->config.allow, fd, peer)) {
	case ALLOW_YES:
		door_welcome(door, fd, peer);
		return;
	case ALLOW_ASK:
		if (visitor_new(door, fd, peer) == 0)
			return;
		break;
	case ALLOW_NO:
		break;
	}
	door_refuse(door, fd, peer);
}

void
door_left(struct door *door, const struct link *link)
{
	caller_left(&door->caller, link);
}

/* --- accepting -------------------------------------------------------- */

static void
door_wait(struct door *door, int64_t until)
{
	/* If it is watched still, it just comes here again. */
	if (loop_rewatch(door_loop(door), &door->accepting, 0) < 0)
		log_debug("%s: no rest", door->reader->text);
	loop_timer_set(door_loop(door), &door->pause, until);
}

/* Who knocks without end has the hub's time, and the kernel's, in parts. */
static void
door_pace(struct door *door)
{
	int64_t now = clock_now(), next;
	unsigned withheld;

	if (++door->batch < DOOR_BATCH)
		return;
	door->batch = 0;
	(void)ration_take(&door->pace, now, &withheld);
	next = ration_next(&door->pace, now);
	if (next > now)
		door_wait(door, next);
}

/* Out of descriptors or memory: epoll would report it without a pause. */
static void
door_rest(struct door *door, int rc)
{
	if (!door->told_pause)
		log_error("%s: cannot accept: %s (said once, until it can)",
		    door->reader->text, err_text(rc));
	door->told_pause = true;
	door_wait(door, clock_after(DOOR_PAUSE_MS));
}

static void
door_drop(struct door *door)
{
	unsigned withheld;

	if (ration_take(&door->refusals, clock_now(), &withheld))
		log_warning(
		    "%s: a connection could not be set up", door->reader->text);
}

static void
on_pause(void *arg)
{
	struct door *door = arg;

	int rc = loop_rewatch(door_loop(door), &door->accepting, EPOLLIN);

	if (rc < 0)
		door_rest(door, rc);
}

/* One a round: a flood of peers does not keep the hub from its others. */
static void
on_accept(void *arg, uint32_t events)
{
	struct door *door = arg;
	struct peer peer;
	int fd, rc;

	(void)events;
	rc = listener_accept(&door->listener, &fd, &peer);
	if (rc == 0) {
		door->told_pause = false;
		stream_set_aside(&fd);
		door_admit(door, fd, &peer);
	} else if (rc == -EACCES) {
		door_refuse(door, -1, &peer);
	} else if (rc == -ECONNABORTED) {
		door_drop(door);
	} else if (rc != -EAGAIN) {
		door_rest(door, rc);
		return;
	}
	door_pace(door);
}

/* --- life ------------------------------------------------------------- */

static void
door_warn(const struct door *door)
{
	const struct config *config = &door->reader->config;

	if (config->allow.prefixes_len == 0 &&
	    listener_is_exposed(&door->listener))
		log_warning("%s: any machine that gets here may connect; "
			    "allow_addresses in a file would say which",
		    door->reader->text);
}

static int
door_listen(struct door *door)
{
	const struct config *config = &door->reader->config;
	int rc = listener_open(&config->endpoint,
	    allow_has_others(&config->allow), &door->listener);

	if (rc == -EADDRINUSE)
		log_error("%s: cannot listen: somebody else does already; "
			  "stop that program or choose another address",
		    door->reader->text);
	else if (rc < 0)
		log_error(
		    "%s: cannot listen: %s", door->reader->text, err_text(rc));
	else
		door_warn(door);
	return rc;
}

int
door_init(struct door *door, struct reader *reader)
{
	*door = (struct door){.reader = reader,
	    .listener.fd = -1,
	    .accepting.fd = -1,
	    .pause = {
		.deadline = CLOCK_NEVER, .on_time = on_pause, .arg = door}};
	ration_init(&door->pace, DOOR_BURST / DOOR_BATCH, 1);
	ration_init(&door->refusals, RATION_LINES, RATION_MS);
	caller_init(&door->caller, door);
	return reader->config.way == CONFIG_LISTEN ? door_listen(door) : 0;
}

void
door_clear(struct door *door)
{
	listener_close(&door->listener);
}

int
door_open(struct door *door)
{
	switch (door->reader->config.way) {
	case CONFIG_LISTEN:
		return loop_watch(door_loop(door), &door->accepting,
		    door->listener.fd, EPOLLIN, on_accept, door);
	case CONFIG_CONNECT:
		caller_start(&door->caller);
		break;
	case CONFIG_NOWHERE:
		break;
	}
	return 0;
}

void
door_shut(struct door *door)
{
	loop_unwatch(door_loop(door), &door->accepting);
	loop_timer_cancel(door_loop(door), &door->pause);
	caller_stop(&door->caller);
	while (door->visitors != NULL) {
		close(door->visitors->fd);
		visitor_leave(door->visitors);
	}
}
