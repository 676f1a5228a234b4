/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every allocation of card_new fails once: it says so, leaks nothing and
 * leaves the environment usable. A command takes no memory at all. The
 * program is linked with --wrap=malloc and --wrap=calloc.
 */
#include "tests/unit/unit.h"

#include <limits.h>
#include <stdlib.h>

#include "tests/unit/rig.h"
#include "tests/unit/toy.h"

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);

static bool armed;
static unsigned long allocations, failing;

static bool
is_failing(void)
{
	return armed && ++allocations == failing;
}

void *
__wrap_malloc(size_t size)
{
	return is_failing() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return is_failing() ? NULL : __real_calloc(count, size);
}

START_TEST(every_allocation_may_fail)
{
	struct card *card = NULL;
	struct rig rig;
	int rc = -ENOMEM;

	rig_init(&rig, NULL);
	for (failing = 1; rc < 0; failing++) {
		allocations = 0;
		armed = true;
		rc = card_new(toy_apps, TOY_APPS, &rig.env, &card);
		armed = false;
		ck_assert(rc == (allocations < failing ? 0 : -ENOMEM));
		ck_assert((card == NULL) == (rc < 0));
	}
	/* the card, its slots, each toy */
	ck_assert_uint_eq(allocations, 2 + TOY_APPS);
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
	allocations = failing = 0;
	armed = true;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (card_transmit(rig.card, commands[i], sizeof(commands[i]),
			response, sizeof(response), &len) < 0)
			failing = ULONG_MAX;
	armed = false;
	ck_assert_uint_eq(failing, 0);
	ck_assert_uint_eq(allocations, 0);
	rig_clear(&rig);
}
END_TEST

UNIT_SUITE("card_memory", every_allocation_may_fail, commands_take_no_memory)
