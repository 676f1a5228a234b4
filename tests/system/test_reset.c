/* SPDX-License-Identifier: BSD-2-Clause */
/* Reset, power and protocol reach the card, if its owner speaks of them. */
#include "tests/system/system.h"

#include <stdio.h>
#include <unistd.h>

#include "tests/fakes/fake_card.h"
#include "tests/fakes/stock_peer.h"
#include "tests/system/log.h"
#include "tests/system/pc.h"

#define ATR_A STOCK_ATR
#define ATR_B "3B0411223344"
#define VERIFY "00200080083132333435363738"
#define STATUS "80040000"
#define YES "9000"
#define NO "6982"

/* A card whose PIN is verified, open in an application. */
static struct fake_card *
start(struct pc *pc, const char *atr)
{
	struct pcsc_watch *watch = system_watch();
	struct fake_card *card = fake_card_start(system_endpoint(), atr);
	char text[PCSC_WATCH_TEXT];

	(void)snprintf(text, sizeof(text), "card %s", atr);
	pcsc_watch_past_empty(watch, 0, text);
	pc_open(pc, 0);
	pc_transmit(pc, STATUS, NO);
	pc_transmit(pc, VERIFY, YES);
	pc_transmit(pc, STATUS, YES);
	return card;
}

START_TEST(reset_forgets_the_pin)
{
	struct pc pc;
	struct fake_card *card = start(&pc, ATR_A);

	pc_reconnect(&pc, SCARD_LEAVE_CARD);
	pc_transmit(&pc, STATUS, YES);
	ck_assert_uint_eq(fake_card_count(card, FAKE_POWER_RESET), 0);
	pc_reconnect(&pc, SCARD_RESET_CARD);
	pc_transmit(&pc, STATUS, NO);
	ck_assert_uint_eq(fake_card_count(card, FAKE_POWER_RESET), 1);
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&card);
}
END_TEST

START_TEST(unpower_forgets_the_pin)
{
	struct pc pc;
	struct fake_card *card = start(&pc, ATR_A);

	pc_reconnect(&pc, SCARD_UNPOWER_CARD);
	pc_transmit(&pc, STATUS, NO);
	ck_assert_uint_ge(fake_card_count(card, FAKE_POWER_DOWN), 1);
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&card);
}
END_TEST

START_TEST(disconnect_with_reset_forgets_the_pin)
{
	struct pc pc;
	struct fake_card *card = start(&pc, ATR_A);

	pc_close(&pc, SCARD_RESET_CARD);
	pc_open(&pc, 0);
	pc_transmit(&pc, STATUS, NO);
	ck_assert_uint_ge(fake_card_count(card, FAKE_POWER_RESET), 1);
	pc_transmit(&pc, VERIFY, YES);
	pc_close(&pc, SCARD_UNPOWER_CARD);
	pc_open(&pc, 0);
	pc_transmit(&pc, STATUS, NO);
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&card);
}
END_TEST

START_TEST(disconnect_without_reset_keeps_the_pin)
{
	struct pc pc;
	struct fake_card *card = start(&pc, ATR_A);

	pc_close(&pc, SCARD_LEAVE_CARD);
	pc_open(&pc, 0);
	pc_transmit(&pc, STATUS, YES);
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&card);
}
END_TEST

/* pcscd itself turns a card off some 5 s after its last use. */
START_TEST(power_down_of_pcscd_forgets_the_pin)
{
	struct pc pc;
	struct fake_card *card = start(&pc, ATR_A);
	unsigned ups = fake_card_count(card, FAKE_POWER_UP);

	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_wait(card, FAKE_POWER_DOWN, 1);
	pc_open(&pc, 0);
	pc_transmit(&pc, STATUS, NO);
	ck_assert_uint_gt(fake_card_count(card, FAKE_POWER_UP), ups);
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&card);
}
END_TEST

/* The ATR that counts is the one that the card answered to the reset. */
START_TEST(reset_brings_another_atr)
{
	BYTE atr[MAX_ATR_SIZE];
	DWORD len = sizeof(atr);
	struct pc pc;
	struct fake_card *card = start(&pc, ATR_A);

	fake_card_set_atr(card, 0, ATR_B);
	pc_reconnect(&pc, SCARD_RESET_CARD);
	ck_assert_int_eq(SCardStatus(pc.card, NULL, NULL, NULL, NULL, atr,
	    &len), SCARD_S_SUCCESS);
	ck_assert_uint_eq(len, 6);
	ck_assert_mem_eq(atr, "\x3B\x04\x11\x22\x33\x44", 6);
	pc_close(&pc, SCARD_LEAVE_CARD);
	fake_card_free(&card);
}
END_TEST

