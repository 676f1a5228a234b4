/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ten thousand connections that want nothing: the reader that is there goes
 * on, newcomers get in, and pcscd's memory does not grow.
 */
#include "tests/system/system.h"

#include <unistd.h>

#include "tests/fakes/fake_card.h"
#include "tests/fakes/stock_peer.h"
#include "tests/system/log.h"
#include "tests/system/pc.h"
#include "tests/system/usage.h"

enum { FLOOD = 10000, WARM = 2000, HELD = 64, APDU_EACH = 500 };

/* KiB. AddressSanitizer keeps 256 MB of what is freed. */
#ifdef __SANITIZE_ADDRESS__
enum { SLACK = 320 * 1024 };
#else
enum { SLACK = 512 };
#endif

/* So many stay, silent or after a greeting; an older one goes for it. */
static void
knock(int *held, unsigned i)
{
	int *at = &held[i % HELD];

	if (i >= HELD)
		(void)close(*at);
	*at = script_dial(system_endpoint());
	if (i % 3 == 1)
		(void)!write(*at, "VSC", 3);
}

START_TEST(flood)
{
	struct pcsc_watch *watch = system_watch();
	struct fake_card *card = fake_card_start(system_endpoint(), STOCK_ATR);
	int held[HELD], pid = system_pcscd(), newcomer;
	unsigned long before = 0;
	struct pc pc;

	(void)pcsc_watch_until(watch, 0, "card " STOCK_ATR);
	pc_open(&pc, 0);
	for (unsigned i = 0; i < FLOOD; i++) {
		knock(held, i);
		if (i % APDU_EACH == 0)
			pc_transmit(&pc, "80040000", "6982");
		if (i == WARM)
			before = usage_memory(pid);
	}
	newcomer = stock_peer_start(system_endpoint(), "3B0411223344");
	(void)pcsc_watch_until(watch, 1, "card 3B0411223344");
	ck_assert_uint_lt(usage_memory(pid), before + SLACK);
	pc_transmit(&pc, "80040000", "6982");
	pc_close(&pc, SCARD_LEAVE_CARD);
	for (unsigned i = 0; i < HELD; i++)
		(void)close(held[i]);
	(void)close(newcomer);
	fake_card_free(&card);
}
END_TEST

SYSTEM_SUITE("flood", 2, NULL, false, flood)
