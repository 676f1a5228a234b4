/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Peers that end with a reset, which only TCP knows, in each state of theirs
 * and with a command under way: it fails at once, the reader goes, nothing is
 * left, and the neighbour has not noticed.
 */
#include "tests/system/system.h"

#include <string.h>
#include <unistd.h>

#include "tests/fakes/fake_card.h"
#include "tests/fakes/hell.h"
#include "tests/fakes/stock_peer.h"
#include "tests/system/log.h"
#include "tests/system/pc.h"

#define GOOD_ATR "3B0411223344"
#define MS INT64_C(1000000)

/* Of five states each, see hell.c; commands lost; ms that one may take. */
enum { RESETS = 50, COMMANDS = 10, PROMPT_MS = 1000 };

/* Reader 0 is the neighbour's, reader 1 the peers'. */
struct scene {
	struct pcsc_watch *watch;
	struct fake_card *neighbour;
	struct pc pc;
	int pcscd;
	unsigned files;
};

static void
begin(struct scene *scene)
{
	scene->watch = system_watch();
	scene->neighbour = fake_card_start(system_endpoint(), GOOD_ATR);
	pcsc_watch_past_empty(scene->watch, 0, "card " GOOD_ATR);
	pc_open(&scene->pc, 0);
	pc_transmit(&scene->pc, "8001000001AA", "8001000001AA9000");
	scene->pcscd = system_pcscd();
	scene->files = system_open_files(scene->pcscd);
}

/* Whoever was let in before has been buried when this one is answered. */
static void
nothing_is_left(struct scene *scene)
{
	int64_t deadline = script_ns() + SCRIPT_DEADLINE * MS;
	unsigned files;

	do {
		(void)close(stock_peer_open(system_endpoint()));
		files = system_open_files(scene->pcscd);
	} while (files > scene->files && script_ns() < deadline);
	ck_assert_uint_le(files, scene->files);
}

static void
end(struct scene *scene)
{
	nothing_is_left(scene);
	pc_transmit(&scene->pc, "8001000001AA", "8001000001AA9000");
	pcsc_watch_nothing(scene->watch, 0);
	pc_close(&scene->pc, SCARD_LEAVE_CARD);
	fake_card_free(&scene->neighbour);
}

static const struct hell_attack *
attack_named(const char *name)
{
	for (unsigned i = 0; i < hell_attacks_len; i++)
		if (strcmp(hell_attacks[i].name, name) == 0)
			return &hell_attacks[i];
	script_fail(HERE, "no attack %s", name);
}

START_TEST(reset_in_each_state)
{
	struct scene scene;
	struct hell hell;

	begin(&scene);
	hell_start(&hell, attack_named("resets"), system_endpoint());
	while (hell_rounds(&hell) < RESETS)
		pc_transmit(&scene.pc, "8001000001AA", "8001000001AA9000");
	hell_stop(&hell);
	end(&scene);
}
END_TEST

/* One card, one command, and no answer but the reset. */
static void
lose_command(struct scene *scene)
{
	int fd = stock_peer_start(system_endpoint(), STOCK_ATR);
	struct pc_call call;
	int64_t since;
	struct pc pc;

	(void)pcsc_watch_until(scene->watch, 1, "card " STOCK_ATR);
	pc_open(&pc, 1);
	pc_call_start(&call, &pc, "80CA0000");
	script_hear(fd, SAY_APDU, 0, "80CA0000");
	since = script_ns();
	hell_tear(&fd);
	ck_assert_int_ne(pc_call_end(&call), SCARD_S_SUCCESS);
	ck_assert_int_lt(call.ended - since, PROMPT_MS * MS);
	pc_close(&pc, SCARD_LEAVE_CARD);
	(void)pcsc_watch_until(scene->watch, 1, "detached");
}

START_TEST(reset_during_a_command)
{
	unsigned lines = system_log_count(": disconnected");
	struct scene scene;

	begin(&scene);
	for (int i = 0; i < COMMANDS; i++)
		lose_command(&scene);
	ck_assert_uint_le(system_log_count(": disconnected") - lines, COMMANDS);
	end(&scene);
}
END_TEST

const struct system_plan system_plan = {"hell_tcp", 2, NULL, false, true};

void
system_add_tests(TCase *tcase)
{
	/* First, while the log has a ration left. */
	tcase_add_test(tcase, reset_during_a_command);
	tcase_add_test(tcase, reset_in_each_state);
}