/* A stock peer hears nothing, and the reset is answered from the ATR. */
START_TEST(stock_peer_is_not_told)
{
	struct pcsc_watch *watch = system_watch();
	int fd = stock_peer_start(system_endpoint(), ATR_A);
	struct pc_call call;
	char line[128];
	struct pc pc;

	pcsc_watch_past_empty(watch, 0, "card " ATR_A);
	pc_open(&pc, 0);
	pc_reconnect(&pc, SCARD_RESET_CARD);
	pc_reconnect(&pc, SCARD_UNPOWER_CARD);
	pc_close(&pc, SCARD_RESET_CARD);
	pc_open(&pc, 0);
	script_quiet(fd);
	pc_call_start(&call, &pc, STATUS);
	stock_peer_serve(fd, 0, STATUS, YES);
	pc_call_check(&call, YES);
	pc_close(&pc, SCARD_LEAVE_CARD);
	pcsc_watch_nothing(watch, 0);

	/* And the log says so, once. */
	(void)close(fd);
	(void)snprintf(line, sizeof(line), "%s: disconnected",
	    system_log_self());
	system_log_wait(line, 1);
	(void)snprintf(line, sizeof(line), "%s knows no reset",
	    system_log_self());
	ck_assert_uint_eq(system_log_count(line), 1);
}
END_TEST

static void
speak(const char *atr, DWORD want, LONG outcome, DWORD have)
{
	struct pc pc;
	LONG rv = pc_try_open(&pc, 0, SCARD_SHARE_SHARED, want);

	ck_assert_msg(rv == outcome, "%s, protocols %lu: %s", atr, want,
	    pcsc_stringify_error(rv));
	if (rv != SCARD_S_SUCCESS)
		return;
	ck_assert_uint_eq(pc.protocol, have);
	pc_transmit(&pc, "8001000003010203", "80010000030102039000");
	pc_close(&pc, SCARD_RESET_CARD);
}

START_TEST(protocols_as_the_atr_says)
{
	static const struct {
		const char *atr;
		DWORD want;
		LONG outcome;
		DWORD have;
	} rows[] = {
	    {STOCK_ATR, SCARD_PROTOCOL_T0, SCARD_S_SUCCESS, SCARD_PROTOCOL_T0},
	    {STOCK_ATR, SCARD_PROTOCOL_ANY, SCARD_S_SUCCESS, SCARD_PROTOCOL_T0},
	    {STOCK_ATR, SCARD_PROTOCOL_T1, (LONG)SCARD_E_PROTO_MISMATCH, 0},
	    {STOCK_ATR_T1, SCARD_PROTOCOL_T1, SCARD_S_SUCCESS,
	        SCARD_PROTOCOL_T1},
	    {STOCK_ATR_T1, SCARD_PROTOCOL_ANY, SCARD_S_SUCCESS,
	        SCARD_PROTOCOL_T1},
	    {STOCK_ATR_T1, SCARD_PROTOCOL_T0, (LONG)SCARD_E_PROTO_MISMATCH, 0},
	    {STOCK_ATR_T0_T1, SCARD_PROTOCOL_T0, SCARD_S_SUCCESS,
	        SCARD_PROTOCOL_T0},
	    {STOCK_ATR_T0_T1, SCARD_PROTOCOL_T1, SCARD_S_SUCCESS,
	        SCARD_PROTOCOL_T1},
	};
	struct pcsc_watch *watch = system_watch();
	struct fake_card *card = fake_card_new(system_endpoint(), NULL);
	unsigned reader = fake_card_add(card);
	char text[PCSC_WATCH_TEXT];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fake_card_insert(card, reader, rows[i].atr);
		(void)snprintf(text, sizeof(text), "card %s", rows[i].atr);
		pcsc_watch_past_empty(watch, 0, text);
		speak(rows[i].atr, rows[i].want, rows[i].outcome,
		    rows[i].have);
		fake_card_remove(card, reader);
		pcsc_watch_until(watch, 0, "empty");
	}
	/* A card of two tongues was told which one. */
	fake_card_wait(card, FAKE_PROTOCOL_1, 1);
	fake_card_free(&card);
}
END_TEST

/* The same with a peer that knows of no protocols: the driver agrees. */
START_TEST(protocols_with_a_stock_peer)
{
	struct pcsc_watch *watch = system_watch();
	int fd = stock_peer_start(system_endpoint(), STOCK_ATR_T0_T1);
	const DWORD protocols[] = {SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T1};
	struct pc_call call;
	struct pc pc;
	size_t i;

	pcsc_watch_past_empty(watch, 0, "card " STOCK_ATR_T0_T1);
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(pc_try_open(&pc, 0, SCARD_SHARE_SHARED,
		    protocols[i]), SCARD_S_SUCCESS);
		ck_assert_uint_eq(pc.protocol, protocols[i]);
		pc_call_start(&call, &pc, STATUS);
		stock_peer_serve(fd, 0, STATUS, YES);
		pc_call_check(&call, YES);
		pc_close(&pc, SCARD_RESET_CARD);
	}
	script_quiet(fd);
}
END_TEST

SYSTEM_SUITE("reset", 1, NULL, false, reset_forgets_the_pin,
    unpower_forgets_the_pin, disconnect_with_reset_forgets_the_pin,
    disconnect_without_reset_keeps_the_pin,
    power_down_of_pcscd_forgets_the_pin, reset_brings_another_atr,
    stock_peer_is_not_told, protocols_as_the_atr_says,
    protocols_with_a_stock_peer)
