/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every allocation of card_new fails once: it says so, leaks nothing and
 * leaves the environment usable. A command takes no memory at all.
 */
#include "tests/unit/unit.h"

#include <errno.h>

#include "tests/unit/fault.h"
#include "tests/unit/rig.h"
#include "tests/unit/toy.h"

START_TEST(every_allocation_may_fail)
{
	struct card *card = NULL;
	struct rig rig;
	int rc = -ENOMEM;

	fault_spare(true);
	rig_init(&rig, NULL);
	for (int nth = 1; rc < 0; nth++) {
		fault_set("malloc", nth, ENOMEM);
		rc = FAULT_IN(card_new(toy_apps, TOY_APPS, &rig.env, &card));
		ck_assert(rc == (fault_take() ? -ENOMEM : 0));
		ck_assert((card == NULL) == (rc < 0));
	}
	/* the card, its slots, each toy */
	ck_assert_uint_eq(fault_count(), 2 + TOY_APPS);
	card_free(card);
	rig_clear(&rig);
}
END_TEST

START_TEST(commands_take_no_memory)
{
	static const uint8_t commands[][12] = {
	    {0x00, 0xA4, 4, 0, 7, 0xF0, 1, 2, 3, 4, 5, 6},
	    {0x10, 0x10, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7},
	    {0x00, 0x10, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7},
	    {0x00, 0x99, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7},
	    {0x00, 0xA4, 4, 0, 7, 0xF0, 1, 2, 3, 4, 5, 7},
	};
	uint8_t response[258];
	struct rig rig;
	size_t len;

	rig_open(&rig, toy_apps, TOY_APPS, NULL);
	fault_spare(true);
	fault_set("malloc", FAULT_NEVER, 0);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		ck_assert_int_eq(
		    FAULT_IN(card_transmit(rig.card, commands[i],
			sizeof(commands[i]), response, sizeof(response), &len)),
		    0);
	ck_assert_uint_eq(fault_count(), 0);
	rig_clear(&rig);
}
END_TEST

UNIT_SUITE("card_memory", every_allocation_may_fail, commands_take_no_memory)
