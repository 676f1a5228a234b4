/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What bad messages get. Beside the bad peer a good one has a card in another
 * reader, with an application in it, and must not notice anything.
 */
#include "tests/system/system.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fakes/fake_card.h"
#include "tests/fakes/stock_peer.h"
#include "tests/system/log.h"
#include "tests/system/pc.h"

#define GOOD_ATR "3B0411223344"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Reader 0 is the neighbour's, reader 1 the bad peer's. */
struct scene {
	struct pcsc_watch *watch;
	struct fake_card *neighbour;
	struct pc pc;
};

static void
begin(struct scene *scene)
{
	scene->watch = system_watch();
	scene->neighbour = fake_card_start(system_endpoint(), GOOD_ATR);
	pcsc_watch_past_empty(scene->watch, 0, "card " GOOD_ATR);
	pc_open(&scene->pc, 0);
}

static void
end(struct scene *scene)
{
	pc_transmit(&scene->pc, "8001000001AA", "8001000001AA9000");
	pcsc_watch_nothing(scene->watch, 0);
	pc_close(&scene->pc, SCARD_LEAVE_CARD);
	fake_card_free(&scene->neighbour);
}

/* A peer with a card in reader 1, and an application that uses it. */
static int
victim(struct scene *scene, struct pc *pc)
{
	int fd = stock_peer_start(system_endpoint(), STOCK_ATR);

	(void)pcsc_watch_until(scene->watch, 1, "card " STOCK_ATR);
	pc_open(pc, 1);
	return fd;
}

static void
works(const char *here, int fd, struct pc *pc)
{
	struct pc_call call;

	pc_call_start(&call, pc, "80CA0000");
	stock_peer_serve_at(here, fd, 0, "80CA0000", "55669000");
	pc_call_check_at(here, &call, "55669000");
}

enum { FATAL_INITS = 7 };

/* These end the connection, at once and without a word. */
static const char *const fatal[] = {
    /* Init with another magic; its two letters swapped; all zero */
    "00000001 ffffffff 0000000c 44435356 00000002 00000000",
    "00000001 ffffffff 0000000c 56534345 00000002 00000000",
    "00000001 ffffffff 0000000c 00000000 00000000 00000000",
    /* Init shorter than 12 bytes, and not in whole words */
    "00000001 ffffffff 00000000",
    "00000001 ffffffff 00000004 56534344",
    "00000001 ffffffff 00000008 56534344 00000002",
    "00000001 ffffffff 0000000d 56534344 00000002 00000000 00",
    /* lengths over the ceiling, of which only the header need come */
    "00000007 00000000 00010020",
    "00000005 00000000 00100000",
    "00000003 00000000 7fffffff",
    "00000063 00000000 80000000",
    "00000001 ffffffff ffffffff",
};

START_TEST(fatal_as_first_message)
{
	struct scene scene;
	char line[128];
	size_t i;
	int fd;

	begin(&scene);
	for (i = 0; i < COUNT(fatal); i++) {
		fd = script_dial(system_endpoint());
		script_send(fd, fatal[i]);
		script_end(fd);
		(void)close(fd);
	}
	/* Each with a line that names what was wrong. */
	(void)snprintf(line, sizeof(line), "%s: connection closed: ",
	    system_log_self());
	system_log_wait(line, COUNT(fatal));
	pcsc_watch_nothing(scene.watch, 1);
	end(&scene);
}
END_TEST

/* With a card in: its reader is detached, and its application learns of it. */
START_TEST(fatal_in_the_middle)
{
	struct scene scene;
	struct pc pc;
	size_t i;
	int fd;

	begin(&scene);
	for (i = FATAL_INITS; i < COUNT(fatal); i++) {
		fd = victim(&scene, &pc);
		script_send(fd, fatal[i]);
		script_end(fd);
		(void)close(fd);
		pcsc_watch_past_empty(scene.watch, 1, "detached");
		pc_refused(&pc, "80CA0000", SCARD_E_READER_UNAVAILABLE);
		pc_close(&pc, SCARD_LEAVE_CARD);
	}
	end(&scene);
}
END_TEST

/* The same while a command waits for its answer: it fails at once. */
START_TEST(fatal_during_a_command)
{
	struct pc_call call;
	struct scene scene;
	struct pc pc;
	size_t i;
	int fd;

	begin(&scene);
	for (i = FATAL_INITS; i < COUNT(fatal); i++) {
		fd = victim(&scene, &pc);
		pc_call_start(&call, &pc, "80CA0000");
		script_hear(fd, SAY_APDU, 0, "80CA0000");
		script_send(fd, fatal[i]);
		script_end(fd);
		(void)close(fd);
		ck_assert_int_ne(pc_call_end(&call), SCARD_S_SUCCESS);
		pcsc_watch_past_empty(scene.watch, 1, "detached");
		pc_close(&pc, SCARD_LEAVE_CARD);
	}
	end(&scene);
}
END_TEST

