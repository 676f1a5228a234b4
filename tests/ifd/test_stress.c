/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that can be called, on channels that may be open or not, from many
 * threads at random, while peers and people at the control socket do the same
 * from outside: what pcscd does, and what it would never do. Run it under
 * ThreadSanitizer. VSCARD_TEST_SECONDS is how long (10 minutes have been
 * tried), VSCARD_TEST_SEED what happens, as far as that depends on it.
 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <reader.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <winscard.h>

#include "net/control.h"
#include "net/stream.h"
#include "tests/ifd/card_peer.h"
#include "tests/ifd/host.h"
#include "util/clock.h"

enum {
	ENTRIES = 2, /* of reader.conf */
	SLOTS = 4,
	LUNS = ENTRIES * SLOTS,
	STRANGER = 0x990000, /* a LUN that nobody ever opens */
	OPENERS = 2,
	CALLERS = 6,
	POLLERS = LUNS,
	PEERS = 4,
	WATCHERS = 2,
	THREADS = OPENERS + CALLERS + POLLERS + PEERS + WATCHERS,
	READERS = 3, /* of a peer */
	SECONDS = 2,
	COMMAND_MAX = 600,
	BIG = 66000
};

static struct {
	int port[ENTRIES];
	char config[ENTRIES][32];
	char control[64];
	int64_t until;
	unsigned answered, opened, wrong; /* atomic */
} stage;

struct actor {
	pthread_t thread;
	unsigned index;
	uint64_t dice;
	uint8_t room[BIG];
};

static unsigned
draw(struct actor *actor, unsigned below)
{
	uint64_t x = actor->dice;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	actor->dice = x;
	return (unsigned)(x >> 32) % below;
}

static bool
is_over(void)
{
	return clock_left(stage.until) == 0;
}

static void
count(unsigned *what)
{
	__atomic_add_fetch(what, 1, __ATOMIC_RELAXED);
}

static DWORD
lun_of(unsigned n)
{
	return (DWORD)(1 + n / SLOTS) << 16 | n % SLOTS;
}

/* Sometimes one that is not open, or never was. */
static DWORD
some_lun(struct actor *actor)
{
	return draw(actor, 50) == 0 ? STRANGER : lun_of(draw(actor, LUNS));
}

/* --- opening and closing ---------------------------------------------- */

static void
lun_open(unsigned n)
{
	if (IFDHCreateChannelByName(lun_of(n), stage.config[n / SLOTS]) ==
	    IFD_SUCCESS)
		count(&stage.opened);
	IFDHICCPresence(lun_of(n));
}

/* As pcscd does, all slots of an entry in turn; or else just one. */
static void *
opener_main(void *arg)
{
	struct actor *actor = arg;
	unsigned entry, n;

	while (!is_over()) {
		entry = draw(actor, ENTRIES) * SLOTS;
		n = entry + draw(actor, SLOTS);
		switch (draw(actor, 8)) {
		case 0:
			for (unsigned i = SLOTS; i-- > 0;)
				IFDHCloseChannel(lun_of(entry + i));
			break;
		case 1:
			IFDHCloseChannel(lun_of(n));
			break;
		case 2:
			lun_open(n);
			break;
		default:
			for (unsigned i = 0; i < SLOTS; i++)
				lun_open(entry + i);
		}
		usleep(draw(actor, 60000));
	}
	return NULL;
}

/* --- calls ------------------------------------------------------------ */

static void
echo(struct actor *actor)
{
	uint8_t command[COMMAND_MAX];
	DWORD len = BIG;
	size_t n = 5 + draw(actor, draw(actor, 2) ? 64 : COMMAND_MAX - 5);

	for (size_t i = 1; i < n; i++)
		command[i] = (uint8_t)draw(actor, 256);
	command[0] = CARD_ECHO;
	if (host_transmit(some_lun(actor), command, n, actor->room, &len) !=
	    IFD_SUCCESS)
		return;
	if (len != n + 2 || memcmp(command, actor->room, n) != 0)
		count(&stage.wrong);
	count(&stage.answered);
}

