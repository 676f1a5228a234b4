/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Moments in a connection's life that luck alone would hardly bring about: the
 * test looks inside, and holds the link's lock to make them.
 */
#include "tests/unit/unit.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ifd/hub.h"
#include "ifd/link.h"
#include "ifd/luns.h"
#include "ifd/reader.h"
#include "tests/ifd/card_peer.h"
#include "tests/ifd/host.h"
#include "tests/ifd/raw_peer.h"
#include "util/clock.h"

enum { COMMAND_MAX = 65000, LITTLE_ROOM = 4096 };

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
	DWORD lun;
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

/* A reader with a card for each of the other slots, too. */
static void
scene_fill(const struct scene *s)
{
	uint8_t atr[4];
	size_t len = card_peer_atr(2, atr);

	for (unsigned i = 1; i < s->slots; i++) {
		raw_peer_add(s->fd);
		raw_peer_put(s->fd, WIRE_ATR, i, atr, len);
		ck_assert_int_eq(host_await(HOST_LUN + i, IFD_ICC_PRESENT),
		    IFD_ICC_PRESENT);
	}
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

	app->code = host_transmit(app->lun, command, app->len, out, &len);
	return NULL;
}

static void
app_start(struct app *app, DWORD lun, size_t len)
{
	app->lun = lun;
	app->len = len;
	ck_assert_int_eq(
	    pthread_create(&app->thread, NULL, app_main, app), 0);
}

/* What the driver writes does not fit in its socket any more. */
static void
scene_narrow(struct scene *s)
{
	int room = LITTLE_ROOM;

	ck_assert_int_eq(setsockopt(s->link->conn.fd, SOL_SOCKET, SO_SNDBUF,
	                     &room, sizeof(room)),
	    0);
}

static bool
is_taken(struct link *link)
{
	bool taken;

	lock_take(&link->lock);
	taken = link->taken;
	lock_release(&link->lock);
	return taken;
}

static bool
is_stuck(struct link *link)
{
	size_t len;

	lock_take(&link->lock);
	vscard_session_pending(link->conn.session, &len);
	lock_release(&link->lock);
	return len > 0;
}

/* Messages that want an answer each, until the answers do not get out. */
static void
scene_choke(struct scene *s)
{
	scene_narrow(s);
	while (!is_stuck(s->link)) {
		raw_peer_put(s->fd, WIRE_FLUSH, 0, NULL, 0);
		raw_peer_drain(s->fd);
	}
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
	app_start(&app, HOST_LUN, 5);
	raw_peer_await(s.fd, WIRE_APDU);
	/* Free only while the application's thread is in its receive. */
	lock_take(&s.link->lock);
	raw_peer_add(s.fd);
	raw_peer_drain(s.fd);
	while (left > 0) {
		ck_assert_int_eq(ioctl(s.link->conn.fd, FIONREAD, &left), 0);
		sched_yield();
	}
	link_kill(s.link, -ECONNRESET, "the test says so");
	lock_release(&s.link->lock);
	pthread_join(app.thread, NULL);
	ck_assert_int_ne(app.code, IFD_SUCCESS);

	peer = card_peer_new(s.port, false);
	for (unsigned i = 0; i < s.slots; i++)
		ck_assert_int_eq(card_peer_add(peer, "", &reader), 0);
	card_peer_free(peer);
	scene_close(&s);
}
END_TEST

static int
timer_is_set(void *arg)
{
	struct link *link = arg;

	return link->timer.deadline != CLOCK_NEVER;
}

/* As if its time had come. */
static int
timer_fire(void *arg)
{
	struct link *link = arg;

	link->timer.on_time(link);
	return 0;
}

/*
 * The hub could not write and set its timer; a host thread took the token, and
 * all was written. The timer has nothing to kill the peer for.
 */
START_TEST(written_late_is_forgiven)
{
	const uint8_t answer[2] = {0x90, 0x00};
	struct scene s;
	struct app app;

	scene_open(&s, 1, NULL, 0);
	scene_choke(&s);
	app_start(&app, HOST_LUN, 5);
	while (!is_taken(s.link))
		sched_yield();
	raw_peer_await(s.fd, WIRE_APDU);
	raw_peer_put(s.fd, WIRE_APDU, 0, answer, sizeof(answer));
	pthread_join(app.thread, NULL);
	ck_assert_int_eq(app.code, IFD_SUCCESS);
	if (hub_call(s.link->reader->hub, timer_is_set, s.link))
		hub_call(s.link->reader->hub, timer_fire, s.link);
	lock_take(&s.link->lock);
	ck_assert(!s.link->dead);
	lock_release(&s.link->lock);
	scene_close(&s);
}
END_TEST