/* The first of these would answer a command, were there one. */
enum { ODD_ANSWERS = 3 };

/* With these the connection, the card and its application go on. */
static const struct {
	const char *what;
	const char *sent;
	const char *answer;
} odd[] = {
    {"response to nothing", "00000007 00000000 00000002 9000", ""},
    {"Error about nothing", "00000002 00000000 00000004 01000000", ""},
    {"Error without a code", "00000002 00000000 00000000", ""},
    {"second Init", "00000001 ffffffff 0000000c 56534344 00000002 00000000",
        ""},
    {"ATR of 0 bytes", "00000005 00000000 00000000",
        "00000002 00000000 00000004 00000001"},
    {"ATR of 1 byte", "00000005 00000000 00000001 3b",
        "00000002 00000000 00000004 00000001"},
    {"ATR of 34 bytes",
        "00000005 00000000 00000022"
        "3b000102030405060708090a0b0c0d0e0f"
        "101112131415161718191a1b1c1d1e1f20",
        "00000002 00000000 00000004 00000001"},
    {"ATR that begins with 00",
        "00000005 00000000 0000000f 007a18000073667465206364313434",
        "00000002 00000000 00000004 00000001"},
    {"ATR for an id never assigned", "00000005 00000009 00000002 3b00",
        "00000002 00000009 00000004 00000001"},
    {"CardRemove for an id never assigned", "00000006 00000009 00000000",
        "00000002 00000009 00000004 00000000"},
    {"ReaderRemove for an id never assigned", "00000004 fffffffe 00000000",
        "00000002 fffffffe 00000004 00000000"},
    {"response for an id never assigned", "00000007 00000005 00000002 9000",
        ""},
    {"Flush", "00000008 00000000 00000000",
        "00000002 00000000 00000004 00000001"},
    {"FlushComplete", "00000009 00000003 00000000",
        "00000002 00000003 00000004 00000001"},
    {"type 0", "00000000 00000007 00000000",
        "00000002 00000007 00000004 00000001"},
    {"type 99", "00000063 00000005 00000003 616263",
        "00000002 00000005 00000004 00000001"},
    {"type 2^32-1", "ffffffff 00000000 00000001 00",
        "00000002 00000000 00000004 00000001"},
    {"CardRemove with a payload in an unknown reader",
        "00000006 00000008 00000002 0000",
        "00000002 00000008 00000004 00000000"},
};

START_TEST(odd_messages)
{
	struct scene scene;
	struct pc pc;
	size_t i;
	int fd;

	begin(&scene);
	fd = victim(&scene, &pc);
	for (i = 0; i < COUNT(odd); i++) {
		script_send(fd, odd[i].sent);
		script_hear_bytes_at(odd[i].what, fd, odd[i].answer);
		script_quiet_at(odd[i].what, fd);
		works(odd[i].what, fd, &pc);
		pcsc_watch_nothing_at(odd[i].what, scene.watch, 1);
	}
	pc_close(&pc, SCARD_LEAVE_CARD);
	end(&scene);
}
END_TEST

/* What the log says about them, a line each. */
static const char *const oddities[] = {
    "second Init",
    "ATR of wrong length or first byte",
    "message for an unknown reader",
    "response that nobody waits for",
    "message of a type not meant for us",
};

/*
 * All of them at a stretch, and their answers in their order. Most come twice:
 * a connection fills no log.
 */
START_TEST(odd_messages_at_once)
{
	struct scene scene;
	char line[128];
	struct pc pc;
	size_t i;
	int fd;

	begin(&scene);
	fd = victim(&scene, &pc);
	for (i = 0; i < 2 * COUNT(odd); i++)
		script_send(fd, odd[i % COUNT(odd)].sent);
	for (i = 0; i < 2 * COUNT(odd); i++)
		script_hear_bytes_at(odd[i % COUNT(odd)].what, fd,
		    odd[i % COUNT(odd)].answer);
	script_quiet(fd);
	works(HERE, fd, &pc);
	for (i = 0; i < COUNT(oddities); i++) {
		(void)snprintf(line, sizeof(line), "%s: %s (said once)",
		    system_log_self(), oddities[i]);
		ck_assert_msg(system_log_count(line) == 1, "%u times: %s",
		    system_log_count(line), line);
	}
	pc_close(&pc, SCARD_LEAVE_CARD);
	end(&scene);
}
END_TEST

