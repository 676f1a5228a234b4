/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Real readers, forwarded: the readers of one pcscd become readers of another,
 * through vscclient's pcsc cards.
 */
#include "tests/system/system.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/fakes/child.h"
#include "tests/fakes/fake_card.h"
#include "tests/fakes/stock_peer.h"
#include "tests/system/local_pcscd.h"
#include "tests/system/pc.h"
#include "tests/system/usage.h"

#define ALL "pcsc:vscard*"
#define ECHO "8001000003010203"
#define ECHOED "80010000030102039000"
#define HOLD "80030000"
#define VERIFY "00200080083132333435363738"
#define STATUS "80040000"
#define YES "9000"
#define NO "6982"

enum { SLOTS = 3, ROUNDS = 100 };

static const char *const atrs[SLOTS] = {"3B0411223300", "3B0411223301",
    "3B800181"};
static const char *const cards[SLOTS] = {"card 3B0411223300",
    "card 3B0411223301", "card 3B800181"};

struct bench {
	struct local_pcscd local;
	struct child client;
	struct pcsc_watch *watch;
	struct fake_card *fake;
	unsigned ids[SLOTS]; /* of the fake's readers */
};

/* Readers with cards in both, one after the other, so that numbers match. */
static void
plug(struct bench *b, unsigned i)
{
	b->ids[i] = fake_card_add(b->fake);
	fake_card_insert(b->fake, b->ids[i], atrs[i]);
	pcsc_watch_past_empty(b->watch, i, cards[i]);
}

static void
bench_start(struct bench *b, unsigned readers, const char *volume,
    const char *spec)
{
	local_pcscd_start(&b->local, SLOTS);
	b->watch = system_watch();
	local_client_start(&b->local, &b->client, volume, spec);
	b->fake = fake_card_new(b->local.endpoint, NULL);
	for (unsigned i = 0; i < readers; i++)
		plug(b, i);
}

static void
bench_end(struct bench *b)
{
	child_kill(&b->client, SIGTERM);
	ck_assert_int_eq(child_wait(&b->client), 0);
	fake_card_free(&b->fake);
	local_pcscd_kill(&b->local);
}

/* --- coming and going ------------------------------------------------- */

static void
others_begin(struct pc_call *calls, struct pc *pcs, unsigned but)
{
	for (unsigned i = 0; i < SLOTS; i++)
		if (i != but)
			pc_call_start(&calls[i], &pcs[i], ECHO);
}

static void
others_end(struct pc_call *calls, unsigned but)
{
	for (unsigned i = 0; i < SLOTS; i++)
		if (i != but)
			pc_call_check(&calls[i], ECHOED);
}

/* Every other time only the card leaves. */
static void
replug(struct bench *b, struct pc *pcs, unsigned i, bool reader)
{
	struct pc_call calls[SLOTS];

	others_begin(calls, pcs, i);
	if (reader)
		fake_card_remove_reader(b->fake, b->ids[i]);
	else
		fake_card_remove(b->fake, b->ids[i]);
	if (reader)
		pcsc_watch_past_empty(b->watch, i, "detached");
	else
		pcsc_watch_expect(b->watch, i, "empty");
	others_end(calls, i);
	pc_close(&pcs[i], SCARD_LEAVE_CARD);

	others_begin(calls, pcs, i);
	if (reader) {
		plug(b, i);
	} else {
		fake_card_insert(b->fake, b->ids[i], atrs[i]);
		pcsc_watch_expect(b->watch, i, cards[i]);
	}
	others_end(calls, i);
	pc_open(&pcs[i], i);
	pc_transmit(&pcs[i], ECHO, ECHOED);
}

START_TEST(three_readers_come_and_go)
{
	struct bench b;
	struct pc pcs[SLOTS];
	unsigned i, n, files = 0;
	int pid;

	bench_start(&b, SLOTS, "-q", ALL);
	pid = local_card_process(&b.client);
	for (i = 0; i < SLOTS; i++)
		pc_open(&pcs[i], i);
	for (n = 0; n < ROUNDS; n++) {
		for (i = 0; i < SLOTS; i++)
			replug(&b, pcs, i, n % 2 == 0);
		if (n == ROUNDS / 10)
			files = system_open_files(pid);
	}
	ck_assert_uint_eq(system_open_files(pid), files);
	for (i = 0; i < SLOTS; i++) {
		pcsc_watch_nothing(b.watch, i);
		pc_close(&pcs[i], SCARD_LEAVE_CARD);
	}
	bench_end(&b);
	ck_assert_str_eq(b.client.text, "");
}
END_TEST

