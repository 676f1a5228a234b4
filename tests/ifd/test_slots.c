/* SPDX-License-Identifier: BSD-2-Clause */
/* Which reader is in which slot, and what pcscd does not take. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <reader.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <winscard.h>

#include "tests/ifd/card_peer.h"
#include "tests/ifd/host.h"
#include "tests/ifd/raw_peer.h"
#include "util/log.h"

enum { SLOTS = 3 };

static void
check(unsigned slot, RESPONSECODE want)
{
	ck_assert_int_eq(host_await(HOST_LUN + slot, want), want);
}

static void
check_empty(unsigned slot)
{
	check(slot, IFD_ICC_NOT_PRESENT);
}

static void
check_gone(unsigned slot)
{
	check(slot, IFD_COMMUNICATION_ERROR);
}

/* A reader of that name with a card, which shows in that slot. */
static void
add_at(struct card_peer *peer, const char *name, unsigned slot)
{
	unsigned reader;

	ck_assert_int_eq(card_peer_add(peer, name, &reader), 0);
	card_peer_insert(peer, reader, 1);
	check(slot, IFD_ICC_PRESENT);
}

START_TEST(names_come_back)
{
	int port = host_port();
	struct card_peer *peer;

	host_open(port, SLOTS, NULL);
	peer = card_peer_new(port, false);
	add_at(peer, "a", 0);
	add_at(peer, "b", 1);
	add_at(peer, "c", 2);
	card_peer_free(peer);
	for (unsigned i = 0; i < SLOTS; i++)
		check_gone(i);
	peer = card_peer_new(port, false);
	add_at(peer, "c", 2);
	check_gone(0);
	check_gone(1);
	add_at(peer, "new", 0);
	/* Its place is taken. */
	add_at(peer, "a", 1);
	card_peer_free(peer);
	host_close(SLOTS);
}
END_TEST

/* Two that go by one name: the first is at home in either's place. */
START_TEST(namesakes_stay)
{
	int port = host_port();
	struct card_peer *peers[2];

	host_open(port, SLOTS, NULL);
	for (unsigned i = 0; i < 2; i++) {
		peers[i] = card_peer_new(port, false);
		add_at(peers[i], "key", i);
	}
	card_peer_free(peers[0]);
	check_gone(0);
	card_peer_free(peers[1]);
	check_gone(1);
	for (unsigned i = 0; i < 2; i++) {
		peers[i] = card_peer_new(port, false);
		add_at(peers[i], "key", i);
	}
	card_peer_free(peers[0]);
	card_peer_free(peers[1]);
	host_close(SLOTS);
}
END_TEST

/* Until it is acknowledged. */
static void
raw_add(int fd, const char *name, size_t len)
{
	raw_peer_put(fd, WIRE_READER_ADD, WIRE_NO_READER, name, len);
	raw_peer_await(fd, WIRE_ERROR);
}

/* As a stock peer's: a name in ReaderAdd, or none, and then the lowest. */
START_TEST(stock_readers_come_back)
{
	int port = host_port(), first, second;

	host_open(port, SLOTS, NULL);
	first = raw_peer_new(port);
	raw_add(first, "x", 1);
	check_empty(0);
	second = raw_peer_new(port);
	raw_add(second, "y", 1);
	check_empty(1);
	close(first);
	close(second);
	check_gone(0);
	check_gone(1);
	second = raw_peer_new(port);
	raw_add(second, "y", 1);
	check_empty(1);
	check_gone(0);
	first = raw_peer_new(port);
	raw_add(first, NULL, 0);
	check_empty(0);
	close(first);
	close(second);
	host_close(SLOTS);
}
END_TEST

/* --- more slots than there is room for -------------------------------- */

static char said[512];
static pthread_mutex_t said_lock = PTHREAD_MUTEX_INITIALIZER;

static void
on_line(enum log_level level, const char *line)
{
	pthread_mutex_lock(&said_lock);
	if (level == LOG_LEVEL_ERROR)
		snprintf(said, sizeof(said), "%s", line);
	pthread_mutex_unlock(&said_lock);
}

START_TEST(what_pcscd_drops_is_said)
{
	char dir[] = "/tmp/vscard-test-XXXXXX", path[64];
	FILE *file;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/conf", dir);
	file = fopen(path, "we");
	ck_assert_ptr_nonnull(file);
	fprintf(file, "listen = unix:%s/s\nslots = 20\n", dir);
	ck_assert_int_eq(fclose(file), 0);
	log_set_sink(on_line);
	for (unsigned i = 0; i < 16; i++)
		ck_assert_int_eq(
		    IFDHCreateChannelByName(HOST_LUN + i, path), IFD_SUCCESS);
	for (unsigned i = 0; i < 16; i++)
		ck_assert_int_eq(IFDHCloseChannel(HOST_LUN + i), IFD_SUCCESS);
	ck_assert_ptr_nonnull(strstr(said, "room for 16 of 20 slots"));
	said[0] = '\0';
	host_open(host_port(), SLOTS, NULL);
	host_close(SLOTS);
	ck_assert_str_eq(said, "");
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

UNIT_SUITE("slots", names_come_back, namesakes_stay, stock_readers_come_back,
    what_pcscd_drops_is_said)