static void
special(struct actor *actor)
{
	/* Nobody answers the last one, which takes a second. */
	static const uint8_t kinds[] = {CARD_GROW, CARD_GROW, CARD_GROW,
	    CARD_GROW, CARD_GROW, CARD_GROW, CARD_STATUS, CARD_STATUS,
	    CARD_LEAVE, CARD_LEAVE, CARD_HANG_UP, CARD_SILENT};
	uint8_t command[5] = {kinds[draw(actor, sizeof(kinds))], 0, 0, 0xff};
	DWORD len = draw(actor, 4) == 0 ? draw(actor, 300) : BIG;

	if (host_transmit(some_lun(actor), command, sizeof(command),
		actor->room, &len) == IFD_SUCCESS &&
	    command[0] == CARD_GROW && len != 0xff * 256 + 2)
		count(&stage.wrong);
}

static void
ask(struct actor *actor)
{
	static const DWORD tags[] = {TAG_IFD_ATR, SCARD_ATTR_ATR_STRING,
	    TAG_IFD_SLOTS_NUMBER, TAG_IFD_STOP_POLLING_THREAD,
	    SCARD_ATTR_VENDOR_NAME, SCARD_ATTR_VENDOR_IFD_SERIAL_NO, 0x75643};
	DWORD tag = tags[draw(actor, sizeof(tags) / sizeof(*tags))];
	DWORD len = draw(actor, 4) == 0 ? draw(actor, 16) : 300;

	IFDHGetCapabilities(some_lun(actor), tag, &len, actor->room);
}

static void *
caller_main(void *arg)
{
	static const DWORD actions[] = {
	    IFD_POWER_UP, IFD_POWER_UP, IFD_RESET, IFD_POWER_DOWN, 4711};
	struct actor *actor = arg;
	uint8_t atr[MAX_ATR_SIZE];
	DWORD len;

	while (!is_over()) {
		switch (draw(actor, 32)) {
		case 0:
			host_power(some_lun(actor), actions[draw(actor, 5)],
			    atr, &len);
			break;
		case 1:
			host_max_apdu(some_lun(actor));
			break;
		case 2:
			IFDHSetProtocolParameters(
			    some_lun(actor), 1 + draw(actor, 3), 0, 0, 0, 0);
			break;
		case 3:
			special(actor);
			break;
		case 4:
			ask(actor);
			break;
		case 5:
			IFDHICCPresence(some_lun(actor));
			break;
		case 6:
			host_disconnect(some_lun(actor));
			break;
		default:
			echo(actor);
		}
	}
	return NULL;
}

/* A slot's status thread, which looks at another one now and then. */
static void *
poller_main(void *arg)
{
	struct actor *actor = arg;
	uint8_t atr[MAX_ATR_SIZE];
	DWORD lun, len;

	while (!is_over()) {
		lun = draw(actor, 8) == 0 ? some_lun(actor)
					  : lun_of(actor->index);
		host_poll(lun, (int)draw(actor, 20));
		if (IFDHICCPresence(lun) == IFD_ICC_PRESENT)
			host_power(lun, IFD_POWER_UP, atr, &len);
	}
	return NULL;
}

/* --- peers ------------------------------------------------------------ */

/* Who does not keep to the protocol, or has left before he was heard. */
static void
bad_peer(struct actor *actor, int port)
{
	static const uint8_t bytes[] = {
	    'V', 'S', 0, 0, 0, 7, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3};
	int fd = card_peer_dial(port);

	if (fd < 0)
		return;
	(void)!stream_send(fd, bytes, draw(actor, sizeof(bytes)));
	close(fd);
}

static void
peer_act(struct actor *actor, struct card_peer *peer, unsigned *reader)
{
	uint8_t flavour = (uint8_t)draw(actor, 256);

	switch (draw(actor, 6)) {
	case 0:
	case 1:
		card_peer_swap(peer, *reader, flavour);
		break;
	case 2:
		card_peer_eject(peer, *reader);
		break;
	case 3:
		card_peer_insert(peer, *reader, flavour);
		break;
	case 4:
		card_peer_remove(peer, *reader);
		if (card_peer_add(peer, "again", reader) == 0)
			card_peer_insert(peer, *reader, flavour);
		break;
	default:
		for (int i = 0; i < 50; i++)
			card_peer_swap(peer, *reader, (uint8_t)i);
	}
}

static void *
peer_main(void *arg)
{
	struct actor *actor = arg;
	unsigned readers[READERS] = {0}, changes;
	struct card_peer *peer;
	int port;

	while (!is_over()) {
		port = stage.port[draw(actor, ENTRIES)];
		if (draw(actor, 8) == 0)
			bad_peer(actor, port);
		peer = card_peer_new(port, draw(actor, 2) == 0);
		for (int i = 0; peer != NULL && i < READERS; i++)
			if (card_peer_add(peer, "x", &readers[i]) == 0)
				card_peer_insert(peer, readers[i], 1);
		changes = draw(actor, 30);
		while (peer != NULL && changes-- > 0 && !is_over()) {
			peer_act(actor, peer, &readers[draw(actor, READERS)]);
			usleep(draw(actor, 4000));
		}
		card_peer_free(peer);
		usleep(1000);
	}
	return NULL;
}

