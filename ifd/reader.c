/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "ifd/hub.h"
#include "ifd/link.h"
#include "util/clock.h"
#include "util/log.h"

/* --- the list of connections ------------------------------------------ */

void
reader_list(struct link *link)
{
	struct reader *reader = link->reader;

	link->next = reader->links;
	link->prev = &reader->links;
	if (link->next != NULL)
		link->next->prev = &link->next;
	reader->links = link;
	reader->links_len++;
	link->listed = true;
}

void
reader_unlist(struct link *link)
{
	*link->prev = link->next;
	if (link->next != NULL)
		link->next->prev = link->prev;
	link->reader->links_len--;
	link->listed = false;
}

/* --- accepting -------------------------------------------------------- */

static bool
reader_is_full(struct reader *reader)
{
	bool full =
	    reader->links_len >= reader->config.slots + READER_SPARE_LINKS;

	if (full && !reader->told_full)
		log_warning("%s: too many connections, no more are taken",
		    reader->text);
	reader->told_full = full;
	return full;
}

static void
reader_admit(struct reader *reader, int fd, const struct peer *peer)
{
	int rc;

	if (reader_is_full(reader)) {
		reader->refused++;
		close(fd);
		return;
	}
	rc = link_new(reader, fd, peer);
	if (rc < 0)
		log_error(
		    "%s: connection dropped: %s", peer->name, err_text(rc));
	else
		log_info("%s: connected to %s", peer->name, reader->text);
}

/* Out of descriptors or memory: epoll would report it without a pause. */
static void
reader_rest(struct reader *reader, int rc)
{
	log_error("%s: cannot accept: %s", reader->text, err_text(rc));
	loop_rewatch(hub_loop(reader->hub), &reader->accepting, 0);
	loop_timer_set(hub_loop(reader->hub), &reader->pause,
	    clock_after(READER_ACCEPT_PAUSE_MS));
}

static void
on_pause(void *arg)
{
	struct reader *reader = arg;

	loop_rewatch(hub_loop(reader->hub), &reader->accepting, EPOLLIN);
}

/* One a round: a flood of peers does not keep the hub from its others. */
static void
on_accept(void *arg, uint32_t events)
{
	struct reader *reader = arg;
	struct peer peer;
	int fd, rc;

	(void)events;
	rc = listener_accept(&reader->listener, &fd, &peer);
	if (rc == -EACCES)
		reader->refused++;
	if (rc == 0)
		reader_admit(reader, fd, &peer);
	else if (rc == -EACCES)
		log_warning(
		    "%s: %s is not allowed here", reader->text, peer.name);
	else if (rc != -EAGAIN && rc != -ECONNABORTED && rc != -ECONNRESET)
		reader_rest(reader, rc);
}

/* --- life ------------------------------------------------------------- */

static int
reader_start(void *arg)
{
	struct reader *reader = arg;

	if (reader->listener.fd < 0)
		return 0;
	return loop_watch(hub_loop(reader->hub), &reader->accepting,
	    reader->listener.fd, EPOLLIN, on_accept, reader);
}

static int
reader_stop(void *arg)
{
	struct reader *reader = arg;

	loop_unwatch(hub_loop(reader->hub), &reader->accepting);
	loop_timer_cancel(hub_loop(reader->hub), &reader->pause);
	for (struct link *link = reader->links; link != NULL; link = link->next)
		link_end(link);
	return 0;
}

static int
reader_settle(void *arg)
{
	(void)arg;
	return 0;
}

static void
reader_clear(struct reader *reader, unsigned slots)
{
	listener_close(&reader->listener);
	while (slots-- > 0)
		slot_clear(&reader->slots[slots]);
	free(reader);
}

static int
reader_listen(struct reader *reader)
{
	int rc;

	if (reader->config.way != CONFIG_LISTEN)
		return 0;
	rc = listener_open(&reader->config.endpoint, &reader->listener);
	if (rc == -EADDRINUSE)
		log_error("%s: cannot listen: somebody else does already; "
			  "stop that program or choose another address",
		    reader->text);
	else if (rc < 0)
		log_error("%s: cannot listen: %s", reader->text, err_text(rc));
	return rc;
}

static void
reader_name(struct reader *reader)
{
	const struct config *config = &reader->config;

	if (config->way == CONFIG_NOWHERE)
		snprintf(
		    reader->text, sizeof(reader->text), "%s", config->name);
	else
		endpoint_text(
		    &config->endpoint, reader->text, sizeof(reader->text));
}

static int
reader_setup(struct reader *reader, unsigned *out_slots)
{
	int rc;

	vscard_limits_init(&reader->limits);
	reader->limits.max_readers = reader->config.slots;
	if (getrandom(reader->limits.instance, VSCARD_INSTANCE_LEN, 0) !=
	    VSCARD_INSTANCE_LEN)
		return -EIO;
	for (*out_slots = 0; *out_slots < reader->config.slots; ++*out_slots) {
		rc = slot_init(&reader->slots[*out_slots], reader, *out_slots);
		if (rc < 0)
			return rc;
	}
	return reader_listen(reader);
}

int
reader_new(
    struct hub *hub, const struct config *config, struct reader **out_reader)
{
	struct reader *reader;
	unsigned slots = 0;
	int rc;

	reader =
	    calloc(1, sizeof(*reader) + config->slots * sizeof(*reader->slots));
	if (reader == NULL)
		return -ENOMEM;
	reader->config = *config;
	reader->hub = hub;
	reader->tap = hub_tap(hub);
	reader->listener.fd = -1;
	reader->accepting.fd = -1;
	reader->pause = (struct loop_timer){
	    .deadline = CLOCK_NEVER, .on_time = on_pause, .arg = reader};
	reader_name(reader);
	rc = reader_setup(reader, &slots);
	if (rc == 0)
		rc = hub_call(hub, reader_start, reader);
	if (rc < 0) {
		reader_clear(reader, slots);
		return rc;
	}
	log_info("%s: %s%u slots", reader->text,
	    reader->listener.fd >= 0 ? "listening, " : "", slots);
	*out_reader = reader;
	return 0;
}

void
reader_free(struct reader **reader)
{
	hub_call((*reader)->hub, reader_stop, *reader);
	/* The burials that reader_stop deferred come before this. */
	hub_call((*reader)->hub, reader_settle, NULL);
	reader_clear(*reader, (*reader)->config.slots);
	*reader = NULL;
}

struct slot *
reader_claim(struct reader *reader, struct link *link, unsigned id)
{
	for (unsigned i = 0; i < reader->config.slots; i++)
		if (slot_claim(&reader->slots[i], link, id))
			return &reader->slots[i];
	return NULL;
}