/* --- things that go wrong --------------------------------------------- */

static void
held_command(struct bench *b, struct pc *pc, struct pc_call *call)
{
	unsigned commands = fake_card_count(b->fake, FAKE_COMMANDS);

	pc_open(pc, 0);
	pc_call_start(call, pc, HOLD);
	fake_card_wait(b->fake, FAKE_COMMANDS, commands + 1);
}

START_TEST(card_pulled_in_a_command)
{
	struct bench b;
	struct pc_call call;
	struct pc pc;

	bench_start(&b, 1, "-v", ALL);
	held_command(&b, &pc, &call);
	fake_card_remove(b.fake, b.ids[0]);
	pcsc_watch_expect(b.watch, 0, "empty");
	ck_assert_int_ne(pc_call_end(&call), SCARD_S_SUCCESS);
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_insert(b.fake, b.ids[0], atrs[0]);
	pcsc_watch_expect(b.watch, 0, cards[0]);
	pc_open(&pc, 0);
	pc_transmit(&pc, ECHO, ECHOED);
	pc_close(&pc, SCARD_LEAVE_CARD);
	bench_end(&b);
}
END_TEST

START_TEST(reader_pulled_in_a_command)
{
	struct bench b;
	struct pc_call call;
	struct pc pc;

	bench_start(&b, 1, "-v", ALL);
	held_command(&b, &pc, &call);
	fake_card_remove_reader(b.fake, b.ids[0]);
	pcsc_watch_past_empty(b.watch, 0, "detached");
	ck_assert_int_ne(pc_call_end(&call), SCARD_S_SUCCESS);
	pc_close(&pc, SCARD_LEAVE_CARD);
	plug(&b, 0);
	pc_open(&pc, 0);
	pc_transmit(&pc, ECHO, ECHOED);
	pc_close(&pc, SCARD_LEAVE_CARD);
	bench_end(&b);
}
END_TEST

START_TEST(slow_card_delays_nobody)
{
	struct pc_call call;
	struct bench b;
	struct pc pcs[2];

	bench_start(&b, 2, "-v", ALL);
	held_command(&b, &pcs[0], &call);
	pc_open(&pcs[1], 1);
	for (int i = 0; i < 20; i++)
		pc_transmit(&pcs[1], ECHO, ECHOED);
	fake_card_remove(b.fake, b.ids[1]);
	pcsc_watch_expect(b.watch, 1, "empty");
	fake_card_insert(b.fake, b.ids[1], atrs[1]);
	pcsc_watch_expect(b.watch, 1, cards[1]);
	fake_card_release(b.fake, b.ids[0]);
	pc_call_check(&call, YES);
	pc_close(&pcs[0], SCARD_LEAVE_CARD);
	pc_close(&pcs[1], SCARD_LEAVE_CARD);
	bench_end(&b);
}
END_TEST

/* The card process goes, and leaves the card to pcscd. */
START_TEST(end_in_a_command)
{
	struct pc_call call;
	struct bench b;
	struct pc pc;

	bench_start(&b, 1, "-v", ALL);
	held_command(&b, &pc, &call);
	child_kill(&b.client, SIGTERM);
	ck_assert_int_eq(child_wait(&b.client), 0);
	ck_assert_int_ne(pc_call_end(&call), SCARD_S_SUCCESS);
	pcsc_watch_past_empty(b.watch, 0, "detached");
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&b.fake);
	local_pcscd_kill(&b.local);
}
END_TEST

/* Once pcscd has turned the unused card off, not a thread wakes up. */
START_TEST(nothing_happens_at_rest)
{
	enum { SETTLE_S = 2, WATCHED_S = 10 };
	unsigned long before;
	struct bench b;
	int pid;

	bench_start(&b, 1, "-v", ALL);
	pid = local_card_process(&b.client);
	fake_card_wait(b.fake, FAKE_POWER_DOWN,
	    fake_card_count(b.fake, FAKE_POWER_DOWN) + 1);

	/* Time is what is measured here. */
	(void)sleep(SETTLE_S);
	before = usage_switches(pid) + usage_switches(b.client.pid);
	(void)sleep(WATCHED_S);
	ck_assert_uint_eq(usage_switches(pid) +
	    usage_switches(b.client.pid), before);
	bench_end(&b);
}
END_TEST

