/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Moments in a connection's life that luck alone would hardly bring about: the
 * test looks inside, and holds the link's lock to make them.
 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ifd/link.h"
#include "ifd/luns.h"
#include "tests/ifd/card_peer.h"
#include "tests/ifd/host.h"
#include "tests/ifd/raw_peer.h"

enum { COMMAND_MAX = 65000 };

/* A raw peer with a card, and the driver's end of its connection. */
struct scene {
	unsigned slots;
	int port;
	int fd;
	struct link *link;
};

/* An application's command. */
struct app {
	pthread_t thread;
	size_t len;
	RESPONSECODE code;
};

static void
scene_open(struct scene *s, unsigned slots, const char *keys, uint32_t caps)
{
	struct slot *slot;

	s->slots = slots;
	s->port = host_port();
	host_open(s->port, slots, keys);
	s->fd = raw_peer_new(s->port);
	raw_peer_card(s->fd, caps);
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_PRESENT), IFD_ICC_PRESENT);
	slot = luns_take(HOST_LUN);
	s->link = slot_link(slot);
	luns_release(slot);
	ck_assert_ptr_nonnull(s->link);
}

static void
scene_close(struct scene *s)
{
	close(s->fd);
	link_unref(s->link);
	host_close(s->slots);
}

static void *
app_main(void *arg)
{
	static const uint8_t command[COMMAND_MAX];
	struct app *app = arg;
	uint8_t out[16];
	DWORD len = sizeof(out);

	app->code = host_transmit(HOST_LUN, command, app->len, out, &len);
	return NULL;
}

static void
app_start(struct app *app, size_t len)
{
	app->len = len;
	ck_assert_int_eq(
	    pthread_create(&app->thread, NULL, app_main, app), 0);
}

/*
 * A thread has read a ReaderAdd, but the link was killed before it could act
 * on it. The reader must not get a slot: nobody would ever take it out again.
 */
START_TEST(the_dead_add_no_reader)
{
	struct card_peer *peer;
	struct scene s;
	struct app app;
	unsigned reader;
	int left = 1;

	scene_open(&s, 2, NULL, 0);
	app_start(&app, 5);
	raw_peer_await(s.fd, WIRE_APDU);
	/* Free only while the application's thread is in its receive. */
	pthread_mutex_lock(&s.link->lock);
	raw_peer_add(s.fd);
	raw_peer_drain(s.fd);
	while (left > 0) {
		ck_assert_int_eq(ioctl(s.link->conn.fd, FIONREAD, &left), 0);
		sched_yield();
	}
	link_kill(s.link, -ECONNRESET, "the test says so");
	pthread_mutex_unlock(&s.link->lock);
	pthread_join(app.thread, NULL);
	ck_assert_int_ne(app.code, IFD_SUCCESS);

	peer = card_peer_new(s.port, false);
	for (unsigned i = 0; i < s.slots; i++)
		ck_assert_int_eq(card_peer_add(peer, "", &reader), 0);
	card_peer_free(peer);
	scene_close(&s);
}
END_TEST

UNIT_SUITE("link", the_dead_add_no_reader)
