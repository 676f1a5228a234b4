/* SPDX-License-Identifier: BSD-2-Clause */
/* Several readers are busy at once, and the trace has every exchange whole. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/ifd/card_peer.h"
#include "tests/ifd/host.h"
#include "tests/unit/blocks.h"

enum { SLOTS = 4, COMMANDS = 150, COMMAND_LEN = 9, ROOM = 4 << 20 };

static void *
app_main(void *arg)
{
	uint8_t cmd[COMMAND_LEN] = {CARD_ECHO, 0xb0}, out[COMMAND_LEN + 2];
	unsigned slot = (unsigned)(uintptr_t)arg;
	uintptr_t wrong = 0;
	DWORD len;

	for (int i = 0; i < COMMANDS; i++) {
		cmd[4] = (uint8_t)slot;
		cmd[5] = (uint8_t)i;
		len = sizeof(out);
		if (host_transmit(HOST_LUN + slot, cmd, sizeof(cmd), out,
			&len) != IFD_SUCCESS)
			wrong++;
	}
	return (void *)wrong;
}

static void
run_apps(void)
{
	pthread_t threads[SLOTS];
	void *wrong;

	for (uintptr_t i = 0; i < SLOTS; i++)
		ck_assert_int_eq(
		    pthread_create(&threads[i], NULL, app_main, (void *)i), 0);
	for (int i = 0; i < SLOTS; i++) {
		pthread_join(threads[i], &wrong);
		ck_assert_ptr_null(wrong);
	}
}

/* Two readers on each of two connections. */
static void
run_session(const char *path)
{
	struct card_peer *peers[2];
	int port = host_port();
	char keys[200];
	unsigned reader;

	snprintf(keys, sizeof(keys), "trace = %s\ntrace_secrets = yes\n", path);
	host_open(port, SLOTS, keys);
	for (int i = 0; i < SLOTS; i++) {
		if (i % 2 == 0)
			peers[i / 2] = card_peer_new(port, false);
		ck_assert_ptr_nonnull(peers[i / 2]);
		ck_assert_int_eq(
		    card_peer_add(peers[i / 2], "a reader", &reader), 0);
		card_peer_insert(peers[i / 2], reader, 1);
		ck_assert_int_eq(
		    host_await(HOST_LUN + (DWORD)i, IFD_ICC_PRESENT),
		    IFD_ICC_PRESENT);
	}
	run_apps();
	card_peer_free(peers[0]);
	host_close(SLOTS); /* with the other's cards still in */
	card_peer_free(peers[1]);
}

/* The next packet; false at the end. */
static bool
next_packet(const uint8_t **p, size_t *len, struct block_packet *out)
{
	struct block block;

	while (block_next(p, len, &block))
		if (block.type == BLOCK_PACKET) {
			block_packet(&block, out);
			return true;
		}
	return false;
}

static void
check_trace(const char *path)
{
	unsigned next[SLOTS] = {0}, pairs = 0;
	struct block_packet command, response;
	uint8_t *bytes = malloc(ROOM);
	const uint8_t *p = bytes;
	uint64_t last[SLOTS] = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, bytes, ROOM);
	size_t len = (size_t)n;

	ck_assert_int_gt(n, 0);
	close(fd);
	while (next_packet(&p, &len, &command)) {
		unsigned slot;

		if (command.direction != 0)
			continue;
		ck_assert_uint_eq(command.len, COMMAND_LEN);
		slot = command.data[4];
		ck_assert_uint_lt(slot, SLOTS);
		ck_assert(next_packet(&p, &len, &response));
		ck_assert_int_eq(response.direction, 1);
		ck_assert_uint_eq(response.interface, command.interface);
		ck_assert_uint_eq(response.len, COMMAND_LEN + 2);
		ck_assert_mem_eq(response.data, command.data, COMMAND_LEN);
		/* In the order of each reader, and so are the times. */
		ck_assert_uint_eq(command.data[5], next[slot]++);
		ck_assert_uint_ge(command.time, last[slot]);
		ck_assert_uint_ge(response.time, command.time);
		last[slot] = response.time;
		pairs++;
	}
	ck_assert_uint_eq(pairs, SLOTS * COMMANDS);
	free(bytes);
}

START_TEST(busy_readers_do_not_mix)
{
	char path[] = "/tmp/vscard-trace-XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
	run_session(path);
	check_trace(path);
	unlink(path);
}
END_TEST

/* Nobody writes to the file before or after. */
START_TEST(a_refused_trace_changes_nothing_else)
{
	struct card_peer *peer;
	int port = host_port();
	unsigned reader;

	host_open(port, 1, "trace = /tmp\n");
	peer = card_peer_new(port, false);
	ck_assert_int_eq(card_peer_add(peer, "a reader", &reader), 0);
	card_peer_insert(peer, reader, 1);
	ck_assert_int_eq(
	    host_await(HOST_LUN, IFD_ICC_PRESENT), IFD_ICC_PRESENT);
	ck_assert_ptr_null(app_main(NULL));
	card_peer_free(peer);
	host_close(1);
}
END_TEST

UNIT_SUITE(
    "trace", busy_readers_do_not_mix, a_refused_trace_changes_nothing_else)