START_TEST(local_pcscd_stopped_and_started)
{
	enum { WATCHED_S = 4 };
	struct bench b;
	struct pc_call call;
	struct pc pc;
	unsigned long used;
	int pid;

	bench_start(&b, 1, "-v", ALL);
	pid = local_card_process(&b.client);
	held_command(&b, &pc, &call);
	local_pcscd_kill(&b.local);
	pcsc_watch_past_empty(b.watch, 0, "detached");
	ck_assert_int_ne(pc_call_end(&call), SCARD_S_SUCCESS);
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&b.fake);
	child_says(&b.client, "PC/SC of this machine is not there");

	/* Time is what is measured here. */
	used = usage_ticks(pid) + usage_ticks(b.client.pid);
	(void)sleep(WATCHED_S);
	used = usage_ticks(pid) + usage_ticks(b.client.pid) - used;
	ck_assert_uint_le(used * 100,
	    WATCHED_S * (unsigned long)sysconf(_SC_CLK_TCK));

	local_pcscd_start(&b.local, SLOTS);
	b.fake = fake_card_new(b.local.endpoint, NULL);
	plug(&b, 0);
	pc_open(&pc, 0);
	pc_transmit(&pc, ECHO, ECHOED);
	pc_close(&pc, SCARD_LEAVE_CARD);
	bench_end(&b);
}
END_TEST

/* --- sharing the card with local programs ----------------------------- */

START_TEST(local_programs_wait)
{
	struct local_app app;
	struct local_answer answer;
	struct bench b;
	struct pc pc;

	local_pcscd_start(&b.local, SLOTS);
	local_app_init(&app, &b.local);
	b.watch = system_watch();
	local_client_start(&b.local, &b.client, "-v", ALL);
	b.fake = fake_card_new(b.local.endpoint, NULL);
	plug(&b, 0);
	pc_open(&pc, 0);
	pc_transmit(&pc, VERIFY, YES);
	local_app_begin(&app, SCARD_LEAVE_CARD);
	for (int i = 0; i < 50; i++)
		pc_transmit(&pc, STATUS, YES);
	ck_assert(!local_app_is_through(&app));
	pc_close(&pc, SCARD_UNPOWER_CARD);
	answer = local_app_end(&app);
	ck_assert_int_eq(answer.transmit, SCARD_S_SUCCESS);
	ck_assert_int_eq(answer.response[0], 0x69);
	(void)close(app.in);
	bench_end(&b);
}
END_TEST

START_TEST(local_programs_come_in_between)
{
	struct local_app app;
	struct pc_call call;
	struct local_answer answer;
	struct bench b;
	struct pc pc;

	local_pcscd_start(&b.local, SLOTS);
	local_app_init(&app, &b.local);
	b.watch = system_watch();
	local_client_start(&b.local, &b.client, "-v", ALL ",no-transaction");
	b.fake = fake_card_new(b.local.endpoint, NULL);
	plug(&b, 0);
	pc_open(&pc, 0);
	pc_transmit(&pc, VERIFY, YES);
	local_app_begin(&app, SCARD_LEAVE_CARD);
	answer = local_app_end(&app);
	ck_assert_int_eq(answer.transmit, SCARD_S_SUCCESS);
	ck_assert_int_eq(answer.response[0], 0x90);

	/* It may reset the card, too; the host learns of it. */
	local_app_begin(&app, SCARD_RESET_CARD);
	(void)local_app_end(&app);
	pcsc_watch_nothing(b.watch, 0);
	pc_call_start(&call, &pc, STATUS);
	ck_assert_int_ne(pc_call_end(&call), SCARD_S_SUCCESS);
	pcsc_watch_past_empty(b.watch, 0, cards[0]);
	pc_close(&pc, SCARD_LEAVE_CARD);
	pc_open(&pc, 0);
	pc_transmit(&pc, STATUS, NO);
	pc_close(&pc, SCARD_LEAVE_CARD);
	(void)close(app.in);
	bench_end(&b);
}
END_TEST