/* --- people ----------------------------------------------------------- */

static void *
watcher_main(void *arg)
{
	static const char *const words[] = {
	    "list", "watch", "insert", "eject", "eject force=yes", "what"};
	struct actor *actor = arg;
	char text[64];
	int fd;

	while (!is_over()) {
		usleep(draw(actor, 10000));
		if (control_dial(stage.control, &fd) < 0)
			continue;
		(void)!stream_set_deadline(fd, 1 + (int)draw(actor, 30));
		snprintf(text, sizeof(text), "%s lun=%lu\n",
		    words[draw(actor, 6)], (unsigned long)some_lun(actor));
		(void)!stream_send(fd, text, strlen(text));
		while (
		    stream_recv(fd, actor->room, BIG, true) > 0 && !is_over())
			;
		close(fd);
	}
	return NULL;
}

/* --- the stage -------------------------------------------------------- */

static unsigned long
number_from(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? strtoul(text, NULL, 0) : otherwise;
}

static void
stage_set(const char *dir)
{
	for (int i = 0; i < ENTRIES; i++) {
		FILE *file;

		stage.port[i] = host_port();
		snprintf(
		    stage.config[i], sizeof(stage.config[i]), "%s/%d", dir, i);
		file = fopen(stage.config[i], "we");
		ck_assert_ptr_nonnull(file);
		fprintf(file,
		    "listen = tcp:127.0.0.1:%d\nslots = %d\n"
		    "apdu_timeout = 1\nlog_level = error\n",
		    stage.port[i], SLOTS);
		fclose(file);
	}
	snprintf(stage.control, sizeof(stage.control), "%s/control", dir);
	ck_assert_int_eq(setenv("VSCARD_CONTROL", stage.control, 1), 0);
}

static void
stage_play(uint64_t seed)
{
	static void *(*const mains[])(void *) = {
	    opener_main, caller_main, poller_main, peer_main, watcher_main};
	static const unsigned numbers[] = {
	    OPENERS, CALLERS, POLLERS, PEERS, WATCHERS};
	struct actor *actors = calloc(THREADS, sizeof(*actors));
	unsigned n = 0;

	ck_assert_ptr_nonnull(actors);
	for (unsigned kind = 0; kind < 5; kind++)
		for (unsigned i = 0; i < numbers[kind]; i++, n++) {
			actors[n].index = i;
			actors[n].dice = (seed + n + 1) * 0x9e3779b97f4a7c15ULL;
			ck_assert_int_eq(pthread_create(&actors[n].thread, NULL,
					     mains[kind], &actors[n]),
			    0);
		}
	while (n > 0)
		pthread_join(actors[--n].thread, NULL);
	free(actors);
}

static void
stage_clear(const char *dir)
{
	for (unsigned i = 0; i < LUNS; i++)
		IFDHCloseChannel(lun_of(i));
	for (int i = 0; i < ENTRIES; i++)
		unlink(stage.config[i]);
	ck_assert_int_eq(rmdir(dir), 0);
	host_ports_free();
}

START_TEST(anything_at_any_time)
{
	unsigned long seconds = number_from("VSCARD_TEST_SECONDS", SECONDS);
	unsigned long seed =
	    number_from("VSCARD_TEST_SEED", (unsigned long)clock_now());
	char dir[] = "/tmp/vscard-test-XXXXXX";

	printf(
	    "# VSCARD_TEST_SEED=%lu VSCARD_TEST_SECONDS=%lu\n", seed, seconds);
	fflush(stdout);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	stage_set(dir);
	stage.until = clock_after((int64_t)seconds * 1000);
	stage_play(seed);
	stage_clear(dir);
	printf("# %u channels opened, %u commands answered\n", stage.opened,
	    stage.answered);
	fflush(stdout);
	ck_assert_uint_eq(stage.wrong, 0);
	/* It would prove nothing if no command had come through. */
	ck_assert_uint_gt(stage.answered, 20 * seconds);
	ck_assert_uint_gt(stage.opened, seconds);
}
END_TEST

UNIT_SUITE("stress", anything_at_any_time)