/* And while a command waits for its answer, which still comes to it. */
START_TEST(odd_messages_during_a_command)
{
	struct pc_call call;
	struct scene scene;
	struct pc pc;
	size_t i;
	int fd;

	begin(&scene);
	fd = victim(&scene, &pc);
	pc_call_start(&call, &pc, "80CA0000");
	script_hear(fd, SAY_APDU, 0, "80CA0000");
	for (i = ODD_ANSWERS; i < COUNT(odd); i++) {
		script_send(fd, odd[i].sent);
		script_hear_bytes_at(odd[i].what, fd, odd[i].answer);
	}
	script_say(fd, SAY_APDU, 0, "77889000");
	pc_call_check(&call, "77889000");
	works(HERE, fd, &pc);
	pc_close(&pc, SCARD_LEAVE_CARD);
	end(&scene);
}
END_TEST

START_TEST(another_version)
{
	struct scene scene;
	int fd;

	begin(&scene);
	fd = script_dial(system_endpoint());
	script_say(fd, SAY_INIT, SCRIPT_NOBODY, "56534344 00200000 00000000");
	script_hear(fd, SAY_INIT, SCRIPT_NOBODY, SCRIPT_INIT);
	stock_peer_add(fd);
	pcsc_watch_expect(scene.watch, 1, "empty");
	system_log_wait("another version", 1);
	end(&scene);
}
END_TEST

/* More capability words, and bits of the low half: not ours, not answered. */
START_TEST(long_init)
{
	struct scene scene;
	int fd;

	begin(&scene);
	fd = script_dial(system_endpoint());
	script_say(fd, SAY_INIT, SCRIPT_NOBODY,
	    "56534344 00000002 0000ffff ffffffff ffffffff");
	script_hear(fd, SAY_INIT, SCRIPT_NOBODY, SCRIPT_INIT);
	stock_peer_add(fd);
	pcsc_watch_expect(scene.watch, 1, "empty");
	end(&scene);
}
END_TEST

/* A payload as large as the ceiling allows is skipped, byte for byte. */
START_TEST(large_unknown_message)
{
	static const uint8_t zeros[65548];
	struct scene scene;
	struct pc pc;
	int fd;

	begin(&scene);
	fd = victim(&scene, &pc);
	script_send(fd, "00000063 00000005 0001000c");
	script_send_bytes(fd, zeros, sizeof(zeros));
	script_hear(fd, SAY_ERROR, 5, SCRIPT_GENERAL);
	works(HERE, fd, &pc);
	pc_close(&pc, SCARD_LEAVE_CARD);
	end(&scene);
}
END_TEST

/* Messages with a handshake, a reader and a card, cut after each byte. */
static const char story[] = "00000001000000000000000c565343440000000200000000"
                            "000000040000000000000000"
                            "000000030000000000000000"
                            "00000005000000000000000f" STOCK_ATR
                            "000000060000000000000000"
                            "000000630000000000000003616263";

START_TEST(cut_at_every_byte)
{
	char part[sizeof(story)] = "";
	struct scene scene;
	struct pc pc;
	size_t n;
	int fd;

	begin(&scene);
	for (n = 2; n < sizeof(story); n += 2) {
		memcpy(part, story, n);
		fd = script_dial(system_endpoint());
		script_send(fd, part);
		ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
		script_drain(fd);
		(void)close(fd);
		pc_transmit(&scene.pc, "80010000", "800100009000");
	}
	/* Nothing is left for the next one, and reader 1 is free for it. */
	fd = victim(&scene, &pc);
	works(HERE, fd, &pc);
	pc_close(&pc, SCARD_LEAVE_CARD);
	end(&scene);
}
END_TEST

/* The same while a command is under way: a response cut at every byte. */
START_TEST(response_cut_at_every_byte)
{
	static const char response[] = "0000000700000000000000041234";
	char part[sizeof(response)] = "";
	struct pc_call call;
	struct scene scene;
	struct pc pc;
	size_t n;
	int fd;

	begin(&scene);
	for (n = 2; n < sizeof(response); n += 2) {
		fd = victim(&scene, &pc);
		pc_call_start(&call, &pc, "80CA0000");
		script_hear(fd, SAY_APDU, 0, "80CA0000");
		memcpy(part, response, n);
		script_send(fd, part);
		(void)close(fd);
		ck_assert_int_ne(pc_call_end(&call), SCARD_S_SUCCESS);
		pc_close(&pc, SCARD_LEAVE_CARD);
		pcsc_watch_until(scene.watch, 1, "detached");
	}
	end(&scene);
}
END_TEST

SYSTEM_SUITE("bad", 2, NULL, false, fatal_as_first_message, fatal_in_the_middle,
    fatal_during_a_command, odd_messages, odd_messages_at_once,
    odd_messages_during_a_command, another_version, long_init,
    large_unknown_message, cut_at_every_byte, response_cut_at_every_byte)