START_TEST(local_programs_are_kept_off)
{
	struct local_app app;
	struct bench b;
	struct pc pc;

	local_pcscd_start(&b.local, SLOTS);
	local_app_init(&app, &b.local);
	b.watch = system_watch();
	local_client_start(&b.local, &b.client, "-v", ALL ",exclusive");
	b.fake = fake_card_new(b.local.endpoint, NULL);
	plug(&b, 0);
	pc_open(&pc, 0);
	local_app_begin(&app, SCARD_LEAVE_CARD);
	ck_assert_int_eq(local_app_end(&app).connect,
	    SCARD_E_SHARING_VIOLATION);
	pc_transmit(&pc, ECHO, ECHOED);
	pc_close(&pc, SCARD_UNPOWER_CARD);
	(void)close(app.in);
	bench_end(&b);
}
END_TEST

/* --- what reaches the card -------------------------------------------- */

START_TEST(power_and_protocol_reach_the_card)
{
	struct bench b;
	unsigned resets;
	struct pc pc;

	bench_start(&b, SLOTS, "-v", ALL);
	pc_open(&pc, 2);
	ck_assert_uint_eq(pc.protocol, SCARD_PROTOCOL_T1);
	pc_transmit(&pc, VERIFY, YES);
	pc_transmit(&pc, STATUS, YES);
	resets = fake_card_count(b.fake, FAKE_POWER_RESET);
	pc_reconnect(&pc, SCARD_RESET_CARD);
	ck_assert_uint_gt(fake_card_count(b.fake, FAKE_POWER_RESET), resets);
	pc_transmit(&pc, STATUS, NO);
	pc_transmit(&pc, VERIFY, YES);
	pc_reconnect(&pc, SCARD_UNPOWER_CARD);
	pc_transmit(&pc, STATUS, NO);
	pc_transmit(&pc, VERIFY, YES);
	pc_close(&pc, SCARD_UNPOWER_CARD);
	pc_open(&pc, 2);
	pc_transmit(&pc, STATUS, NO);
	pc_close(&pc, SCARD_LEAVE_CARD);
	bench_end(&b);
}
END_TEST

START_TEST(largest_apdus_pass)
{
	static uint8_t command[VSCARD_APDU_MAX] = {0x80, 0x02, 0, 0, 0, 0, 1,
	    0, 0};
	static uint8_t got[VSCARD_APDU_MAX];
	static uint8_t response[PC_ROOM];
	size_t len = sizeof(response);
	struct bench b;
	struct pc pc;

	for (size_t i = 9; i < sizeof(command); i++)
		command[i] = (uint8_t)(i * 13);
	bench_start(&b, 1, "-v", ALL);
	pc_open(&pc, 0);
	ck_assert_int_eq(pc_try_transmit(&pc, command, sizeof(command),
	    response, &len), SCARD_S_SUCCESS);
	ck_assert_uint_eq(len, 65538);
	for (size_t i = 0; i < 65536; i++)
		ck_assert_uint_eq(response[i], fake_card_pattern(i));
	ck_assert_uint_eq(fake_card_command(b.fake, got, sizeof(got)),
	    sizeof(command));
	ck_assert_mem_eq(got, command, sizeof(command));
	pc_close(&pc, SCARD_LEAVE_CARD);
	bench_end(&b);
}
END_TEST

static void
big_command(struct pc *pc, LONG want)
{
	static const size_t len = 2000;
	uint8_t command[2000 + 7] = {0x80, 0x01, 0, 0, 0, len >> 8, len & 255};
	uint8_t response[sizeof(command) + 2];
	size_t got = sizeof(response);

	ck_assert_int_eq(pc_try_transmit(pc, command, sizeof(command),
	    response, &got), want);
	if (want == SCARD_S_SUCCESS)
		ck_assert_mem_eq(response, command, sizeof(command));
}

START_TEST(extended_commands)
{
	struct bench b;
	struct pc pc;

	bench_start(&b, 1, "-v", ALL);
	pc_open(&pc, 0);
	big_command(&pc, SCARD_S_SUCCESS);
	pc_close(&pc, SCARD_LEAVE_CARD);
	bench_end(&b);
}
END_TEST