/* The peer reads nothing; the command's own deadline is the shorter one. */
START_TEST(stuck_command_has_its_deadline)
{
	int64_t end = clock_after(5000);
	struct scene s;
	struct app app;

	scene_open(&s, 1, "apdu_timeout = 1\n", VSCARD_CAP_SIZE);
	scene_narrow(&s);
	app_start(&app, HOST_LUN, COMMAND_MAX);
	pthread_join(app.thread, NULL);
	ck_assert_int_eq(app.code, IFD_RESPONSE_TIMEOUT);
	ck_assert_int_gt(clock_left(end), 0);
	scene_close(&s);
}
END_TEST

/* The key handshake_timeout: a byte now and then does not lengthen it. */
START_TEST(who_greets_for_ever_is_dropped)
{
	/* In time to greet, if it had two seconds. */
	static const uint8_t init[] = {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 12, 'V',
	    'S', 'C', 'D', 0, 0, 0, 2, 0, 0, 0, 0};
	enum { BETWEEN_MS = 80 };
	struct pollfd pfd = {.events = POLLIN};
	int port = host_port();
	char byte;

	host_open(port, 1, "handshake_timeout = 1\n");
	pfd.fd = raw_peer_new(port);
	for (size_t i = 0; poll(&pfd, 1, BETWEEN_MS) == 0; i++) {
		ck_assert_uint_lt(i, sizeof(init));
		(void)!send(pfd.fd, init + i, 1, MSG_NOSIGNAL);
	}
	ck_assert_int_le(recv(pfd.fd, &byte, 1, 0), 0);
	close(pfd.fd);
	host_close(1);
}
END_TEST

/* The key write_timeout. */
START_TEST(who_does_not_read_is_dropped)
{
	int64_t end = clock_after(8000);
	struct scene s;

	scene_open(&s, 1, "write_timeout = 1\n", 0);
	scene_choke(&s);
	ck_assert_int_eq(host_await(HOST_LUN, IFD_COMMUNICATION_ERROR),
	    IFD_COMMUNICATION_ERROR);
	ck_assert_int_gt(clock_left(end), 0);
	scene_close(&s);
}
END_TEST

/*
 * Two commands wait for their answers, one between them is stuck half written.
 * Once the first is answered, it is the last that has to go on reading.
 */
START_TEST(writers_are_no_readers)
{
	const uint8_t answer[2] = {0x90, 0x00};
	int64_t end = clock_after(5000);
	struct app apps[3];
	struct scene s;

	scene_open(&s, 3, NULL, VSCARD_CAP_SIZE);
	scene_fill(&s);
	scene_narrow(&s);
	for (unsigned i = 0; i < s.slots; i += 2) {
		app_start(&apps[i], HOST_LUN + i, 5);
		raw_peer_await(s.fd, WIRE_APDU);
	}
	app_start(&apps[1], HOST_LUN + 1, COMMAND_MAX);
	while (!is_stuck(s.link))
		sched_yield();
	for (unsigned i = 0; i < s.slots; i += 2) {
		raw_peer_put(s.fd, WIRE_APDU, i, answer, sizeof(answer));
		pthread_join(apps[i].thread, NULL);
		ck_assert_int_eq(apps[i].code, IFD_SUCCESS);
	}
	ck_assert_int_gt(clock_left(end), 0);
	/* Now it reads, and all is well. */
	raw_peer_await(s.fd, WIRE_APDU);
	raw_peer_put(s.fd, WIRE_APDU, 1, answer, sizeof(answer));
	pthread_join(apps[1].thread, NULL);
	ck_assert_int_eq(apps[1].code, IFD_SUCCESS);
	scene_close(&s);
}
END_TEST

/*
 * The thread that reads ends with the removal of its card, and another goes on
 * reading. The peer waits for the acknowledgement before it answers that one.
 */
START_TEST(an_acknowledgement_is_not_kept)
{
	const uint8_t answer[2] = {0x90, 0x00};
	struct app apps[2];
	struct scene s;

	scene_open(&s, 2, "apdu_timeout = 2\n", 0);
	scene_fill(&s);
	for (unsigned i = 0; i < s.slots; i++) {
		app_start(&apps[i], HOST_LUN + i, 5);
		raw_peer_await(s.fd, WIRE_APDU);
	}
	raw_peer_put(s.fd, WIRE_CARD_REMOVE, 0, NULL, 0);
	raw_peer_await(s.fd, WIRE_ERROR);
	raw_peer_put(s.fd, WIRE_APDU, 1, answer, sizeof(answer));
	for (unsigned i = 0; i < s.slots; i++)
		pthread_join(apps[i].thread, NULL);
	ck_assert_int_ne(apps[0].code, IFD_SUCCESS);
	ck_assert_int_eq(apps[1].code, IFD_SUCCESS);
	scene_close(&s);
}
END_TEST

UNIT_SUITE("link", the_dead_add_no_reader, written_late_is_forgiven,
    stuck_command_has_its_deadline, who_greets_for_ever_is_dropped,
    who_does_not_read_is_dropped, writers_are_no_readers,
    an_acknowledgement_is_not_kept)