START_TEST(reader_without_extended_commands)
{
	struct vscard_limits limits;
	struct bench b;
	struct pc pc;

	vscard_limits_init(&limits);
	limits.max_apdu = VSCARD_APDU_STOCK;
	bench_start(&b, 0, "-v", ALL);
	fake_card_free(&b.fake);
	b.fake = fake_card_new(b.local.endpoint, &limits);
	plug(&b, 0);
	pc_open(&pc, 0);
	big_command(&pc, SCARD_E_NOT_TRANSACTED);
	child_says(&b.client, "does no extended APDU");
	pc_transmit(&pc, ECHO, ECHOED);
	pc_close(&pc, SCARD_LEAVE_CARD);
	bench_end(&b);
}
END_TEST

/* Our own readers are not forwarded unless they are meant. */
START_TEST(virtual_readers_are_left_out)
{
	struct bench b;

	bench_start(&b, 0, "-v", "pcsc");
	child_says(&b.client, "no reader yet");
	(void)fake_card_add(b.fake);
	fake_card_insert(b.fake, 0, atrs[0]);
	for (unsigned i = 0; i < SLOTS; i++)
		pcsc_watch_nothing(b.watch, i);
	bench_end(&b);
}
END_TEST

/* A reader of this pcscd, forwarded to this pcscd, would come back for ever. */
START_TEST(circle_is_refused)
{
	struct pcsc_watch *watch = system_watch();
	struct fake_card *fake = fake_card_start(system_endpoint(), atrs[0]);
	struct child client;

	pcsc_watch_past_empty(watch, 0, cards[0]);
	child_start(&client, system_program("vscclient/vscclient"), "-v",
	    "--connect", system_endpoint(), "--card", ALL);
	child_says(&client, "go round in a circle");
	child_kill(&client, SIGTERM);
	ck_assert_int_eq(child_wait(&client), 0);
	pcsc_watch_nothing(watch, 1);
	pcsc_watch_nothing(watch, 2);
	fake_card_free(&fake);
}
END_TEST

/* From the host to this machine, and from here to the host. */
START_TEST(longer_circle_is_refused)
{
	struct fake_card *fake;
	struct child there;
	struct bench b;

	local_pcscd_start(&b.local, SLOTS);
	b.watch = system_watch();
	fake = fake_card_start(system_endpoint(), atrs[0]);
	pcsc_watch_past_empty(b.watch, 0, cards[0]);
	child_start(&there, system_program("vscclient/vscclient"), "-v",
	    "--connect", b.local.endpoint, "--card", ALL);
	child_says(&there, "is the host's reader 0");
	local_client_start(&b.local, &b.client, "-v", ALL);
	child_says(&b.client, "go round in a circle");
	pcsc_watch_nothing(b.watch, 1);
	fake_card_free(&fake);
	child_kill(&there, SIGTERM);
	ck_assert_int_eq(child_wait(&there), 0);
	b.fake = fake_card_new(b.local.endpoint, NULL);
	bench_end(&b);
}
END_TEST

/* What the host verified is not left to the programs of this machine. */
START_TEST(end_leaves_no_verified_pin)
{
	struct local_answer answer;
	struct local_app app;
	struct bench b;
	struct pc pc;

	local_pcscd_start(&b.local, SLOTS);
	local_app_init(&app, &b.local);
	b.watch = system_watch();
	local_client_start(&b.local, &b.client, "-v", ALL);
	b.fake = fake_card_new(b.local.endpoint, NULL);
	plug(&b, 0);
	pc_open(&pc, 0);
	pc_transmit(&pc, VERIFY, YES);
	child_kill(&b.client, SIGTERM);
	ck_assert_int_eq(child_wait(&b.client), 0);
	local_app_begin(&app, SCARD_LEAVE_CARD);
	answer = local_app_end(&app);
	ck_assert_int_eq(answer.transmit, SCARD_S_SUCCESS);
	ck_assert_int_eq(answer.response[0], 0x69);
	(void)close(app.in);
	fake_card_free(&b.fake);
	local_pcscd_kill(&b.local);
}
END_TEST

SYSTEM_SUITE("pcsc", SLOTS, NULL, true, card_pulled_in_a_command,
    reader_pulled_in_a_command, slow_card_delays_nobody, end_in_a_command,
    nothing_happens_at_rest, local_pcscd_stopped_and_started,
    local_programs_wait, local_programs_come_in_between,
    local_programs_are_kept_off, power_and_protocol_reach_the_card,
    largest_apdus_pass, extended_commands, reader_without_extended_commands,
    virtual_readers_are_left_out, circle_is_refused,
    longer_circle_is_refused, end_leaves_no_verified_pin, three_readers_come_and_go)
